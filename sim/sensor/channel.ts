import type { Rng } from '../math/rng.ts';
import type { ChannelNoise } from '../robot/sensor-model.ts';

/**
 * The errors of one measured quantity: white noise per sample, and a bias that is drawn at reset,
 * uniformly within ± the channel's half-width, and stays for the episode.
 */
export class Channel {
  readonly #spec: ChannelNoise;
  readonly #width: number;
  /** [numRobots, width] in the channel's unit */
  readonly bias: Float64Array;
  readonly #noise: Float64Array;
  readonly #rng: (Rng | undefined)[];

  constructor(numRobots: number, width: number, spec: ChannelNoise) {
    this.#spec = spec;
    this.#width = width;
    this.bias = new Float64Array(numRobots * width);
    this.#noise = new Float64Array(numRobots);
    this.#rng = new Array<Rng | undefined>(numRobots).fill(undefined);
  }

  /** @param noiseScale factor on noise and bias [-] */
  reset(robot: number, rng: Rng, noiseScale: number): void {
    const halfWidth = this.#spec.bias * noiseScale;
    for (let k = 0; k < this.#width; k++) {
      this.bias[robot * this.#width + k] = rng.uniform(-halfWidth, halfWidth);
    }
    this.#noise[robot] = this.#spec.noise * noiseScale;
    this.#rng[robot] = rng;
  }

  /** The error of component k of a new sample: bias plus fresh noise. */
  drawError(robot: number, k: number): number {
    return this.#rng[robot]!.normal(this.bias[robot * this.#width + k]!, this.#noise[robot]!);
  }
}
