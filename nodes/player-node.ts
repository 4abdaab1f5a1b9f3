import type { RecordedMessage, Recording } from './recording/mcap-reader.ts';
import {
  makePlayedTopics,
  type PlayedTopic,
  type SkippedTopic,
} from './recording/played-topics.ts';
import type { TopicChoice } from './recording/topic-filter.ts';
import { writeCdr } from './ros/cdr.ts';
import type { NodeOptions, RawPublisher, RosContext, RosNode } from './ros/port.ts';
import { makePacer } from './simulator/pacer.ts';
import { TOPICS } from './topics.ts';

export interface PlayerOptions {
  readonly recording: Recording;
  /** Recorded seconds per second; 0 = as fast as possible. */
  readonly rate: number;
  /** [s] what is skipped of the beginning */
  readonly startS?: number | undefined;
  /** [s] how much is played, to the end if not given */
  readonly durationS?: number | undefined;
  /** Begins again at the end; time then goes back, /clock too. */
  readonly loop?: boolean | undefined;
  readonly topics?: TopicChoice;
  readonly node?: NodeOptions;
}

export interface PlayerNode {
  readonly topics: readonly PlayedTopic[];
  /** Not played, each with the reason. */
  readonly skipped: readonly SkippedTopic[];
  /** [s] between the first message and the last */
  readonly lengthS: number;
  /** [s] since the recording's beginning */
  readonly timeS: number;
  /** Published so far, /clock as far as it was recorded. */
  readonly numMessages: number;
  /** That could not be published, although their topic is played. */
  readonly numUnreadable: number;
  /** Resolves at the end, or when it is stopped. */
  play(): Promise<void>;
  stop(): void;
}

/** [s] messages this close together go out without a pause between them */
const BURST_S = 0.002;
/** [s] of wall time between two messages of /clock, where nothing else is to be said */
const CLOCK_PERIOD_S = 0.01;

/**
 * Publishes what was recorded at its own pace, with the types and the QoS that it had, as the bytes that they were. Time
 * is simulated time: /clock is what was recorded of it, or else follows the recording's own times.
 */
export function makePlayerNode(context: RosContext, options: PlayerOptions): PlayerNode {
  return new Player(context, options);
}

class Player implements PlayerNode {
  readonly topics: readonly PlayedTopic[];
  readonly skipped: readonly SkippedTopic[];
  readonly lengthS: number;
  timeS = 0;
  numMessages = 0;
  numUnreadable = 0;
  readonly #options: PlayerOptions;
  readonly #context: RosContext;
  readonly #node: RosNode;
  /** By `topic type`, as recorded. */
  readonly #played: ReadonlyMap<string, PlayedTopic>;
  readonly #pacer: ReturnType<typeof makePacer>;
  /** Unless the clock was recorded. */
  readonly #clock: RawPublisher | undefined;
  readonly #unreadable = new Set<PlayedTopic>();
  #isStopping = false;

  constructor(context: RosContext, options: PlayerOptions) {
    const { recording, topics = {}, node = {}, rate } = options;
    this.#options = options;
    this.#context = context;
    this.#node = context.createNode('replay', node);
    const { startNs = 0n, endNs = 0n } = recording;
    this.lengthS = Number(endNs - startNs) / 1e9;
    const { played, skipped } = makePlayedTopics(this.#node, recording, topics);
    this.#played = played;
    this.topics = [...played.values()];
    this.skipped = skipped;
    const { name, type, qos } = TOPICS.clock;
    const isRecorded = this.topics.some((one) => one.recorded === name && one.numMessages > 0);
    this.#clock = isRecorded ? undefined : this.#node.createRawPublisher(type, name, qos);
    this.#pacer = makePacer(rate);
    for (const one of skipped) {
      this.#node.logger.warn(`${one.topic} (${one.type}) is not played: ${one.reason}`);
    }
  }

  stop(): void {
    this.#isStopping = true;
    this.#pacer.interrupt();
  }

  async play(): Promise<void> {
    do await this.#playOnce();
    while (this.#options.loop === true && !this.#isStopping);
  }

  async #playOnce(): Promise<void> {
    const { recording, startS = 0, durationS = Number.POSITIVE_INFINITY } = this.#options;
    const { startNs = 0n } = recording;
    this.#pacer.start(startS);
    let waitedForS = startS;
    this.#tellTime(startS);
    for await (const message of recording.messages()) {
      const atS = Number(message.logTimeNs - startNs) / 1e9;
      if (this.#isStopping || atS > startS + durationS) break;
      const topic = this.#played.get(`${message.topic} ${message.type}`);
      // What whoever comes late still gets, they get although it was said before the start.
      if (topic === undefined || (atS < startS && !topic.isLatched)) continue;
      if (atS > waitedForS + BURST_S) {
        await this.#waitFor(atS, waitedForS);
        waitedForS = atS;
      }
      if (this.#isStopping) break;
      this.timeS = Math.max(atS, startS);
      this.#publish(topic, message);
    }
    await this.#context.settled();
  }

  /** Lets time pass in small steps, so that whoever lives by /clock sees it pass. */
  async #waitFor(atS: number, fromS: number): Promise<void> {
    const { rate } = this.#options;
    const stepS = CLOCK_PERIOD_S * (rate > 1 ? rate : 1);
    const numSteps = this.#clock === undefined ? 1 : Math.max(1, Math.ceil((atS - fromS) / stepS));
    for (let k = 1; k <= numSteps && !this.#isStopping; k++) {
      const untilS = fromS + ((atS - fromS) * k) / numSteps;
      await this.#context.settled();
      await this.#pacer.waitFor(untilS);
      this.#tellTime(untilS);
    }
  }

  /** Before the messages of that time, so that nobody takes them for the future. */
  #tellTime(atS: number): void {
    if (this.#clock === undefined) return;
    const nowNs = (this.#options.recording.startNs ?? 0n) + BigInt(Math.round(atS * 1e9));
    const clock = { sec: Number(nowNs / 1_000_000_000n), nanosec: Number(nowNs % 1_000_000_000n) };
    this.#clock.publish(writeCdr(TOPICS.clock.type, { clock }));
  }

  #publish(topic: PlayedTopic, message: RecordedMessage): void {
    try {
      topic.publish(message);
      this.numMessages++;
    } catch (error) {
      this.numUnreadable++;
      if (this.#unreadable.has(topic)) return;
      this.#unreadable.add(topic);
      const why = error instanceof Error ? error.message : String(error);
      this.#node.logger.warn(`${topic.recorded}: a message is left out, others may follow: ${why}`);
    }
  }
}
