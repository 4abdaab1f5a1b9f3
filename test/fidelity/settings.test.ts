import { describe, expect, it } from 'vitest';
import { ENGINE_NAMES } from '../../sim/engine/engine.ts';
import { loadRobot } from '../../sim/robot/load.ts';
import type { RobotModel } from '../../sim/robot/model.ts';
import { readResults } from './results.ts';
import {
  describeOwnSetting,
  type Judged,
  judgeChoice,
  readJudged,
  SETTINGS_COLUMNS,
  SPEED_MARGIN,
} from './settings-choice.ts';
import { listRates } from './settings-rates.ts';
import { TRIALS } from './settings-table.ts';

const setting = (parts: Partial<Judged>): Judged => ({
  ...{ engine: 'rapier', rateHz: 200, label: '', passes: true, speed: 100, ships: false },
  ...parts,
});
const SHIPPED = [
  setting({ engine: 'rapier', ships: true }),
  setting({ engine: 'mujoco', ships: true }),
];

describe('the settings that a robot should ship', () => {
  it('are its own where none that passes is faster by more than the margin', () => {
    const rival = (speed: number) => [...SHIPPED, setting({ speed })];
    expect(judgeChoice(SHIPPED, 'rapier').isCheapest).toBe(true);
    expect(judgeChoice(rival(100 * SPEED_MARGIN), 'rapier').isCheapest).toBe(true);
    expect(judgeChoice(rival(100 * SPEED_MARGIN + 1), 'rapier').isCheapest).toBe(false);
    expect(judgeChoice(rival(200), 'mujoco').isCheapest).toBe(true);
  });

  it('are not what fails, however slow the rest is, nor is it measured by what fails', () => {
    const failing = SHIPPED.map((entry) => ({ ...entry, passes: false }));
    expect(judgeChoice([...failing, setting({ speed: 1 })], 'rapier').isCheapest).toBe(false);
    const faster = setting({ speed: 500, passes: false });
    expect(judgeChoice([...SHIPPED, faster], 'rapier')).toMatchObject({ isCheapest: true });
  });

  it('have a rate at which both engines pass', () => {
    const alone = [...SHIPPED, setting({ rateHz: 100, speed: 300 })];
    expect(judgeChoice(alone, 'rapier').isCheapest).toBe(true);
    const both = [...alone, setting({ engine: 'mujoco', rateHz: 100, speed: 300 })];
    expect(judgeChoice(both, 'rapier')).toMatchObject({
      isCheapest: false,
      fastest: { rateHz: 100 },
    });
    // MuJoCo is held against its own at 200 Hz.
    expect(judgeChoice(both, 'mujoco').isCheapest).toBe(true);
  });
});

describe('the rates that a robot is tried at', () => {
  const refusalAt = (model: RobotModel, rate: number) =>
    listRates(model).find(({ rateHz }) => rateHz === rate)?.refusal;

  it('leave out what its world refuses', () => {
    // Its IMU samples 200 times a second.
    expect(refusalAt(loadRobot('go2'), 100)).toMatch(/faster|rate/);
    // 125 Hz is no multiple of the 50 Hz that its task is controlled at.
    expect(refusalAt(loadRobot('go2'), 125)).toMatch(/whole number of physics steps/);
  });

  it('leave out what its sensors do not fit into', () => {
    // 500 / 200 is no whole number.
    expect(refusalAt(loadRobot('go2'), 500)).toMatch(/do not fit evenly/);
    // 11 ms are 4.4 steps of 2.5 ms, so five: 1.5 ms late, of a period of 10 ms.
    const latency = /latency of 'motion_capture' would be 12.5 ms instead of 11/;
    expect(refusalAt(loadRobot('crazyflie'), 400)).toMatch(latency);
    expect(refusalAt(loadRobot('crazyflie'), 100)).toMatch(/'imu' would be 10 ms instead of 5/);
  });

  it.each(TRIALS)('hold that of $robot itself', ({ robot }) => {
    const model = loadRobot(robot);
    expect(listRates(model)).toContainEqual({ rateHz: model.physics.rateHz, refusal: undefined });
  });
});

describe('the committed table of settings', () => {
  const table = readResults().settings!;

  it('is of today’s robots and of what they ship today', () => {
    expect(table.columns).toEqual(SETTINGS_COLUMNS);
    const judged = readJudged(table);
    expect([...judged.keys()]).toEqual(TRIALS.map(({ robot }) => robot));
    for (const [robot, settings] of judged) {
      for (const engine of ENGINE_NAMES) {
        const label = describeOwnSetting(engine, loadRobot(robot));
        expect(judgeChoice(settings, engine).shipped.label, robot).toBe(label);
      }
    }
  });

  it('holds no setting at a rate that the robot is not tried at', () => {
    for (const [robot, settings] of readJudged(table)) {
      const rates = listRates(loadRobot(robot)).filter(({ refusal }) => refusal === undefined);
      for (const { rateHz } of settings) {
        expect(
          rates.map((rate) => rate.rateHz),
          robot,
        ).toContain(rateHz);
      }
    }
  });

  it('shows that each robot ships the cheapest settings that pass, in both engines', () => {
    for (const [robot, settings] of readJudged(table)) {
      for (const engine of ENGINE_NAMES) {
        expect(judgeChoice(settings, engine), `${robot} in ${engine}`).toMatchObject({
          shipped: { passes: true },
          isCheapest: true,
        });
      }
    }
  });
});
