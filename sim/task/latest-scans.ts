import { computeYaw } from '../math/quat.ts';
import type { RobotView } from './robot-view.ts';

/**
 * The scan of each robot that came last, with the precision of a LaserScan, so that a robot sees what was learnt. A scan
 * stays where it was measured until the next one comes; this tells the two apart.
 */
export class LatestScans {
  readonly #numRays: number;
  /** By robot, [numRays] m */
  readonly #taken: (Float32Array | undefined)[] = [];

  constructor(numRays: number) {
    this.#numRays = numRays;
  }

  /** The next scan of this robot is a new one. */
  reset(robot: number): void {
    this.#taken[robot] = undefined;
  }

  /**
   * @param range [numRobots, numRays] m
   * @returns [numRays] m, if it is not what was taken last; borrowed until the next
   */
  take(range: Float64Array, robot: number): Float32Array | undefined {
    const offset = robot * this.#numRays;
    const before = this.#taken[robot];
    if (before !== undefined && !isOther(before, range, offset)) return undefined;
    const taken = before ?? new Float32Array(this.#numRays);
    this.#taken[robot] = taken;
    for (let r = 0; r < this.#numRays; r++) taken[r] = range[offset + r]!;
    return taken;
  }
}

/** Whether pose and twist are finite: both say where a scan was taken. */
export function isPoseKnown({ state }: RobotView, robot: number): boolean {
  const { position, orientation, linearVelocityW, angularVelocityB } = state;
  const i = 3 * robot;
  return Number.isFinite(
    position[i]! +
      position[i + 1]! +
      computeYaw(orientation, 4 * robot) +
      linearVelocityW[i]! +
      linearVelocityW[i + 1]! +
      angularVelocityB[i + 2]!,
  );
}

/** Whether any number differs; NaN is NaN. */
function isOther(taken: Float32Array, range: Float64Array, offset: number): boolean {
  for (let r = 0; r < taken.length; r++) {
    if (!Object.is(taken[r], Math.fround(range[offset + r]!))) return true;
  }
  return false;
}
