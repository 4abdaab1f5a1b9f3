/// <reference lib="es2024.sharedmemory" />
import { Worker } from 'node:worker_threads';
import { throwIfAny, UserError } from '../../sim/errors.ts';
import type { RobotModel } from '../../sim/robot/model.ts';
import type { StateBatch } from '../../sim/robot/state.ts';
import type { ReferenceBatch } from '../../sim/task/robot-view.ts';
import { type Provider, RuntimeConfig } from '../config.ts';
import type { ClassicalPolicy } from './classical-policy.ts';
import { makeStopFlag, raiseStopFlag, type SharedSimClock } from './clock.ts';
import type { ControlManifest } from './control-manifest.ts';
import { makeControlMailboxes } from './control-tick.ts';
import type { ControlWorkerData, ControlWorkerMessage } from './control-worker.ts';
import { makeMailboxReader, makeMailboxWriter } from './mailbox.ts';
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

export interface ControlThreadOptions {
  /** Path of the .onnx file, or its bytes; or a controller made by hand. */
  readonly policy: string | Uint8Array | ClassicalPolicy;
  readonly model: RobotModel;
  readonly numRobots: number;
  /** Default: that of {@link RuntimeConfig}. */
  readonly provider?: Provider | 'auto';
  readonly onMiss?: 'skip' | 'hold';
  /** `wall`, or simulated time, with which the thread then runs in lockstep. */
  readonly clock: 'wall' | SharedSimClock;
  /** Default: the rate that the policy was trained at. Another one is for measuring, not for robots. */
  readonly rateHz?: number;
  /** [s] busy waiting before each deadline; wall clock only */
  readonly spinS?: number;
  /**
   * [s] what to add to readWallClockS() for the time of the stamps: 0 if stamps come from it,
   * the difference of the two clocks otherwise. Wall clock only. Default 0
   */
  readonly stampOffsetS?: number;
}

/** What the other threads tell the policy. Cheap: a copy into shared memory, no message. */
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

/** A policy that runs in a thread of its own. */
export interface ControlThread {
  readonly manifest: ControlManifest;
  readonly provider: ProviderReport;
  readonly warnings: readonly string[];
  readonly goldenError: number;
  readonly inputs: ControlInputs;
  /** The newest command of a robot, if there is one since the last call; borrowed until the next. */
  receiveCommand(robot: number): PolicyCommand | undefined;
  /**
   * Called in this thread after a tick, with the number of ticks done. Ticks that end while this thread
   * is busy are reported as one. Returns what ends the calls. A callback that throws is not called
   * again, and its error is a fault; the thread itself goes on.
   */
  onTick(callback: (numTicks: number) => void): () => void;
  /** Makes those calls now, for ticks that they have not been made for; else they wait for this thread's events. */
  reportTicks(): void;
  /** Called once when the thread ends by itself or a callback throws; at once if that has happened. */
  onFault(callback: (message: string) => void): void;
  stats(): TimingSnapshot;
  /** Resolves when the thread has ended. */
  stop(): Promise<void>;
}

/** [ms] that this thread may be blocked at a time while the other does its first tick */
const FOLLOWER_LOOK_MS = 5;

/** [ms] for a thread to end its tick after it has been told to stop */
const STOP_TIMEOUT_MS = 2000;

/**
 * Starts the thread and waits until its policy is loaded and checked. On simulated time it also waits
 * until the thread has done its first tick, at the clock's present time and without inputs, and waits for
 * a later time: what is written to its inputs from now on meets the next tick and no other.
 * @throws UserErrors as loadPolicy does, and for observation terms or actions that do not fit the robot
 */
export async function startControlThread(options: ControlThreadOptions): Promise<ControlThread> {
  const { model, numRobots } = options;
  const defaults = RuntimeConfig.parse({});
  const data: ControlWorkerData = {
    policy: options.policy,
    model,
    numRobots,
    provider: options.provider ?? defaults.provider,
    onMiss: options.onMiss ?? defaults.onMiss,
    rateHz: options.rateHz,
    clock:
      options.clock === 'wall'
        ? {
            kind: 'wall',
            spinS: options.spinS ?? defaults.spinS,
            stampOffsetS: options.stampOffsetS ?? 0,
          }
        : { kind: 'sim', buffer: options.clock.buffer },
    mailboxes: makeControlMailboxes(model, numRobots),
    timing: makeTimingBuffer(),
    stop: makeStopFlag(),
    ticks: makeStopFlag(),
  };
  const url = new URL('./control-worker-entry.js', import.meta.url);
  const worker = new Worker(url, { workerData: data, execArgv: [], name: 'policy' });
  const life = watch(worker, data.stop);
  const ready = await life.ready;
  if (options.clock !== 'wall') await waitUntilFollowing(options.clock, life);
  const followers = new Set<TickFollower>();
  return {
    manifest: ready.manifest,
    provider: ready.provider,
    warnings: ready.warnings,
    goldenError: ready.goldenError,
    inputs: makeInputs(data),
    receiveCommand: makeReceiver(data),
    onTick(callback) {
      const follower = new TickFollower(data.ticks, life, callback);
      followers.add(follower);
      follower.follow();
      return () => {
        follower.end();
        followers.delete(follower);
      };
    },
    reportTicks() {
      for (const follower of followers) follower.report();
    },
    onFault: life.onFault,
    stats: () => new Timing(data.timing).copySnapshot(),
    stop: life.stop,
  };
}

type Ready = Extract<ControlWorkerMessage, { kind: 'ready' }>;

interface Life {
  readonly ready: Promise<Ready>;
  /** What went wrong, if something has. */
  fault(): string | undefined;
  hasEnded(): boolean;
  /** The first fault is told, later ones are its consequence. */
  fail(message: string): void;
  onFault(callback: (message: string) => void): void;
  stop(): Promise<void>;
}

/** Turns everything that a worker can do into a start, a refusal, a fault or an end. */
function watch(worker: Worker, stopFlag: Int32Array): Life {
  let fault: string | undefined;
  let isStopping = false;
  let isEnded = false;
  const listeners: ((message: string) => void)[] = [];
  const fail = (message: string): void => {
    if (fault !== undefined || isStopping) return;
    fault = message;
    for (const listener of listeners) listener(message);
  };
  const ended = new Promise<void>((resolve) => {
    worker.on('exit', (code) => {
      isEnded = true;
      fail(`ended by itself with code ${code}`);
      resolve();
    });
  });
  const ready = new Promise<Ready>((resolve, reject) => {
    listeners.push((message) => reject(new Error(`policy thread: ${message}`)));
    worker.on('message', (message: ControlWorkerMessage) => {
      if (message.kind === 'ready') resolve(message);
      else if (message.kind === 'fault') fail(message.message);
      else reject(collect(message.errors));
    });
    worker.on('error', (error) => fail(error.stack ?? error.message));
  });
  return {
    ready,
    fault: () => fault,
    hasEnded: () => isEnded,
    fail,
    onFault(callback) {
      if (fault === undefined) listeners.push(callback);
      else callback(fault);
    },
    async stop() {
      isStopping = true;
      raiseStopFlag(stopFlag);
      const timer = setTimeout(() => void worker.terminate(), STOP_TIMEOUT_MS);
      await ended;
      clearTimeout(timer);
    },
  };
}

/** Gives way to this thread's events between looks: a thread that fails says so by message. */
async function waitUntilFollowing(clock: SharedSimClock, life: Life): Promise<void> {
  while (!clock.waitForFollower(FOLLOWER_LOOK_MS)) {
    const fault = life.fault();
    if (fault !== undefined) throw new Error(`policy thread: ${fault}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

function collect(parts: readonly ConstructorParameters<typeof UserError>[0][]): unknown {
  try {
    throwIfAny(parts.map((part) => new UserError(part)));
    return new Error('policy thread: refused without a reason');
  } catch (error) {
    return error;
  }
}

function makeInputs({ mailboxes, numRobots, model }: ControlWorkerData): ControlInputs {
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

function makeReceiver({
  mailboxes,
  model,
  numRobots,
}: ControlWorkerData): ControlThread['receiveCommand'] {
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

/** Shared memory instead of messages: a busy thread finds one wake-up waiting, not a queue. */
class TickFollower {
  readonly #ticks: Int32Array;
  readonly #life: Life;
  readonly #callback: (numTicks: number) => void;
  #seen = 0;
  #isOver = false;

  constructor(ticks: Int32Array, life: Life, callback: (numTicks: number) => void) {
    this.#ticks = ticks;
    this.#life = life;
    this.#callback = callback;
  }

  end(): void {
    this.#isOver = true;
  }

  /** Reports now, and again at every wake-up. */
  follow(): void {
    this.report();
    if (this.#life.hasEnded() || this.#isOver) return;
    const waiting = Atomics.waitAsync(this.#ticks, 0, this.#seen);
    if (waiting.async) void waiting.value.then(() => this.follow());
    else setImmediate(() => this.follow());
  }

  report(): void {
    const now = Atomics.load(this.#ticks, 0);
    if (this.#isOver || now === this.#seen) return;
    this.#seen = now;
    try {
      this.#callback(now);
    } catch (error) {
      // Nobody awaits this call: an error that left it would end the process, and with it the filter.
      this.#isOver = true;
      const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
      this.#life.fail(`the callback of a tick threw: ${text}`);
    }
  }
}
