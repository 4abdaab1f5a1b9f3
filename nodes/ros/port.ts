import type { MessageTypes, ServiceTypes } from './messages.ts';

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

export interface MessageInfo {
  /** Resolved topic name. */
  readonly topic: string;
  /** Time of publication on the publisher's node clock. [ns] */
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

export interface Subscription {
  readonly topic: string;
  destroy(): void;
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
  readonly readOnly?: boolean;
}

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
  createPublisher<T extends TypeName>(
    type: T,
    topic: string,
    qos?: Qos,
  ): Publisher<MessageTypes[T]>;
  /** A throw in the callback is logged, repetitions as a count, and goes no further. */
  createSubscription<T extends TypeName>(
    type: T,
    topic: string,
    qos: Qos,
    callback: (message: MessageTypes[T], info: MessageInfo) => void,
  ): Subscription;
  /** The serialised CDR bytes with encapsulation header; borrowed until the callback returns. */
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
  /** Fires on the node clock. Missed periods are skipped, never made up for in a burst. */
  createTimer(periodS: number, callback: () => void): Timer;
  declareParameter<T extends ParameterValue>(descriptor: ParameterDescriptor<T>): T;
  getParameter(name: string): ParameterValue;
  /** @throws ParameterError on an unknown name, a wrong type, a range or a read-only violation */
  setParameter(name: string, value: ParameterValue): void;
  listParameters(): readonly (ParameterDescriptor<ParameterValue> & {
    readonly value: ParameterValue;
  })[];
  onParameterChange(callback: (name: string, value: ParameterValue) => void): void;
  /** Every topic known now with its type. */
  getTopicNamesAndTypes(): readonly { readonly topic: string; readonly type: string }[];
  /** Who publishes on a topic now, and with which QoS. */
  getPublishers(topic: string): readonly { readonly node: string; readonly qos: Qos }[];
  /** Calls back once for each topic that has a publisher, now or later. */
  onTopic(callback: (topic: string, type: string) => void): void;
  destroy(): void;
}

export interface NodeOptions {
  readonly namespace?: string;
  /** `from:=to`, names resolved as in ROS 2. */
  readonly remappings?: Readonly<Record<string, string>>;
  readonly parameters?: Readonly<Record<string, ParameterValue>>;
}

/** One middleware context: the only way to get nodes. */
export interface RosContext {
  readonly backend: 'embedded' | 'rclnodejs';
  createNode(name: string, options?: NodeOptions): RosNode;
  /** Resolves when every message published so far has been delivered. Backends without knowledge of it resolve at once. */
  settled(): Promise<void>;
  shutdown(): Promise<void>;
}
