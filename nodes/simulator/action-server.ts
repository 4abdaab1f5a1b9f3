import type { ActionTypes } from '../ros/messages.ts';
import type { RosNode } from '../ros/port.ts';

export type ActionName = keyof ActionTypes & string;

/** What a goal may do while it is worked at. */
export interface GoalHandle<Feedback> {
  publishFeedback(feedback: Feedback): void;
  /** Told once, when the client has asked to leave the rest. */
  onCancel(callback: () => void): void;
}

/** How a goal ended. */
export interface GoalEnd<Result> {
  readonly status: 'succeeded' | 'aborted' | 'canceled';
  readonly result: Result;
}

/** What a node needs of an action server. */
export interface ActionHandlers<A extends ActionName> {
  /** Works at an accepted goal. */
  execute(
    goal: ActionTypes[A]['goal'],
    handle: GoalHandle<ActionTypes[A]['feedback']>,
  ): Promise<GoalEnd<ActionTypes[A]['result']>>;
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
export function findActionNode(node: RosNode): (RosNode & ActionNode) | undefined {
  const has = 'createActionServer' in node && typeof node.createActionServer === 'function';
  return has ? (node as RosNode & ActionNode) : undefined;
}
