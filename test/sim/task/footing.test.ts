import { describe, expect, it } from 'vitest';
import { writeFromRollPitchYaw } from '../../../sim/math/quat.ts';
import { loadRobot } from '../../../sim/robot/load.ts';
import { Footing, isPressed } from '../../../sim/task/footing.ts';
import { GO2_FEET, makeGo2Situation, pressShape } from '../../kit/situation.ts';

const DT = 0.02;
const model = loadRobot('go2');
/** [m] legs straight down: two links of 0.213 and the ball of 0.022 */
const STRAIGHT = 0.213 + 0.213 + 0.022;

describe('where feet are', () => {
  it('is below the hips with straight legs, lowest point first', () => {
    const { truth, footing } = makeGo2Situation(2);
    truth.position[5] = 0.5;
    footing.update(1, truth, DT);
    for (const height of footing.height.subarray(4)) expect(height).toBeCloseTo(0.5 - STRAIGHT, 9);
    expect([...footing.height.subarray(0, 4)]).toEqual([0, 0, 0, 0]);
  });

  it('is on the floor at home', () => {
    const { truth, footing } = makeGo2Situation(1);
    truth.position.set(model.home.position);
    truth.jointPosition.set(model.home.jointPosition);
    footing.update(0, truth, DT);
    for (const height of footing.height) expect(height).toBeCloseTo(0, 4);
  });

  it('is over the ground right below each of them', () => {
    const { truth, footing } = makeGo2Situation(1);
    const ground = { ...footing.ground, computeHeight: (x: number, y: number) => x + 10 * y };
    const onSlope = new Footing(model, 1, GO2_FEET, ground);
    onSlope.update(0, truth, DT);
    // Hips at x = ±0.1934, y = ±(0.0465 + 0.0955) = ±0.142; the ball sits 2 mm behind the leg.
    const front = 0.1934 - 0.002;
    const rear = -0.1934 - 0.002;
    const expected = [front + 1.42, front - 1.42, rear + 1.42, rear - 1.42];
    expected.forEach((z, k) => {
      expect(onSlope.height[k]!).toBeCloseTo(-STRAIGHT - z, 9);
    });
  });
});

describe('how fast feet go', () => {
  it('is as the base, plus what its turning adds, in odom', () => {
    const { truth, footing } = makeGo2Situation(1);
    // Facing left: base_link's x is odom's y. Yaw rate 2 rad/s about a vertical through the base.
    writeFromRollPitchYaw(truth.orientation, 0, 0, 0, Math.PI / 2);
    truth.linearVelocityW.set([0.5, 0, 0.1]);
    truth.angularVelocityB.set([0, 0, 2]);
    footing.update(0, truth, DT);
    // Front left is at (0.1914, 0.142) in base_link, (−0.142, 0.1914) in odom: ω × r = 2 · (−0.1914, −0.142).
    const [x, y, z] = footing.velocityW;
    expect(x).toBeCloseTo(0.5 - 2 * 0.1914, 9);
    expect(y).toBeCloseTo(-2 * 0.142, 9);
    expect(z).toBeCloseTo(0.1, 9);
  });

  it('is that of the lowest point: a foot that rolls does not slip', () => {
    const { truth, footing } = makeGo2Situation(1);
    // The thigh swings back at 1 rad/s: straight leg, so its lowest point goes back at 0.448 m/s and up by 2 mm · 1/s.
    truth.jointVelocity[1] = 1;
    footing.update(0, truth, DT);
    expect(footing.velocityW[0]!).toBeCloseTo(-STRAIGHT, 9);
    expect(footing.velocityW[2]!).toBeCloseTo(0.002, 9);
    // A base that moves ahead as fast as that leaves it where it is: it rolls.
    truth.linearVelocityW[0] = STRAIGHT;
    footing.update(0, truth, DT);
    expect(footing.velocityW[0]!).toBeCloseTo(0, 9);
  });
});

describe('when feet touch', () => {
  it('is while they are pressed by more than 1 N, whichever way', () => {
    const situation = makeGo2Situation(1);
    const { footing, truth } = situation;
    pressShape(situation, 0, 'FR_foot', [0, 0.8, 0.8]);
    pressShape(situation, 0, 'RL_foot', [0, 0, 0.99]);
    pressShape(situation, 0, 'RR_calf', [0, 0, 50]);
    footing.update(0, truth, DT);
    // √(0.64 + 0.64) = 1.13.
    expect([...footing.isTouching]).toEqual([0, 1, 0, 0]);
  });

  it('is counted: flights until the landing, stances until the lift, the highest point of a flight', () => {
    const situation = makeGo2Situation(1);
    const { footing, truth } = situation;
    const step = (newton: number, z: number) => {
      pressShape(situation, 0, 'FL_foot', [0, 0, newton]);
      truth.position[2] = STRAIGHT + z;
      footing.update(0, truth, DT);
      const { isTouching, hasLanded, airTimeS, peakHeight, lastAirTimeS, lastStanceTimeS } =
        footing;
      return [isTouching, hasLanded, airTimeS, peakHeight, lastAirTimeS, lastStanceTimeS].map(
        (array) => Number(array[0]!.toFixed(6)),
      );
    };
    footing.reset(0, truth);
    step(40, 0);
    // touching, landed, s in the air, m highest, s of the last flight, s of the last stance
    expect(step(40, 0)).toEqual([1, 0, 0, 0, 0, 0]);
    expect(step(0, 0.03)).toEqual([0, 0, 0.02, 0.03, 0, 0.04]);
    expect(step(0, 0.05)).toEqual([0, 0, 0.04, 0.05, 0, 0.04]);
    expect(step(0, 0.01)).toEqual([0, 0, 0.06, 0.05, 0, 0.04]);
    expect(step(40, 0)).toEqual([1, 1, 0.06, 0.05, 0.06, 0.04]);
    expect(step(40, 0)).toEqual([1, 0, 0, 0, 0.06, 0.04]);
  });

  it('is forgotten when an episode begins', () => {
    const situation = makeGo2Situation(1);
    const { footing, truth } = situation;
    pressShape(situation, 0, 'FL_foot', [0, 0, 40]);
    footing.update(0, truth, DT);
    footing.reset(0, truth);
    expect(footing.isTouching[0]).toBe(0);
    expect(footing.airTimeS[0]).toBe(0);
  });
});

it('says what presses on shapes only in tasks with feet', () => {
  const ground = { ...makeGo2Situation(1).footing.ground, forceW: undefined };
  expect(() => isPressed(ground, 0, 0)).toThrow(/give the task `feet`/);
});

it('a foot that is no ball of the robot is refused, with those that are', () => {
  const { footing } = makeGo2Situation(1);
  expect(() => new Footing(model, 1, ['FL_calf'], footing.ground)).toThrow(
    /no ball 'FL_calf'.*FL_foot/,
  );
});
