import type { RobotModel } from '../robot/model.ts';
import { isAskedToMove } from './heading.ts';
import type { RewardTerm } from './task.ts';

/**
 * What moving costs the joints, over all of them. Terms as in legged_gym (N. Rudin et al. 2021, legged_robot.py)
 * and unitree_rl_lab (Unitree Robotics, locomotion/mdp/rewards.py); made once, they allocate nothing.
 */

/** Sum of squared efforts. [N²·m²] */
export function makeEffortCost(): RewardTerm {
  return ({ truth }, robot) => {
    const n = truth.numJoints;
    let sum = 0;
    for (let k = robot * n; k < (robot + 1) * n; k++) sum += truth.jointEffort[k]! ** 2;
    return sum;
  };
}

/** Sum of |effort · velocity|: what flows through the motors either way. [W] */
export function makePowerCost(): RewardTerm {
  return ({ truth }, robot) => {
    const n = truth.numJoints;
    let sum = 0;
    for (let k = robot * n; k < (robot + 1) * n; k++) {
      sum += Math.abs(truth.jointEffort[k]! * truth.jointVelocity[k]!);
    }
    return sum;
  };
}

/** Sum of squared velocities. [rad²/s²] */
export function makeJointSpeedCost(): RewardTerm {
  return ({ truth }, robot) => {
    const n = truth.numJoints;
    let sum = 0;
    for (let k = robot * n; k < (robot + 1) * n; k++) sum += truth.jointVelocity[k]! ** 2;
    return sum;
  };
}

/** Sum of squared changes of velocity from control step to control step, per second. [rad²/s⁴] @param periodS [s] */
export function makeJointAccelerationCost(periodS: number): RewardTerm {
  return ({ truth, previousJointVelocity }, robot) => {
    const n = truth.numJoints;
    let sum = 0;
    for (let k = robot * n; k < (robot + 1) * n; k++) {
      sum += ((truth.jointVelocity[k]! - previousJointVelocity[k]!) / periodS) ** 2;
    }
    return sum;
  };
}

/**
 * How far joints are beyond the middle `share` of their ranges, added up; joints without limits never are.
 * [rad]
 */
export function makeJointLimitCost(model: RobotModel, share: number): RewardTerm {
  const joints = model.jointNames.map((name) => model.joints.find((joint) => joint.name === name)!);
  const middle = joints.map(({ lower, upper }) => (lower + upper) / 2);
  const half = joints.map(({ lower, upper }) => (share * (upper - lower)) / 2);
  const isLimited = joints.map(({ lower, upper }) => Number.isFinite(upper - lower));
  const lower = Float64Array.from(joints, (_, k) =>
    isLimited[k] ? middle[k]! - half[k]! : Number.NEGATIVE_INFINITY,
  );
  const upper = Float64Array.from(joints, (_, k) =>
    isLimited[k] ? middle[k]! + half[k]! : Number.POSITIVE_INFINITY,
  );
  return ({ truth }, robot) => {
    const n = truth.numJoints;
    let sum = 0;
    for (let k = 0; k < n; k++) {
      const position = truth.jointPosition[robot * n + k]!;
      sum += Math.max(0, lower[k]! - position, position - upper[k]!);
    }
    return sum;
  };
}

/**
 * Distance of all joints together from a pose, √Σ(q − pose)², while the robot is asked to stand or to move. [rad]
 * @param pose [numJoints] rad, joint order
 */
export function makePostureCost(pose: Float64Array, when: 'standing' | 'moving'): RewardTerm {
  const counts = when === 'moving';
  return ({ truth, reference }, robot) => {
    if (isAskedToMove(reference, robot) !== counts) return 0;
    const n = truth.numJoints;
    let sum = 0;
    for (let k = 0; k < n; k++) sum += (truth.jointPosition[robot * n + k]! - pose[k]!) ** 2;
    return Math.sqrt(sum);
  };
}
