import { describe, expect, it } from 'vitest';
import { GaitTally } from '../../../sim/task/gait-tally.ts';
import { GO2_FEET, makeGo2Situation } from '../../kit/situation.ts';

const DT = 0.02;

describe('the gait of a robot', () => {
  it('is told foot by foot, of the time in which it is asked to move', () => {
    const situation = makeGo2Situation(2);
    const { footing, reference, timeS } = situation;
    const gait = new GaitTally(2, GO2_FEET);
    gait.reset(1);
    const step = (k: number, down: readonly number[], landed: readonly number[]) => {
      timeS[1] = (k + 1) * DT;
      footing.isTouching.set(down, 4);
      footing.hasLanded.set(landed, 4);
      gait.observe(situation, 1);
    };
    // Ahead for four steps: FL and RR down in three of them, of which they have landed in one, after 0.1 s.
    reference.velocityCommand[3] = 0.5;
    footing.airTimeS.fill(0.1);
    footing.velocityW[12] = 0.3; // FL along x
    step(0, [1, 0, 0, 1], [1, 0, 0, 1]);
    step(1, [1, 0, 0, 1], [0, 0, 0, 0]);
    step(2, [1, 0, 0, 1], [0, 0, 0, 0]);
    step(3, [0, 1, 1, 0], [0, 1, 1, 0]);
    // Standing does not count.
    reference.velocityCommand[3] = 0;
    step(4, [1, 1, 1, 1], [1, 1, 1, 1]);
    const metrics = gait.compute(1);
    expect(metrics['dutyFactor.FL_foot']).toBe(3 / 4);
    expect(metrics['dutyFactor.FR_foot']).toBe(1 / 4);
    // Once in 4 · 0.02 s.
    expect(metrics['strideRate.FL_foot']).toBeCloseTo(12.5, 9);
    expect(metrics['airTime.FL_foot']).toBeCloseTo(0.1, 9);
    expect(metrics['footSlip.FL_foot']).toBeCloseTo(0.3, 9);
    expect(metrics['footSlip.RR_foot']).toBe(0);
    // Diagonals go together all the time, sides never.
    expect(metrics['together.FL_foot.RR_foot']).toBe(1);
    expect(metrics['together.FR_foot.RL_foot']).toBe(1);
    expect(metrics['together.FL_foot.FR_foot']).toBe(0);
  });

  it('is nothing of a robot that was never asked to move, or has begun anew', () => {
    const situation = makeGo2Situation(1);
    const gait = new GaitTally(1, GO2_FEET);
    gait.observe(situation, 0);
    expect(gait.compute(0)).toEqual({});
    situation.reference.velocityCommand[2] = 1;
    gait.observe(situation, 0);
    expect(gait.compute(0)).not.toEqual({});
    gait.reset(0);
    expect(gait.compute(0)).toEqual({});
  });
});
