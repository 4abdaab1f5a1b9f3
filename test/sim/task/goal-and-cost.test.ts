import { describe, expect, it } from 'vitest';
import { writeFromRollPitchYaw } from '../../../sim/math/quat.ts';
import { loadRobot } from '../../../sim/robot/load.ts';
import {
  makeContactCost,
  makeJointExcessCost,
  makeTiltExcessCost,
} from '../../../sim/task/cost.ts';
import { makePositionGoal } from '../../../sim/task/goal.ts';
import { makePairSituation } from '../../kit/situation.ts';

describe('a position goal', () => {
  const goal = makePositionGoal({ axes: ['x', 'z'], width: 0.5, reach: 0.1 });

  it('tells where the robot truly is and where it should be, on the axes that count', () => {
    const situation = makePairSituation();
    situation.truth.position.set([1, 2, 3], 3);
    situation.reference.position.set([4, 5, 6], 3);
    const achieved = new Float32Array(4).fill(9);
    const desired = new Float32Array(4).fill(9);
    goal.writeAchieved(achieved, 1, situation, 1);
    goal.writeDesired(desired, 2, situation, 1);
    expect([...achieved]).toEqual([9, 1, 3, 9]);
    expect([...desired]).toEqual([9, 9, 4, 6]);
    expect([goal.names, goal.units]).toEqual([
      ['position.x', 'position.z'],
      ['m', 'm'],
    ]);
  });

  it('rewards by the distance alone, so that another goal can be put in its place', () => {
    // 0.3 and 0.4 off: 0.5 m, one width: exp(−1).
    const numbers = Float32Array.of(7, 0.3, 0.4, 0, 0);
    expect(goal.computeReward(numbers, 1, numbers, 3)).toBeCloseTo(Math.exp(-1), 6);
    expect(goal.computeReward(numbers, 1, numbers, 1)).toBe(1);
  });

  it('is reached below its reach, and not at it', () => {
    const at = (x: number) => goal.isReached(Float32Array.of(x, 0), 0, new Float32Array(2), 0);
    expect([at(0.0999), at(0.1001), at(Number.NaN)]).toEqual([true, false, false]);
  });
});

describe('a cost', () => {
  it('of contact is 1 in a step with contact', () => {
    const situation = makePairSituation();
    situation.contact[1] = 1;
    expect([0, 1].map((robot) => makeContactCost()(situation, robot))).toEqual([0, 1]);
  });

  it('of tilt is what is too much, and 0 within the limit', () => {
    const situation = makePairSituation();
    writeFromRollPitchYaw(situation.truth.orientation, 4, 0.5, 0, 1);
    expect(makeTiltExcessCost(0.2)(situation, 1)).toBeCloseTo(0.3, 12);
    expect(makeTiltExcessCost(0.6)(situation, 1)).toBe(0);
  });

  it('of a joint is how far it is beyond its limit, on either side', () => {
    const situation = makePairSituation();
    const cost = makeJointExcessCost(loadRobot('cartpole'), 'cart_joint', 1.5);
    const at = (x: number) => {
      situation.truth.jointPosition[2] = x;
      return cost(situation, 1);
    };
    expect([at(1.75), at(-1.75), at(1)]).toEqual([0.25, 0.25, 0]);
  });
});
