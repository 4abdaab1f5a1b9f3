/** How a goal ended, as action_msgs/msg/GoalStatus names it. */
export type GoalOutcome = 'succeeded' | 'aborted' | 'canceled';

/** A goal on the side of the server. */
export interface ServerGoal<Goal, Feedback> {
  /** 32 hexadecimal digits. */
  readonly id: string;
  readonly goal: Goal;
  /** Aborts when a cancel request was granted, or the server ends. */
  readonly signal: AbortSignal;
  /** @throws MessageError naming the path of the offending field */
  publishFeedback(feedback: Feedback): void;
}

export interface ActionServerHandlers<Goal, Result, Feedback> {
  /** Whether a goal is taken on; all are unless told. A throw rejects it, and is logged. */
  accept?(goal: Goal): boolean;
  /** Whether a goal in progress may be cancelled; all may unless told. A throw refuses, and is logged. */
  cancel?(id: string): boolean;
  /**
   * Runs a goal to its end. A throw aborts it with a result of defaults, and is logged; so does
   * `canceled` when no cancel request was granted.
   */
  execute(
    goal: ServerGoal<Goal, Feedback>,
  ): Promise<{ readonly outcome: GoalOutcome; readonly result: Result }>;
}

export interface ActionServer {
  readonly name: string;
  /** Asks every goal in progress to end. */
  destroy(): void;
}

/** A goal on the side of the client. */
export interface ClientGoal<Result> {
  readonly id: string;
  /** Resolves when the goal has ended; rejects with ActionError if the server goes before. */
  readonly ended: Promise<{ readonly outcome: GoalOutcome; readonly result: Result }>;
  /** Whether the server granted it. */
  cancel(): Promise<boolean>;
}

export interface ActionClient<Goal, Result, Feedback> {
  readonly name: string;
  isReady(): boolean;
  /**
   * Resolves when the server has taken the goal on.
   * @throws ActionError when no server answers within the time (5 s unless told) or the goal is rejected;
   * MessageError when it does not fit its definition
   */
  sendGoal(
    goal: Goal,
    options?: { readonly timeoutMs?: number; readonly onFeedback?: (feedback: Feedback) => void },
  ): Promise<ClientGoal<Result>>;
  destroy(): void;
}
