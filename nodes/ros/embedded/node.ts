import type { ActionClient, ActionServer, ActionServerHandlers } from '../action.ts';
import { type CoreParts, NodeCore } from '../core/node.ts';
import { getStruct } from '../definitions.ts';
import type { ActionTypes, MessageTypes, ServiceTypes } from '../messages.ts';
import type { ResolvedNode } from '../names.ts';
import { serveParameters } from '../parameter-services.ts';
import {
  type ActionName,
  type Client,
  type MessageInfo,
  type NodeOptions,
  type Publisher,
  QOS,
  type Qos,
  type RawPublisher,
  type RosNode,
  type Service,
  type ServiceName,
  type Subscription,
  type TypeName,
} from '../port.ts';
import { assertQos } from '../qos.ts';
import type { Actions } from './action.ts';
import type { Services } from './service.ts';
import { EmbeddedPublisher, EmbeddedSubscription, type Topics } from './topic.ts';

/** What the nodes of one context share. */
export interface SharedParts extends CoreParts {
  readonly topics: Topics;
  readonly services: Services;
  readonly actions: Actions;
  /** Those that live; a node leaves when it is destroyed. */
  readonly nodes: Set<EmbeddedNode>;
}

/** A node of the embedded backend. */
export class EmbeddedNode extends NodeCore implements RosNode {
  readonly #shared: SharedParts;

  constructor(shared: SharedParts, identity: ResolvedNode, options: NodeOptions) {
    super(shared, identity, options);
    this.#shared = shared;
    this.declareUseSimTime();
    // Of two nodes with one name the first is the one that others reach.
    const { fullyQualifiedName } = identity;
    if (![...shared.nodes].some((other) => other.fullyQualifiedName === fullyQualifiedName)) {
      serveParameters(this);
    }
    shared.nodes.add(this);
  }

  whenHeard(callback: () => void): void {
    void this.#shared.executor.settled().then(() => this.guard.run('when all is heard', callback));
  }

  createPublisher<T extends TypeName>(
    type: T,
    topic: string,
    qos: Qos = QOS.default,
  ): Publisher<MessageTypes[T]> {
    return this.#publish<MessageTypes[T]>(type, topic, qos);
  }

  createRawPublisher(type: string, topic: string, qos: Qos = QOS.default): RawPublisher {
    const publisher = this.#publish<unknown>(type, topic, qos);
    return {
      topic: publisher.topic,
      publish: (bytes) => publisher.publishRaw(bytes),
      countSubscriptions: () => publisher.countSubscriptions(),
      destroy: () => publisher.destroy(),
    };
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
    return this.own(this.#shared.services.serve(this.resolve(name), server));
  }

  createClient<S extends ServiceName>(
    type: S,
    name: string,
  ): Client<ServiceTypes[S]['request'], ServiceTypes[S]['response']> {
    return this.own(this.#shared.services.makeClient(this.resolve(name), type, this));
  }

  createActionServer<A extends ActionName>(
    type: A,
    name: string,
    handlers: ActionServerHandlers<
      ActionTypes[A]['goal'],
      ActionTypes[A]['result'],
      ActionTypes[A]['feedback']
    >,
  ): ActionServer {
    return this.own(this.#shared.actions.serve(this.resolve(name), type, this, handlers));
  }

  createActionClient<A extends ActionName>(
    type: A,
    name: string,
  ): ActionClient<ActionTypes[A]['goal'], ActionTypes[A]['result'], ActionTypes[A]['feedback']> {
    return this.own(this.#shared.actions.makeClient(this.resolve(name), type, this));
  }

  getTopicNamesAndTypes(): readonly { readonly topic: string; readonly type: string }[] {
    return this.#shared.topics.list();
  }

  getPublishers(topic: string): readonly { readonly node: string; readonly qos: Qos }[] {
    return this.#shared.topics.listPublishers(this.resolve(topic));
  }

  onTopic(callback: (topic: string, type: string) => void): void {
    const told = new Set<string>();
    const stop = this.#shared.topics.listen((topic, type) => {
      if (told.has(topic)) return;
      told.add(topic);
      this.guard.run('topic discovery', callback, topic, type);
    });
    this.own({ destroy: stop });
  }

  override destroy(): void {
    super.destroy();
    this.#shared.nodes.delete(this);
  }

  #publish<T>(type: string, topic: string, qos: Qos): EmbeddedPublisher<T> {
    getStruct(type);
    const spec = { topic: this.resolve(topic), type, qos };
    assertQos(qos, spec.topic);
    const publisher = new EmbeddedPublisher<T>(this.#shared.topics, this, spec);
    this.#shared.topics.addPublisher(publisher);
    return this.own(publisher);
  }

  #subscribe(
    form: 'message' | 'bytes',
    type: string,
    topic: string,
    qos: Qos,
    callback: (content: never, info: MessageInfo) => unknown,
  ): Subscription {
    getStruct(type);
    const spec = { topic: this.resolve(topic), type, qos, form };
    assertQos(qos, spec.topic);
    const subscription = new EmbeddedSubscription(this.#shared.topics, this, spec, callback);
    this.#shared.topics.addSubscription(subscription);
    return this.own(subscription);
  }
}
