import { computeTilt } from '../math/quat.ts';
import { getJointIndex, type RobotModel } from '../robot/model.ts';
import type { CostTerm } from './task.ts';

/** Terms are functions of the truth, 0 or more; made once, they allocate nothing. */

/** 1 in a control period in which a collision shape touched the world: for robots that should not. [-] */
export function makeContactCost(): CostTerm {
  return ({ contact }, robot) => contact[robot]!;
}

/** By how much base_link tilts beyond `limit`. [rad] */
export function makeTiltExcessCost(limit: number): CostTerm {
  return ({ truth }, robot) => Math.max(0, computeTilt(truth.orientation, 4 * robot) - limit);
}

/** By how much a joint is further from its zero than `limit`. [rad] or [m] */
export function makeJointExcessCost(model: RobotModel, jointName: string, limit: number): CostTerm {
  const index = getJointIndex(model, jointName);
  return ({ truth }, robot) =>
    Math.max(0, Math.abs(truth.jointPosition[robot * truth.numJoints + index]!) - limit);
}
