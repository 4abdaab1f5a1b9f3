import {
  ControlTick,
  makeControlMailboxes,
  type TickPolicy,
} from '../../policies/runtime/control-tick.ts';
import { makeMailboxReader, makeMailboxWriter } from '../../policies/runtime/mailbox.ts';
import {
  makePolicyCommand,
  REFERENCE_ROW_WIDTH,
  REFERENCE_STAMP,
  readCommandRow,
  STATE_STAMP,
  writeReferenceRow,
  writeStateRow,
} from '../../policies/runtime/rows.ts';
import { Timing } from '../../policies/runtime/timing.ts';
import { makeSafetyFilter, type SafeCommand } from '../../policies/safety/filter.ts';
import type { SafetyInput } from '../../policies/safety/rules.ts';
import type { RobotModel } from '../../sim/robot/model.ts';
import { makeStateBatch, type StateBatch } from '../../sim/robot/state.ts';
import { makeReferenceBatch } from '../../sim/task/robot-view.ts';

/** One robot, its policy and its filter, driven by hand. */
export class TickBench {
  readonly #tick: ControlTick;
  readonly #states: ReturnType<typeof makeMailboxWriter>;
  readonly #references: ReturnType<typeof makeMailboxWriter>;
  readonly #stateRow: Float64Array;
  readonly #referenceRow = new Float64Array(REFERENCE_ROW_WIDTH);
  readonly #commands: ReturnType<typeof makeMailboxReader>;
  readonly #command;
  readonly #filter;
  readonly #input: SafetyInput;
  readonly #time: { nowS: number; periodS: number };

  constructor(model: RobotModel, policy: TickPolicy) {
    const mailboxes = makeControlMailboxes(model, 1);
    const state = makeBusyState(model);
    const { periodS } = policy.manifest;
    this.#tick = new ControlTick({ policy, model, mailboxes, timing: new Timing() });
    this.#states = makeMailboxWriter(mailboxes.states, 0);
    this.#stateRow = new Float64Array(mailboxes.states.width);
    writeStateRow(this.#stateRow, state, 0, 0, 0);
    this.#references = makeMailboxWriter(mailboxes.references, 0);
    writeReferenceRow(this.#referenceRow, makeBusyReference(model), 0, 0);
    this.#commands = makeMailboxReader(mailboxes.commands, 0);
    this.#command = makePolicyCommand(model.actuatedJointNames.length);
    this.#filter = makeSafetyFilter({ model, periodS });
    this.#time = { nowS: 0.5 * periodS, periodS };
    this.#input = {
      nowS: Number.NaN,
      command: this.#command.joint,
      commandStampS: Number.NaN,
      state,
      robot: 0,
      stateStampS: Number.NaN,
    };
  }

  /** What a control thread does per tick, as far as the inference. */
  begin(): void {
    this.#time.nowS += this.#time.periodS;
    this.#stateRow[STATE_STAMP] = this.#time.nowS;
    this.#states.view().set(this.#stateRow);
    this.#states.publish();
    this.#referenceRow[REFERENCE_STAMP] = this.#time.nowS;
    this.#references.view().set(this.#referenceRow);
    this.#references.publish();
    this.#tick.run(this.#time);
  }

  /** What follows where motors hang: take the command, judge it. Returns what the filter made of it. */
  end(): SafeCommand {
    this.#commands.receive();
    readCommandRow(this.#command, this.#commands.view());
    this.#input.nowS = this.#time.nowS;
    this.#input.commandStampS = this.#command.stampS;
    this.#input.stateStampS = this.#time.nowS;
    return this.#filter.check(this.#input);
  }
}

/**
 * At home, but moving a little: no number is whole, for the engine keeps whole ones without an object on
 * the heap.
 */
export function makeBusyState(model: RobotModel): StateBatch {
  const state = makeStateBatch(1, model.jointNames.length);
  state.position.set(model.home.position.map((x, k) => x + 0.013 * (k + 1)));
  // 3-4-12-13: a unit quaternion, 0.16 rad off the vertical.
  state.orientation.set([3 / 65, 4 / 65, 12 / 65, Math.sqrt(1 - 169 / 65 ** 2)]);
  state.linearVelocityW.set([0.11, -0.12, 0.13]);
  state.angularVelocityB.set([-0.21, 0.22, 0.23]);
  state.jointPosition.set(model.home.jointPosition.map((x, k) => x + 0.01 * (k + 0.5)));
  state.jointVelocity.fill(0.31);
  return state;
}

export function makeBusyReference(model: RobotModel) {
  const reference = makeReferenceBatch(1);
  reference.position.set(model.home.position.map((x) => x + 0.07));
  reference.linearVelocityW.set([0.41, 0.42, -0.43]);
  reference.yaw[0] = 0.37;
  return reference;
}
