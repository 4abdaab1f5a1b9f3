import { describe, expect, it } from 'vitest';
import { writeFromRollPitchYaw } from '../../../sim/math/quat.ts';
import { loadRobot } from '../../../sim/robot/load.ts';
import { makeStateBatch } from '../../../sim/robot/state.ts';
import { makeBalanceJudge, makeHoverJudge, makeTrackJudge } from '../../../sim/task/judge.ts';
import {
  makeActionCost,
  makeActionRateCost,
  makeAliveReward,
  makeAngularVelocityCost,
  makeJointPositionReward,
  makeJointUprightReward,
  makeJointVelocityCost,
  makePositionReward,
  makeTiltCost,
  makeVelocityReward,
} from '../../../sim/task/reward.ts';
import type { Situation } from '../../../sim/task/task.ts';
import {
  makeContactTermination,
  makeJointRangeTermination,
  makeOutOfBoundsTermination,
  makeTiltTermination,
} from '../../../sim/task/termination.ts';
import { getTask, TASK_NAMES } from '../../../sim/tasks/registry.ts';
import { makePairSituation } from '../../kit/situation.ts';

const cartpole = loadRobot('cartpole');

/** Two robots; robot 1 is looked at, robot 0 is far off in everything. */
function makeSituation(numJoints = 2): Situation {
  const truth = makeStateBatch(2, numJoints);
  truth.position.fill(50, 0, 3);
  truth.angularVelocityB.fill(50, 0, 3);
  writeFromRollPitchYaw(truth.orientation, 0, 3, 0, 0);
  return {
    ...makePairSituation(),
    truth,
    action: Float32Array.of(9, 9, 0.5, -0.5),
    previousAction: Float32Array.of(0, 0, 0.5, 0.5),
    previousJointVelocity: new Float64Array(2 * numJoints),
    contact: Uint8Array.of(1, 0),
  };
}

function setJoints(values: Float64Array, cart: number, pole: number): void {
  values.set(
    cartpole.jointNames.map((name) => (name === 'cart_joint' ? cart : pole)),
    2,
  );
}

describe('reward terms', () => {
  it('fall off with distance and speed error as a bell', () => {
    const situation = makeSituation();
    situation.truth.position.set([0.3, 0, 0.4], 3);
    situation.reference.linearVelocityW.set([1, 0, 0], 3);
    // distance 0.5 = width: e⁻¹; speed error 1 = 2 widths: e⁻⁴
    expect(makePositionReward(0.5)(situation, 1)).toBeCloseTo(Math.exp(-1), 12);
    expect(makeVelocityReward(0.5)(situation, 1)).toBeCloseTo(Math.exp(-4), 12);
    expect(makeAliveReward()(situation, 1)).toBe(1);
  });

  it('cost tilt, spin and restless actions', () => {
    const situation = makeSituation();
    writeFromRollPitchYaw(situation.truth.orientation, 4, 0, 0.3, 1);
    situation.truth.angularVelocityB.set([1, 2, 2], 3);
    expect(makeTiltCost()(situation, 1)).toBeCloseTo(0.09, 9);
    expect(makeAngularVelocityCost()(situation, 1)).toBeCloseTo(9, 12);
    // ((0.5 − 0.5)² + (−0.5 − 0.5)²) / 2 = 0.5; (0.25 + 0.25) / 2 = 0.25
    expect(makeActionRateCost()(situation, 1)).toBeCloseTo(0.5, 12);
    expect(makeActionCost()(situation, 1)).toBeCloseTo(0.25, 12);
  });

  it('look at joints by name', () => {
    const situation = makeSituation();
    setJoints(situation.truth.jointPosition, 0.5, Math.PI / 3);
    setJoints(situation.truth.jointVelocity, 4, 3);
    situation.reference.position[3] = 1;
    expect(makeJointUprightReward(cartpole, 'pole_joint')(situation, 1)).toBeCloseTo(0.5, 12);
    // Half a metre from x = 1, two widths to the one side or the other: e⁻².
    const centre = makeJointPositionReward(cartpole, 'cart_joint', 0.25);
    expect(centre(situation, 1)).toBeCloseTo(Math.exp(-2), 12);
    situation.reference.position[3] = 0;
    expect(centre(situation, 1)).toBeCloseTo(Math.exp(-2), 12);
    expect(makeJointVelocityCost(cartpole, 'pole_joint')(situation, 1)).toBe(9);
  });
});

describe('termination terms', () => {
  it('trip beyond their limit, not at it, and at NaN', () => {
    const situation = makeSituation();
    const { orientation, position, jointPosition } = situation.truth;
    const tilt = makeTiltTermination(0.5);
    const bounds = makeOutOfBoundsTermination([-1, -1, 0], [1, 1, 2]);
    const range = makeJointRangeTermination(cartpole, 'pole_joint', [-0.2, 0.2]);
    writeFromRollPitchYaw(orientation, 4, 0.499, 0, 2);
    position.set([1, -1, 2], 3);
    setJoints(jointPosition, 9, 0.2);
    expect([tilt(situation, 1), bounds(situation, 1), range(situation, 1)]).toEqual([
      false,
      false,
      false,
    ]);
    writeFromRollPitchYaw(orientation, 4, 0.501, 0, 2);
    position[5] = 2.001;
    setJoints(jointPosition, 9, -0.201);
    expect([tilt(situation, 1), bounds(situation, 1), range(situation, 1)]).toEqual([
      true,
      true,
      true,
    ]);
    orientation.fill(Number.NaN);
    position.fill(Number.NaN);
    jointPosition.fill(Number.NaN);
    expect([tilt(situation, 1), bounds(situation, 1), range(situation, 1)]).toEqual([
      true,
      true,
      true,
    ]);
  });

  it('trip at contact of that robot', () => {
    const contact = makeContactTermination();
    expect(contact(makeSituation(), 0)).toBe(true);
    expect(contact(makeSituation(), 1)).toBe(false);
  });
});

describe('judges', () => {
  it('judge hovering by the mean distance at the end', () => {
    const judge = makeHoverJudge({
      numRobots: 2,
      episodeLengthS: 10,
      windowS: 2,
      maxMeanError: 0.1,
    });
    const situation = makeSituation();
    const see = (timeS: number, x: number) => {
      situation.timeS[1] = timeS;
      situation.truth.position[3] = x;
      judge.observe(situation, 1);
    };
    judge.reset(1);
    see(5, 3);
    expect(judge.judge(1).success).toBe(false);
    see(9, 0.05);
    see(10, 0.11);
    // (0.05 + 0.11) / 2 = 0.08
    expect(judge.judge(1).success).toBe(true);
    expect(judge.judge(1).metrics.finalError).toBeCloseTo(0.08, 12);
    // (0.0025 + 0.0121) / 2 = 0.0073
    expect(judge.judge(1).metrics.finalRmse).toBeCloseTo(Math.sqrt(0.0073), 12);
    see(10, 0.2);
    // (0.05 + 0.11 + 0.2) / 3 = 0.12
    expect(judge.judge(1).success).toBe(false);
    judge.reset(1);
    expect(judge.judge(1).metrics).toEqual({ maxTilt: 0 });
  });

  it('judge tracking by the root of the mean squared error and by every pause', () => {
    const judge = makeTrackJudge({ numRobots: 2, settleS: 1, maxRmse: 0.3, reach: 0.15 });
    const situation = makeSituation();
    const see = (timeS: number, speed: number, error: number) => {
      situation.timeS[1] = timeS;
      situation.reference.linearVelocityW[3] = speed;
      situation.truth.position[3] = error;
      judge.observe(situation, 1);
    };
    judge.reset(1);
    see(0.5, 0, 9); // still settling
    // What ends here followed nothing, neither well nor badly.
    expect(judge.judge(1)).toEqual({
      success: false,
      metrics: { waypoints: 0, waypointsReached: 0 },
    });
    see(1, 0, 0.2); // first pause, reached at its second look
    see(2, 0, 0.1);
    see(3, 1, 0.2);
    see(4, 0, 0.4); // second pause: cut short, not counted
    const { success, metrics } = judge.judge(1);
    // √((0.04 + 0.01 + 0.04 + 0.16) / 4) = 0.25
    expect(metrics).toMatchObject({ waypoints: 1, waypointsReached: 1, maxError: 0.4 });
    expect(metrics.rmse).toBeCloseTo(0.25, 12);
    expect(success).toBe(true);
    see(5, 1, 0); // second pause: over, and missed
    expect(judge.judge(1)).toMatchObject({
      success: false,
      metrics: { waypoints: 2, waypointsReached: 1 },
    });
  });

  it('judge balancing by where the cart ended', () => {
    const judge = makeBalanceJudge({
      model: cartpole,
      numRobots: 2,
      cartJoint: 'cart_joint',
      poleJoint: 'pole_joint',
      episodeLengthS: 10,
      windowS: 2,
      maxMeanError: 0.1,
    });
    const situation = makeSituation();
    judge.reset(1);
    setJoints(situation.truth.jointPosition, 2, -0.15);
    judge.observe(situation, 1);
    setJoints(situation.truth.jointPosition, -0.05, 0);
    situation.timeS[1] = 9;
    judge.observe(situation, 1);
    expect(judge.judge(1)).toEqual({
      success: true,
      metrics: { maxAngle: 0.15, finalError: 0.05 },
    });
  });
});

describe('the registry of tasks', () => {
  it('gives tasks by name and lists them when asked for another', () => {
    for (const name of TASK_NAMES) expect(getTask(name).name).toBe(name);
    expect(() => getTask('crazyflie-hoover')).toThrow(
      /expected one of cartpole-balance, crazyflie-hover, crazyflie-track, .*got 'crazyflie-hoover'/,
    );
  });
});
