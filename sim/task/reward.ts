import { computeTilt } from '../math/quat.ts';
import { computeDistance, computeNorm } from '../math/vec3.ts';
import { getJointIndex, type RobotModel } from '../robot/model.ts';
import type { RewardTerm } from './task.ts';

/** Terms are functions of the truth; made once, they allocate nothing. Signs sit in the weights. */

/** 1 per step. */
export function makeAliveReward(): RewardTerm {
  return () => 1;
}

/** exp(−(d/width)²) of the distance d to the reference position. @param width [m] */
export function makePositionReward(width: number): RewardTerm {
  return ({ truth, reference }, robot) => {
    const d = computeDistance(truth.position, 3 * robot, reference.position, 3 * robot);
    return Math.exp(-((d / width) ** 2));
  };
}

/** exp(−(d/width)²) of the difference d to the reference velocity. @param width [m/s] */
export function makeVelocityReward(width: number): RewardTerm {
  return ({ truth, reference }, robot) => {
    const i = 3 * robot;
    const d = computeDistance(truth.linearVelocityW, i, reference.linearVelocityW, i);
    return Math.exp(-((d / width) ** 2));
  };
}

/** Tilt, squared. [rad²] */
export function makeTiltCost(): RewardTerm {
  return ({ truth }, robot) => computeTilt(truth.orientation, 4 * robot) ** 2;
}

/** Angular velocity, squared. [rad²/s²] */
export function makeAngularVelocityCost(): RewardTerm {
  return ({ truth }, robot) => computeNorm(truth.angularVelocityB, 3 * robot) ** 2;
}

/** Mean squared change of the clipped raw action from step to step. [-] */
export function makeActionRateCost(): RewardTerm {
  return ({ action, previousAction, truth }, robot) => {
    const n = action.length / truth.numRobots;
    let sum = 0;
    for (let k = robot * n; k < (robot + 1) * n; k++) {
      sum += (action[k]! - previousAction[k]!) ** 2;
    }
    return sum / n;
  };
}

/** Mean squared clipped raw action. [-] */
export function makeActionCost(): RewardTerm {
  return ({ action, truth }, robot) => {
    const n = action.length / truth.numRobots;
    let sum = 0;
    for (let k = robot * n; k < (robot + 1) * n; k++) sum += action[k]! ** 2;
    return sum / n;
  };
}

/** Cosine of a revolute joint's position: 1 where it is zero. [-] */
export function makeJointUprightReward(model: RobotModel, jointName: string): RewardTerm {
  const index = getJointIndex(model, jointName);
  return ({ truth }, robot) => Math.cos(truth.jointPosition[robot * truth.numJoints + index]!);
}

/**
 * exp(−|d|/width) of the distance d of a joint from the reference's x: unlike a square it does not level out at the
 * middle, so that a small offset that stays is worth removing, too. [-]
 * @param width [m] or [rad]
 */
export function makeJointPositionReward(
  model: RobotModel,
  jointName: string,
  width: number,
): RewardTerm {
  const index = getJointIndex(model, jointName);
  return ({ truth, reference }, robot) => {
    const position = truth.jointPosition[robot * truth.numJoints + index]!;
    return Math.exp(-Math.abs(position - reference.position[3 * robot]!) / width);
  };
}

/** Squared velocity of a joint. [m²/s²] or [rad²/s²] */
export function makeJointVelocityCost(model: RobotModel, jointName: string): RewardTerm {
  const index = getJointIndex(model, jointName);
  return ({ truth }, robot) => truth.jointVelocity[robot * truth.numJoints + index]! ** 2;
}
