import { describe, expect, it } from 'vitest';
import { makeScanMessage, readScan, writeScan } from '../../../nodes/convert/ranges.ts';
import {
  type ManifestDraft,
  sealManifest,
  type UnsealedManifest,
} from '../../../policies/manifest.ts';
import { ControlTick, makeControlMailboxes } from '../../../policies/runtime/control-tick.ts';
import { makeMailboxReader, makeMailboxWriter } from '../../../policies/runtime/mailbox.ts';
import { writeReferenceRow, writeStateRow } from '../../../policies/runtime/rows.ts';
import { ScanInbox, ScanOutbox } from '../../../policies/runtime/scan-rows.ts';
import { Timing } from '../../../policies/runtime/timing.ts';
import { describeTask } from '../../../policies/training/task-manifest.ts';
import { makeSimEnv } from '../../../sim/env.ts';
import { getReading } from '../../../sim/sensor/reading.ts';
import { turtlebotNavigate } from '../../../sim/tasks/turtlebot-navigate.ts';
import { makeTinyRobot } from '../../kit/tiny-policy.ts';

/** Two lidars, of four rays at 10 Hz and of two at 5 Hz. */
const model = makeTinyRobot({
  sensors: [makeLidar('front', 4, 10), makeLidar('rear', 2, 5)],
});

function makeLidar(name: string, numAzimuths: number, rateHz: number) {
  return {
    ...{ kind: 'lidar' as const, name, link: 'base_link', rateHz, latencyS: 0.05, numAzimuths },
    linkFromSensor: { translation: [0, 0, 0] as const, rotation: [0, 0, 0, 1] as const },
    azimuth: [-Math.PI, Math.PI] as const,
    elevations: [0],
    ...{ minRange: 0.1, maxRange: 8, range: { noise: 0, bias: 0 } },
  };
}

function connect(sensors: readonly string[]) {
  const { scans } = makeControlMailboxes(model, 1);
  const inbox = new ScanInbox(model, [makeMailboxReader(scans, 0)], new Set(sensors));
  const outbox = new ScanOutbox(model, makeMailboxWriter(scans, 0));
  return { inbox, outbox };
}

/** As the control tick asks, of the first robot. */
const isFresh = (inbox: ScanInbox, nowS: number, numResets: number) =>
  inbox.isFresh(0, Float64Array.of(nowS), Float64Array.of(numResets));

describe('scans in a mailbox', () => {
  it('arrive lidar by lidar, infinities and all, from the row they were written from', () => {
    const { inbox, outbox } = connect(['front', 'rear']);
    outbox.write('rear', Float64Array.of(9, 9, 1, Infinity), 1, 1, 0);
    outbox.write('front', Float64Array.of(4, -Infinity, Number.NaN, 2), 0, 1.1, 0);
    inbox.receive(0);
    expect([...inbox.scans.get('front')!]).toEqual([4, -Infinity, Number.NaN, 2]);
    expect([...inbox.scans.get('rear')!]).toEqual([1, Infinity]);
  });

  it('are fresh once all that the policy looks at were heard, until three periods and the latency', () => {
    const { inbox, outbox } = connect(['front', 'rear']);
    expect(isFresh(inbox, 0, 0)).toBe(false);
    outbox.write('front', new Float64Array(4), 0, 1, 0);
    inbox.receive(0);
    expect(isFresh(inbox, 1, 0)).toBe(false);
    outbox.write('rear', new Float64Array(2), 0, 1, 0);
    inbox.receive(0);
    // The front one lasts 3 · 0.1 + 0.05 = 0.35 s, the rear one 3 · 0.2 + 0.05.
    expect(isFresh(inbox, 1.349, 0)).toBe(true);
    expect(isFresh(inbox, 1.351, 0)).toBe(false);
    // From a clock that is ahead by as much it is as bad.
    expect(isFresh(inbox, 0.649, 0)).toBe(false);
    expect(isFresh(inbox, Number.NaN, 0)).toBe(false);
  });

  it('from before a reset are not looked at', () => {
    const { inbox, outbox } = connect(['rear']);
    outbox.write('rear', new Float64Array(2), 0, 1, 0);
    inbox.receive(0);
    expect([isFresh(inbox, 1, 0), isFresh(inbox, 1, 1)]).toEqual([true, false]);
  });

  it('do not matter to a policy that looks at none', () => {
    expect(isFresh(connect([]).inbox, 1, 0)).toBe(true);
  });

  it('refuse a lidar that the robot does not have', () => {
    const { outbox } = connect([]);
    expect(() => outbox.write('top', new Float64Array(2), 0, 1, 0)).toThrow("no lidar 'top'");
  });
});

/** The environment on one side; messages, mailboxes and a control tick on the other. */
async function makePair() {
  const env = await makeSimEnv({ task: turtlebotNavigate, numEnvs: 1, autoreset: 'disabled' });
  const golden = [
    { input: new Array(env.observationWidth).fill(0), output: new Array(env.numActions).fill(0) },
  ];
  const draft = {
    ...describeTask(turtlebotNavigate, env.model),
    ...{ name: 'test', evaluation: [], inputName: 'obs', outputName: 'actions' },
    provenance: {
      ...{ tool: 'test', method: 'none', seed: 0, commit: '' },
      createdAt: '2026-01-01T00:00:00Z',
    },
  } satisfies ManifestDraft;
  const manifest = sealManifest(
    { ...draft, version: 1, graphSha256: 'b'.repeat(64), golden } as unknown as UnsealedManifest,
    'test',
  );
  const mailboxes = makeControlMailboxes(env.model, 1);
  const input = new Float32Array(env.observationWidth).fill(Number.NaN);
  const output = new Float32Array(env.numActions).fill(0.6);
  const policy = {
    ...{ manifest, batch: 1, input, output },
    run() {},
    reset: () => {},
  };
  const tick = new ControlTick({ policy, model: env.model, mailboxes, timing: new Timing() });
  const state = makeMailboxWriter(mailboxes.states, 0);
  const reference = makeMailboxWriter(mailboxes.references, 0);
  const scans = new ScanOutbox(env.model, makeMailboxWriter(mailboxes.scans, 0));
  const commands = makeMailboxReader(mailboxes.commands, 0);
  const reading = getReading(env.world.readings, 'scan', 'lidar');
  const message = makeScanMessage('f', reading.sensor);
  const received = new Float64Array(reading.sensor.numAzimuths);
  /** What a robot's topics tell, then one tick. @returns whether it led to a command */
  const run = (nowS: number, tells: { readonly scan: boolean }): boolean => {
    writeStateRow(state.view(), env.view.state, 0, nowS, 0);
    state.publish();
    writeReferenceRow(reference.view(), env.view.reference, 0, nowS);
    reference.publish();
    if (tells.scan) {
      writeScan(message, 0n, 0, reading.range);
      readScan(received, 0, message, reading.sensor);
      scans.write('scan', received, 0, nowS, 0);
    }
    void tick.run({ nowS, periodS: manifest.periodS });
    return commands.receive();
  };
  return { env, input, output, run, reading };
}

describe('a policy that sees by lidar', () => {
  it('observes on the robot what it observed in training, frame after frame', async () => {
    const { env, input, output, run, reading } = await makePair();
    let { observation } = env.reset(7);
    for (let step = 0; step < 30; step++) {
      run(step / 10, { scan: step === 0 || reading.isNew[0] === 1 });
      expect([...input], `step ${step}`).toEqual([...observation]);
      observation = env.step(output).observation;
    }
    env.free();
  });

  it('says nothing before its first scan, and nothing once scans have stopped coming', async () => {
    const { env, run } = await makePair();
    env.reset(7);
    expect(run(0, { scan: false })).toBe(false);
    expect(run(0.1, { scan: true })).toBe(true);
    // 3 / 5.5 Hz + 0.1 s = 0.645 s after the last one, at 0.1 s.
    expect(run(0.7, { scan: false })).toBe(true);
    expect(run(0.8, { scan: false })).toBe(false);
    expect(run(0.9, { scan: true })).toBe(true);
    env.free();
  });
});
