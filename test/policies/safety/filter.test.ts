import { beforeEach, describe, expect, it } from 'vitest';
import { SafetyConfig } from '../../../policies/config.ts';
import {
  isSafeCommand,
  makeSafetyFilter,
  type SafetyFilter,
} from '../../../policies/safety/filter.ts';
import type { SafetyInput } from '../../../policies/safety/rules.ts';
import type { UserErrors } from '../../../sim/errors.ts';
import { makeStateBatch } from '../../../sim/robot/state.ts';
import { makeImuSpec } from '../../kit/sensed-body.ts';
import { makeTinyRobot } from '../../kit/tiny-policy.ts';

const PERIOD_S = 0.01;
const model = makeTinyRobot();

let filter: SafetyFilter;
let input: SafetyInput;

/** One healthy tick after the other: fresh state, fresh command, everything inside its limits. */
function tick(changes: Partial<SafetyInput> = {}) {
  input.nowS += PERIOD_S;
  input.commandStampS = input.nowS;
  input.stateStampS = input.nowS;
  Object.assign(input, changes);
  return filter.check(input);
}

function tilt(angle: number): void {
  // Rotation about x by the angle.
  input.state.orientation.set([Math.sin(angle / 2), 0, 0, Math.cos(angle / 2)]);
}

beforeEach(() => {
  filter = makeSafetyFilter({ model, periodS: PERIOD_S });
  input = {
    nowS: 0,
    command: Float64Array.of(0.1, -0.1),
    commandStampS: 0,
    state: makeStateBatch(1, 2),
    robot: 0,
    stateStampS: 0,
  };
});

describe('a healthy tick', () => {
  it('passes the command on as it is, stamped and branded', () => {
    const command = tick();
    expect([...command.joint]).toEqual([0.1, -0.1]);
    expect(command).toMatchObject({ stampS: 0.01, verdict: { action: 'pass', rule: 'none' } });
    expect(isSafeCommand(command)).toBe(true);
    expect(isSafeCommand({ stampS: 0, joint: command.joint, verdict: command.verdict })).toBe(
      false,
    );
  });

  it('does not change the command that it judges', () => {
    const command = Float64Array.of(9, 9);
    tick({ command });
    expect([...command]).toEqual([9, 9]);
  });
});

describe('range and rate', () => {
  it('clamps into the range, and lets the limit itself pass', () => {
    // The rate limit of 50 / s allows 0.5 per tick: from 0 to 2 takes four ticks.
    for (const expected of [0.5, 1, 1.5]) {
      const command = tick({ command: Float64Array.of(2, 0) });
      expect(command.joint[0]).toBe(expected);
      expect(command.verdict).toMatchObject({ action: 'clamp', rule: 'command_rate' });
    }
    expect(tick({ command: Float64Array.of(2, 0) }).verdict.action).toBe('pass');
    const beyond = tick({ command: Float64Array.of(2.001, 0) });
    expect(beyond.joint[0]).toBe(2);
    expect(beyond.verdict).toMatchObject({ action: 'clamp', rule: 'command_range' });
    expect(beyond.verdict.detail).toContain("'left' kept in [-2, 2]");
    expect(tick({ command: Float64Array.of(2, 0) }).verdict.action).toBe('pass');
  });

  it('lets a step as large as the rate limit pass, whatever its rounding', () => {
    // 0.1 + 0.5 is 0.6, but 0.6 − 0.1 is not 0.5 in binary.
    tick({ command: Float64Array.of(0.1, 0) });
    expect(tick({ command: Float64Array.of(0.1 + 0.5, 0) }).verdict.action).toBe('pass');
    expect(tick({ command: Float64Array.of(0.6 - 0.501, 0) }).verdict.rule).toBe('command_rate');
  });

  it('limits the rate by time, not by the number of checks', () => {
    const command = Float64Array.of(2, -2);
    // The first check after arming may make one period's step of 0.5 from the stop command.
    expect(tick({ command }).joint[0]).toBe(0.5);
    for (let k = 0; k < 6; k++) expect(filter.check(input).joint[0]).toBe(0.5);
    // A clock that goes back moves nothing either: 0.004 s later than 0.006 s is 50 · 0.004 = 0.2.
    input.nowS = 0.006;
    expect(filter.check(input).joint[0]).toBe(0.5);
    input.nowS = 0.01;
    expect(filter.check(input).joint[0]).toBeCloseTo(0.7, 12);
    expect(filter.check(input).joint[1]).toBeCloseTo(-0.7, 12);
  });

  it('counts no more than a period after a pause', () => {
    const command = Float64Array.of(2, 0);
    tick({ command });
    const pauseS = 5;
    const nowS = input.nowS + pauseS;
    const late = tick({ nowS, commandStampS: nowS, stateStampS: nowS, command });
    expect(late.joint[0]).toBe(1);
  });

  it('lets a period be a period on the coarse grid of Unix time in double precision', () => {
    // At 1.8e9 s the grid is 2^-22 s = 0.24 µs, so that 0.01 s may read 0.0099998.
    const startS = 1_800_000_000;
    const command = Float64Array.of(0, 0);
    for (let k = 0; k < 200; k++) {
      const nowS = startS + k * PERIOD_S;
      const now = { nowS, commandStampS: nowS, stateStampS: nowS };
      command[0] = k % 2 === 0 ? 0 : 0.5;
      expect(tick({ ...now, command }).verdict.action, `tick ${k}`).toBe('pass');
    }
  });

  it('starts the rate limit from the stop command and, after damping, from the damp command', () => {
    expect(tick({ command: Float64Array.of(2, 2) }).joint[0]).toBe(0.5);
    const stampS = input.nowS;
    for (let k = 0; k < 30; k++) tick({ stateStampS: stampS });
    // Stale since 0.11 s, held until 0.21 s, damped since.
    expect(filter.check(input)).toMatchObject({ joint: Float64Array.of(0.25, 0.25) });
    // Damp is 0.25: one tick may reach 0.75.
    expect(tick({ command: Float64Array.of(2, 2) }).joint[0]).toBe(0.75);
  });
});

describe('non-finite numbers', () => {
  it.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])(
    'stops on a command of %s',
    (value) => {
      const command = tick({ command: Float64Array.of(0, value) });
      expect(command.verdict).toMatchObject({ action: 'stop', rule: 'non_finite' });
      expect(command.verdict.detail).toContain("'right'");
      expect([...command.joint]).toEqual([0, 0]);
    },
  );

  it.each([
    'position',
    'orientation',
    'linearVelocityW',
    'angularVelocityB',
    'jointPosition',
    'jointVelocity',
  ] as const)('stops on a measured %s that is not a number', (key) => {
    input.state[key][1] = Number.NaN;
    expect(tick().verdict).toMatchObject({ action: 'stop', rule: 'non_finite' });
  });

  it('does not mind an effort that is not measured, or another robot that is broken', () => {
    input.state = makeStateBatch(2, 2);
    input.state.jointEffort.fill(Number.NaN);
    input.state.position.fill(Number.NaN, 3, 6);
    expect(tick().verdict.action).toBe('pass');
  });
});

describe('tilt', () => {
  it('stops beyond the limit and not at it', () => {
    tilt(1 - 1e-9);
    expect(tick().verdict.action).toBe('pass');
    tilt(1 + 1e-6);
    expect(tick().verdict).toMatchObject({ action: 'stop', rule: 'tilt' });
  });

  it('passes exactly at the limit', () => {
    tilt(1);
    // The angle as the filter reads it, 2 · acos of a rounded cosine, is the limit to the last bit.
    const read = Math.acos(1 - 2 * Math.sin(0.5) ** 2);
    filter = makeSafetyFilter({
      model: makeTinyRobot({ safety: { ...model.safety, maxTilt: read } }),
      periodS: PERIOD_S,
    });
    expect(tick().verdict.action).toBe('pass');
  });

  it('stops on an orientation that is no unit quaternion, as zeros from a dead sensor', () => {
    input.state.orientation.fill(0);
    expect(tick().verdict).toMatchObject({ action: 'stop', rule: 'tilt' });
  });

  it('damps where configured, and goes on when upright again', () => {
    const config = SafetyConfig.parse({ onTilt: 'damp' });
    filter = makeSafetyFilter({ model, config, periodS: PERIOD_S });
    tick();
    tilt(1.1);
    expect(tick().verdict).toMatchObject({ action: 'damp', rule: 'tilt' });
    tilt(0);
    expect(tick().verdict.action).toBe('pass');
  });

  it('means nothing on a robot without a limit', () => {
    const { maxTilt: _, ...safety } = model.safety;
    filter = makeSafetyFilter({ model: makeTinyRobot({ safety }), periodS: PERIOD_S });
    tilt(3);
    expect(tick().verdict.action).toBe('pass');
  });
});

describe('geofence', () => {
  it.each([0, 1, 2])('stops outside along axis %i, and not on the face', (axis) => {
    input.state.position[axis] = 1;
    expect(tick().verdict.action).toBe('pass');
    input.state.position[axis] = -1;
    expect(tick().verdict.action).toBe('pass');
    input.state.position[axis] = 1.001;
    expect(tick().verdict).toMatchObject({ action: 'stop', rule: 'geofence' });
  });
});

describe('what a robot does not know of itself', () => {
  const { geofence: _, ...unfenced } = model.safety;
  const withImuOnly = makeTinyRobot({ sensors: [makeImuSpec()], safety: unfenced });

  it('is no fault: with an IMU alone neither place nor speed need to be numbers', () => {
    filter = makeSafetyFilter({ model: withImuOnly, periodS: PERIOD_S });
    input.state.position.fill(Number.NaN);
    input.state.linearVelocityW.fill(Number.NaN);
    expect(tick().verdict.action).toBe('pass');
    input.state.angularVelocityB[1] = Number.NaN;
    expect(tick().verdict).toMatchObject({
      action: 'stop',
      rule: 'non_finite',
      detail: 'angular velocity is not finite',
    });
  });

  it('cannot be limited: a geofence without a place, a tilt without an IMU are refused', () => {
    const blind = makeTinyRobot({ sensors: [] });
    const makeBlind = () => makeSafetyFilter({ model: blind, periodS: PERIOD_S });
    expect(makeBlind).toThrow(
      /robot 'tiny', safety\.geofence: no sensor tells the robot's position/,
    );
    expect(makeBlind).toThrow(/safety\.maxTilt: no sensor tells the robot's orientation/);
    const config = SafetyConfig.parse({ geofence: { lower: [0, 0, 0], upper: [1, 1, 1] } });
    expect(() => makeSafetyFilter({ model: withImuOnly, config, periodS: PERIOD_S })).toThrow(
      /^safety\.geofence: .*motion capture beside an IMU, or odometry, got imu \(imu\)/,
    );
  });
});

describe('stale observation', () => {
  // Default limits: 0.1 s of age, 0.1 s of hold.
  it('passes at the limit, holds beyond it, then damps, and goes on with a fresh measurement', () => {
    tick({ nowS: 10, stateStampS: 10, commandStampS: 10 });
    expect(
      tick({ nowS: 10.125, commandStampS: 10.125, stateStampS: 10.125 - 0.1 }).verdict.action,
    ).toBe('pass');
    const held = tick({ nowS: 10.25, commandStampS: 10.25, stateStampS: 10.125 });
    expect(held.verdict).toMatchObject({ action: 'hold', rule: 'stale_observation' });
    expect([...held.joint]).toEqual([0.1, -0.1]);
    const atLimit = { nowS: 10.25 + 0.09375, commandStampS: 10.34375, stateStampS: 10.125 };
    expect(tick(atLimit).verdict.action).toBe('hold');
    const after = { nowS: 10.375, commandStampS: 10.375, stateStampS: 10.125 };
    expect(tick(after).verdict).toMatchObject({ action: 'damp', rule: 'stale_observation' });
    expect([...filter.check(input).joint]).toEqual([0.25, 0.25]);
    expect(tick().verdict.action).toBe('pass');
  });

  it('holds again for the full time after it has recovered', () => {
    tick();
    for (const round of [1, 2]) {
      const stampS = input.nowS;
      expect(
        tick({ nowS: stampS + 0.2, stateStampS: stampS, commandStampS: stampS + 0.2 }).verdict,
      ).toMatchObject({ action: 'hold' });
      expect(tick().verdict.action, `round ${round}`).toBe('pass');
    }
  });

  it('does not trust a stamp from the future', () => {
    tick();
    expect(tick({ stateStampS: input.nowS + 1 }).verdict.rule).toBe('stale_observation');
  });
});

describe('a hazard that lasts', () => {
  const times = [1.15, 1.3, 2, 2.5, 3];
  /** What is done at each of the times [s] after a healthy tick at 1 s. */
  function follow(changes: (nowS: number) => Partial<SafetyInput>): string[] {
    tick({ nowS: 1, commandStampS: 1, stateStampS: 1 });
    return times.map((nowS) => {
      const fresh = { nowS, commandStampS: nowS, stateStampS: nowS };
      const { action, rule } = tick({ ...fresh, ...changes(nowS) }).verdict;
      return `${action} ${rule}`;
    });
  }

  it('stops and latches when the measurement is older than stopAfterS', () => {
    // Held from 1.15 s, damped from 1.3 s, more than 1 s old at 2.5 s.
    expect(follow(() => ({ stateStampS: 1 }))).toEqual([
      'hold stale_observation',
      'damp stale_observation',
      'damp stale_observation',
      'stop stale_observation',
      'stop latched',
    ]);
    expect(tick().verdict.rule).toBe('latched');
  });

  it('stops and latches when measurements come but are never fresh', () => {
    // 0.5 s old each: damped since 1.3 s, for 1.7 s at 3 s.
    expect(follow((nowS) => ({ stateStampS: nowS - 0.5 }))).toEqual([
      'hold stale_observation',
      'damp stale_observation',
      'damp stale_observation',
      'stop stale_observation',
      'stop latched',
    ]);
    expect(filter.latched?.detail).toContain('damped for 1.200 s, limit 1 s');
  });

  it('stops and latches when its clock is ahead, so that its age never grows', () => {
    expect(follow((nowS) => ({ stateStampS: nowS + 60 })).slice(2)).toEqual([
      'damp stale_observation',
      'stop stale_observation',
      'stop latched',
    ]);
  });

  it('stops and latches after damping a tilt for stopAfterS', () => {
    const config = SafetyConfig.parse({ onTilt: 'damp' });
    filter = makeSafetyFilter({ model, config, periodS: PERIOD_S });
    tick({ nowS: 0.9, commandStampS: 0.9, stateStampS: 0.9 });
    const actions = follow(() => {
      tilt(1.1);
      return {};
    });
    // Damped since 1.15 s: 0.85 s at 2 s, 1.35 s at 2.5 s.
    expect(actions.slice(0, 4)).toEqual(['damp tilt', 'damp tilt', 'damp tilt', 'stop tilt']);
  });

  it('damps for the full time again after it has recovered', () => {
    // Damped from 1.3 s on, well again at 2.5 and 3 s.
    follow((nowS) => (nowS < 2.5 ? { stateStampS: 1 } : {}));
    const stampS = input.nowS;
    tick({ nowS: stampS + 0.2, stateStampS: stampS, commandStampS: stampS + 0.2 });
    const damped = { nowS: stampS + 0.9, stateStampS: stampS, commandStampS: stampS + 0.9 };
    expect(tick(damped).verdict.action).toBe('damp');
  });

  it('is not held on a clock that went back, nor damped on one', () => {
    tick({ nowS: 5, commandStampS: 5, stateStampS: 5 });
    expect(tick({ nowS: 5.15, commandStampS: 5 }).verdict.action).toBe('hold');
    // A simulator that was reset: held since 5.15 s would be held for 5 s more.
    const back = { nowS: 0.1, commandStampS: 0.1, stateStampS: -0.5 };
    expect(tick(back).verdict).toMatchObject({ action: 'damp', rule: 'stale_observation' });
    expect(tick({ ...back, nowS: 0.05 }).verdict).toMatchObject({ action: 'stop' });
    expect(filter.latched).toBeDefined();
  });
});

describe('watchdog', () => {
  it('holds, damps, then stops when the policy falls silent', () => {
    tick({ nowS: 1, commandStampS: 1, stateStampS: 1 });
    const at = (nowS: number) => tick({ nowS, stateStampS: nowS, commandStampS: 1 }).verdict;
    expect(at(1.09)).toMatchObject({ action: 'pass' });
    expect(at(1.15)).toMatchObject({ action: 'hold', rule: 'watchdog' });
    // Held since 1.15 s, for at most 0.1 s.
    expect(at(1.24)).toMatchObject({ action: 'hold', rule: 'watchdog' });
    expect(at(1.3)).toMatchObject({ action: 'damp', rule: 'watchdog' });
    expect(at(2)).toMatchObject({ action: 'damp', rule: 'watchdog' });
    expect(at(2.01)).toMatchObject({ action: 'stop', rule: 'watchdog' });
  });
});

describe('a filter that has passed nothing yet', () => {
  const silent = { command: undefined, commandStampS: Number.NaN };

  it('sends the stop command and nothing else for as long as nobody commands, without a latch', () => {
    for (let k = 0; k < 500; k++) {
      const command = tick(silent);
      expect(command.verdict).toEqual({
        action: 'stop',
        rule: 'not_armed',
        detail: 'waits for a command that passes every rule; watchdog: no policy command yet',
      });
      expect([...command.joint]).toEqual([0, 0]);
    }
    expect(filter.latched).toBeUndefined();
    expect(tick({ command: Float64Array.of(0.1, 0) }).verdict.action).toBe('pass');
  });

  it.each([
    ['a measurement', { stateStampS: Number.NaN }, 'no measurement yet'],
    ['a fresh measurement', { stateStampS: -1 }, 'measurement is'],
    ['a fresh command', { commandStampS: -5 }, 'policy command is'],
  ])('waits for %s', (_, changes, detail) => {
    const command = tick(changes);
    expect(command.verdict).toMatchObject({ action: 'stop', rule: 'not_armed' });
    expect(command.verdict.detail).toContain(detail);
    expect([...command.joint]).toEqual([0, 0]);
    expect(tick().verdict.action).toBe('pass');
  });

  it('does not latch what it sees of a robot that nobody commands, but does once somebody does', () => {
    tilt(2);
    expect(tick(silent).verdict).toMatchObject({ rule: 'not_armed' });
    expect(tick({ stateStampS: Number.NaN }).verdict).toMatchObject({ rule: 'not_armed' });
    expect(filter.latched).toBeUndefined();
    expect(tick({ command: Float64Array.of(0, 0) }).verdict).toMatchObject({ rule: 'tilt' });
    tilt(0);
    expect(tick().verdict).toMatchObject({ rule: 'latched' });
  });

  it('does not damp either where a tilt is only damped', () => {
    const config = SafetyConfig.parse({ onTilt: 'damp' });
    filter = makeSafetyFilter({ model, config, periodS: PERIOD_S });
    tilt(1.1);
    expect(tick()).toMatchObject({ verdict: { rule: 'not_armed' }, joint: Float64Array.of(0, 0) });
  });

  it('is what a cleared stop leaves behind: a policy that then falls silent moves nothing', () => {
    tick();
    filter.requestStop('operator');
    // Granted before the stop was ever sent: the command that passed must not come back as a hold.
    expect(filter.clear(input.nowS)).toEqual({ cleared: true });
    const stampS = input.nowS;
    for (let k = 0; k < 50; k++) {
      const { joint, verdict } = tick({ nowS: stampS + 0.15 + 0.1 * k, commandStampS: stampS });
      expect(verdict).toMatchObject({ action: 'stop', rule: 'not_armed' });
      expect([...joint]).toEqual([0, 0]);
    }
    expect(tick().verdict.action).toBe('pass');
  });
});

describe('a latched stop', () => {
  it('reports its cause once, then as latched, and sends the stop command however healthy all is', () => {
    filter.requestStop('operator');
    expect(tick().verdict).toMatchObject({ rule: 'stop_request', detail: 'operator' });
    for (let k = 0; k < 3; k++) {
      const command = tick();
      expect(command.verdict).toMatchObject({
        action: 'stop',
        rule: 'latched',
        detail: 'stop_request: operator',
      });
      expect([...command.joint]).toEqual([0, 0]);
    }
  });

  it('is not cleared while the hazard persists, and says which', () => {
    input.state.position[0] = 2;
    tick();
    tick();
    expect(filter.clear(input.nowS)).toEqual({
      cleared: false,
      reason: 'geofence: x = 2.00 m is outside [-1, 1] m',
    });
    expect(tick().verdict.rule).toBe('latched');
    input.state.position[0] = 0;
    expect(filter.clear(input.nowS).cleared).toBe(false);
    tick();
    expect(filter.clear(input.nowS)).toEqual({ cleared: true });
    expect(tick().verdict.action).toBe('pass');
  });

  it('is not cleared on old news', () => {
    filter.requestStop('operator');
    expect(filter.clear(0)).toEqual({ cleared: false, reason: 'nothing has been checked yet' });
    tick();
    expect(filter.clear(input.nowS + 0.2).cleared).toBe(false);
    expect(filter.clear(Number.NaN).cleared).toBe(false);
    expect(filter.clear(input.nowS + 0.05)).toEqual({ cleared: true });
  });

  it('survives later hazards with its first cause', () => {
    tick({ command: Float64Array.of(Number.NaN, 0) });
    tilt(2);
    tick();
    filter.requestStop('operator');
    expect(tick().verdict.detail).toContain('non_finite');
  });
});

describe('severity', () => {
  it('takes the worst of several hazards', () => {
    tick();
    tilt(2);
    expect(tick({ stateStampS: Number.NaN }).verdict).toMatchObject({
      action: 'stop',
      rule: 'tilt',
    });
  });

  it('stops on what it did not expect instead of throwing', () => {
    const command = tick({ command: Float64Array.of(1, 2, 3) });
    expect(command.verdict).toMatchObject({
      action: 'stop',
      rule: 'internal_error',
      detail: 'command has [3] joints, the robot [2]',
    });
    expect([...command.joint]).toEqual([0, 0]);
    filter = makeSafetyFilter({ model, periodS: PERIOD_S });
    expect(tick({ robot: 7, command: undefined }).verdict.rule).toBe('internal_error');
  });

  it('counts every action and rule', () => {
    tick();
    tick({ command: Float64Array.of(5, 0) });
    tick({ command: Float64Array.of(Number.NaN, 0) });
    tick();
    const { actions, rules } = filter.copyCounts();
    expect(actions).toEqual({ pass: 1, clamp: 1, hold: 0, damp: 0, stop: 2 });
    expect(rules).toMatchObject({ none: 1, command_range: 1, non_finite: 1, latched: 1, tilt: 0 });
  });
});

describe('limits', () => {
  it('may be tightened and never loosened, and all objections come at once', () => {
    const tight = SafetyConfig.parse({ maxTilt: 0.5, maxCommandRate: [10, 10] });
    expect(makeSafetyFilter({ model, config: tight, periodS: 0.1 }).limits).toMatchObject({
      maxTilt: 0.5,
      maxCommandRate: Float64Array.of(10, 10),
    });
    const loose = SafetyConfig.parse({
      maxTilt: 1.5,
      // Two periods; the holds would begin after three.
      stopAfterS: 0.2,
      maxCommandRate: [10, 60],
      geofence: { lower: [-2, -1, 0.5], upper: [1, 1, 0.5] },
    });
    let error: unknown;
    try {
      makeSafetyFilter({ model, config: loose, periodS: 0.1, where: 'demo.yaml: safety' });
    } catch (caught) {
      error = caught;
    }
    expect((error as UserErrors).errors.map((e) => e.parts.where)).toEqual([
      'demo.yaml: safety.maxTilt',
      'demo.yaml: safety.geofence x',
      'demo.yaml: safety.geofence z',
      'demo.yaml: safety.maxCommandRate[1]',
      'demo.yaml: safety.stopAfterS',
      'demo.yaml: safety.stopAfterS',
    ]);
  });

  it.each([
    ['maxObservationAgeS', 1],
    ['maxCommandAgeS', 1],
    ['holdS', 1],
    ['stopAfterS', 10],
  ])('let a profile set %s up to %d s and no further', (key, largest) => {
    expect(SafetyConfig.safeParse({ [key]: largest }).success).toBe(true);
    expect(SafetyConfig.safeParse({ [key]: largest + 1e-6 }).success).toBe(false);
  });

  it('stop on tilt and geofence unless a profile says otherwise', () => {
    expect(makeSafetyFilter({ model, periodS: PERIOD_S }).limits).toMatchObject({
      onTilt: 'stop',
      onGeofence: 'stop',
    });
  });

  it('wait for a slow loop: 0.1 s or three periods, whichever is longer', () => {
    const at = (periodS: number) => makeSafetyFilter({ model, periodS }).limits;
    expect(at(0.002)).toMatchObject({
      maxObservationAgeS: 0.1,
      maxCommandAgeS: 0.1,
      stopAfterS: 1,
    });
    // 8 Hz: 3 × 0.125 s = 0.375 s, and ten times that.
    expect(at(0.125)).toMatchObject({
      maxObservationAgeS: 0.375,
      maxCommandAgeS: 0.375,
      stopAfterS: 3.75,
    });
  });
});
