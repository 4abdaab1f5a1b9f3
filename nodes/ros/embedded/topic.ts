import { UserError } from '../../../sim/errors.ts';
import { readCdr, writeCdr } from '../cdr.ts';
import type { Executor, Job } from '../core/executor.ts';
import type { CallbackGuard } from '../core/guard.ts';
import type { Logger, MessageInfo, Publisher, Qos, QosConflict, Subscription } from '../port.ts';
import { findQosConflict } from '../qos.ts';
import { copyChecked } from '../validate.ts';

/** What a topic's ends know of their node. */
export interface Owner {
  readonly fullyQualifiedName: string;
  readonly logger: Logger;
  readonly guard: CallbackGuard;
  nowNs(): bigint;
  reportConflict(conflict: QosConflict): void;
  /** Called by an end that goes before its node does. */
  disown(end: { destroy(): void }): void;
}

/** One published message, shared by all who get it; never handed out, only copied. */
class Sample {
  readonly type: string;
  readonly message: unknown;
  readonly info: MessageInfo;
  #bytes: Uint8Array | undefined;

  constructor(type: string, message: unknown, info: MessageInfo, bytes?: Uint8Array) {
    this.type = type;
    this.message = message;
    this.info = info;
    this.#bytes = bytes;
  }

  /** As they were published, or else serialised at the first asking. */
  get bytes(): Uint8Array {
    this.#bytes ??= writeCdr(this.type, this.message);
    return this.#bytes;
  }
}

/** A sample on its way to one subscription. */
class Delivery implements Job {
  readonly #subscription: EmbeddedSubscription;
  #sample: Sample | undefined;

  constructor(subscription: EmbeddedSubscription, sample: Sample) {
    this.#subscription = subscription;
    this.#sample = sample;
  }

  drop(): void {
    this.#sample = undefined;
  }

  run(): void {
    if (this.#sample !== undefined) this.#subscription.deliver(this.#sample);
  }
}

export class EmbeddedSubscription implements Subscription {
  readonly topic: string;
  readonly type: string;
  readonly qos: Qos;
  readonly owner: Owner;
  readonly #topics: Topics;
  readonly #form: 'message' | 'bytes';
  readonly #callback: (content: never, info: MessageInfo) => unknown;
  /** At most `depth`, oldest first. */
  readonly #pending: Delivery[] = [];
  #numDropped = 0;
  #isAlive = true;

  constructor(
    topics: Topics,
    owner: Owner,
    spec: { topic: string; type: string; qos: Qos; form: 'message' | 'bytes' },
    callback: (content: never, info: MessageInfo) => unknown,
  ) {
    this.topic = spec.topic;
    this.type = spec.type;
    this.qos = spec.qos;
    this.owner = owner;
    this.#topics = topics;
    this.#form = spec.form;
    this.#callback = callback;
  }

  /** [1] messages that a full queue has lost. */
  get numDropped(): number {
    return this.#numDropped;
  }

  /** Queues a sample; a full queue loses its oldest (keep last). */
  enqueue(sample: Sample): void {
    if (this.#pending.length >= this.qos.depth) {
      this.#pending.shift()?.drop();
      this.#numDropped++;
      if (this.#numDropped === 1 && this.qos.reliability === 'reliable') {
        this.owner.logger.warn(
          `${this.topic}: messages come faster than they are taken; a queue of ${this.qos.depth} loses the oldest. Reported once.`,
        );
      }
    }
    const delivery = new Delivery(this, sample);
    this.#pending.push(delivery);
    this.#topics.executor.post(delivery);
  }

  deliver(sample: Sample): void {
    this.#pending.shift();
    if (!this.#isAlive) return;
    try {
      const content =
        this.#form === 'bytes' ? sample.bytes : copyChecked(this.type, sample.message, this.topic);
      this.owner.guard.run(this.topic, this.#callback, content as never, sample.info);
    } catch (error) {
      this.owner.guard.report(this.topic, error);
    }
  }

  destroy(): void {
    if (!this.#isAlive) return;
    this.#isAlive = false;
    this.owner.disown(this);
    this.#topics.removeSubscription(this);
  }
}

export class EmbeddedPublisher<T> implements Publisher<T> {
  readonly topic: string;
  readonly type: string;
  readonly qos: Qos;
  readonly owner: Owner;
  /** Subscriptions that agree, in the order they came. */
  readonly matched: EmbeddedSubscription[] = [];
  readonly #topics: Topics;
  /** Last messages for late joiners; stays empty unless transient_local. */
  readonly #kept: Sample[] = [];
  #isAlive = true;

  constructor(topics: Topics, owner: Owner, spec: { topic: string; type: string; qos: Qos }) {
    this.topic = spec.topic;
    this.type = spec.type;
    this.qos = spec.qos;
    this.owner = owner;
    this.#topics = topics;
  }

  publish(message: T): void {
    this.#send(message);
  }

  /** Those who take bytes get these. @throws RangeError if the bytes end before the message does */
  publishRaw(bytes: Uint8Array): void {
    this.#send(readCdr(this.type, bytes), bytes);
  }

  #send(message: unknown, bytes?: Uint8Array): void {
    if (!this.#isAlive) {
      this.owner.logger.debug(
        `${this.topic}: published after the publisher was destroyed; ignored`,
      );
      return;
    }
    const copy = copyChecked(this.type, message, this.topic);
    const isKept = this.qos.durability === 'transient_local';
    if (this.matched.length === 0 && !isKept) return;
    const info = { topic: this.topic, sourceStampNs: this.owner.nowNs() };
    const sample = new Sample(this.type, copy, info, bytes?.slice());
    if (isKept) {
      this.#kept.push(sample);
      if (this.#kept.length > this.qos.depth) this.#kept.shift();
    }
    for (const subscription of this.matched) subscription.enqueue(sample);
  }

  countSubscriptions(): number {
    return this.matched.length;
  }

  match(subscription: EmbeddedSubscription): void {
    this.matched.push(subscription);
    if (subscription.qos.durability !== 'transient_local') return;
    for (const sample of this.#kept) subscription.enqueue(sample);
  }

  destroy(): void {
    if (!this.#isAlive) return;
    this.#isAlive = false;
    this.#kept.length = 0;
    this.matched.length = 0;
    this.owner.disown(this);
    this.#topics.removePublisher(this);
  }
}

interface Topic {
  readonly type: string;
  readonly publishers: Set<EmbeddedPublisher<never>>;
  readonly subscriptions: Set<EmbeddedSubscription>;
}

/** Every topic of one context: who publishes, who listens, and whether they agree. */
export class Topics {
  readonly executor: Executor;
  readonly #topics = new Map<string, Topic>();
  readonly #listeners = new Set<(topic: string, type: string) => void>();

  constructor(executor: Executor) {
    this.executor = executor;
  }

  /** @throws UserError if the topic exists with another type */
  addPublisher<T>(publisher: EmbeddedPublisher<T>): void {
    const topic = this.#join(publisher);
    topic.publishers.add(publisher);
    for (const subscription of topic.subscriptions) matchEnds(publisher, subscription);
    for (const listener of this.#listeners) listener(publisher.topic, publisher.type);
  }

  /** @throws UserError if the topic exists with another type */
  addSubscription(subscription: EmbeddedSubscription): void {
    const topic = this.#join(subscription);
    topic.subscriptions.add(subscription);
    for (const publisher of topic.publishers) matchEnds(publisher, subscription);
  }

  removePublisher<T>(publisher: EmbeddedPublisher<T>): void {
    this.#topics.get(publisher.topic)?.publishers.delete(publisher);
    this.#removeIfEmpty(publisher.topic);
  }

  removeSubscription(subscription: EmbeddedSubscription): void {
    const topic = this.#topics.get(subscription.topic);
    topic?.subscriptions.delete(subscription);
    for (const { matched } of topic?.publishers ?? []) {
      const at = matched.indexOf(subscription);
      if (at >= 0) matched.splice(at, 1);
    }
    this.#removeIfEmpty(subscription.topic);
  }

  list(): { topic: string; type: string }[] {
    return [...this.#topics].map(([topic, { type }]) => ({ topic, type }));
  }

  listPublishers(topic: string): { node: string; qos: Qos }[] {
    return [...(this.#topics.get(topic)?.publishers ?? [])].map(({ owner, qos }) => ({
      node: owner.fullyQualifiedName,
      qos,
    }));
  }

  /** Tells of every publisher, now and later. Returns how to stop. */
  listen(listener: (topic: string, type: string) => void): () => void {
    for (const [topic, { type, publishers }] of [...this.#topics]) {
      if (publishers.size > 0) listener(topic, type);
    }
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #join(end: { topic: string; type: string; owner: Owner }): Topic {
    let topic = this.#topics.get(end.topic);
    if (topic === undefined) {
      topic = { type: end.type, publishers: new Set(), subscriptions: new Set() };
      this.#topics.set(end.topic, topic);
    }
    if (topic.type === end.type) return topic;
    const others = [...topic.publishers, ...topic.subscriptions];
    const names = [...new Set(others.map(({ owner }) => owner.fullyQualifiedName))].join(', ');
    throw new UserError({
      where: `topic ${end.topic}`,
      problem: `node ${end.owner.fullyQualifiedName} wants another type than ${names}`,
      expected: topic.type,
      got: end.type,
      remedy: 'Give both nodes the same type, or remap one of them to another topic.',
    });
  }

  #removeIfEmpty(name: string): void {
    const topic = this.#topics.get(name);
    if (topic?.publishers.size === 0 && topic.subscriptions.size === 0) this.#topics.delete(name);
  }
}

/** Connects two ends of a topic, or says to both nodes why they stay apart. */
function matchEnds<T>(publisher: EmbeddedPublisher<T>, subscription: EmbeddedSubscription): void {
  const conflict = findQosConflict(publisher.qos, subscription.qos);
  if (conflict === undefined) {
    publisher.match(subscription);
    return;
  }
  const [from, to] = [publisher.owner, subscription.owner];
  const found = {
    topic: publisher.topic,
    publisher: from.fullyQualifiedName,
    subscription: to.fullyQualifiedName,
    conflict,
  };
  from.reportConflict(found);
  if (to !== from) to.reportConflict(found);
}
