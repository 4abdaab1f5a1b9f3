import { loadRobot } from '../../sim/robot/load.ts';
import { makeStateBatch } from '../../sim/robot/state.ts';
import { Footing } from '../../sim/task/footing.ts';
import { makeReferenceBatch } from '../../sim/task/robot-view.ts';
import type { Situation } from '../../sim/task/task.ts';

export const GO2_FEET = ['FL_foot', 'FR_foot', 'RL_foot', 'RR_foot'] as const;

/** Go2s at rest, upright at the origin, all joints at 0, touched by nothing, on a floor at z = 0. */
export function makeGo2Situation(numRobots: number): Situation {
  const model = loadRobot('go2');
  const shapeNames = model.links.flatMap(({ collisions }) => collisions.map(({ name }) => name));
  const numJoints = model.jointNames.length;
  const ground = {
    shapeNames,
    forceW: new Float64Array(numRobots * shapeNames.length * 3),
    computeHeight: () => 0,
  };
  return {
    truth: makeStateBatch(numRobots, numJoints),
    reference: makeReferenceBatch(numRobots),
    memory: {
      lastAction: new Float32Array(numRobots * numJoints),
      laggedAction: new Float32Array(numRobots * numJoints),
      timeS: new Float64Array(numRobots),
      positionErrorIntegralW: new Float64Array(numRobots * 3),
    },
    action: new Float32Array(numRobots * numJoints),
    previousAction: new Float32Array(numRobots * numJoints),
    previousJointVelocity: new Float64Array(numRobots * numJoints),
    footing: new Footing(model, numRobots, GO2_FEET, ground),
    timeS: new Float64Array(numRobots),
    contact: new Uint8Array(numRobots),
    computeClearance: () => Number.POSITIVE_INFINITY,
    getField: () => undefined,
  };
}

/** Presses on one collision shape of one robot. [N] [@frame odom] */
export function pressShape(
  { footing }: Situation,
  robot: number,
  shape: string,
  forceW: readonly [number, number, number],
): void {
  const { forceW: all, shapeNames } = footing.ground;
  all!.set(forceW, 3 * (robot * shapeNames.length + shapeNames.indexOf(shape)));
}

/** Of a robot that nobody looks at the feet of. */
export function makeNoFooting(): Footing {
  const ground = { shapeNames: [], forceW: undefined, computeHeight: () => 0 };
  return new Footing(loadRobot('cartpole'), 2, [], ground);
}

/** Two robots of two joints, without feet: what a term says of the second must not come from the first. */
export function makePairSituation(): Situation {
  return {
    truth: makeStateBatch(2, 2),
    reference: makeReferenceBatch(2),
    memory: {
      lastAction: new Float32Array(4),
      laggedAction: new Float32Array(4),
      timeS: new Float64Array(2),
      positionErrorIntegralW: new Float64Array(6),
    },
    action: new Float32Array(4),
    previousAction: new Float32Array(4),
    computeClearance: () => Number.POSITIVE_INFINITY,
    getField: () => undefined,
    previousJointVelocity: new Float64Array(4),
    footing: makeNoFooting(),
    timeS: new Float64Array(2),
    contact: new Uint8Array(2),
  };
}
