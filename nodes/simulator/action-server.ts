import type { ActionTypes } from '../ros/messages.ts';
import type { RosNode } from '../ros/port.ts';

type ActionName = keyof ActionTypes & string;

/** How a goal ended, as action_msgs/GoalStatus names it. */
export type GoalOutcome = 'succeeded' | 'aborted' | 'canceled';

/** A goal that is worked at. */
interface ServerGoal<A extends ActionName> {
  readonly goal: ActionTypes[A]['goal'];
  /** Aborts when the client has asked to leave the rest. */
  readonly signal: AbortSignal;
  publishFeedback(feedback: ActionTypes[A]['feedback']): void;
}

/** What the simulator needs of an action server. */
export interface ActionHandlers<A extends ActionName> {
  execute(
    goal: ServerGoal<A>,
  ): Promise<{ readonly outcome: GoalOutcome; readonly result: ActionTypes[A]['result'] }>;
}

/** A node whose backend has actions. */
export interface ActionNode {
  createActionServer<A extends ActionName>(
    type: A,
    name: string,
    handlers: ActionHandlers<A>,
  ): { destroy(): void };
}

/** The node itself, if its backend has actions. */
export function findActionNode(node: RosNode): ActionNode | undefined {
  const { createActionServer } = node as RosNode & Partial<ActionNode>;
  return createActionServer === undefined ? undefined : (node as RosNode & ActionNode);
}
