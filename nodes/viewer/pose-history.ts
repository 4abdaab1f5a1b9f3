import type { Numbers } from '../../sim/math/vec3.ts';
import type { Transform } from '../../sim/robot/geometry.ts';

/** [1] a second of odometry at 200 Hz: no scan comes later than that */
const SLOTS = 200;

/** Where a robot was a moment ago: what it saw then is to be drawn from there. */
export class PoseHistory {
  /** [SLOTS] s [@invalid NaN] */
  readonly #stampS = new Float64Array(SLOTS).fill(Number.NaN);
  readonly #position = new Float64Array(3 * SLOTS);
  readonly #orientation = new Float64Array(4 * SLOTS);
  #newest = 0;

  /** @param position m and @param orientation, at their heads, of base_link in odom */
  push(stampS: number, position: Numbers, orientation: Numbers): void {
    this.#newest = (this.#newest + 1) % SLOTS;
    this.#stampS[this.#newest] = stampS;
    for (let k = 0; k < 3; k++) this.#position[3 * this.#newest + k] = position[k]!;
    for (let k = 0; k < 4; k++) this.#orientation[4 * this.#newest + k] = orientation[k]!;
  }

  /** odom from base_link at the stamp nearest to a time; undefined where there is none */
  find(timeS: number): Transform | undefined {
    let best = -1;
    let least = Number.POSITIVE_INFINITY;
    for (let slot = 0; slot < SLOTS; slot++) {
      const distance = Math.abs(this.#stampS[slot]! - timeS);
      if (distance < least) [best, least] = [slot, distance];
    }
    if (best < 0) return undefined;
    const [x, y, z] = this.#position.subarray(3 * best);
    const [qx, qy, qz, qw] = this.#orientation.subarray(4 * best);
    return { translation: [x!, y!, z!], rotation: [qx!, qy!, qz!, qw!] };
  }
}
