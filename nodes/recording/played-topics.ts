import { writeCdr } from '../ros/cdr.ts';
import { isKnownType } from '../ros/definitions.ts';
import { learnSchema, toMessageType } from '../ros/learn-schema.ts';
import { QOS, type Qos, type RosNode } from '../ros/port.ts';
import { readObject } from '../ros/read-object.ts';
import type { RecordedChannel, RecordedMessage, Recording } from './mcap-reader.ts';
import { isRosSchema, readSchemaText } from './schema-text.ts';
import { makeTopicFilter, type TopicChoice } from './topic-filter.ts';

/** A topic of a recording that is published again. */
export interface PlayedTopic {
  /** As it was recorded. */
  readonly recorded: string;
  /** As it is published, remapped. */
  readonly topic: string;
  readonly type: string;
  readonly qos: Qos;
  readonly numMessages: number;
  /** Whether whoever comes late still gets it. */
  readonly isLatched: boolean;
  /** `other`: laid out by another version of the type, and so put into the words of the one in the box. */
  readonly layout: 'same' | 'other';
  /** @throws Error for a message that is none of its type */
  publish(message: RecordedMessage): void;
}

export interface SkippedTopic {
  readonly topic: string;
  readonly type: string;
  readonly reason: string;
}

/** Makes a publisher of each chosen topic that can be published, with the QoS that its publishers had. */
export function makePlayedTopics(node: RosNode, recording: Recording, choice: TopicChoice) {
  const played = new Map<string, PlayedTopic>();
  const skipped: SkippedTopic[] = [];
  // What was recorded is there to be played, hidden or not.
  const isWanted = makeTopicFilter({ ...choice, include: choice.include ?? ['*'] });
  const counts = new Map(recording.topics.map(({ topic, numMessages }) => [topic, numMessages]));
  for (const channel of recording.channels) {
    const { topic, type } = channel;
    const key = `${topic} ${type}`;
    if (!isWanted(topic) || played.has(key)) continue;
    // Of a recorder with several clocks, or split files: one topic, as many channels.
    const same = recording.channels.filter((one) => one.topic === topic && one.type === type);
    try {
      const qos = chooseOffer(topic, same);
      played.set(key, makeTopic(node, channel, qos, counts.get(topic) ?? 0));
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      if (!skipped.some((one) => one.topic === topic && one.type === type))
        skipped.push({ topic, type, reason });
    }
  }
  return { played, skipped };
}

/** @throws Error that says why the topic cannot be published here */
function makeTopic(
  node: RosNode,
  channel: RecordedChannel,
  qos: Qos,
  numMessages: number,
): PlayedTopic {
  const { topic: recorded, schema, encoding } = channel;
  const type = toMessageType(channel.type);
  if (encoding !== 'cdr') throw new Error(`its messages are '${encoding}', not 'cdr' of ROS 2`);
  if (/\/srv\/|\/action\//.test(type)) {
    throw new Error('it tells what a service or an action did, and is no topic of a node');
  }
  let layout: 'same' | 'other' = 'same';
  if (isRosSchema(schema)) layout = learnSchema(type, readSchemaText(type, schema));
  else if (!isKnownType(type)) {
    throw new Error(`its type is not known here, and its schema is '${schema.encoding}'`);
  }
  const publisher = node.createRawPublisher(type, recorded, qos);
  return {
    ...{ recorded, topic: publisher.topic, type, qos, numMessages, layout },
    isLatched: qos.durability === 'transient_local',
    publish: ({ bytes, decode }) =>
      publisher.publish(
        layout === 'same' ? bytes : writeCdr(type, readObject(type, decode(), recorded)),
      ),
  };
}

/** Topics that nobody may come too late for, where a file does not tell. */
const LATCHED = new Set(['tf_static', 'robot_description']);

/** One publisher in the place of several: it offers what the most demanding of them did, and keeps as much as all. */
function chooseOffer(topic: string, channels: readonly RecordedChannel[]): Qos {
  // Each part of a split recording tells the same.
  const offers = channels.find((channel) => channel.offers.length > 0)?.offers ?? [];
  if (offers.length === 0) {
    return LATCHED.has(topic.slice(topic.lastIndexOf('/') + 1)) ? QOS.latched : QOS.default;
  }
  const some = (test: (offer: Qos) => boolean) => offers.some(test);
  const depths = offers.map(({ depth }) => depth);
  const isLatched = some(({ durability }) => durability === 'transient_local');
  return {
    reliability: some(({ reliability }) => reliability === 'reliable') ? 'reliable' : 'best_effort',
    durability: isLatched ? 'transient_local' : 'volatile',
    depth: isLatched ? depths.reduce((sum, depth) => sum + depth, 0) : Math.max(...depths),
  };
}
