import { computeYaw } from './math/quat.ts';
import type { StateBatch } from './robot/state.ts';
import type { CriticColumn } from './task/critic-column.ts';
import type { Field, FieldSpec } from './task/field.ts';
import { computeWayLeft } from './task/ways.ts';

/** How far it is to the goal around what stands [m], and where that way leads [-] [@frame heading]. */
const WAY_COLUMNS: readonly CriticColumn[] = [
  { name: 'wayLeft', unit: 'm' },
  { name: 'wayX', unit: '-' },
  { name: 'wayY', unit: '-' },
];
/** What is told of each walker: whether it is there [0 or 1], where it is and how fast it goes [m, m/s] [@frame heading]. */
const WALKER_COLUMNS = [
  ['IsThere', '-'],
  ['X', 'm'],
  ['Y', 'm'],
  ['VelocityX', 'm/s'],
  ['VelocityY', 'm/s'],
] as const;

/** Fields, and the objects of the scene that move, as the world has them. */
export interface FieldFacts {
  getField(robot: number): Field | undefined;
  readonly obstacleNames: readonly string[];
  /** [numRobots, numMovable, 4] x, y, z [m] and yaw [rad] [@frame odom] */
  readonly obstaclePlaces: Float64Array;
  /** [numRobots, numMovable, 2] m/s [@frame odom] */
  readonly obstacleVelocities: Float64Array;
  isObstacleThere(robot: number, obstacle: number): boolean;
}

/**
 * What is true of a robot's field, and a critic sees: the way to the goal, and what walks around it, relative to
 * base_link, along its own axes but level; one that is not there is zeros.
 */
export class FieldColumns {
  /** None where the task draws no field. */
  readonly columns: readonly CriticColumn[];
  readonly #walkerNames: readonly string[];
  readonly #facts: FieldFacts | undefined;
  /** [numWalkers] among the world's movable objects */
  readonly #obstacle: Int32Array;

  /** @param facts absent: the names alone are wanted */
  constructor(spec: FieldSpec | undefined, facts?: FieldFacts) {
    this.#walkerNames = spec?.walkerNames ?? [];
    const ofWalkers = this.#walkerNames.flatMap((name) =>
      WALKER_COLUMNS.map(([what, unit]) => ({ name: `walker${what}.${name}`, unit })),
    );
    this.columns = spec === undefined ? [] : [...WAY_COLUMNS, ...ofWalkers];
    this.#facts = facts;
    this.#obstacle = Int32Array.from(
      this.#walkerNames,
      (name) => facts?.obstacleNames.indexOf(name) ?? -1,
    );
  }

  /** @returns where the next number goes */
  write(out: Float32Array, at: number, robot: number, truth: StateBatch): number {
    const end = at + this.columns.length;
    const field = this.#facts?.getField(robot);
    // Where no episode has begun yet there is no field.
    if (field === undefined) {
      out.fill(0, at, end);
      return end;
    }
    const yaw = computeYaw(truth.orientation, 4 * robot);
    const [cos, sin] = [Math.cos(yaw), Math.sin(yaw)];
    const [ownX, ownY] = [truth.position[3 * robot]!, truth.position[3 * robot + 1]!];
    const { cellSize } = field.ways;
    out[at] = computeWayLeft(field.ways, ownX, ownY);
    const x = this.#computeDescent(field, ownX - cellSize, ownY, ownX + cellSize, ownY);
    const y = this.#computeDescent(field, ownX, ownY - cellSize, ownX, ownY + cellSize);
    const length = Math.sqrt(x * x + y * y);
    out[at + 1] = length > 0 ? (cos * x + sin * y) / length : 0;
    out[at + 2] = length > 0 ? (cos * y - sin * x) / length : 0;
    return this.#writeWalkers(out, at + WAY_COLUMNS.length, robot, truth, cos, sin);
  }

  /** By how much less way is left at the second point than at the first. [m] */
  #computeDescent({ ways }: Field, x: number, y: number, toX: number, toY: number): number {
    return computeWayLeft(ways, x, y) - computeWayLeft(ways, toX, toY);
  }

  #writeWalkers(
    out: Float32Array,
    at: number,
    robot: number,
    truth: StateBatch,
    cos: number,
    sin: number,
  ): number {
    const { obstacleNames, obstaclePlaces, obstacleVelocities } = this.#facts!;
    for (let w = 0; w < this.#obstacle.length; w++, at += WALKER_COLUMNS.length) {
      const obstacle = this.#obstacle[w]!;
      const row = robot * obstacleNames.length + obstacle;
      if (!this.#facts!.isObstacleThere(robot, obstacle)) {
        out.fill(0, at, at + WALKER_COLUMNS.length);
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
