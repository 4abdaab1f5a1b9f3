import type { ActionClient, ActionServer, ActionServerHandlers } from '../action.ts';
import { type CoreParts, NodeCore } from '../core/node.ts';
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
import { makeActionClient, serveAction } from './action.ts';
import type { RclNode as NativeNode, Rcl, RclContext, TakeRaw } from './api.ts';
import { Ears } from './ears.ts';
import type { Graph } from './graph.ts';
import type { InstalledInterfaces } from './installed.ts';
import { readNodeName, readQos } from './qos.ts';
import { makeClient, serve } from './service.ts';
import { RclnodejsPublisher, RclnodejsSubscription } from './topic.ts';

/** What the nodes of one context share. */
export interface RclParts extends CoreParts {
  readonly rcl: Rcl;
  readonly takeRaw: TakeRaw;
  readonly context: RclContext;
  readonly interfaces: InstalledInterfaces;
  readonly graph: Graph;
  /** Those that live; a node leaves when it is destroyed. */
  readonly nodes: Set<RclNode>;
  /** Who serves a service, or an action, in this process. */
  readonly servers: Map<string, RclNode>;
  readonly actionServers: Map<string, RclNode>;
}

/** [ms] longest wait for the middleware in one go; what arrives ends the wait at once */
const SPIN_MS = 10;

/**
 * Without what we do ourselves, the same for every backend: parameters and the log. Of a namespaced node
 * rclnodejs would announce parameter events on a topic of its own.
 */
const OWN_OPTIONS = {
  startParameterServices: false,
  startTypeDescriptionService: false,
  enableRosout: false,
};
const OWN_ARGUMENTS = ['--ros-args', '-r', 'parameter_events:=/parameter_events'];

/** A node on a real ROS 2 graph. Must live on the main thread: rclnodejs ends a process that spins elsewhere. */
export class RclNode extends NodeCore implements RosNode {
  readonly shared: RclParts;
  readonly native: NativeNode;
  readonly ears = new Ears(this.guard);
  /** rclnodejs' own way to take what is there of these handles. */
  readonly execute: NativeNode['execute'];
  readonly #publishers = new Set<RclnodejsPublisher<unknown>>();

  constructor(shared: RclParts, identity: ResolvedNode, options: NodeOptions) {
    super(shared, identity, options);
    this.shared = shared;
    const { rcl, context } = shared;
    const { name, namespace } = identity;
    this.native = new rcl.Node(name, namespace, context, OWN_OPTIONS, OWN_ARGUMENTS, false);
    // It has a thread that waits, and calls this in ours for what is there: one message of each topic.
    this.execute = this.native.execute.bind(this.native);
    this.native.execute = (handles) => this.ears.runTurn(handles, this.execute);
    shared.graph.addViewer(this);
    this.declareUseSimTime();
    // Of two nodes with one name the first is the one that others reach.
    const { fullyQualifiedName } = identity;
    if (![...shared.nodes].some((other) => other.fullyQualifiedName === fullyQualifiedName)) {
      serveParameters(this);
    }
    shared.nodes.add(this);
    this.native.spin(SPIN_MS);
  }

  whenHeard(callback: () => void): void {
    this.ears.whenHeard(callback);
  }

  createPublisher<T extends TypeName>(
    type: T,
    topic: string,
    qos: Qos = QOS.default,
  ): Publisher<MessageTypes[T]> {
    return this.#publish<MessageTypes[T]>(type, topic, qos);
  }

  createRawPublisher(type: string, topic: string, qos: Qos = QOS.default): RawPublisher {
    return this.#publish<unknown>(type, topic, qos).viewRaw();
  }

  createSubscription<T extends TypeName>(
    type: T,
    topic: string,
    qos: Qos,
    callback: (message: MessageTypes[T], info: MessageInfo) => void,
  ): Subscription {
    const spec = { type, topic: this.resolve(topic), qos };
    return this.own(new RclnodejsSubscription(this, spec, 'message', callback));
  }

  createRawSubscription(
    type: string,
    topic: string,
    qos: Qos,
    callback: (bytes: Uint8Array, info: MessageInfo) => void,
  ): Subscription {
    const spec = { type, topic: this.resolve(topic), qos };
    return this.own(new RclnodejsSubscription(this, spec, 'bytes', callback));
  }

  createService<S extends ServiceName>(
    type: S,
    name: string,
    handler: (
      request: ServiceTypes[S]['request'],
    ) => ServiceTypes[S]['response'] | Promise<ServiceTypes[S]['response']>,
  ): Service {
    return this.own(serve(this, type, this.resolve(name), handler));
  }

  createClient<S extends ServiceName>(
    type: S,
    name: string,
  ): Client<ServiceTypes[S]['request'], ServiceTypes[S]['response']> {
    return this.own(makeClient(this, type, this.resolve(name)));
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
    return this.own(serveAction(this, type, this.resolve(name), handlers));
  }

  createActionClient<A extends ActionName>(
    type: A,
    name: string,
  ): ActionClient<ActionTypes[A]['goal'], ActionTypes[A]['result'], ActionTypes[A]['feedback']> {
    return this.own(makeActionClient(this, type, this.resolve(name)));
  }

  getTopicNamesAndTypes(): readonly { readonly topic: string; readonly type: string }[] {
    return this.native
      .getTopicNamesAndTypes()
      .map(({ name, types }) => ({ topic: name, type: types[0] ?? '' }));
  }

  getPublishers(topic: string): readonly { readonly node: string; readonly qos: Qos }[] {
    return this.native
      .getPublishersInfoByTopic(this.resolve(topic))
      .map((end) => ({ node: readNodeName(end), qos: readQos(end) }));
  }

  onTopic(callback: (topic: string, type: string) => void): void {
    const told = new Set<string>();
    const stop = this.shared.graph.listen((topic, type) => {
      if (told.has(topic)) return;
      told.add(topic);
      this.guard.run('topic discovery', callback, topic, type);
    });
    this.own({ destroy: stop });
  }

  /** @param rank of the time, which is heard before all else, or of anything else */
  /** Gives what was published the time to be heard, until that is over. */
  waitUntilHeard(isOver: () => boolean): void {
    for (const publisher of this.#publishers) {
      if (isOver()) return;
      if (publisher.waitUntilHeard()) continue;
      this.logger.warn(`${publisher.topic}: not every subscription has the last message`);
    }
  }

  override destroy(): void {
    if (!this.isAlive) return;
    super.destroy();
    this.shared.nodes.delete(this);
    this.shared.graph.removeViewer(this);
    this.native.destroy();
  }

  override disown(end: { destroy(): void }): void {
    super.disown(end);
    this.#publishers.delete(end as RclnodejsPublisher<unknown>);
  }

  #publish<T>(type: string, topic: string, qos: Qos): RclnodejsPublisher<T> {
    const publisher = new RclnodejsPublisher<T>(this, { type, topic: this.resolve(topic), qos });
    this.#publishers.add(publisher as RclnodejsPublisher<unknown>);
    return this.own(publisher);
  }
}
