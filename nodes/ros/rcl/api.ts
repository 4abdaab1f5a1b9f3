/**
 * What we use of rclnodejs 2.2, and nothing else of it: its own types pass no strict compiler, and its
 * API takes much in silence that it should not.
 */

/** rmw_qos_profile_t with the numbers of rmw/types.h. */
export interface RclQos {
  readonly history: number;
  readonly depth: number;
  readonly reliability: number;
  readonly durability: number;
  readonly liveliness: number;
  readonly avoidRosNameSpaceConventions: boolean;
}

export interface RclEndpoint {
  readonly node_name: string;
  readonly node_namespace: string;
  readonly topic_type: string;
  readonly qos_profile: {
    readonly reliability: number;
    readonly durability: number;
    readonly depth: number;
    readonly deadline: RclDuration;
    readonly liveliness: number;
    readonly liveliness_lease_duration: RclDuration;
  };
}

export interface RclDuration {
  readonly seconds: bigint;
  readonly nanoseconds: number;
}

export interface RclPublisher {
  readonly subscriptionCount: number;
  publish(message: Buffer | object): void;
  waitForAllAcked(timeoutNs: bigint): boolean;
}

export interface RclSubscription {
  readonly handle: object;
}

export interface RclClient {
  isServiceServerAvailable(): boolean;
  sendRequestAsync(request: object, options: { readonly signal: AbortSignal }): Promise<unknown>;
}

export interface RclNode {
  createPublisher(type: string, topic: string, options: { readonly qos: RclQos }): RclPublisher;
  createSubscription(
    type: string,
    topic: string,
    options: { readonly qos: RclQos; readonly isRaw: boolean },
    callback: (message: unknown) => void,
  ): RclSubscription;
  createService(
    type: string,
    name: string,
    options: object,
    callback: (request: unknown) => Promise<object | undefined>,
  ): object;
  createClient(type: string, name: string, options: object): RclClient;
  destroyPublisher(publisher: RclPublisher): void;
  destroySubscription(subscription: RclSubscription): void;
  destroyService(service: object): void;
  destroyClient(client: RclClient): void;
  getTopicNamesAndTypes(): readonly { readonly name: string; readonly types: readonly string[] }[];
  getPublishersInfoByTopic(topic: string): readonly RclEndpoint[];
  getSubscriptionsInfoByTopic(topic: string): readonly RclEndpoint[];
  getServiceNamesAndTypes(): readonly {
    readonly name: string;
    readonly types: readonly string[];
  }[];
  spin(timeoutMs: number): void;
  /** What its binary calls on the main thread: takes one message of each of these, where there is one, and so on. */
  execute: (handles: readonly object[]) => void;
  destroy(): void;
}

export interface RclServerGoal {
  readonly goalId: { readonly uuid: ArrayLike<number> };
  readonly request: { toPlainObject(enableTypedArray: boolean): unknown };
  publishFeedback(feedback: object): void;
  succeed(): void;
  abort(): void;
  canceled(): void;
}

export interface RclActionServer {
  destroy(): void;
}

export interface RclClientGoal {
  readonly goalId: { readonly uuid: ArrayLike<number> };
  readonly status: number;
  isAccepted(): boolean;
  getResult(): Promise<unknown>;
  cancelGoal(): Promise<{ readonly goals_canceling: ArrayLike<unknown> }>;
}

export interface RclActionClient {
  isActionServerAvailable(): boolean;
  sendGoal(goal: object, onFeedback: (feedback: unknown) => void): Promise<RclClientGoal>;
  destroy(): void;
}

/** An interface of rclnodejs' own for a message, which a plain object fills. */
type MessageClass = new (message: object) => object;

export interface RclContext {
  shutdown(): void;
}

/**
 * Of its binary: the bytes of one message of a subscription that wants bytes; undefined where there is none. `execute` does
 * the same, and looks through all ends of its node for each.
 */
export type TakeRaw = (subscription: object) => Buffer | undefined;

/** All of rclnodejs. */
export interface RclLibrary {
  readonly rcl: Rcl;
  readonly takeRaw: TakeRaw;
}

/** The default export of rclnodejs. */
export interface Rcl {
  readonly Context: new (domainId?: bigint) => RclContext;
  readonly Node: new (
    name: string,
    namespace: string,
    context: RclContext,
    options: object,
    args: readonly string[],
    useGlobalArguments: boolean,
  ) => RclNode;
  readonly QoS: new (
    history: number,
    depth: number,
    reliability: number,
    durability: number,
    liveliness: number,
    avoidRosNameSpaceConventions: boolean,
  ) => RclQos;
  readonly ActionServer: new (
    node: RclNode,
    type: string,
    name: string,
    execute: (goal: RclServerGoal) => Promise<object>,
    onGoal: (goal: unknown) => number,
    onAccepted: undefined,
    onCancel: (goal: RclServerGoal) => number,
  ) => RclActionServer;
  readonly ActionClient: new (node: RclNode, type: string, name: string) => RclActionClient;
  readonly GoalResponse: { readonly ACCEPT: number; readonly REJECT: number };
  readonly CancelResponse: { readonly ACCEPT: number; readonly REJECT: number };
  init(context: RclContext, argv: readonly string[]): Promise<void>;
  require(type: string): {
    readonly Goal: MessageClass;
    readonly Result: MessageClass;
    readonly Feedback: MessageClass;
  };
  removeSignalHandlers(): void;
}
