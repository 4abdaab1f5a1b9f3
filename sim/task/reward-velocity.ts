import { writeInverseRotated } from '../math/quat.ts';
import { computeVelocityError, computeYawRate } from './heading.ts';
import type { RewardTerm } from './task.ts';

/**
 * How well a base goes as it is asked to, and how quietly. Terms as in legged_gym (N. Rudin et al., "Learning to
 * Walk in Minutes Using Massively Parallel Deep Reinforcement Learning", CoRL 2021, legged_robot.py) and Isaac Lab
 * (velocity_env_cfg.py); made once, they allocate nothing. Signs sit in the weights.
 */

/** exp(−(e/width)²) of the error e of the velocity over ground, in the heading frame. @param width [m/s] */
export function makeVelocityTrackingReward(width: number): RewardTerm {
  return ({ truth, reference }, robot) =>
    Math.exp(-((computeVelocityError(reference, truth, robot) / width) ** 2));
}

/** exp(−(e/width)²) of the error e of the turn about the vertical. @param width [rad/s] */
export function makeYawRateTrackingReward(width: number): RewardTerm {
  return ({ truth, reference }, robot) => {
    const error = reference.velocityCommand[3 * robot + 2]! - computeYawRate(truth, robot);
    return Math.exp(-((error / width) ** 2));
  };
}

/** Velocity along base_link's own z, squared: climbing a slope along with it costs nothing. [m²/s²] */
export function makeBounceCost(): RewardTerm {
  const velocityB = new Float64Array(3);
  return ({ truth }, robot) => {
    const { orientation, linearVelocityW } = truth;
    writeInverseRotated(velocityB, 0, orientation, 4 * robot, linearVelocityW, 3 * robot);
    return velocityB[2]! ** 2;
  };
}

/** Roll and pitch rate, squared. [rad²/s²] */
export function makeRockingCost(): RewardTerm {
  return ({ truth }, robot) =>
    truth.angularVelocityB[3 * robot]! ** 2 + truth.angularVelocityB[3 * robot + 1]! ** 2;
}

/** Squared sine of the tilt: what of gravity pulls along base_link's x and y. [-] */
export function makeLeaningCost(): RewardTerm {
  return ({ truth }, robot) => {
    const x = truth.orientation[4 * robot]!;
    const y = truth.orientation[4 * robot + 1]!;
    return 1 - (1 - 2 * (x * x + y * y)) ** 2;
  };
}
