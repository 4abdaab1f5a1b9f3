import { afterEach, describe, expect, it } from 'vitest';
import { makeUnsetValue, PARAMETER_TYPES } from '../../nodes/ros/parameter-messages.ts';
import { makeSafetyNode, type SafetyNode } from '../../nodes/safety-node.ts';
import { SafetyConfig } from '../../policies/config.ts';
import type { Verdict } from '../../policies/safety/verdict.ts';
import { type FakeFleet, makeFakeFleet } from '../kit/fake-fleet.ts';
import { makeTinyRobot } from '../kit/tiny-policy.ts';

const PERIOD_S = 0.01;
const ROBOTS = ['a', 'b'] as const;
const DAMP = [0.25, 0.25];
const STOP = [0, 0];

let fleet: FakeFleet | undefined;
afterEach(() => fleet?.context.shutdown());

function start(config: Partial<SafetyConfig> = {}) {
  const model = makeTinyRobot();
  fleet = makeFakeFleet(model, ROBOTS);
  const verdicts: (readonly [string, Verdict])[] = [];
  const safety = makeSafetyNode(fleet.context, {
    model,
    robots: ROBOTS,
    config: SafetyConfig.parse(config),
    periodS: PERIOD_S,
    clock: 'ros',
    onVerdict: (robot, verdict) => verdicts.push([robot, verdict]),
  });
  return { fleet, safety, verdicts };
}

/** Ticks 0 … n − 1, in each of which both robots are told the same. */
async function fly(f: FakeFleet, from: number, ticks: number, joint: readonly number[]) {
  for (let k = from; k < from + ticks; k++) {
    await f.tick(k * PERIOD_S);
    for (let robot = 0; robot < ROBOTS.length; robot++) await f.want(robot, k * PERIOD_S, joint);
  }
}

const call = async (f: FakeFleet, name: string) =>
  f.node.createClient('std_srvs/srv/Trigger', name).call({});

const total = (safety: SafetyNode) => Object.values(safety.counts).reduce((a, b) => a + b, 0);

describe('the safety node', () => {
  it('passes each command on once, with the stamp of its tick', async () => {
    const { fleet: f, safety } = start();
    await fly(f, 0, 5, [0.5, -0.5]);
    expect(f.commands[0]).toHaveLength(5);
    expect(f.commands[0]?.map(({ stampS }) => stampS)).toEqual([0, 0.01, 0.02, 0.03, 0.04]);
    expect(f.commands[0]?.at(-1)?.joint).toEqual([0.5, -0.5]);
    expect(safety.commandsSent).toBe(10);
    expect(total(safety)).toBe(10);
  });

  it('answers a command that overtook its /clock with the stamp of its tick', async () => {
    const { fleet: f } = start();
    await fly(f, 0, 3, [0.5, 0.5]);
    // The clock here still shows 0.02: over DDS each message comes by itself.
    await f.want(0, 0.03, [0.5, 0.5]);
    expect(f.commands[0]?.at(-1)?.stampS).toBe(0.03);
    await f.tick(0.03);
    await f.tick(0.04);
    // One period after it: nobody is late yet.
    expect(f.commands[0]).toHaveLength(4);
  });

  it('does not believe a command that claims to be of a later time', async () => {
    const { fleet: f } = start();
    await fly(f, 0, 3, [0.5, 0.5]);
    await f.want(0, 0.02 + 1.6 * PERIOD_S, [0.5, 0.5]);
    expect(f.commands[0]?.at(-1)?.stampS).toBe(0.02);
  });

  it('does not let anybody move it to another clock, on which it would fall silent', async () => {
    const { fleet: f } = start();
    const client = f.node.createClient('rcl_interfaces/srv/SetParameters', 'safety/set_parameters');
    const value = { ...makeUnsetValue(), type: PARAMETER_TYPES.bool, bool_value: false };
    const { results } = await client.call({ parameters: [{ name: 'use_sim_time', value }] });
    expect(results).toEqual([
      { successful: false, reason: expect.stringMatching(/use_sim_time.*read-only/) },
    ]);
  });

  it('begins anew when the clock goes back: what passes passes, and silence is noticed', async () => {
    const { fleet: f, safety } = start({ maxCommandAgeS: 0.03, holdS: 0.02 });
    await fly(f, 500, 5, [0.5, 0.5]);
    await fly(f, 100, 5, [0.5, 0.5]);
    expect(f.commands[0]?.slice(5).map(({ stampS }) => stampS)).toEqual([
      1, 1.01, 1.02, 1.03, 1.04,
    ]);
    expect(safety.counts.pass).toBe(20);
    for (let k = 105; k < 110; k++) await f.tick(k * PERIOD_S);
    // The last command is of t = 1.04: hold from 1.06 on, damp from 1.10 on.
    expect(f.commands[0]?.at(-1)?.stampS).toBe(1.09);
    expect(safety.counts.hold).toBeGreaterThan(0);
  });

  it('clamps a command out of range and counts it', async () => {
    const { fleet: f, safety } = start();
    // 50 per second at 100 Hz: 0.5 a tick, so the fourth command reaches the limit of 2.
    await fly(f, 0, 6, [9, 0]);
    expect(f.commands[0]?.map(({ joint }) => joint[0])).toEqual([0.5, 1, 1.5, 2, 2, 2]);
    expect(safety.counts.clamp).toBe(12);
  });

  it('goes on alone when the policy falls silent: hold, damp, then a latched stop', async () => {
    const { fleet: f, verdicts } = start({ maxCommandAgeS: 0.03, holdS: 0.02, stopAfterS: 0.1 });
    await fly(f, 0, 3, [0.5, 0.5]);
    for (let k = 3; k < 20; k++) await f.tick(k * PERIOD_S);
    const after = f.commands[0]!.filter(({ stampS }) => stampS > 0.025);
    // The last command is of t = 0.02. Nothing is sent at 0.03, one period late; from 0.04 on at every tick.
    expect(after[0]?.stampS).toBeCloseTo(0.04, 9);
    const at = (timeS: number) =>
      after.find(({ stampS }) => Math.abs(stampS - timeS) < 1e-6)?.joint;
    expect(at(0.06)).toEqual([0.5, 0.5]);
    expect(at(0.1)).toEqual(DAMP);
    expect(at(0.15)).toEqual(STOP);
    expect(after).toHaveLength(16);
    const rules = verdicts
      .filter(([robot]) => robot === 'a')
      .map(([, v]) => `${v.action} ${v.rule}`);
    expect(rules).toEqual(['hold watchdog', 'damp watchdog', 'stop watchdog', 'stop latched']);
  });

  it('stops one robot that reports no number, and not its neighbour', async () => {
    const { fleet: f } = start();
    await fly(f, 0, 2, [0.5, 0.5]);
    await f.tick(0.02);
    await f.want(0, 0.02, [Number.NaN, 0]);
    await f.want(1, 0.02, [0.5, 0.5]);
    expect(f.commands[0]?.at(-1)?.joint).toEqual(STOP);
    expect(f.commands[1]?.at(-1)?.joint).toEqual([0.5, 0.5]);
    expect(f.logs.some((line) => /error: a stopped: non_finite/.test(line))).toBe(true);
  });

  it('blames a measurement that is no number before the command that was made from it', async () => {
    const { fleet: f } = start();
    await fly(f, 0, 2, [0.5, 0.5]);
    f.state.position[0] = Number.NaN;
    await f.tick(0.02);
    await f.want(0, 0.02, [Number.NaN, Number.NaN]);
    expect(f.logs.some((line) => /a stopped: non_finite: position/.test(line))).toBe(true);
  });

  it('sends the stop before the service answers, and stays stopped', async () => {
    const { fleet: f } = start();
    await fly(f, 0, 2, [0.5, 0.5]);
    const answer = await call(f, '/stop');
    expect(answer).toEqual({ success: true, message: '2 robots stopped' });
    expect(f.commands.map((list) => list.at(-1)?.joint)).toEqual([STOP, STOP]);
    await fly(f, 2, 3, [0.5, 0.5]);
    expect(f.commands[1]?.at(-1)?.joint).toEqual(STOP);
  });

  it('stops a single robot by its own service', async () => {
    const { fleet: f } = start();
    await fly(f, 0, 2, [0.5, 0.5]);
    await call(f, '/b/stop');
    await fly(f, 2, 1, [0.5, 0.5]);
    expect(f.commands.map((list) => list.at(-1)?.joint)).toEqual([[0.5, 0.5], STOP]);
  });

  it('clears a stop on request once nothing is wrong, and refuses while something is', async () => {
    const { fleet: f } = start();
    await fly(f, 0, 2, [0.5, 0.5]);
    f.state.position[0] = 5;
    await fly(f, 2, 2, [0.5, 0.5]);
    const refused = await call(f, '/clear_stop');
    expect(refused.success).toBe(false);
    expect(refused.message).toMatch(/all stay stopped: a: geofence/);
    f.state.position[0] = 0;
    await fly(f, 4, 2, [0.5, 0.5]);
    expect(f.commands[0]?.at(-1)?.joint).toEqual(STOP);
    expect((await call(f, '/clear_stop')).success).toBe(true);
    await fly(f, 6, 1, [0.5, 0.5]);
    expect(f.commands[0]?.at(-1)?.joint).toEqual([0.5, 0.5]);
  });

  it('clears all or none', async () => {
    const { fleet: f } = start();
    await fly(f, 0, 2, [0.5, 0.5]);
    await call(f, '/stop');
    f.state.position[0] = 5;
    await fly(f, 2, 2, [0.5, 0.5]);
    expect((await call(f, '/clear_stop')).success).toBe(false);
    await fly(f, 4, 2, [0.5, 0.5]);
    expect(f.commands.map((list) => list.at(-1)?.joint)).toEqual([STOP, STOP]);
    expect((await call(f, '/b/clear_stop')).success).toBe(true);
    await fly(f, 6, 2, [0.5, 0.5]);
    expect(f.commands.map((list) => list.at(-1)?.joint)).toEqual([STOP, [0.5, 0.5]]);
  });

  it('forgets the hazards of the old place when a new episode begins', async () => {
    const { fleet: f } = start();
    await f.publishEpisode(0);
    f.state.position[0] = 5;
    await fly(f, 0, 2, [0.5, 0.5]);
    expect(f.commands[0]?.at(-1)?.joint).toEqual(STOP);
    f.state.position[0] = 0;
    await f.publishEpisode(1);
    await fly(f, 2, 2, [0.5, 0.5]);
    expect(f.commands[0]?.at(-1)?.joint).toEqual([0.5, 0.5]);
  });

  it('keeps what a person stopped stopped, whatever episode begins', async () => {
    const { fleet: f } = start();
    await f.publishEpisode(0);
    await fly(f, 0, 2, [0.5, 0.5]);
    await call(f, '/stop');
    await f.publishEpisode(1);
    await fly(f, 2, 2, [0.5, 0.5]);
    expect(f.commands[0]?.at(-1)?.joint).toEqual(STOP);
    expect((await call(f, '/clear_stop')).success).toBe(true);
    await fly(f, 4, 2, [0.5, 0.5]);
    expect(f.commands[0]?.at(-1)?.joint).toEqual([0.5, 0.5]);
  });

  it('holds and damps on stale measurements although the policy goes on', async () => {
    const { fleet: f } = start({ maxObservationAgeS: 0.03, holdS: 0.02 });
    await fly(f, 0, 2, [0.5, 0.5]);
    for (let k = 2; k < 12; k++) {
      await f.tick(k * PERIOD_S, { silent: true });
      await f.want(0, k * PERIOD_S, [1, 1]);
    }
    expect(f.commands[0]?.at(-1)?.joint).toEqual(DAMP);
  });

  it('reports every robot once a second, and at once when a verdict changes', async () => {
    const { fleet: f } = start();
    const reports: unknown[] = [];
    f.node.createSubscription(
      'diagnostic_msgs/msg/DiagnosticArray',
      '/diagnostics',
      { reliability: 'reliable', durability: 'volatile', depth: 10 },
      ({ status }) =>
        reports.push(...status.map(({ name, message, level }) => ({ name, message, level }))),
    );
    await fly(f, 0, 120, [0.5, 0.5]);
    expect(reports).toEqual([
      { name: 'safety: a', message: 'pass', level: 0 },
      { name: 'safety: b', message: 'pass', level: 0 },
    ]);
    await call(f, '/a/stop');
    expect(reports.slice(2)).toEqual([
      { name: 'safety: a', message: 'stop: stop_request: asked for by service', level: 2 },
    ]);
  });
});
