import { beforeEach, describe, expect, it } from 'vitest';
import { REFERENCE_TIMEOUT_S } from '../../../policies/config.ts';
import {
  type ManifestDraft,
  type PolicyManifest,
  sealManifest,
  type UnsealedManifest,
} from '../../../policies/manifest.ts';
import { ControlTick, makeControlMailboxes } from '../../../policies/runtime/control-tick.ts';
import { type MailboxWriter, makeMailboxWriter } from '../../../policies/runtime/mailbox.ts';
import { writeReferenceRow, writeStateRow } from '../../../policies/runtime/rows.ts';
import { Timing } from '../../../policies/runtime/timing.ts';
import { makeStateBatch } from '../../../sim/robot/state.ts';
import { makeReferenceBatch } from '../../../sim/task/robot-view.ts';

import { makeTinyDraft, makeTinyRobot } from '../../kit/tiny-policy.ts';

const model = makeTinyRobot();

function makeManifest(observations: ManifestDraft['observations'], numObservations: number) {
  const golden = [{ input: new Array(numObservations).fill(0), output: [0, 0] }];
  const draft = makeTinyDraft({ observations });
  return sealManifest(
    { ...draft, version: 1, graphSha256: 'b'.repeat(64), golden } as unknown as UnsealedManifest,
    'test',
  );
}

const manifest = makeManifest(
  [
    { name: 'positionErrorB', width: 3, unit: 'm', frame: 'base_link' },
    { name: 'velocityErrorB', width: 3, unit: 'm/s', frame: 'base_link' },
  ],
  6,
);
/** Told how fast to go, never where to be. */
const driven = makeManifest(
  [
    { name: 'linearVelocityCommand', width: 2, unit: 'm/s', frame: 'heading' },
    { name: 'yawRateCommand', width: 1, unit: 'rad/s' },
  ],
  3,
);

let timing: Timing;
let tick: ControlTick;
let input: Float32Array;
let references: MailboxWriter;
let states: MailboxWriter;

/** Asks for a place and a speed along x. */
function ask(stampS: number, x: number, speed: number): void {
  const reference = makeReferenceBatch(1);
  reference.position[0] = x;
  reference.linearVelocityW[0] = speed;
  writeReferenceRow(references.view(), reference, 0, stampS);
  references.publish();
}

/** What a robot at rest at the origin observes of its reference along x: error and velocity error. */
function observe(nowS: number): number[] {
  writeStateRow(states.view(), makeStateBatch(1, 2), 0, nowS, 0);
  states.publish();
  void tick.run({ nowS, periodS: manifest.periodS });
  return [input[0]!, input[3]!];
}

function begin(of: PolicyManifest): void {
  const mailboxes = makeControlMailboxes(model, 1);
  timing = new Timing();
  input = new Float32Array(6).fill(Number.NaN);
  const policy = {
    manifest: of,
    batch: 1,
    input,
    output: new Float32Array(2),
    run() {},
    reset: () => {},
  };
  tick = new ControlTick({ policy, model, mailboxes, timing });
  references = makeMailboxWriter(mailboxes.references, 0);
  states = makeMailboxWriter(mailboxes.states, 0);
}

beforeEach(() => begin(manifest));

describe('a reference that stops coming', () => {
  it('keeps its position and loses its velocity once it is older than its limit', () => {
    ask(1, 0.5, 2);
    expect(observe(1)).toEqual([0.5, 2]);
    expect(observe(1 + REFERENCE_TIMEOUT_S)).toEqual([0.5, 2]);
    expect(observe(1.01 + REFERENCE_TIMEOUT_S)).toEqual([0.5, 0]);
    expect(observe(60)).toEqual([0.5, 0]);
  });

  it('is followed again, velocity and all, when it comes again', () => {
    ask(1, 0.5, 2);
    observe(2);
    ask(2.01, 0.75, 1);
    expect(observe(2.01)).toEqual([0.75, 1]);
  });

  it('has no velocity either when it came late, or from a clock that is ahead', () => {
    ask(1, 0.5, 2);
    expect(observe(1.6)).toEqual([0.5, 0]);
    ask(9, 0.5, 2);
    expect(observe(1.7)).toEqual([0.5, 0]);
  });
});

describe('a reference that is not finite', () => {
  it.each([
    ['position', 2, Number.NaN, 1],
    ['velocity', 2, 0.5, Number.POSITIVE_INFINITY],
    ['stamp', Number.NaN, 0.5, 1],
  ])('is left out and counted: %s', (_, stampS, x, speed) => {
    ask(2, 0.25, 0.5);
    expect(observe(2)).toEqual([0.25, 0.5]);
    ask(stampS, x, speed);
    expect(observe(2.01)).toEqual([0.25, 0.5]);
    expect(timing.copySnapshot().rejectedReferences).toBe(1);
    // It does not renew the one before it.
    expect(observe(2.6)).toEqual([0.25, 0]);
  });

  it('does not let a robot take part that was asked for nothing else', () => {
    ask(2, Number.NaN, 0);
    observe(2);
    expect(input[0]).toBeNaN();
  });
});

describe('a policy that is told a velocity and no place', () => {
  function command(stampS: number, velocity: readonly [number, number, number]): void {
    const reference = makeReferenceBatch(1);
    reference.velocityCommand.set(velocity);
    writeReferenceRow(references.view(), reference, 0, stampS);
    references.publish();
  }
  function observeCommand(nowS: number): number[] {
    observe(nowS);
    return [...input.subarray(0, 3)];
  }
  beforeEach(() => begin(driven));

  it('takes part before anybody has asked for anything, and is asked to stand', () => {
    expect(observeCommand(1)).toEqual([0, 0, 0]);
  });

  it('hears ahead, left and turn as they were asked for, until they are too old', () => {
    command(1, [0.5, -0.25, 1]);
    expect(observeCommand(1)).toEqual([0.5, -0.25, 1]);
    expect(observeCommand(1 + REFERENCE_TIMEOUT_S)).toEqual([0.5, -0.25, 1]);
    expect(observeCommand(1.01 + REFERENCE_TIMEOUT_S)).toEqual([0, 0, 0]);
  });

  it('leaves out a command that is not finite', () => {
    command(1, [0.5, Number.NaN, 0]);
    expect(observeCommand(1)).toEqual([0, 0, 0]);
    expect(timing.copySnapshot().rejectedReferences).toBe(1);
  });
});
