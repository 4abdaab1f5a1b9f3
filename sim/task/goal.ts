import type { GoalSpec } from './task.ts';

/** A place to be at: what is reached is where base_link truly is, what is wanted the reference. */
export interface PositionGoalOptions {
  /** [@frame odom] which axes of the position count */
  readonly axes: readonly ('x' | 'y' | 'z')[];
  /** [m] of the reward exp(−(d/width)²) of the distance d, as makePositionReward has it */
  readonly width: number;
  /** [m] the goal is reached where the distance is below it */
  readonly reach: number;
}

const AXES = ['x', 'y', 'z'] as const;

/** What the goal channels of positions have in common, whatever it is worth to be near. */
export function makePositionChannel({
  axes,
  reach,
}: Omit<PositionGoalOptions, 'width'>): Omit<GoalSpec, 'computeReward' | 'retell'> {
  const indices = axes.map((axis) => AXES.indexOf(axis));
  const count = indices.length;
  return {
    names: axes.map((axis) => `position.${axis}`),
    units: axes.map(() => 'm'),
    writeAchieved(out, offset, { truth }, robot) {
      for (let k = 0; k < count; k++) out[offset + k] = truth.position[3 * robot + indices[k]!]!;
    },
    writeDesired(out, offset, { reference }, robot) {
      for (let k = 0; k < count; k++) {
        out[offset + k] = reference.position[3 * robot + indices[k]!]!;
      }
    },
    isReached: (achieved, a, desired, d) =>
      computeSquare(count, achieved, a, desired, d) < reach ** 2,
  };
}

/** Makes the goal channel of a task that asks for a position. */
export function makePositionGoal({ width, ...options }: PositionGoalOptions): GoalSpec {
  const count = options.axes.length;
  return {
    ...makePositionChannel(options),
    computeReward: (achieved, a, desired, d) =>
      Math.exp(-computeSquare(count, achieved, a, desired, d) / width ** 2),
  };
}

/** Of the distance between two positions of `count` numbers. [m²] */
function computeSquare(
  count: number,
  a: Float32Array,
  ao: number,
  b: Float32Array,
  bo: number,
): number {
  let sum = 0;
  for (let k = 0; k < count; k++) sum += (a[ao + k]! - b[bo + k]!) ** 2;
  return sum;
}
