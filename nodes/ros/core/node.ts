import type { ParameterError } from '../errors.ts';
import type { Log, MessageTypes } from '../messages.ts';
import { type ResolvedNode, resolveName } from '../names.ts';
import { Parameters } from '../parameters.ts';
import {
  type Logger,
  type MessageInfo,
  type NodeOptions,
  type ParameterCheck,
  type ParameterDescriptor,
  type ParameterValue,
  type Publisher,
  QOS,
  type Qos,
  type QosConflict,
  type Subscription,
  type Timer,
  type TypeName,
} from '../port.ts';
import { NodeClock, type SystemClock } from './clock.ts';
import type { Executor } from './executor.ts';
import { CallbackGuard } from './guard.ts';
import { type LogSink, makeNodeLogger } from './log.ts';

/** What a node needs of its context, whatever carries its messages. */
export interface CoreParts {
  readonly executor: Executor;
  readonly clock: SystemClock;
  readonly log: LogSink;
}

/** As rcl offers /rosout. */
const QOS_ROSOUT: Qos = { reliability: 'reliable', durability: 'transient_local', depth: 1000 };

/**
 * What is the same in a node of every backend: its names, clock, timers, parameters, log, and the guard
 * that keeps what callbacks throw from going further.
 */
export abstract class NodeCore {
  readonly name: string;
  readonly namespace: string;
  readonly fullyQualifiedName: string;
  readonly logger: Logger;
  readonly guard: CallbackGuard;
  readonly #identity: ResolvedNode;
  readonly #clock: NodeClock;
  readonly #parameters: Parameters;
  readonly #parameterListeners: ((name: string, value: ParameterValue) => void)[] = [];
  readonly #declarationListeners: ((name: string) => void)[] = [];
  readonly #conflictListeners: ((conflict: QosConflict) => void)[] = [];
  /** What to undo when the node goes, in the order it came. */
  readonly #owned = new Set<{ destroy(): void }>();
  readonly #isClockFixed: boolean;
  #clockSubscription: Subscription | undefined;
  #isAlive = true;

  constructor(parts: CoreParts, identity: ResolvedNode, options: NodeOptions) {
    this.#identity = identity;
    this.name = identity.name;
    this.namespace = identity.namespace;
    this.fullyQualifiedName = identity.fullyQualifiedName;
    this.#clock = new NodeClock(parts.clock, parts.executor);
    this.#isClockFixed = options.isClockFixed ?? false;
    this.logger = makeNodeLogger(
      identity.fullyQualifiedName,
      parts.log,
      () => this.nowNs(),
      () => this.#makeRosout(),
    );
    this.guard = new CallbackGuard(this.logger, parts.clock);
    this.#parameters = new Parameters(identity.fullyQualifiedName, options.parameters ?? {});
    parts.executor.post({ run: () => this.#warnOfUnusedParameters() });
  }

  abstract createPublisher<T extends TypeName>(
    type: T,
    topic: string,
    qos?: Qos,
  ): Publisher<MessageTypes[T]>;
  abstract createSubscription<T extends TypeName>(
    type: T,
    topic: string,
    qos: Qos,
    callback: (message: MessageTypes[T], info: MessageInfo) => void,
  ): Subscription;

  /** For the end of a subclass's constructor, when topics can be made. */
  protected declareUseSimTime(): void {
    const useSimTime = this.declareParameter({
      name: 'use_sim_time',
      default: false,
      description: 'Take the time from /clock instead of the system.',
      readOnly: this.#isClockFixed,
    });
    if (useSimTime) this.#followClock('simulated');
  }

  get isAlive(): boolean {
    return this.#isAlive;
  }

  nowNs(): bigint {
    return this.#clock.nowNs();
  }

  onTimeBack(callback: () => void): void {
    this.#clock.onBack(() => this.guard.run('/clock', callback));
  }

  onTime(callback: () => void): void {
    this.#clock.onTime(() => this.guard.run('/clock', callback));
  }

  createTimer(periodS: number, callback: () => void): Timer {
    const source = `timer of ${periodS} s`;
    return this.#clock.createTimer(periodS, () => this.guard.run(source, callback));
  }

  declareParameter<T extends ParameterValue>(descriptor: ParameterDescriptor<T>): T {
    const value = this.#parameters.declare(descriptor);
    for (const listener of this.#declarationListeners) {
      this.guard.run(`parameter ${descriptor.name}`, listener, descriptor.name);
    }
    return value;
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

  onParameterSet(check: ParameterCheck): () => void {
    return this.#parameters.addCheck(check);
  }

  onParameterDeclared(callback: (name: string) => void): void {
    this.#declarationListeners.push(callback);
  }

  /** Why a parameter cannot be set to a value; undefined if it can. @throws ParameterError on an unknown name */
  findParameterObjection(name: string, value: ParameterValue): ParameterError | undefined {
    return this.#parameters.findObjection(name, value);
  }

  onParameterChange(callback: (name: string, value: ParameterValue) => void): void {
    this.#parameterListeners.push(callback);
  }

  onQosConflict(callback: (conflict: QosConflict) => void): void {
    this.#conflictListeners.push(callback);
  }

  /** Logs a conflict that an end of this node has, and tells who listens. */
  reportConflict(found: QosConflict): void {
    const { topic, publisher, subscription, conflict } = found;
    this.logger.warn(
      `${topic}: publisher ${publisher} and subscription ${subscription} have incompatible QoS; no message passes (${conflict}). Give both the same QoS.`,
    );
    for (const listener of this.#conflictListeners) {
      this.guard.run(`QoS conflict on ${topic}`, listener, found);
    }
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
  }

  protected resolve(name: string): string {
    return resolveName(name, this.#identity);
  }

  protected own<T extends { destroy(): void }>(thing: T): T {
    this.#owned.add(thing);
    return thing;
  }

  #makeRosout(): Publisher<Log> | undefined {
    if (!this.#isAlive) return undefined;
    return this.createPublisher('rcl_interfaces/msg/Log', '/rosout', QOS_ROSOUT);
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
