import { getStruct } from '../definitions.ts';
import type { MessageTypes, ServiceTypes } from '../messages.ts';
import { type ResolvedNode, resolveName } from '../names.ts';
import { Parameters } from '../parameters.ts';
import {
  type Client,
  type Logger,
  type MessageInfo,
  type NodeOptions,
  type ParameterDescriptor,
  type ParameterValue,
  type Publisher,
  QOS,
  type Qos,
  type RosNode,
  type Service,
  type ServiceName,
  type Subscription,
  type Timer,
  type TypeName,
} from '../port.ts';
import { assertQos } from '../qos.ts';
import { NodeClock, type SystemClock } from './clock.ts';
import type { Executor } from './executor.ts';
import { CallbackGuard } from './guard.ts';
import { type LogSink, makeNodeLogger } from './log.ts';
import type { Services } from './service.ts';
import { EmbeddedPublisher, EmbeddedSubscription, type Topics } from './topic.ts';

/** What the nodes of one context share. */
export interface SharedParts {
  readonly executor: Executor;
  readonly topics: Topics;
  readonly services: Services;
  readonly clock: SystemClock;
  readonly log: LogSink;
  /** Those that live; a node leaves when it is destroyed. */
  readonly nodes: Set<EmbeddedNode>;
}

/** A node of the embedded backend. */
export class EmbeddedNode implements RosNode {
  readonly name: string;
  readonly namespace: string;
  readonly fullyQualifiedName: string;
  readonly logger: Logger;
  readonly guard: CallbackGuard;
  readonly #identity: ResolvedNode;
  readonly #shared: SharedParts;
  readonly #clock: NodeClock;
  readonly #parameters: Parameters;
  readonly #parameterListeners: ((name: string, value: ParameterValue) => void)[] = [];
  /** What to undo when the node goes, in the order it came. */
  readonly #owned = new Set<{ destroy(): void }>();
  #clockSubscription: Subscription | undefined;
  #isAlive = true;

  constructor(shared: SharedParts, identity: ResolvedNode, options: NodeOptions) {
    this.#shared = shared;
    this.#identity = identity;
    this.name = identity.name;
    this.namespace = identity.namespace;
    this.fullyQualifiedName = identity.fullyQualifiedName;
    this.#clock = new NodeClock(shared.clock, shared.executor);
    const rosout = () =>
      this.#isAlive
        ? this.createPublisher('rcl_interfaces/msg/Log', '/rosout', QOS_ROSOUT)
        : undefined;
    this.logger = makeNodeLogger(
      identity.fullyQualifiedName,
      shared.log,
      () => this.nowNs(),
      rosout,
    );
    this.guard = new CallbackGuard(this.logger, shared.clock);
    this.#parameters = new Parameters(identity.fullyQualifiedName, options.parameters ?? {});
    const useSimTime = this.declareParameter({
      name: 'use_sim_time',
      default: false,
      description: 'Take the time from /clock instead of the system.',
    });
    if (useSimTime) this.#followClock('simulated');
    shared.executor.post({ run: () => this.#warnOfUnusedParameters() });
    shared.nodes.add(this);
  }

  nowNs(): bigint {
    return this.#clock.nowNs();
  }

  createPublisher<T extends TypeName>(
    type: T,
    topic: string,
    qos: Qos = QOS.default,
  ): Publisher<MessageTypes[T]> {
    getStruct(type);
    const spec = { topic: this.#resolve(topic), type, qos };
    assertQos(qos, spec.topic);
    const publisher = new EmbeddedPublisher<MessageTypes[T]>(this.#shared.topics, this, spec);
    this.#shared.topics.addPublisher(publisher);
    return this.#own(publisher);
  }

  createSubscription<T extends TypeName>(
    type: T,
    topic: string,
    qos: Qos,
    callback: (message: MessageTypes[T], info: MessageInfo) => void,
  ): Subscription {
    return this.#subscribe('message', type, topic, qos, callback);
  }

  createRawSubscription(
    type: string,
    topic: string,
    qos: Qos,
    callback: (bytes: Uint8Array, info: MessageInfo) => void,
  ): Subscription {
    return this.#subscribe('bytes', type, topic, qos, callback);
  }

  createService<S extends ServiceName>(
    type: S,
    name: string,
    handler: (
      request: ServiceTypes[S]['request'],
    ) => ServiceTypes[S]['response'] | Promise<ServiceTypes[S]['response']>,
  ): Service {
    const server = { type, owner: this, handler };
    return this.#own(this.#shared.services.serve(this.#resolve(name), server));
  }

  createClient<S extends ServiceName>(
    type: S,
    name: string,
  ): Client<ServiceTypes[S]['request'], ServiceTypes[S]['response']> {
    return this.#own(this.#shared.services.makeClient(this.#resolve(name), type, this));
  }

  createTimer(periodS: number, callback: () => void): Timer {
    const source = `timer of ${periodS} s`;
    return this.#clock.createTimer(periodS, () => this.guard.run(source, callback));
  }

  declareParameter<T extends ParameterValue>(descriptor: ParameterDescriptor<T>): T {
    return this.#parameters.declare(descriptor);
  }

  getParameter(name: string): ParameterValue {
    return this.#parameters.get(name);
  }

  setParameter(name: string, value: ParameterValue): void {
    this.#parameters.set(name, value);
    if (name === 'use_sim_time') this.#followClock(value === true ? 'simulated' : 'system');
    for (const listener of this.#parameterListeners) {
      this.guard.run(`parameter ${name}`, listener, name, value);
    }
  }

  listParameters(): readonly (ParameterDescriptor<ParameterValue> & {
    readonly value: ParameterValue;
  })[] {
    return this.#parameters.list();
  }

  onParameterChange(callback: (name: string, value: ParameterValue) => void): void {
    this.#parameterListeners.push(callback);
  }

  getTopicNamesAndTypes(): readonly { readonly topic: string; readonly type: string }[] {
    return this.#shared.topics.list();
  }

  getPublishers(topic: string): readonly { readonly node: string; readonly qos: Qos }[] {
    return this.#shared.topics.listPublishers(this.#resolve(topic));
  }

  onTopic(callback: (topic: string, type: string) => void): void {
    const told = new Set<string>();
    const stop = this.#shared.topics.listen((topic, type) => {
      if (told.has(topic)) return;
      told.add(topic);
      this.guard.run('topic discovery', callback, topic, type);
    });
    this.#own({ destroy: stop });
  }

  disown(end: { destroy(): void }): void {
    this.#owned.delete(end);
  }

  destroy(): void {
    // While /rosout can still hear it.
    this.guard.end();
    this.#isAlive = false;
    this.#clock.cancelAll();
    for (const owned of [...this.#owned]) owned.destroy();
    this.#owned.clear();
    this.#clockSubscription?.destroy();
    this.#clockSubscription = undefined;
    this.#shared.nodes.delete(this);
  }

  #resolve(name: string): string {
    return resolveName(name, this.#identity);
  }

  #own<T extends { destroy(): void }>(thing: T): T {
    this.#owned.add(thing);
    return thing;
  }

  #subscribe(
    form: 'message' | 'bytes',
    type: string,
    topic: string,
    qos: Qos,
    callback: (content: never, info: MessageInfo) => unknown,
  ): Subscription {
    getStruct(type);
    const spec = { topic: this.#resolve(topic), type, qos, form };
    assertQos(qos, spec.topic);
    const subscription = new EmbeddedSubscription(this.#shared.topics, this, spec, callback);
    this.#shared.topics.addSubscription(subscription);
    return this.#own(subscription);
  }

  #followClock(source: 'system' | 'simulated'): void {
    this.#clock.use(source);
    this.#clockSubscription?.destroy();
    this.#clockSubscription = undefined;
    if (source === 'system') return;
    this.#clockSubscription = this.createSubscription(
      'rosgraph_msgs/msg/Clock',
      '/clock',
      QOS.clock,
      ({ clock }) =>
        this.#clock.advance(BigInt(clock.sec) * 1_000_000_000n + BigInt(clock.nanosec)),
    );
  }

  #warnOfUnusedParameters(): void {
    const unused = this.#parameters.listUnusedOverrides();
    if (unused.length === 0) return;
    const names = this.#parameters.list().map(({ name }) => name);
    this.logger.warn(
      `parameters given but not declared, so without effect: ${unused.join(', ')}; declared: ${names.join(', ')}`,
    );
  }
}

/** As rcl offers /rosout. */
const QOS_ROSOUT: Qos = { reliability: 'reliable', durability: 'transient_local', depth: 1000 };
