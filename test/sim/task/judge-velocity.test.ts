import { describe, expect, it } from 'vitest';
import { makeVelocityJudge } from '../../../sim/task/judge-velocity.ts';
import { makeGo2Situation } from '../../kit/situation.ts';

const DT = 0.02;

function make() {
  const situation = makeGo2Situation(2);
  const state = { isDown: false };
  const judge = makeVelocityJudge({
    numRobots: 2,
    feet: ['FL', 'FR', 'RL', 'RR'],
    settleS: 0.03,
    maxMeanError: 0.2,
    hasFallen: () => state.isDown,
  });
  judge.reset(1);
  let steps = 0;
  /** One control step of robot 1 in which it is asked for `command` and goes ahead at `speed`. */
  const step = (command: number, speed: number) => {
    steps++;
    situation.timeS[1] = steps * DT;
    situation.reference.velocityCommand[3] = command;
    situation.truth.linearVelocityW[3] = speed;
    judge.observe(situation, 1);
  };
  const fall = () => {
    state.isDown = true;
  };
  return { situation, judge, step, fall };
}

describe('the judge of walking', () => {
  it('takes the mean error of what has settled after each change of the command', () => {
    const { judge, step } = make();
    // The step of a change and the next, 0.02 s later, do not count: 0.03 s have not passed.
    step(0.5, 0);
    step(0.5, 0);
    step(0.5, 0.4);
    step(0.5, 0.8);
    step(-0.5, 0.8);
    step(-0.5, 0);
    step(-0.5, -0.5);
    const { metrics, success } = judge.judge(1);
    // 0.1, 0.3 and 0.
    expect(metrics.velocityError).toBeCloseTo(0.4 / 3, 9);
    expect(metrics.yawRateError).toBe(0);
    expect(success).toBe(true);
  });

  it('fails what is too far off, and what has fallen', () => {
    const far = make();
    for (let k = 0; k < 5; k++) far.step(0.5, 0.29);
    expect(far.judge.judge(1)).toMatchObject({ success: false, metrics: { fallen: 0 } });
    const fallen = make();
    for (let k = 0; k < 5; k++) fallen.step(0.5, 0.5);
    fallen.fall();
    fallen.step(0.5, 0.5);
    expect(fallen.judge.judge(1)).toMatchObject({ success: false, metrics: { fallen: 1 } });
  });

  it('fails an episode that never settled, and has no error to tell of it', () => {
    const { judge, step } = make();
    step(0.5, 0.5);
    const { success, metrics } = judge.judge(1);
    expect(success).toBe(false);
    expect(metrics).not.toHaveProperty('velocityError');
    expect(metrics).not.toHaveProperty('airTime');
  });

  it('tells effort, restlessness and how the feet are set', () => {
    const { situation, judge, step } = make();
    const { truth, footing, action } = situation;
    // Twelve motors, one of them at −6: 0.5. Twelve actions, three changed by 2: √(12 / 12).
    truth.jointEffort[12] = -6;
    action.set([2, -2, 2], 12);
    // Two of four feet touch, one of them at 0.6 m/s; a third lands after 0.3 s, 7 cm high at most.
    footing.isTouching.set([1, 1], 4);
    footing.velocityW.set([0.6, 0, 3], 12);
    footing.hasLanded[6] = 1;
    footing.airTimeS[6] = 0.3;
    footing.peakHeight[6] = 0.07;
    step(0, 0);
    step(0, 0);
    expect(judge.judge(1).metrics).toMatchObject({ meanTorque: 0.5, actionRate: 1 });
    const { dutyFactor, footSlip, airTime, footLift } = judge.judge(1).metrics;
    expect(dutyFactor).toBeCloseTo(0.5, 9);
    expect(footSlip).toBeCloseTo(0.3, 9);
    expect(airTime).toBeCloseTo(0.3, 9);
    expect(footLift).toBeCloseTo(0.07, 9);
  });

  it('forgets the episode before', () => {
    const { judge, step, fall } = make();
    for (let k = 0; k < 5; k++) step(0.5, -2);
    fall();
    judge.reset(1);
    expect(judge.judge(1).metrics).toEqual({
      ...{ meanTorque: 0, meanPower: 0, actionRate: 0, fallen: 0 },
    });
  });
});
