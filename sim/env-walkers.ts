import { computeYaw } from './math/quat.ts';
import type { StateBatch } from './robot/state.ts';

/** What is told of each: whether it is there [0 or 1], where it is and how fast it goes [m, m/s] [@frame heading]. */
const COLUMNS = ['IsThere', 'X', 'Y', 'VelocityX', 'VelocityY'] as const;

/** Objects of the scene that move, as the world has them. */
export interface ObstacleFacts {
  readonly obstacleNames: readonly string[];
  /** [numRobots, numMovable, 4] x, y, z [m] and yaw [rad] [@frame odom] */
  readonly obstaclePlaces: Float64Array;
  /** [numRobots, numMovable, 2] m/s [@frame odom] */
  readonly obstacleVelocities: Float64Array;
  isObstacleThere(robot: number, obstacle: number): boolean;
}

/**
 * What walks around a robot, as it truly does: relative to base_link, along its own axes but level. A critic sees it;
 * one that is not there is zeros.
 */
export class Walkers {
  readonly names: readonly string[];
  readonly #walkerNames: readonly string[];
  readonly #facts: ObstacleFacts | undefined;
  /** [numWalkers] among the world's movable objects */
  readonly #obstacle: Int32Array;

  /** @param facts absent: the names alone are wanted */
  constructor(walkerNames: readonly string[], facts?: ObstacleFacts) {
    this.names = walkerNames.flatMap((name) => COLUMNS.map((what) => `walker${what}.${name}`));
    this.#walkerNames = walkerNames;
    this.#facts = facts;
    this.#obstacle = Int32Array.from(
      walkerNames,
      (name) => facts?.obstacleNames.indexOf(name) ?? -1,
    );
  }

  /** @returns where the next number goes */
  write(out: Float32Array, at: number, robot: number, truth: StateBatch): number {
    const count = this.#walkerNames.length;
    if (this.#facts === undefined || count === 0) return at;
    const { obstacleNames, obstaclePlaces, obstacleVelocities } = this.#facts;
    const yaw = computeYaw(truth.orientation, 4 * robot);
    const [cos, sin] = [Math.cos(yaw), Math.sin(yaw)];
    for (let w = 0; w < count; w++, at += COLUMNS.length) {
      const obstacle = this.#obstacle[w]!;
      const row = robot * obstacleNames.length + obstacle;
      if (!this.#facts.isObstacleThere(robot, obstacle)) {
        out.fill(0, at, at + COLUMNS.length);
        continue;
      }
      const x = obstaclePlaces[4 * row]! - truth.position[3 * robot]!;
      const y = obstaclePlaces[4 * row + 1]! - truth.position[3 * robot + 1]!;
      const vx = obstacleVelocities[2 * row]! - truth.linearVelocityW[3 * robot]!;
      const vy = obstacleVelocities[2 * row + 1]! - truth.linearVelocityW[3 * robot + 1]!;
      out[at] = 1;
      out[at + 1] = cos * x + sin * y;
      out[at + 2] = cos * y - sin * x;
      out[at + 3] = cos * vx + sin * vy;
      out[at + 4] = cos * vy - sin * vx;
    }
    return at;
  }
}
