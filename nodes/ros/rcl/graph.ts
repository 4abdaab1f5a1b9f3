import { UserError } from '../../../sim/errors.ts';
import type { NodeCore } from '../core/node.ts';
import { findQosConflict } from '../qos.ts';
import type { RclNode as NativeNode, RclEndpoint } from './api.ts';
import { findUnmetDemand, readNodeName, readQos } from './qos.ts';
import type { End } from './topic.ts';

/** [ms] how soon a new topic, or an end that does not fit, is seen */
const PERIOD_MS = 500;

/** A node as the graph is seen through it. */
interface Viewer extends NodeCore {
  readonly native: NativeNode;
}

/**
 * Watches the ROS graph for what ROS says nothing of: ends of one topic whose QoS or type does not
 * match. It reads the graph as `ros2 topic info -v` does, because QoS events came only after Humble.
 */
export class Graph {
  readonly #ends = new Set<End>();
  readonly #viewers = new Set<Viewer>();
  readonly #listeners = new Set<(topic: string, type: string) => void>();
  /** Type of each topic that somebody has published on. */
  readonly #published = new Map<string, string>();
  readonly #reported = new Set<string>();
  #timer: NodeJS.Timeout | undefined;

  addViewer(node: Viewer): void {
    this.#viewers.add(node);
    this.#timer ??= setInterval(() => this.look(), PERIOD_MS).unref();
  }

  removeViewer(node: Viewer): void {
    this.#viewers.delete(node);
    if (this.#viewers.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  /** @throws UserError if another node of this process has the topic with another type */
  assertSameType({ topic, type }: Pick<End, 'topic' | 'type'>, owner: NodeCore): void {
    const other = [...this.#ends].find((end) => end.topic === topic && end.type !== type);
    if (other === undefined) return;
    throw new UserError({
      where: `topic ${topic}`,
      problem: `node ${owner.fullyQualifiedName} wants another type than ${other.owner.fullyQualifiedName}`,
      expected: other.type,
      got: type,
      remedy: 'Give both nodes the same type, or remap one of them to another topic.',
    });
  }

  add(end: End): void {
    this.#ends.add(end);
  }

  remove(end: End): void {
    this.#ends.delete(end);
  }

  /** Tells of every topic that has, or had, a publisher, now and later. Returns how to stop. */
  listen(listener: (topic: string, type: string) => void): () => void {
    this.#findTopics();
    for (const [topic, type] of this.#published) listener(topic, type);
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** One look at the graph. What goes wrong in it is a fault of the graph's, and no reason to end. */
  look(): void {
    const [viewer] = this.#viewers;
    if (viewer === undefined) return;
    try {
      if (this.#listeners.size > 0) this.#findTopics();
      for (const end of [...this.#ends]) this.#judge(end, viewer.native);
    } catch (error) {
      viewer.guard.report('the ROS graph', error);
    }
  }

  /** Looks only at topics that are new: who publishes is a question to the middleware for each. */
  #findTopics(): void {
    const [viewer] = this.#viewers;
    for (const { name, types } of viewer?.native.getTopicNamesAndTypes() ?? []) {
      const [type] = types;
      if (type === undefined || this.#published.has(name)) continue;
      if (viewer?.native.getPublishersInfoByTopic(name).length === 0) continue;
      this.#published.set(name, type);
      for (const listener of this.#listeners) listener(name, type);
    }
  }

  #judge(end: End, native: NativeNode): void {
    const isPublisher = end.kind === 'publisher';
    const others = isPublisher
      ? native.getSubscriptionsInfoByTopic(end.topic)
      : native.getPublishersInfoByTopic(end.topic);
    for (const other of others) {
      if (other.topic_type !== end.type) this.#reportType(end, other);
      else this.#reportQos(end, other);
    }
  }

  #reportQos(end: End, other: RclEndpoint): void {
    const isPublisher = end.kind === 'publisher';
    const theirs = readQos(other);
    const conflicts = isPublisher
      ? [findQosConflict(end.qos, theirs), findUnmetDemand(other)]
      : [findQosConflict(theirs, end.qos)];
    const conflict = conflicts.filter((one) => one !== undefined).join('; ');
    if (conflict === '') return;
    const [own, name] = [end.owner.fullyQualifiedName, readNodeName(other)];
    if (!this.#isNews(`${end.kind} ${own} ${end.topic} ${name} ${conflict}`)) return;
    end.owner.reportConflict({
      topic: end.topic,
      publisher: isPublisher ? own : name,
      subscription: isPublisher ? name : own,
      conflict,
    });
  }

  #reportType(end: End, other: RclEndpoint): void {
    const [own, name] = [end.owner.fullyQualifiedName, readNodeName(other)];
    if (!this.#isNews(`${end.kind} ${own} ${end.topic} ${name} ${other.topic_type}`)) return;
    end.owner.logger.warn(
      `${end.topic}: ${own} has type ${end.type}, but ${name} has ${other.topic_type}; no message passes between them. Give both nodes the same type, or remap one of them to another topic.`,
    );
  }

  #isNews(key: string): boolean {
    if (this.#reported.has(key)) return false;
    this.#reported.add(key);
    return true;
  }
}
