import type { RobotModel } from '../robot/model.ts';
import { findShapeColumns, isPressed } from './footing.ts';
import { isAskedToMove } from './heading.ts';
import type { RewardTerm } from './task.ts';

/**
 * How feet are set, of tasks that name feet: see Footing. Terms as in legged_gym (N. Rudin et al. 2021,
 * legged_robot.py), Isaac Lab (velocity/mdp/rewards.py) and mjlab (tasks/velocity/mdp/rewards.py); made once, they
 * allocate nothing.
 */

/**
 * For every foot that lands: how much longer than `threshold` it was in the air; 0 while asked to stand. Shorter steps
 * count against it. [s] @param threshold [s]
 */
export function makeAirTimeReward(threshold: number): RewardTerm {
  return ({ footing, reference }, robot) => {
    if (!isAskedToMove(reference, robot)) return 0;
    const numFeet = footing.feet.length;
    let sum = 0;
    for (let k = robot * numFeet; k < (robot + 1) * numFeet; k++) {
      if (footing.hasLanded[k] === 1) sum += footing.airTimeS[k]! - threshold;
    }
    return sum;
  };
}

/** When feet are to stand and when to swing. */
export interface Gait {
  /** [s] from one lift of a foot to its next */
  readonly periodS: number;
  /** [-] @range 0, 1 share of the period on the ground, the first of a lap */
  readonly duty: number;
  /** [numFeet] laps by which each foot is ahead, in the order of the task's feet */
  readonly phase: readonly number[];
}

/**
 * Share of the feet that do what the gait says: stand in the first part of their lap and swing in the rest, and all
 * stand while asked to. [-] @range 0, 1. As in unitree_rl_gym (Unitree Robotics, g1_env.py, `_reward_contact`); laps
 * are those of the observation term `gaitClock`.
 */
export function makeGaitReward({ periodS, duty, phase }: Gait): RewardTerm {
  return ({ footing, reference, timeS }, robot) => {
    const isMoving = isAskedToMove(reference, robot);
    const lap = timeS[robot]! / periodS;
    let right = 0;
    for (let f = 0; f < phase.length; f++) {
      const at = lap + phase[f]!;
      const isStance = !isMoving || at - Math.floor(at) < duty;
      if ((footing.isTouching[robot * phase.length + f] === 1) === isStance) right++;
    }
    return right / phase.length;
  };
}

/**
 * How far feet are on average from the height that the gait wants: half a sine up to `peak` while they swing, the ground
 * while they stand. Unlike what touches, it tells from the first millimetre where to go. [m]
 */
export function makeSwingCost({ periodS, duty, phase }: Gait, peak: number): RewardTerm {
  return ({ footing, reference, timeS }, robot) => {
    const isMoving = isAskedToMove(reference, robot);
    const lap = timeS[robot]! / periodS;
    let sum = 0;
    for (let f = 0; f < phase.length; f++) {
      const at = lap + phase[f]!;
      const swing = (at - Math.floor(at) - duty) / (1 - duty);
      const wanted = isMoving && swing > 0 ? peak * Math.sin(Math.PI * swing) : 0;
      sum += Math.abs(footing.height[robot * phase.length + f]! - wanted);
    }
    return sum / phase.length;
  };
}

/**
 * Variance over the feet of how long their last flights took, and of their last stances, each cut at `longest`: what a
 * limp costs. [s²] @param longest [s]
 */
export function makeLimpCost(longest: number): RewardTerm {
  return ({ footing }, robot) =>
    computeVariance(footing.lastAirTimeS, robot, footing.feet.length, longest) +
    computeVariance(footing.lastStanceTimeS, robot, footing.feet.length, longest);
}

/** Of a sample: over n − 1. */
function computeVariance(times: Float64Array, robot: number, count: number, most: number): number {
  let sum = 0;
  let squares = 0;
  for (let k = robot * count; k < (robot + 1) * count; k++) {
    const time = Math.min(times[k]!, most);
    sum += time;
    squares += time * time;
  }
  return Math.max(0, (squares - (sum * sum) / count) / (count - 1));
}

/** Horizontal speed of the lowest points of feet that touch, added up. [m/s] */
export function makeSlipCost(): RewardTerm {
  return ({ footing }, robot) => {
    const numFeet = footing.feet.length;
    let sum = 0;
    for (let k = robot * numFeet; k < (robot + 1) * numFeet; k++) {
      if (footing.isTouching[k] === 1) sum += computeSpeed(footing.velocityW, k);
    }
    return sum;
  };
}

/**
 * For every foot: how far its height over the ground is below `target`, times its horizontal speed, so that only feet on
 * their way count; 0 while asked to stand. [m²/s] @param target [m]
 */
export function makeClearanceCost(target: number): RewardTerm {
  return ({ footing, reference }, robot) => {
    if (!isAskedToMove(reference, robot)) return 0;
    const numFeet = footing.feet.length;
    let sum = 0;
    for (let k = robot * numFeet; k < (robot + 1) * numFeet; k++) {
      sum += Math.max(0, target - footing.height[k]!) * computeSpeed(footing.velocityW, k);
    }
    return sum;
  };
}

function computeSpeed(velocityW: Float64Array, foot: number): number {
  const x = velocityW[3 * foot]!;
  const y = velocityW[3 * foot + 1]!;
  return Math.sqrt(x * x + y * y);
}

/**
 * How many of these collision shapes are pressed by more than TOUCH_FORCE, by the ground or by one another. [1]
 * @throws RangeError for a shape that the robot does not have
 */
export function makeTouchCost(model: RobotModel, shapes: readonly string[]): RewardTerm {
  const columns = findShapeColumns(model, shapes);
  return ({ footing }, robot) => {
    let count = 0;
    for (let k = 0; k < columns.length; k++) {
      if (isPressed(footing.ground, robot, columns[k]!)) count++;
    }
    return count;
  };
}
