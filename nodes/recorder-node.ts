import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { UserError } from '../sim/errors.ts';
import { type AttachmentFile, type McapWriter, openMcapWriter } from './recording/mcap-writer.ts';
import { renderMetadataYaml } from './recording/rosbag2.ts';
import { makeTopicFilter, type TopicChoice } from './recording/topic-filter.ts';
import { isKnownType } from './ros/definitions.ts';
import type { NodeOptions, RosContext, RosNode } from './ros/port.ts';
import { adaptQos } from './ros/qos.ts';

export interface RecorderOptions {
  /**
   * `run.mcap`: that file. Any other name: a bag folder as `ros2 bag record` makes it, with
   * `<name>_0.mcap` and metadata.yaml.
   */
  readonly path: string;
  readonly topics?: TopicChoice;
  /** Records of text: resolved configuration, seed, commit. */
  readonly metadata?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly attachments?: readonly AttachmentFile[];
  /** Told once, when the disk takes no more; `stats().failure` says the same. The run may go on; what is on disk stays readable. */
  readonly onError?: (error: UserError) => void;
  readonly node?: NodeOptions;
}

export interface RecorderStats {
  /** Taken so far, those not yet on disk included. */
  readonly numMessages: number;
  readonly numTopics: number;
  readonly numChunks: number;
  /** [byte] on disk */
  readonly numBytes: number;
  /** Whether the disk refused a write; nothing is recorded since. */
  readonly hasFailed: boolean;
  /** Why, in a sentence for the user; absent unless it has failed. */
  readonly failure?: string;
}

export interface RecorderNode {
  /** The MCAP file. */
  readonly path: string;
  stats(): RecorderStats;
  /** Records what is still on its way, then ends the file. May be called again. */
  close(): Promise<void>;
}

/** [1] enough for what one turn of the event loop publishes on one topic */
const QUEUE_DEPTH = 1000;

/**
 * Records every topic that has a publisher now or later. Log time is the node clock's: with
 * `use_sim_time`, simulated time, and then publish time too, as publishers stamp in system time.
 * @throws UserError if the file exists or cannot be made
 */
export async function makeRecorderNode(
  context: RosContext,
  options: RecorderOptions,
): Promise<RecorderNode> {
  const { file, folder } = resolvePath(options.path);
  let node: RosNode | undefined;
  let failure: string | undefined;
  const onError = (error: UserError) => {
    failure = error.message;
    node?.logger.error(error.message);
    options.onError?.(error);
  };
  const writer = await openMcapWriter({ path: file, onError });
  node = context.createNode('recorder', options.node ?? {});
  for (const [name, values] of Object.entries(options.metadata ?? {})) {
    writer.addMetadata(name, values);
  }
  for (const attachment of options.attachments ?? []) {
    writer.addAttachment(attachment, node.nowNs());
  }
  const topics = recordTopics(node, writer, makeTopicFilter(options.topics ?? {}));
  let closing: Promise<void> | undefined;
  const close = async (recorder: RosNode) => {
    await context.settled();
    recorder.destroy();
    writer.close();
    // After a failure the counts are not those of the file.
    if (folder !== undefined && !writer.hasFailed) writeMetadataFile(folder, writer, onError);
  };
  return {
    path: file,
    stats: () => ({
      numMessages: Number(writer.numMessages),
      numTopics: topics.size,
      numChunks: writer.numChunks,
      numBytes: writer.size,
      hasFailed: failure !== undefined,
      ...(failure === undefined ? {} : { failure }),
    }),
    close: () => {
      closing ??= close(node);
      return closing;
    },
  };
}

/** Subscribes to each topic that appears; returns the names of those it records. */
function recordTopics(
  node: RosNode,
  writer: McapWriter,
  isWanted: (topic: string) => boolean,
): ReadonlySet<string> {
  const recorded = new Set<string>();
  node.onTopic((topic, type) => {
    if (!isWanted(topic)) return;
    if (!isKnownType(type)) {
      node.logger.warn(`${topic} is not recorded: there is no definition of ${type}`);
      return;
    }
    const offers = node.getPublishers(topic).map(({ qos }) => qos);
    const channel = writer.addChannel(topic, type, offers);
    const isSimulated = () => node.getParameter('use_sim_time') === true;
    node.createRawSubscription(type, topic, adaptQos(offers, QUEUE_DEPTH), (bytes, info) => {
      const nowNs = node.nowNs();
      writer.write(channel, nowNs, isSimulated() ? nowNs : info.sourceStampNs, bytes);
    });
    recorded.add(topic);
  });
  return recorded;
}

function resolvePath(target: string): { file: string; folder?: string } {
  if (target.endsWith('.mcap')) return { file: target };
  return { file: path.join(target, `${path.basename(target)}_0.mcap`), folder: target };
}

function writeMetadataFile(
  folder: string,
  writer: McapWriter,
  onError: (error: UserError) => void,
): void {
  const file = path.join(folder, 'metadata.yaml');
  try {
    writeFileSync(file, renderMetadataYaml(writer.getBagSummary(path.basename(writer.path))));
  } catch (cause) {
    const got = (cause as Error).message;
    const remedy = 'The MCAP file beside it is whole; `ros2 bag reindex` makes the missing one.';
    const problem = 'cannot be written';
    onError(new UserError({ where: file, problem, expected: 'a bag folder', got, remedy, cause }));
  }
}
