import type { ActionClient, ActionServer, ActionServerHandlers } from './action.ts';
import type { ActionTypes, MessageTypes, ServiceTypes } from './messages.ts';

/** QoS as in ROS 2 (rmw_qos_profile_t). */
export interface Qos {
  readonly reliability: 'reliable' | 'best_effort';
  readonly durability: 'volatile' | 'transient_local';
  /** Keep-last queue length. @range 1, … */
  readonly depth: number;
}

export const QOS = {
  default: { reliability: 'reliable', durability: 'volatile', depth: 10 },
  sensorData: { reliability: 'best_effort', durability: 'volatile', depth: 5 },
  /** Late joiners get the last message. */
  latched: { reliability: 'reliable', durability: 'transient_local', depth: 1 },
  clock: { reliability: 'best_effort', durability: 'volatile', depth: 1 },
} as const satisfies Record<string, Qos>;

export type TypeName = keyof MessageTypes & string;
export type ServiceName = keyof ServiceTypes & string;
export type ActionName = keyof ActionTypes & string;

export interface MessageInfo {
  /** Resolved topic name. */
  readonly topic: string;
  /** When it was published, on the clock that the backend has of it: the publisher's node, or else arrival here. [ns] */
  readonly sourceStampNs: bigint;
}

export interface Publisher<T> {
  readonly topic: string;
  /**
   * Checks the message against its definition, then sends a copy.
   * @throws MessageError naming topic, type and the path of the offending field
   */
  publish(message: T): void;
  /** Number of matched subscriptions, for skipping work that nobody sees. */
  countSubscriptions(): number;
  destroy(): void;
}

/** Sends messages that somebody serialised before: nothing is checked, nothing is copied twice. */
export interface RawPublisher {
  readonly topic: string;
  /** @param bytes CDR with its encapsulation header, by the definition in the box; the caller may reuse them at once */
  publish(bytes: Uint8Array): void;
  countSubscriptions(): number;
  destroy(): void;
}

export interface Subscription {
  readonly topic: string;
  destroy(): void;
}

/** Two ends of a topic that ask for what the other does not offer. */
export interface QosConflict {
  readonly topic: string;
  readonly publisher: string;
  readonly subscription: string;
  /** Which policies, what is offered and what is asked for. */
  readonly conflict: string;
}

export interface Service {
  readonly name: string;
  destroy(): void;
}

export interface Client<Request, Response> {
  readonly name: string;
  isReady(): boolean;
  /** @throws ServiceError when no server answers within the time (5 s unless told), or the server fails */
  call(request: Request, options?: { readonly timeoutMs?: number }): Promise<Response>;
  destroy(): void;
}

export interface Timer {
  cancel(): void;
}

export type ParameterValue = boolean | number | string | readonly number[] | readonly string[];

export interface ParameterDescriptor<T extends ParameterValue> {
  readonly name: string;
  readonly default: T;
  readonly description: string;
  readonly unit?: string;
  readonly range?: readonly [lower: number, upper: number];
  /** Whole numbers only: an integer on the wire. A number is a double otherwise. */
  readonly integer?: boolean;
  readonly readOnly?: boolean;
}

/** Judges a value before it is set; a text refuses it and says why. */
export type ParameterCheck = (name: string, value: ParameterValue) => string | undefined;

export interface Logger {
  debug(message: string): void;
  info(message: string): void;
  warn(message: string): void;
  error(message: string): void;
}

/** One ROS 2 node. Names resolve as in ROS 2: absolute `/x`, relative `x`, private `~/x`, remapped. */
export interface RosNode {
  readonly name: string;
  readonly namespace: string;
  readonly fullyQualifiedName: string;
  readonly logger: Logger;
  /** Node clock: simulated time from /clock where `use_sim_time` is true, else system time. [ns] */
  nowNs(): bigint;
  /** Called when /clock has gone back, as after a simulator's restart; timers begin their period anew by themselves. */
  onTimeBack(callback: () => void): void;
  /** Called with every /clock while simulated time is used, once nowNs() shows it; timers that are due fire after that. */
  onTime(callback: () => void): void;
  /**
   * Calls back once, when what is here is heard: in one process all that was published, also because of one another; on a
   * graph what had come when it was asked for, and perhaps what came since. Never before the callback ends that asks for it.
   */
  whenHeard(callback: () => void): void;
  createPublisher<T extends TypeName>(
    type: T,
    topic: string,
    qos?: Qos,
  ): Publisher<MessageTypes[T]>;
  /** For what must cost next to nothing at a high rate, and for types that the message tables lack. */
  createRawPublisher(type: string, topic: string, qos?: Qos): RawPublisher;
  /** A throw in the callback is logged, repetitions as a count, and goes no further. */
  createSubscription<T extends TypeName>(
    type: T,
    topic: string,
    qos: Qos,
    callback: (message: MessageTypes[T], info: MessageInfo) => void,
  ): Subscription;
  /** The serialised CDR bytes with encapsulation header, by the definition in the box; borrowed until the callback returns. */
  createRawSubscription(
    type: string,
    topic: string,
    qos: Qos,
    callback: (bytes: Uint8Array, info: MessageInfo) => void,
  ): Subscription;
  createService<S extends ServiceName>(
    type: S,
    name: string,
    handler: (
      request: ServiceTypes[S]['request'],
    ) => ServiceTypes[S]['response'] | Promise<ServiceTypes[S]['response']>,
  ): Service;
  createClient<S extends ServiceName>(
    type: S,
    name: string,
  ): Client<ServiceTypes[S]['request'], ServiceTypes[S]['response']>;
  /** Serves long-running goals with feedback, a result and cancelling. */
  createActionServer<A extends ActionName>(
    type: A,
    name: string,
    handlers: ActionServerHandlers<
      ActionTypes[A]['goal'],
      ActionTypes[A]['result'],
      ActionTypes[A]['feedback']
    >,
  ): ActionServer;
  createActionClient<A extends ActionName>(
    type: A,
    name: string,
  ): ActionClient<ActionTypes[A]['goal'], ActionTypes[A]['result'], ActionTypes[A]['feedback']>;
  /** Fires on the node clock. Missed periods are skipped, never made up for in a burst. */
  createTimer(periodS: number, callback: () => void): Timer;
  declareParameter<T extends ParameterValue>(descriptor: ParameterDescriptor<T>): T;
  getParameter(name: string): ParameterValue;
  /** @throws ParameterError on an unknown name, a wrong type, a range or a read-only violation */
  setParameter(name: string, value: ParameterValue): void;
  listParameters(): readonly (ParameterDescriptor<ParameterValue> & {
    readonly value: ParameterValue;
  })[];
  /** Asked before a value is set, from wherever; what it throws refuses too. Returns how to stop being asked. */
  onParameterSet(check: ParameterCheck): () => void;
  onParameterChange(callback: (name: string, value: ParameterValue) => void): void;
  /** Every topic known now with its type. */
  getTopicNamesAndTypes(): readonly { readonly topic: string; readonly type: string }[];
  /** Who publishes on a topic now, and with which QoS. */
  getPublishers(topic: string): readonly { readonly node: string; readonly qos: Qos }[];
  /** Told of each publisher and subscription of this node that cannot meet its other end; logged as a warning too. */
  onQosConflict(callback: (conflict: QosConflict) => void): void;
  /** Calls back once for each topic that has a publisher, now or later. */
  onTopic(callback: (topic: string, type: string) => void): void;
  destroy(): void;
}

export interface NodeOptions {
  readonly namespace?: string;
  /** `from:=to`, names resolved as in ROS 2. */
  readonly remappings?: Readonly<Record<string, string>>;
  readonly parameters?: Readonly<Record<string, ParameterValue>>;
  /** For nodes that are built around one source of time: `use_sim_time` is read-only. */
  readonly isClockFixed?: boolean;
}

/** One middleware context: the only way to get nodes. */
export interface RosContext {
  readonly backend: 'embedded' | 'rclnodejs';
  createNode(name: string, options?: NodeOptions): RosNode;
  /** Resolves when every message published so far has been delivered. Backends without knowledge of it resolve at once. */
  settled(): Promise<void>;
  /** Run by `shutdown` before anything else ends, last one first: where a robot is stopped. Returns how to take it back. */
  onShutdown(hook: () => void | Promise<void>): () => void;
  /** Runs the hooks, lets what they published leave, then ends every node. */
  shutdown(): Promise<void>;
}
