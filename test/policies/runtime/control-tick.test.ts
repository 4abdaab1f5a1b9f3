import { beforeEach, describe, expect, it } from 'vitest';
import { REFERENCE_TIMEOUT_S } from '../../../policies/config.ts';
import { sealManifest, type UnsealedManifest } from '../../../policies/manifest.ts';
import { ControlTick, makeControlMailboxes } from '../../../policies/runtime/control-tick.ts';
import { type MailboxWriter, makeMailboxWriter } from '../../../policies/runtime/mailbox.ts';
import { writeReferenceRow, writeStateRow } from '../../../policies/runtime/rows.ts';
import { Timing } from '../../../policies/runtime/timing.ts';
import { makeStateBatch } from '../../../sim/robot/state.ts';
import { makeReferenceBatch } from '../../../sim/task/robot-view.ts';
import { makeTinyDraft, makeTinyRobot } from '../../kit/tiny-policy.ts';

const model = makeTinyRobot();
const manifest = sealManifest(
  {
    ...makeTinyDraft({
      observations: [
        { name: 'positionErrorB', width: 3, unit: 'm', frame: 'base_link' },
        { name: 'velocityErrorB', width: 3, unit: 'm/s', frame: 'base_link' },
      ],
    }),
    version: 1,
    graphSha256: 'b'.repeat(64),
    golden: [{ input: [0, 0, 0, 0, 0, 0], output: [0, 0] }],
  } as unknown as UnsealedManifest,
  'test',
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

beforeEach(() => {
  const mailboxes = makeControlMailboxes(model, 1);
  timing = new Timing();
  input = new Float32Array(6).fill(Number.NaN);
  const policy = {
    manifest,
    batch: 1,
    input,
    output: new Float32Array(2),
    run: () => undefined,
    reset: () => {},
  };
  tick = new ControlTick({ policy, model, mailboxes, timing });
  references = makeMailboxWriter(mailboxes.references, 0);
  states = makeMailboxWriter(mailboxes.states, 0);
});

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
