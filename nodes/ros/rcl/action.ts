import { Buffer } from 'node:buffer';
import type {
  ActionClient,
  ActionServer,
  ActionServerHandlers,
  ClientGoal,
  GoalOutcome,
} from '../action.ts';
import { type GoalRun, isAccepted, makeActionErrors, startGoal } from '../action-goals.ts';
import { getActionParts } from '../definitions.ts';
import { readObject } from '../read-object.ts';
import { copyChecked } from '../validate.ts';
import type { RclActionClient, RclClientGoal, RclServerGoal } from './api.ts';
import type { RclNode } from './node.ts';
import { assertUnserved, waitUntil } from './service.ts';

/** [ms] */
const DEFAULT_TIMEOUT_MS = 5000;
/** [ms] how soon a client with a goal in progress sees that the server has gone */
const WATCH_MS = 250;

/** action_msgs/msg/GoalStatus */
const OUTCOMES: Readonly<Record<number, GoalOutcome>> = {
  4: 'succeeded',
  5: 'canceled',
  6: 'aborted',
};

/** @throws UserError if another node of this process serves it already */
export function serveAction<G, R, F>(
  owner: RclNode,
  type: string,
  name: string,
  given: ActionServerHandlers<G, R, F>,
): ActionServer {
  const { rcl, interfaces, actionServers } = owner.shared;
  const parts = getActionParts(type);
  interfaces.assertInstalled(type);
  assertUnserved(actionServers, 'action', name, owner);
  const handlers = given as unknown as ActionServerHandlers<never, unknown, unknown>;
  const classes = rcl.require(type);
  const runs = new Map<string, GoalRun>();
  const offer = (id: string, goal: unknown) => ({
    ...{ name, type, owner, handlers, id },
    goal: readObject<never>(parts.goal, goal, name),
  });
  const execute = async (native: RclServerGoal) => {
    const id = writeId(native);
    const run = startGoal(offer(id, native.request.toPlainObject(true)), (feedback) =>
      native.publishFeedback(new classes.Feedback(feedback as object)),
    );
    runs.set(id, run);
    const { outcome, result } = await run.ended;
    runs.delete(id);
    if (outcome === 'succeeded') native.succeed();
    else if (outcome === 'canceled') native.canceled();
    else native.abort();
    return new classes.Result(result as object);
  };
  // What these throw would end the process.
  const onGoal = (goal: unknown) => {
    const { ACCEPT, REJECT } = rcl.GoalResponse;
    try {
      return isAccepted(offer('', goal)) ? ACCEPT : REJECT;
    } catch (error) {
      owner.guard.report(`action ${name}, goal`, error);
      return REJECT;
    }
  };
  const onCancel = (native: RclServerGoal) => {
    const { ACCEPT, REJECT } = rcl.CancelResponse;
    return runs.get(writeId(native))?.cancel() === true ? ACCEPT : REJECT;
  };
  const native = new rcl.ActionServer(
    ...([owner.native, type, name, execute, onGoal, undefined, onCancel] as const),
  );
  actionServers.set(name, owner);
  const server = {
    name,
    destroy: () => {
      if (actionServers.get(name) !== owner) return;
      actionServers.delete(name);
      owner.disown(server);
      for (const run of runs.values()) run.controller.abort();
      native.destroy();
    },
  };
  return server;
}

export function makeActionClient<G, R, F>(
  owner: RclNode,
  type: string,
  name: string,
): ActionClient<G, R, F> {
  const { rcl, interfaces } = owner.shared;
  const parts = getActionParts(type);
  interfaces.assertInstalled(type);
  const errors = makeActionErrors(name);
  const classes = rcl.require(type);
  const native = new rcl.ActionClient(owner.native, type, name);
  const ending = new AbortController();
  const client: ActionClient<G, R, F> = {
    name,
    isReady: () => !ending.signal.aborted && native.isActionServerAvailable(),
    sendGoal: async (goal, { timeoutMs = DEFAULT_TIMEOUT_MS, onFeedback } = {}) => {
      if (ending.signal.aborted) throw new RangeError(`action ${name}: the client is destroyed`);
      const checked = new classes.Goal(copyChecked(parts.goal, goal, name) as object);
      const late = AbortSignal.timeout(timeoutMs);
      const signal = AbortSignal.any([ending.signal, late]);
      await waitUntil(() => native.isActionServerAvailable(), signal).catch(() => {
        throw late.aborted ? errors.noServer(timeoutMs) : errors.gone();
      });
      const hear = (feedback: unknown) => {
        if (onFeedback === undefined) return;
        const source = `feedback of ${name}`;
        owner.guard.run(source, () => onFeedback(readObject<F>(parts.feedback, feedback, name)));
      };
      const taken = await withSignal(native.sendGoal(checked, hear), signal, () =>
        errors.noAnswer(timeoutMs),
      );
      if (!taken.isAccepted()) throw errors.rejected('its server');
      const read = (result: unknown) => readObject<R>(parts.result, result, name);
      return followGoal(native, taken, read, { errors, signal: ending.signal });
    },
    destroy: () => {
      if (ending.signal.aborted) return;
      ending.abort();
      owner.disown(client);
      native.destroy();
    },
  };
  return client;
}

function followGoal<R>(
  client: RclActionClient,
  goal: RclClientGoal,
  read: (result: unknown) => R,
  { errors, signal }: { errors: ReturnType<typeof makeActionErrors>; signal: AbortSignal },
): ClientGoal<R> {
  const gone = new AbortController();
  const watch = setInterval(() => {
    if (signal.aborted || !client.isActionServerAvailable()) gone.abort();
  }, WATCH_MS).unref();
  const end = async () => {
    try {
      const result = await withSignal(goal.getResult(), gone.signal, () => errors.gone());
      return { outcome: OUTCOMES[goal.status] ?? 'aborted', result: read(result) };
    } finally {
      clearInterval(watch);
    }
  };
  const ended = end();
  ended.catch(() => {});
  const cancel = async () => (await goal.cancelGoal()).goals_canceling.length > 0;
  return { id: writeId(goal), ended, cancel };
}

/** What the work gives, unless the signal comes first. */
function withSignal<T>(work: Promise<T>, signal: AbortSignal, makeError: () => Error): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(makeError());
    if (signal.aborted) onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}

function writeId({ goalId }: { readonly goalId: { readonly uuid: ArrayLike<number> } }): string {
  return Buffer.from(Array.from(goalId.uuid)).toString('hex');
}
