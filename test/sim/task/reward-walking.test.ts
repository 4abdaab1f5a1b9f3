import { describe, expect, it } from 'vitest';
import { writeFromRollPitchYaw } from '../../../sim/math/quat.ts';
import { loadRobot } from '../../../sim/robot/load.ts';
import { listOtherShapes } from '../../../sim/task/footing.ts';
import { computeYawRate, isAskedToMove } from '../../../sim/task/heading.ts';
import {
  makeAirTimeReward,
  makeClearanceCost,
  makeGaitReward,
  makeLimpCost,
  makeSlipCost,
  makeSwingCost,
  makeTouchCost,
} from '../../../sim/task/reward-feet.ts';
import {
  makeEffortCost,
  makeJointAccelerationCost,
  makeJointLimitCost,
  makeJointSpeedCost,
  makePostureCost,
  makePowerCost,
} from '../../../sim/task/reward-joints.ts';
import {
  makeBounceCost,
  makeLeaningCost,
  makeRockingCost,
  makeVelocityTrackingReward,
  makeYawRateTrackingReward,
} from '../../../sim/task/reward-velocity.ts';
import type { RewardTerm, Situation } from '../../../sim/task/task.ts';
import { makeEdgeTermination, makeTouchTermination } from '../../../sim/task/termination.ts';
import { GO2_FEET, makeGo2Situation, pressShape } from '../../kit/situation.ts';

const go2 = loadRobot('go2');
const DT = 0.02;
/** Robot 1 of two; what is set is robot 1's. */
const ROBOT = 1;

function expectTerm(term: RewardTerm, situation: Situation, value: number): void {
  expect(term(situation, ROBOT)).toBeCloseTo(value, 9);
  // Robot 0 is as it was made: whatever its value, robot 1's must not show in it.
  expect(term(situation, 0)).toBeCloseTo(term(makeGo2Situation(2), 0), 9);
}

describe('going as asked', () => {
  it('is measured in the heading frame: level, with the yaw of the base', () => {
    const situation = makeGo2Situation(2);
    const { truth, reference } = situation;
    // Facing odom's y and pitched nose down: 1 m/s along y is 1 m/s ahead, −0.5 m/s along x is 0.5 m/s to the left.
    writeFromRollPitchYaw(truth.orientation, 4 * ROBOT, 0, 0.3, Math.PI / 2);
    truth.linearVelocityW.set([-0.5, 1, 0.7], 3 * ROBOT);
    reference.velocityCommand.set([1, 0.5, 0], 3 * ROBOT);
    expectTerm(makeVelocityTrackingReward(0.5), situation, 1);
    // 0.3 and 0.4 off: 0.5, one width.
    reference.velocityCommand.set([1.3, 0.1, 0], 3 * ROBOT);
    expectTerm(makeVelocityTrackingReward(0.5), situation, Math.exp(-1));
  });

  it('turns about the vertical, however the base is tilted', () => {
    const situation = makeGo2Situation(2);
    const { truth, reference } = situation;
    // Rolled by 90° to the right, base_link's y points down: −2 rad/s about it is +2 rad/s about the vertical.
    writeFromRollPitchYaw(truth.orientation, 4 * ROBOT, Math.PI / 2, 0, 0);
    truth.angularVelocityB.set([5, 2, 7], 3 * ROBOT);
    expect(computeYawRate(truth, ROBOT)).toBeCloseTo(2, 9);
    reference.velocityCommand[3 * ROBOT + 2] = 1.5;
    expectTerm(makeYawRateTrackingReward(0.5), situation, Math.exp(-1));
  });

  it('is asked of a robot from a tenth on, speed and turn together', () => {
    const { reference } = makeGo2Situation(2);
    const ask = (...command: number[]) => {
      reference.velocityCommand.set(command, 3 * ROBOT);
      return isAskedToMove(reference, ROBOT);
    };
    expect([ask(0, 0, 0), ask(0.06, 0, -0.03), ask(0.06, 0.08, 0.001), ask(0, 0, -0.11)]).toEqual([
      false,
      false,
      true,
      true,
    ]);
  });
});

describe('a base', () => {
  it('costs its speed along its own z, its rocking, and its lean', () => {
    const situation = makeGo2Situation(2);
    const { truth } = situation;
    writeFromRollPitchYaw(truth.orientation, 4 * ROBOT, 0, Math.PI / 6, 2);
    truth.linearVelocityW.set([0, 0, 2], 3 * ROBOT);
    truth.angularVelocityB.set([3, 4, 100], 3 * ROBOT);
    // Pitched by 30°: cos 30° of 2 m/s upwards, squared 0.75 · 4; sin² 30°.
    expectTerm(makeBounceCost(), situation, 3);
    expectTerm(makeRockingCost(), situation, 25);
    expectTerm(makeLeaningCost(), situation, 0.25);
  });
});

describe('joints', () => {
  function makeMoving(): Situation {
    const situation = makeGo2Situation(2);
    situation.truth.jointEffort.set([3, -4], 12 * ROBOT);
    situation.truth.jointVelocity.set([-2, 1, 0.5], 12 * ROBOT);
    situation.previousJointVelocity.set([-1, 1, 0], 12 * ROBOT);
    return situation;
  }

  it('cost effort, power, speed and acceleration', () => {
    const situation = makeMoving();
    expectTerm(makeEffortCost(), situation, 9 + 16);
    expectTerm(makePowerCost(), situation, 3 * 2 + 4 * 1);
    expectTerm(makeJointSpeedCost(), situation, 4 + 1 + 0.25);
    // Changes of −1 and 0.5 in 0.02 s: 50² + 25².
    expectTerm(makeJointAccelerationCost(DT), situation, 2500 + 625);
  });

  it('cost what they are beyond the middle of their ranges', () => {
    const situation = makeGo2Situation(2);
    const { jointPosition } = situation.truth;
    // Calves, from −2.7227 to −0.83776, are at 0 in both robots: none of them below.
    for (let k = 2; k < 12; k += 3) jointPosition[12 * ROBOT + k] = -1.7;
    const before = makeJointLimitCost(go2, 0.9)(situation, ROBOT);
    expect(before).toBe(0);
    // Hips turn by ±1.0472: 0.9 of it is 0.94248. One at 1, one at −1.0472.
    jointPosition[12 * ROBOT] = 1;
    jointPosition[12 * ROBOT + 3] = -1.0472;
    expectTerm(makeJointLimitCost(go2, 0.9), situation, 1 - 0.94248 + (1.0472 - 0.94248));
  });

  it('cost their distance from a pose, either while standing or while moving', () => {
    const situation = makeGo2Situation(2);
    const pose = new Float64Array(12).fill(0.5);
    situation.truth.jointPosition.fill(0.5, 12 * ROBOT);
    situation.truth.jointPosition[12 * ROBOT] = 0.8;
    situation.truth.jointPosition[12 * ROBOT + 1] = 0.1;
    expectTerm(makePostureCost(pose, 'standing'), situation, 0.5);
    expectTerm(makePostureCost(pose, 'moving'), situation, 0);
    situation.reference.velocityCommand[3 * ROBOT] = 0.5;
    expectTerm(makePostureCost(pose, 'standing'), situation, 0);
    expectTerm(makePostureCost(pose, 'moving'), situation, 0.5);
  });
});

describe('feet', () => {
  it('earn what a flight is longer than it should be, when they land and only if asked to move', () => {
    const situation = makeGo2Situation(2);
    const { footing, reference } = situation;
    footing.hasLanded.set([1, 0, 1, 0], 4 * ROBOT);
    footing.airTimeS.set([0.7, 9, 0.4, 0], 4 * ROBOT);
    expectTerm(makeAirTimeReward(0.5), situation, 0);
    reference.velocityCommand[3 * ROBOT] = 1;
    expectTerm(makeAirTimeReward(0.5), situation, 0.2 - 0.1);
  });

  it('cost a limp: the variance of flights and stances, cut', () => {
    const situation = makeGo2Situation(2);
    const { footing } = situation;
    footing.lastAirTimeS.set([0.2, 0.4, 0.2, 0.4], 4 * ROBOT);
    footing.lastStanceTimeS.set([0.5, 0.5, 0.5, 7], 4 * ROBOT);
    // Four deviations of 0.1 from 0.3, over 3; stances are all cut to 0.5.
    expectTerm(makeLimpCost(0.5), situation, (4 * 0.01) / 3);
  });

  it('cost their slip while they touch, and lowness while they swing', () => {
    const situation = makeGo2Situation(2);
    const { footing, reference } = situation;
    footing.velocityW.set([0.3, 0.4, 9, 0, 1, 0, 0, 0, 5], 12 * ROBOT);
    footing.isTouching.set([1, 0, 1, 0], 4 * ROBOT);
    footing.height.set([0, 0.05, 0, 0.5], 4 * ROBOT);
    expectTerm(makeSlipCost(), situation, 0.5);
    expectTerm(makeClearanceCost(0.08), situation, 0);
    reference.velocityCommand[3 * ROBOT + 1] = -0.2;
    // 0.08 · 0.5 of the one that drags, 0.03 · 1 of the one on its way; those at rest and those high up cost nothing.
    expectTerm(makeClearanceCost(0.08), situation, 0.04 + 0.03);
  });
});

describe('what should not touch', () => {
  const shapes = listOtherShapes(go2, GO2_FEET);

  it('is everything but the feet', () => {
    expect(shapes).toHaveLength(3 + 4 * 3);
    expect(shapes).toContain('trunk');
    expect(shapes).not.toContain('FL_foot');
  });

  it('is counted, and ends an episode where it must not happen at all', () => {
    const situation = makeGo2Situation(2);
    pressShape(situation, ROBOT, 'FL_foot', [0, 0, 80]);
    pressShape(situation, ROBOT, 'FL_thigh', [0, 5, 0]);
    pressShape(situation, ROBOT, 'RR_calf', [0, 0, 0.9]);
    expectTerm(makeTouchCost(go2, shapes), situation, 1);
    const hasFallen = makeTouchTermination(go2, ['trunk', 'head_lower']);
    expect(hasFallen(situation, ROBOT)).toBe(false);
    pressShape(situation, ROBOT, 'head_lower', [-2, 0, 0]);
    expectTerm(makeTouchCost(go2, shapes), situation, 2);
    expect([0, ROBOT].map((robot) => hasFallen(situation, robot))).toEqual([false, true]);
  });

  it('must be a shape of the robot', () => {
    expect(() => makeTouchCost(go2, ['tail'])).toThrow(/no collision shape 'tail'; it has: trunk/);
  });
});

describe('the edge of the ground', () => {
  it('is near where there is none ahead, behind or to a side', () => {
    const { truth, footing, ...rest } = makeGo2Situation(2);
    const computeHeight = (x: number, y: number) =>
      Math.abs(x) <= 4 && Math.abs(y) <= 3 ? 0.2 : Number.NEGATIVE_INFINITY;
    const ground = { ...footing.ground, computeHeight };
    const situation = { ...rest, truth, footing: { ...footing, ground } } as unknown as Situation;
    const isNear = makeEdgeTermination(0.5);
    const at = (x: number, y: number) => {
      truth.position.set([x, y, 0.5], 3 * ROBOT);
      return isNear(situation, ROBOT);
    };
    expect([at(3.4, -2.4), at(3.6, 0), at(-3.6, 0), at(0, 2.6), at(0, -2.6)]).toEqual([
      false,
      true,
      true,
      true,
      true,
    ]);
    expect(at(Number.NaN, 0)).toBe(true);
  });
});

describe('a gait', () => {
  /** Feet stand for the first half of 0.4 s, FL and RR with the clock, the others half a lap ahead. */
  const gait = { periodS: 0.4, duty: 0.5, phase: [0, 0.5, 0.5, 0] };

  function makeWalk(timeS: number, touching: readonly number[], speed = 1): Situation {
    const situation = makeGo2Situation(2);
    situation.reference.velocityCommand[3 * ROBOT] = speed;
    situation.timeS[ROBOT] = timeS;
    situation.footing.isTouching.set(touching, 4 * ROBOT);
    return situation;
  }

  it('pays for the share of feet that stand and swing when they should', () => {
    // A quarter of a lap: FL and RR stand, FR and RL are three quarters round and swing.
    expectTerm(makeGaitReward(gait), makeWalk(0.1, [1, 0, 0, 1]), 1);
    expectTerm(makeGaitReward(gait), makeWalk(0.1, [0, 1, 1, 0]), 0);
    expectTerm(makeGaitReward(gait), makeWalk(0.1, [1, 1, 1, 1]), 0.5);
    // Half a lap later, and a lap after that.
    expectTerm(makeGaitReward(gait), makeWalk(0.3, [0, 1, 1, 0]), 1);
    expectTerm(makeGaitReward(gait), makeWalk(0.7, [0, 1, 1, 0]), 1);
  });

  it('wants all feet on the ground of a robot that is asked to stand', () => {
    expectTerm(makeGaitReward(gait), makeWalk(0.1, [1, 1, 1, 1], 0), 1);
    expectTerm(makeGaitReward(gait), makeWalk(0.1, [1, 0, 0, 1], 0), 0.5);
  });

  it('has feet swing in half a sine, and costs how far they are from it', () => {
    const situation = makeWalk(0.1, [1, 0, 0, 1]);
    // Halfway through their swing FR and RL should be at the peak: one is, one is half as high; RR is 1 cm too high.
    situation.footing.height.set([0, 0.08, 0.04, 0.01], 4 * ROBOT);
    expectTerm(makeSwingCost(gait, 0.08), situation, (0.04 + 0.01) / 4);
    // 0.05 s into their swing of 0.2 s: sin 45°.
    situation.timeS[ROBOT] = 0.05;
    situation.footing.height.set([0, 0.08, 0.08, 0], 4 * ROBOT);
    expectTerm(makeSwingCost(gait, 0.08), situation, (2 * 0.08 * (1 - Math.SQRT1_2)) / 4);
    situation.reference.velocityCommand[3 * ROBOT] = 0;
    expectTerm(makeSwingCost(gait, 0.08), situation, (2 * 0.08) / 4);
  });
});
