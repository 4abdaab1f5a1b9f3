/// <reference lib="es2024.sharedmemory" />
import { Worker } from 'node:worker_threads';
import { throwIfAny, UserError } from '../../sim/errors.ts';
import { RuntimeConfig } from '../config.ts';
import { makeStopFlag, raiseStopFlag } from './clock.ts';
import type { ControlWorkerData, ControlWorkerMessage } from './control-worker.ts';
import {
  type Controller,
  type ControllerOptions,
  describeError,
  Faults,
  makeControlEnds,
  makeControlWork,
  type PolicyReport,
  TickListener,
} from './controller.ts';

export interface ControlThreadOptions extends ControllerOptions {
  /** [s] busy waiting before each deadline */
  readonly spinS?: number;
}

/** [ms] for a thread to end its tick after it has been told to stop */
const STOP_TIMEOUT_MS = 2000;

/**
 * Runs a policy by the machine's clock, readWallClockS(), in a thread of its own, so that nothing in this one can delay
 * it; resolves when the policy is loaded and checked.
 * @throws UserErrors as loadPolicy does, and for observation terms or actions that do not fit the robot
 */
export async function startControlThread(options: ControlThreadOptions): Promise<Controller> {
  const data: ControlWorkerData = {
    ...makeControlWork(options),
    spinS: options.spinS ?? RuntimeConfig.parse({}).spinS,
    stop: makeStopFlag(),
    ticks: makeStopFlag(),
  };
  const url = new URL('./control-worker-entry.js', import.meta.url);
  const worker = new Worker(url, { workerData: data, execArgv: [], name: 'policy' });
  const life = watch(worker, data.stop);
  return {
    ...(await life.ready),
    ...makeControlEnds(data),
    onTick(callback) {
      const listener = new TickListener(callback, life.faults);
      follow(data.ticks, life, listener);
      return () => listener.end();
    },
    onFault: (callback) => life.faults.onFault(callback),
    stop: life.stop,
  };
}

interface Life {
  readonly ready: Promise<PolicyReport>;
  readonly faults: Faults;
  hasEnded(): boolean;
  stop(): Promise<void>;
}

/** Turns everything that a worker can do into a start, a refusal, a fault or an end. */
function watch(worker: Worker, stopFlag: Int32Array): Life {
  const faults = new Faults();
  let isEnded = false;
  const ended = new Promise<void>((resolve) => {
    worker.on('exit', (code) => {
      isEnded = true;
      faults.add(`ended by itself with code ${code}`);
      resolve();
    });
  });
  const ready = new Promise<PolicyReport>((resolve, reject) => {
    faults.onFault((message) => reject(new Error(`policy thread: ${message}`)));
    worker.on('message', (message: ControlWorkerMessage) => {
      if (message.kind === 'ready') resolve(message.report);
      else if (message.kind === 'fault') faults.add(message.message);
      else reject(collect(message.errors));
    });
    worker.on('error', (error) => faults.add(describeError(error)));
  });
  return {
    ready,
    faults,
    hasEnded: () => isEnded,
    async stop() {
      faults.ignore();
      raiseStopFlag(stopFlag);
      const timer = setTimeout(() => void worker.terminate(), STOP_TIMEOUT_MS);
      await ended;
      clearTimeout(timer);
    },
  };
}

/**
 * Tells now, and again at every wake-up. Shared memory instead of messages: a busy thread finds one wake-up waiting, not
 * a queue.
 */
function follow(ticks: Int32Array, life: Life, listener: TickListener): void {
  listener.tell(Atomics.load(ticks, 0));
  if (life.hasEnded() || listener.isOver) return;
  const waiting = Atomics.waitAsync(ticks, 0, listener.numSeen);
  if (waiting.async) void waiting.value.then(() => follow(ticks, life, listener));
  else setImmediate(() => follow(ticks, life, listener));
}

function collect(parts: readonly ConstructorParameters<typeof UserError>[0][]): unknown {
  try {
    throwIfAny(parts.map((part) => new UserError(part)));
    return new Error('policy thread: refused without a reason');
  } catch (error) {
    return error;
  }
}
