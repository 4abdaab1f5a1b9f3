import { describe, expect, it } from 'vitest';
import { Rng } from '../../../sim/math/rng.ts';
import { makeStateBatch } from '../../../sim/robot/state.ts';
import {
  makeGoalReward,
  makePlaceReference,
  makeReachGoal,
  makeReachJudge,
} from '../../../sim/task/reach.ts';
import { makeReferenceBatch } from '../../../sim/task/robot-view.ts';
import type { ObservationTermSpec } from '../../../sim/task/task.ts';
import { makePairSituation } from '../../kit/situation.ts';

const PLACE = { name: 'placeW', width: 2, unit: 'm', frame: 'odom' } as const;
const GOAL = { ...PLACE, name: 'goalPlaceW' } as const;

describe('a goal to be reached', () => {
  it('is worth 0 within its reach in the plane, −1 elsewhere and where nothing is known', () => {
    const goal = makeReachGoal(0.5, [GOAL]);
    const worth = (x: number, y: number) =>
      goal.computeReward(Float32Array.of(9, x, y), 1, Float32Array.of(1, 2), 0);
    // (1.3, 2.4) − (1, 2): 0.5 m but for rounding; a hair to either side.
    expect([worth(1.3, 2.399), worth(1.3, 2.401), worth(Number.NaN, 2)]).toEqual([0, -1, -1]);
  });

  it('is rewarded as the goal channel says, of the robot that is asked for', () => {
    const situation = makePairSituation();
    const reward = makeGoalReward(makeReachGoal(0.5, [GOAL]));
    situation.truth.position.set([3, 4, 0], 3);
    situation.reference.position.set([3.2, 4, 0], 3);
    situation.reference.position.set([9, 9, 0]);
    expect([0, 1].map((robot) => reward(situation, robot))).toEqual([-1, 0]);
  });

  it('is told again in its own columns of its own row, clipped and scaled as it was told', () => {
    const old: ObservationTermSpec = { ...PLACE, history: 3 };
    const told: ObservationTermSpec = { ...GOAL, clip: [-1, 1], scale: 0.5 };
    const goal = makeReachGoal(0.1, [old, told, PLACE]);
    // 2 · 3 of the past, the goal's two, two more: rows of 10.
    const seen = new Float32Array(20).fill(7);
    goal.retell(seen, 1, Float32Array.of(0, 0, 0.5, -3));
    const expected = new Float32Array(20).fill(7);
    expected.set([0.25, -0.5], 16);
    expect(seen).toEqual(expected);
  });

  it('must be observed once, and as it is now', () => {
    for (const terms of [[], [PLACE], [GOAL, GOAL], [{ ...GOAL, history: 2 }]]) {
      expect(() => makeReachGoal(0.1, terms)).toThrow(/'goalPlaceW' must be observed once/);
    }
  });
});

describe('the reference of a place', () => {
  it('is drawn anew for each robot and episode, stands still and touches no other', () => {
    const places = makePlaceReference((rng) => [rng.uniform(1, 2), rng.uniform(-2, -1), 0.5]);
    const out = makeReferenceBatch(2);
    out.position.fill(99, 0, 3);
    out.linearVelocityW.fill(99);
    places.reset(1, out, new Rng(1));
    const first = [...out.position];
    expect(first.slice(0, 3)).toEqual([99, 99, 99]);
    expect([...out.linearVelocityW]).toEqual([99, 99, 99, 0, 0, 0]);
    places.advance(1, out, makeStateBatch(2, 2), 5, 0.1);
    expect([...out.position]).toEqual(first);
    places.reset(1, out, new Rng(2));
    expect([...out.position].slice(3, 5)).not.toEqual(first.slice(3, 5));
    expect(out.position[5]).toBe(0.5);
  });
});

describe('the judge of reaching', () => {
  const options = { numRobots: 2, episodeLengthS: 4, windowS: 1, reach: 0.1 };

  /** @param steps time [s], distance from the reference [m], speed [m/s] */
  function judge(steps: readonly (readonly [timeS: number, error: number, speed: number])[]) {
    const situation = makePairSituation();
    situation.truth.position.fill(50, 0, 3);
    const one = makeReachJudge(options);
    one.reset(1);
    // Of an episode before, which must be forgotten.
    situation.timeS[1] = 4;
    situation.truth.position.set([7, 0, 0], 3);
    one.observe(situation, 1);
    one.reset(1);
    for (const [timeS, error, speed] of steps) {
      situation.timeS[1] = timeS;
      situation.truth.position.set([0, error, 0], 3);
      situation.truth.linearVelocityW.set([speed, 0, 0], 3);
      one.observe(situation, 1);
    }
    return one.judge(1);
  }

  it('looks at the end, and says when the place was first come to', () => {
    const { success, metrics } = judge([
      [1, 0.05, 0.2],
      [2, 0.5, 0.2],
      [3, 0.08, 0.06],
      [4, 0.06, 0.02],
    ]);
    expect(success).toBe(true);
    // (0.06 + 0.02) / 2
    expect(metrics.finalSpeed).toBeCloseTo(0.04, 12);
    expect(metrics).toMatchObject({ timeToGoal: 1, finalError: 0.08 });
  });

  it('wants all of the end within reach, and to its time', () => {
    const left = judge([
      [3, 0.101, 0],
      [4, 0, 0],
    ]);
    const cut = judge([[3.9, 0, 0]]);
    const early = judge([[2, 0, 0]]);
    expect([left, cut, early].map(({ success }) => success)).toEqual(Array(3).fill(false));
    expect(early.metrics).toEqual({ timeToGoal: 2 });
    expect(judge([[4, 3, 0]]).metrics).not.toHaveProperty('timeToGoal');
  });
});
