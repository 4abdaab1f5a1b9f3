import { makeRobotRandomization } from '../randomize/file.ts';
import { getJointIndex } from '../robot/model.ts';
import { makeFullRangeAction } from '../task/action.ts';
import { makeHoldReference } from '../task/command.ts';
import { makeJointExcessCost } from '../task/cost.ts';
import { makeBalanceJudge } from '../task/judge.ts';
import {
  makeActionCost,
  makeAliveReward,
  makeJointPositionReward,
  makeJointUprightReward,
  makeJointVelocityCost,
} from '../task/reward.ts';
import type { TaskDefinition } from '../task/task.ts';
import { makeJointRangeTermination } from '../task/termination.ts';

const CART = 'cart_joint';
const POLE = 'pole_joint';
const EPISODE_LENGTH_S = 10;
/** [m] to either side */
const RAIL = 2.4;
/** [m] at which the reward for the middle has fallen to 1/e: three times what a success may be away */
const CENTRE_WIDTH = 0.3;

export const cartpoleBalance: TaskDefinition = {
  name: 'cartpole-balance',
  robot: 'cartpole',
  description: 'Keep a pole upright on a cart, and the cart at the middle of its rail',
  controlRateHz: 50,
  // 250 Hz. Against the exact equations Rapier lets a pole fall 0.8 % too far in 0.6 s (0.2 % at 500 Hz with two substeps,
  // at several times the cost), within a tenth of what the masses vary. Latencies count in 4 ms.
  substeps: 5,
  episodeLengthS: EPISODE_LENGTH_S,
  observations: [
    { name: 'jointPositionError', width: 1, unit: 'm', jointNames: [CART] },
    { name: 'jointPosition', width: 1, unit: 'rad', jointNames: [POLE] },
    { name: 'jointVelocity', width: 1, unit: 'm/s', jointNames: [CART] },
    { name: 'jointVelocity', width: 1, unit: 'rad/s', jointNames: [POLE] },
  ],
  makeAction: makeFullRangeAction,
  // Balancing beside the middle is failing, so the middle is most of what can be earned. A squared distance would tell
  // a policy next to nothing of its last 0.2 m, and robots would stand beside the middle for most of a training.
  makeRewards: (model) => ({
    alive: { weight: 0.5, term: makeAliveReward() },
    upright: { weight: 0.5, term: makeJointUprightReward(model, POLE) },
    centre: { weight: 2, term: makeJointPositionReward(model, CART, CENTRE_WIDTH) },
    swing: { weight: -0.01, term: makeJointVelocityCost(model, POLE) },
    force: { weight: -0.01, term: makeActionCost() },
  }),
  // More than half of the way to the end of the rail.
  makeCosts: (model) => ({ offCentre: makeJointExcessCost(model, CART, RAIL / 2) }),
  // A. G. Barto, R. S. Sutton, C. W. Anderson (1983): 12° of lean, 2.4 m of rail to either side.
  makeTerminations: (model) => ({
    fallen: {
      kind: 'terminated',
      term: makeJointRangeTermination(model, POLE, [-Math.PI / 15, Math.PI / 15]),
    },
    offRail: { kind: 'terminated', term: makeJointRangeTermination(model, CART, [-RAIL, RAIL]) },
  }),
  makeReference: () => makeHoldReference([0, 0, 0]),
  writeStart(out, robot, model, rng) {
    const row = robot * out.numJoints;
    out.jointPosition[row + getJointIndex(model, CART)] = rng.uniform(-0.5, 0.5);
    out.jointPosition[row + getJointIndex(model, POLE)] = rng.uniform(-0.1, 0.1);
    out.jointVelocity[row + getJointIndex(model, CART)] = rng.uniform(-0.2, 0.2);
    out.jointVelocity[row + getJointIndex(model, POLE)] = rng.uniform(-0.2, 0.2);
  },
  randomization: makeRobotRandomization('cartpole'),
  // Success: never fallen, and on average within 0.1 m of the middle over the last 2 s.
  makeJudge: (model, numRobots) =>
    makeBalanceJudge({
      model,
      numRobots,
      cartJoint: CART,
      poleJoint: POLE,
      episodeLengthS: EPISODE_LENGTH_S,
      windowS: 2,
      maxMeanError: 0.1,
    }),
};
