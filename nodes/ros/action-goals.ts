import type { ActionServerHandlers, GoalOutcome } from './action.ts';
import type { CallbackGuard } from './core/guard.ts';
import { makeDefaultMessage } from './defaults.ts';
import { getActionParts } from './definitions.ts';
import { ActionError } from './errors.ts';
import { copyChecked } from './validate.ts';

/** A goal that a server may take on. */
export interface OfferedGoal {
  readonly name: string;
  readonly type: string;
  readonly owner: { readonly guard: CallbackGuard };
  readonly handlers: ActionServerHandlers<never, unknown, unknown>;
  readonly id: string;
  readonly goal: never;
}

/** A goal in progress. */
export interface GoalRun {
  readonly controller: AbortController;
  /** Never rejects. */
  readonly ended: Promise<{ readonly outcome: GoalOutcome; readonly result: unknown }>;
  /** Whether it may be cancelled; if so it is told. */
  cancel(): boolean;
}

/** Whether a server wants a goal. What its handler throws is logged, and is a no. */
export function isAccepted({ name, owner, handlers, goal }: OfferedGoal): boolean {
  return ask(`action ${name}, accept`, owner.guard, () => handlers.accept?.(goal) ?? true);
}

/** Starts a goal; undefined if the server does not want it. */
export function takeOn(
  offered: OfferedGoal,
  onFeedback: (feedback: unknown) => void,
): GoalRun | undefined {
  return isAccepted(offered) ? startGoal(offered, onFeedback) : undefined;
}

/** Starts a goal that was accepted. Its result is checked, and whatever goes wrong aborts it. */
export function startGoal(offered: OfferedGoal, onFeedback: (feedback: unknown) => void): GoalRun {
  const { name, type, owner, handlers, id, goal } = offered;
  const parts = getActionParts(type);
  const controller = new AbortController();
  let isCanceling = false;
  const run = async () => {
    try {
      const { outcome, result } = await handlers.execute({
        id,
        goal,
        signal: controller.signal,
        publishFeedback: (feedback) => onFeedback(copyChecked(parts.feedback, feedback, name)),
      });
      const checked = copyChecked(parts.result, result, name);
      if (outcome !== 'canceled' || isCanceling) return { outcome, result: checked };
      throw new Error(
        `goal ${id} ended as canceled, though nobody's request to cancel was granted`,
      );
    } catch (error) {
      owner.guard.report(`action ${name}, execute`, error);
      return { outcome: 'aborted' as const, result: makeDefaultMessage(parts.result) };
    }
  };
  return {
    controller,
    ended: Promise.resolve().then(run),
    cancel: () => {
      isCanceling ||= ask(
        `action ${name}, cancel`,
        owner.guard,
        () => handlers.cancel?.(id) ?? true,
      );
      // The asker hears of it first, as the goal has to be known as canceling before it can be canceled.
      if (isCanceling) setImmediate(() => controller.abort());
      return isCanceling;
    },
  };
}

function ask(source: string, guard: CallbackGuard, question: () => boolean): boolean {
  try {
    return question();
  } catch (error) {
    guard.report(source, error);
    return false;
  }
}

/** What can go wrong for the client of an action, the same on every backend. */
export function makeActionErrors(name: string) {
  return {
    noServer: (timeoutMs: number) =>
      new ActionError(name, {
        problem: 'no node offers it',
        expected: `a server within ${timeoutMs} ms`,
        got: 'no server',
        remedy: 'Start the node that offers it, or check its namespace.',
      }),
    noAnswer: (timeoutMs: number) =>
      new ActionError(name, {
        problem: 'no answer',
        expected: `an answer within ${timeoutMs} ms`,
        got: 'silence',
        remedy: 'Look at the log of the node that offers it, or allow more time.',
      }),
    wrongType: (wanted: string, got: string, node: string) =>
      new ActionError(name, {
        problem: 'has another type',
        expected: wanted,
        got: `${got} at ${node}`,
        remedy: 'Call it with its own type.',
      }),
    rejected: (node: string) =>
      new ActionError(name, {
        problem: 'the goal was rejected',
        expected: 'a goal that the server takes on',
        got: `a no from ${node}`,
        remedy: 'Look at the log of that node.',
      }),
    gone: () =>
      new ActionError(name, {
        problem: 'the server ended before the goal did',
        expected: 'a result',
        got: 'none',
        remedy: 'Look at the log of the node that offered it, and send the goal again.',
      }),
  };
}
