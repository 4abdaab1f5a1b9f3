import { readCdr, viewCdr, writeCdr } from '../cdr.ts';
import type { NodeCore } from '../core/node.ts';
import { isKnownType, makeHolds } from '../definitions.ts';
import type { MessageInfo, Publisher, Qos, RawPublisher, Subscription } from '../port.ts';
import { assertQos } from '../qos.ts';
import { readObject } from '../read-object.ts';
import { assertFits, copyChecked } from '../validate.ts';
import type { RclPublisher, RclSubscription } from './api.ts';
import type { Ear } from './ears.ts';
import type { RclNode } from './node.ts';
import { makeQos } from './qos.ts';

/** An end of a topic, for the one who watches the graph. */
export interface End {
  readonly kind: 'publisher' | 'subscription';
  readonly topic: string;
  readonly type: string;
  readonly qos: Qos;
  readonly owner: NodeCore;
}

export interface EndSpec {
  readonly type: string;
  /** Resolved. */
  readonly topic: string;
  readonly qos: Qos;
}

/** Whether CDR may hold what the type does not allow: bytes that could be read have the right types anyway. */
const hasBounds = makeHolds(
  ({ element, array }) =>
    array?.maxLength !== undefined ||
    (element.kind === 'primitive' && element.maxLength !== undefined),
);

/** [ns] what a reliable publisher gets to be heard before it goes */
const ACK_TIMEOUT_NS = 200_000_000n;

/** A publisher over rclnodejs: messages are checked and serialised here, so that it sends bytes alone. */
export class RclnodejsPublisher<T> implements Publisher<T>, End {
  readonly kind = 'publisher';
  readonly topic: string;
  readonly type: string;
  readonly qos: Qos;
  readonly owner: RclNode;
  readonly #native: RclPublisher;
  readonly #hasSameBytes: boolean;
  #isAlive = true;

  constructor(owner: RclNode, { type, topic, qos }: EndSpec) {
    assertQos(qos, topic);
    owner.shared.interfaces.assertInstalled(type);
    owner.shared.interfaces.assertCarried(type);
    owner.shared.graph.assertSameType({ type, topic }, owner);
    this.owner = owner;
    this.topic = topic;
    this.type = type;
    this.qos = qos;
    this.#hasSameBytes = owner.shared.interfaces.hasSameBytes(type);
    this.#native = owner.native.createPublisher(type, topic, {
      qos: makeQos(owner.shared.rcl, qos),
    });
    owner.shared.graph.add(this);
  }

  publish(message: T): void {
    if (this.#hasSameBytes) {
      assertFits(this.type, message, this.topic);
      this.publishRaw(viewCdr(this.type, message));
      return;
    }
    const checked = copyChecked(this.type, message, this.topic) as object;
    if (this.#mayPublish()) this.#native.publish(checked);
  }

  /** Bytes by our definition; those of a type that the box lacks go out whatever they are. */
  publishRaw(bytes: Uint8Array): void {
    if (!this.#mayPublish()) return;
    if (!this.#hasSameBytes && isKnownType(this.type)) {
      this.publish(readCdr(this.type, bytes) as T);
      return;
    }
    const { buffer, byteOffset, byteLength } = bytes;
    this.#native.publish(
      bytes instanceof Buffer ? bytes : Buffer.from(buffer, byteOffset, byteLength),
    );
  }

  countSubscriptions(): number {
    return this.#isAlive ? this.#native.subscriptionCount : 0;
  }

  /** Whether all who listen have what was sent; waits a moment for it. */
  waitUntilHeard(): boolean {
    if (!this.#isAlive || this.qos.reliability !== 'reliable') return true;
    return this.#native.waitForAllAcked(ACK_TIMEOUT_NS);
  }

  /** The same end, for those who have the bytes already. */
  viewRaw(): RawPublisher {
    return {
      topic: this.topic,
      publish: (bytes) => this.publishRaw(bytes),
      countSubscriptions: () => this.countSubscriptions(),
      destroy: () => this.destroy(),
    };
  }

  destroy(): void {
    if (!this.#isAlive) return;
    this.#isAlive = false;
    this.owner.shared.graph.remove(this);
    this.owner.disown(this);
    this.owner.native.destroyPublisher(this.#native);
  }

  #mayPublish(): boolean {
    if (!this.#isAlive) {
      this.owner.logger.debug(
        `${this.topic}: published after the publisher was destroyed; ignored`,
      );
    }
    return this.#isAlive;
  }
}

/** A subscription over rclnodejs, which hands over bytes; they are read here, once somebody wants them. */
export class RclnodejsSubscription implements Subscription, End {
  readonly kind = 'subscription';
  readonly topic: string;
  readonly type: string;
  readonly qos: Qos;
  readonly owner: RclNode;
  readonly #native: RclSubscription;
  readonly #ear: Ear;
  #isAlive = true;

  constructor(
    owner: RclNode,
    { type, topic, qos }: EndSpec,
    form: 'message' | 'bytes',
    callback: (content: never, info: MessageInfo) => unknown,
  ) {
    assertQos(qos, topic);
    const { interfaces, rcl, takeRaw, graph } = owner.shared;
    interfaces.assertInstalled(type);
    interfaces.assertCarried(type);
    graph.assertSameType({ type, topic }, owner);
    this.owner = owner;
    this.topic = topic;
    this.type = type;
    this.qos = qos;
    const hasSameBytes = interfaces.hasSameBytes(type);
    const isBounded = isKnownType(type) && hasBounds(type);
    // What the ROS here lays out otherwise is told by our definition, as bytes too: a recording holds it beside them.
    const isRaw = hasSameBytes || (form === 'bytes' && !isKnownType(type));
    const read = (content: unknown) => {
      if (!isRaw) {
        const message = readObject(type, content, topic);
        return form === 'bytes' ? writeCdr(type, message) : message;
      }
      if (form === 'bytes') return content;
      const message = readCdr(type, content as Buffer);
      if (isBounded) assertFits(type, message, topic);
      return message;
    };
    let numHeard = 0;
    // What is thrown into rclnodejs ends the process: nothing leaves here.
    const hear = (content: unknown): void => {
      if (!this.#isAlive) return;
      numHeard++;
      // rclnodejs tells no stamp with raw bytes.
      const info = { topic, sourceStampNs: owner.nowNs() };
      try {
        owner.guard.run(topic, callback, read(content) as never, info);
      } catch (error) {
        owner.guard.report(topic, error);
      }
    };
    const options = { qos: makeQos(rcl, qos), isRaw };
    this.#native = owner.native.createSubscription(type, topic, options, hear);
    const { handle } = this.#native;
    const takeBytes = (): boolean => {
      try {
        const bytes = takeRaw(handle);
        if (bytes !== undefined) hear(bytes);
        return bytes !== undefined;
      } catch (error) {
        owner.guard.report(topic, error);
        return false;
      }
    };
    const takeObject = (): boolean => {
      const before = numHeard;
      owner.execute([handle]);
      return numHeard > before;
    };
    this.#ear = { handle, take: isRaw ? takeBytes : takeObject };
    owner.ears.add(this.#ear, type === 'rosgraph_msgs/msg/Clock' ? 'first' : 'any');
    graph.add(this);
  }

  destroy(): void {
    if (!this.#isAlive) return;
    this.#isAlive = false;
    this.owner.shared.graph.remove(this);
    this.owner.disown(this);
    this.owner.ears.remove(this.#ear);
    this.owner.native.destroySubscription(this.#native);
  }
}
