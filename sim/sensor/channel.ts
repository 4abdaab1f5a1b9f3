import type { Rng } from '../math/rng.ts';
import { clamp } from '../math/vec3.ts';
import type { ChannelNoise } from '../robot/sensor-model.ts';
import type { ChannelDraw } from './sensor.ts';

/**
 * The errors of one measured quantity: white noise per sample; a bias that is drawn at reset, uniformly
 * within ± the channel's half-width, and walks at random from there; an end of the scale; steps.
 */
export class Channel {
  readonly #spec: ChannelNoise;
  readonly #width: number;
  /** [numRobots, width] in the channel's unit, as of the newest sample */
  readonly bias: Float64Array;
  readonly #noise: Float64Array;
  /** [numRobots] standard deviation of one step of the walk */
  readonly #walk: Float64Array;
  readonly #walkPerRootPeriod: number;
  /** [numRobots] 0: none */
  readonly #step: Float64Array;
  /** [numRobots] largest reading, a whole number of steps */
  readonly #limit: Float64Array;
  readonly #rng: (Rng | undefined)[];
  readonly #walkRng: (Rng | undefined)[];

  /** @param rateHz samples per second: how often {@link walk} is called */
  constructor(numRobots: number, width: number, spec: ChannelNoise, rateHz: number) {
    this.#spec = spec;
    this.#width = width;
    this.bias = new Float64Array(numRobots * width);
    this.#noise = new Float64Array(numRobots);
    this.#walk = new Float64Array(numRobots);
    // A walk of strength s per √s has variance s²·t: s²/rate for one sample.
    this.#walkPerRootPeriod = (spec.drift ?? 0) / Math.sqrt(rateHz);
    this.#step = new Float64Array(numRobots).fill(spec.quantisation ?? 0);
    this.#limit = new Float64Array(numRobots).fill(computeLimit(spec, spec.quantisation));
    this.#rng = new Array<Rng | undefined>(numRobots).fill(undefined);
    this.#walkRng = new Array<Rng | undefined>(numRobots).fill(undefined);
  }

  reset(robot: number, rng: Rng, draw: ChannelDraw): void {
    const { noiseScale, biasScale = 1, driftScale = 1, quantisationScale = 1 } = draw;
    const halfWidth = this.#spec.bias * noiseScale * biasScale;
    for (let k = 0; k < this.#width; k++) {
      this.bias[robot * this.#width + k] = rng.uniform(-halfWidth, halfWidth);
    }
    this.#noise[robot] = this.#spec.noise * noiseScale;
    this.#walk[robot] = this.#walkPerRootPeriod * noiseScale * driftScale;
    const step = (this.#spec.quantisation ?? 0) * quantisationScale;
    this.#step[robot] = step;
    this.#limit[robot] = computeLimit(this.#spec, step);
    this.#rng[robot] = rng;
    // A stream of its own: a drift changes none of the other draws.
    if (this.#walkPerRootPeriod > 0) this.#walkRng[robot] = rng.fork('drift');
  }

  /** Moves the biases on by one sample. */
  walk(robot: number): void {
    const rng = this.#walkRng[robot];
    if (rng === undefined) return;
    for (let k = robot * this.#width; k < (robot + 1) * this.#width; k++) {
      this.bias[k] = this.bias[k]! + rng.normal(0, this.#walk[robot]!);
    }
  }

  /** What component k of a new sample reads where `value` is true. */
  measure(robot: number, k: number, value: number): number {
    return round(value + this.drawError(robot, k), this.#limit[robot]!, this.#step[robot]!);
  }

  /** Turns a true sample into what it reads as. @param data its `width` components, from `offset` on */
  measureSample(robot: number, data: Float64Array, offset: number): void {
    const rng = this.#rng[robot]!;
    const noise = this.#noise[robot]!;
    const limit = this.#limit[robot]!;
    const step = this.#step[robot]!;
    const first = robot * this.#width;
    for (let k = 0; k < this.#width; k++) {
      const value = data[offset + k]! + rng.normal(this.bias[first + k]!, noise);
      data[offset + k] = round(value, limit, step);
    }
  }

  /** The error of component k of a new sample: bias plus fresh noise. */
  drawError(robot: number, k: number): number {
    return this.#rng[robot]!.normal(this.bias[robot * this.#width + k]!, this.#noise[robot]!);
  }
}

/** Within the scale, in whole steps. */
function round(value: number, limit: number, step: number): number {
  const reading = clamp(value, -limit, limit);
  // + 0 makes the zero of a small negative value positive.
  return step > 0 ? Math.round(reading / step) * step + 0 : reading;
}

function computeLimit({ saturation = Infinity }: ChannelNoise, step = 0): number {
  if (step === 0 || saturation === Infinity) return saturation;
  // 1e-9 steps: what division leaves of a saturation that is a whole number of them.
  return Math.floor(saturation / step + 1e-9) * step;
}
