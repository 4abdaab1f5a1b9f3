import { parentPort, workerData } from 'node:worker_threads';
import { UserError, type UserErrorParts, UserErrors } from '../../sim/errors.ts';
import type { RobotModel } from '../../sim/robot/model.ts';
import type { Provider } from '../config.ts';
import { type ClassicalPolicy, makeClassicalPolicy } from './classical-policy.ts';
import { type LoopClock, makeSimClockFollower, makeWallClock } from './clock.ts';
import { makeControlLoop } from './control-loop.ts';
import type { ControlManifest } from './control-manifest.ts';
import { type ControlMailboxes, ControlTick, type TickPolicy } from './control-tick.ts';
import { loadPolicy, type Policy } from './policy.ts';
import type { ProviderReport } from './provider.ts';
import { Timing } from './timing.ts';

/** What the control thread is started with. */
export interface ControlWorkerData {
  readonly policy: string | Uint8Array | ClassicalPolicy;
  readonly model: RobotModel;
  readonly numRobots: number;
  readonly provider: Provider | 'auto';
  readonly onMiss: 'skip' | 'hold';
  /** Undefined: the policy's own. */
  readonly rateHz: number | undefined;
  readonly clock:
    | { readonly kind: 'wall'; readonly spinS: number; readonly stampOffsetS: number }
    | { readonly kind: 'sim'; readonly buffer: SharedArrayBuffer };
  readonly mailboxes: ControlMailboxes;
  readonly timing: SharedArrayBuffer;
  /** [1] raised to end the thread */
  readonly stop: Int32Array;
  /** [1] number of ticks done, for Atomics.wait */
  readonly ticks: Int32Array;
}

/** What the control thread says, besides what it puts into mailboxes. */
export type ControlWorkerMessage =
  | {
      readonly kind: 'ready';
      readonly manifest: ControlManifest;
      readonly provider: ProviderReport;
      readonly warnings: readonly string[];
      readonly goldenError: number;
    }
  | { readonly kind: 'refused'; readonly errors: readonly UserErrorParts[] }
  | { readonly kind: 'fault'; readonly message: string };

async function runControlWorker(data: ControlWorkerData): Promise<void> {
  const policy = await openPolicy(data);
  try {
    const { clock, ticks } = data;
    const timing = new Timing(data.timing);
    const tick = new ControlTick({
      policy,
      model: data.model,
      mailboxes: data.mailboxes,
      timing,
      stampOffsetS: clock.kind === 'wall' ? clock.stampOffsetS : 0,
      ...(typeof data.policy === 'string' && { where: data.policy }),
      onPublished() {
        Atomics.add(ticks, 0, 1);
        Atomics.notify(ticks, 0);
      },
    });
    const loopClock: LoopClock =
      clock.kind === 'wall'
        ? makeWallClock(data.stop, clock.spinS)
        : makeSimClockFollower(clock.buffer, data.stop);
    const loop = makeControlLoop({
      rateHz: data.rateHz ?? 1 / policy.manifest.periodS,
      clock: loopClock,
      tick: (time) => tick.run(time),
      onMiss: data.onMiss,
      timing,
    });
    const { manifest, provider, warnings, goldenError } = policy;
    post({ kind: 'ready', manifest, provider, warnings, goldenError });
    await loop.run();
  } finally {
    await policy.release();
  }
}

type OpenPolicy = TickPolicy & Pick<Policy, 'provider' | 'warnings' | 'goldenError' | 'release'>;

async function openPolicy(data: ControlWorkerData): Promise<OpenPolicy> {
  const { policy, provider, model, numRobots } = data;
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
    async release() {},
  };
}

function post(message: ControlWorkerMessage): void {
  parentPort?.postMessage(message);
}

try {
  await runControlWorker(workerData as ControlWorkerData);
} catch (error) {
  if (error instanceof UserError) {
    const errors = error instanceof UserErrors ? error.errors : [error];
    // A cause may hold what cannot be sent to another thread; its text is in the message already.
    post({ kind: 'refused', errors: errors.map(({ parts: { cause: _, ...parts } }) => parts) });
  } else {
    const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
    post({ kind: 'fault', message });
  }
}
