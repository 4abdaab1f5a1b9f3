import type { RobotModel } from '../../sim/robot/model.ts';
import type { StateBatch } from '../../sim/robot/state.ts';
import type { ReferenceBatch } from '../../sim/task/robot-view.ts';
import { type Provider, RuntimeConfig } from '../config.ts';
import { type ClassicalPolicy, makeClassicalPolicy } from './classical-policy.ts';
import type { LoopClock } from './clock.ts';
import { type ControlLoop, makeControlLoop } from './control-loop.ts';
import type { ControlManifest } from './control-manifest.ts';
import {
  type ControlMailboxes,
  ControlTick,
  makeControlMailboxes,
  type TickPolicy,
} from './control-tick.ts';
import { makeMailboxReader, makeMailboxWriter } from './mailbox.ts';
import { loadPolicy, type Policy } from './policy.ts';
import type { ProviderReport } from './provider.ts';
import {
  makePolicyCommand,
  type PolicyCommand,
  readCommandRow,
  writeReferenceRow,
  writeStateRow,
} from './rows.ts';
import { ScanOutbox } from './scan-rows.ts';
import { makeTimingBuffer, Timing, type TimingSnapshot } from './timing.ts';

export interface ControllerOptions {
  /** Path of the .onnx file, or its bytes; or a controller made by hand. */
  readonly policy: string | Uint8Array | ClassicalPolicy;
  readonly model: RobotModel;
  readonly numRobots: number;
  /** Default: that of {@link RuntimeConfig}. */
  readonly provider?: Provider | 'auto';
  readonly onMiss?: 'skip' | 'hold';
  /** Default: the rate that the policy was trained at. Another one is for measuring, not for robots. */
  readonly rateHz?: number;
  /** Runs the network once more before each tick; default: that of {@link RuntimeConfig} */
  readonly rehearse?: boolean;
}

/** What others tell the policy, stamped by the clock of its loop. Cheap: a copy into memory, no message. */
export interface ControlInputs {
  /** @param stampS [s] when row `row` of `state` was measured */
  writeState(robot: number, state: StateBatch, row: number, stampS: number): void;
  /**
   * Not taken if it is not finite. Without a newer one its velocity counts for half a second
   * (REFERENCE_TIMEOUT_S), its position for good.
   * @param stampS [s] when row `row` of `reference` was asked for
   */
  writeReference(robot: number, reference: ReferenceBatch, row: number, stampS: number): void;
  /**
   * Scans of a lidar that the policy does not look at are not read.
   * @param sensor name of the lidar @param range [n, numRays] m, infinities as in REP-117
   * @param stampS [s] when row `row` of `range` was measured
   */
  writeScan(robot: number, sensor: string, range: Float64Array, row: number, stampS: number): void;
  /**
   * History, last action and recurrent state of this robot are forgotten with its next state; scans from before are
   * no longer looked at.
   */
  reset(robot: number): void;
}

/** A policy that runs at its rate: by the machine's clock in a thread of its own, or in step with a simulator. */
export interface Controller {
  readonly manifest: ControlManifest;
  readonly provider: ProviderReport;
  readonly warnings: readonly string[];
  readonly goldenError: number;
  readonly inputs: ControlInputs;
  /** The newest command of a robot, if there is one since the last call; borrowed until the next. */
  receiveCommand(robot: number): PolicyCommand | undefined;
  /**
   * Called in this thread after a tick, with the number of ticks done; at once if there were any. Ticks that end while
   * this thread is busy are reported as one. Returns what ends the calls. A callback that throws is not called
   * again, and its error is a fault; the policy itself goes on.
   */
  onTick(callback: (numTicks: number) => void): () => void;
  /** Called once when the policy ends by itself or a callback throws; at once if that has happened. */
  onFault(callback: (message: string) => void): void;
  stats(): TimingSnapshot;
  /** Resolves when no tick runs any more. */
  stop(): Promise<void>;
}

/** What a policy is run with, wherever that is: can be sent to a thread. */
export interface ControlWork extends Required<Omit<ControllerOptions, 'rateHz'>> {
  /** Undefined: the policy's own. */
  readonly rateHz: number | undefined;
  readonly mailboxes: ControlMailboxes;
  readonly timing: SharedArrayBuffer;
}

export function makeControlWork(options: ControllerOptions): ControlWork {
  const { policy, model, numRobots, rateHz } = options;
  const defaults = RuntimeConfig.parse({});
  return {
    policy,
    model,
    numRobots,
    provider: options.provider ?? defaults.provider,
    onMiss: options.onMiss ?? defaults.onMiss,
    rateHz,
    rehearse: options.rehearse ?? defaults.rehearse,
    mailboxes: makeControlMailboxes(model, numRobots),
    timing: makeTimingBuffer(),
  };
}

/** What a policy says of itself once it is loaded. */
export type PolicyReport = Pick<Controller, 'manifest' | 'provider' | 'warnings' | 'goldenError'>;

/** The end at which ticks are made. */
export interface OpenControl {
  readonly report: PolicyReport;
  readonly loop: ControlLoop;
  /** Makes the next tick quick, for a loop that does not do so itself. */
  rehearse(): void;
  release(): void;
}

/**
 * Loads the policy and makes ready to run it.
 * @param onPublished called when a tick's commands are in their mailboxes
 * @throws UserErrors as loadPolicy does, and for observation terms or actions that do not fit the robot
 */
export async function openControl(
  work: ControlWork,
  clock: LoopClock,
  onPublished: () => void,
): Promise<OpenControl> {
  const policy = await openPolicy(work);
  try {
    const timing = new Timing(work.timing);
    const { model, mailboxes, onMiss } = work;
    const where = typeof work.policy === 'string' ? { where: work.policy } : {};
    const tick = new ControlTick({
      ...{ policy, model, mailboxes, timing, onPublished, ...where },
    });
    const { manifest, provider, warnings, goldenError } = policy;
    const loop = makeControlLoop({
      rateHz: work.rateHz ?? 1 / manifest.periodS,
      clock,
      tick: (time) => tick.run(time),
      rehearse: work.rehearse ? () => tick.rehearse() : undefined,
      onMiss,
      timing,
    });
    const report = { manifest, provider, warnings, goldenError };
    return { report, loop, rehearse: () => tick.rehearse(), release: () => policy.release() };
  } catch (error) {
    policy.release();
    throw error;
  }
}

/** The end at which measurements go in and commands come out. */
export function makeControlEnds(
  work: ControlWork,
): Pick<Controller, 'inputs' | 'receiveCommand' | 'stats'> {
  return {
    inputs: makeInputs(work),
    receiveCommand: makeReceiver(work),
    stats: () => new Timing(work.timing).copySnapshot(),
  };
}

/** What went wrong, told to whoever asks, before or after. The first fault counts; later ones are its consequence. */
export class Faults {
  #fault: string | undefined;
  #isOver = false;
  readonly #listeners: ((message: string) => void)[] = [];

  get first(): string | undefined {
    return this.#fault;
  }

  /** From here on an end is no fault. */
  ignore(): void {
    this.#isOver = true;
  }

  add(message: string): void {
    if (this.#fault !== undefined || this.#isOver) return;
    this.#fault = message;
    for (const listener of this.#listeners) listener(message);
  }

  onFault(callback: (message: string) => void): void {
    if (this.#fault === undefined) this.#listeners.push(callback);
    else callback(this.#fault);
  }
}

/**
 * One who is told of ticks, until its callback throws: nobody awaits these calls, and an error that left them would end
 * the process, and the safety filter with it.
 */
export class TickListener {
  readonly #callback: (numTicks: number) => void;
  readonly #faults: Faults;
  #seen = 0;
  #isOver = false;

  constructor(callback: (numTicks: number) => void, faults: Faults) {
    this.#callback = callback;
    this.#faults = faults;
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  /** [1] ticks that it knows of */
  get numSeen(): number {
    return this.#seen;
  }

  end(): void {
    this.#isOver = true;
  }

  tell(numTicks: number): void {
    if (this.#isOver || numTicks === this.#seen) return;
    this.#seen = numTicks;
    try {
      this.#callback(numTicks);
    } catch (error) {
      this.#isOver = true;
      this.#faults.add(`the callback of a tick threw: ${describeError(error)}`);
    }
  }
}

/** With its stack, where it has one. */
export function describeError(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

type OpenPolicy = TickPolicy & Pick<Policy, 'provider' | 'warnings' | 'goldenError' | 'release'>;

async function openPolicy(work: ControlWork): Promise<OpenPolicy> {
  const { policy, provider, model, numRobots } = work;
  if (typeof policy === 'string' || policy instanceof Uint8Array) {
    return loadPolicy(policy, { provider, batch: numRobots, expect: { robotModel: model } });
  }
  return {
    ...makeClassicalPolicy(policy, model, numRobots),
    provider:
      provider === 'cpu' || provider === 'auto'
        ? { requested: provider, used: 'cpu' }
        : { requested: provider, used: 'cpu', fallbackReason: 'there is no network to run' },
    warnings: [],
    goldenError: 0,
    release() {},
  };
}

function makeInputs({ mailboxes, numRobots, model }: ControlWork): ControlInputs {
  const robots = Array.from({ length: numRobots }, (_, robot) => robot);
  const states = robots.map((robot) => makeMailboxWriter(mailboxes.states, robot));
  const references = robots.map((robot) => makeMailboxWriter(mailboxes.references, robot));
  const scans = robots.map(
    (robot) => new ScanOutbox(model, makeMailboxWriter(mailboxes.scans, robot)),
  );
  const numResets = new Float64Array(numRobots);
  return {
    writeState(robot, state, row, stampS) {
      const mailbox = states[robot]!;
      writeStateRow(mailbox.view(), state, row, stampS, numResets[robot]!);
      mailbox.publish();
    },
    writeReference(robot, reference, row, stampS) {
      const mailbox = references[robot]!;
      writeReferenceRow(mailbox.view(), reference, row, stampS);
      mailbox.publish();
    },
    writeScan(robot, sensor, range, row, stampS) {
      scans[robot]!.write(sensor, range, row, stampS, numResets[robot]!);
    },
    reset(robot) {
      numResets[robot]! += 1;
    },
  };
}

function makeReceiver({ mailboxes, model, numRobots }: ControlWork): Controller['receiveCommand'] {
  const ends = Array.from({ length: numRobots }, (_, robot) => ({
    mailbox: makeMailboxReader(mailboxes.commands, robot),
    command: makePolicyCommand(model.actuatedJointNames.length),
  }));
  return (robot) => {
    const { mailbox, command } = ends[robot]!;
    if (!mailbox.receive()) return undefined;
    readCommandRow(command, mailbox.view());
    return command;
  };
}
