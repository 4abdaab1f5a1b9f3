import { mkdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { McapWriter, TempBuffer } from '@mcap/core';
import type { Shard } from '../episode/plan.ts';
import { computePoseWidth } from '../episode/pose-track.ts';
import { CONTROLLERS, type EpisodeLayout } from '../episode/record.ts';
import { type Compressor, loadCompressor } from '../zstd.ts';
import type { StoredRow } from './episode-table.ts';
import { makeFolders, onDisk, replaceFile, STAGED_SUFFIX } from './files.ts';
import { getShardPaths, listShardFiles } from './layout-paths.ts';
import { makeNestedSchema, makeNester } from './nested-names.ts';
import type { KeepStaged, ShardContents, ShardFormat } from './shard-buffer.ts';

/** Topic of each group of numbers. */
const TOPICS: Readonly<Record<string, string>> = {
  'observation.state': '/observation',
  critic: '/critic',
  action: '/action',
  'next.reward': '/reward',
  reward_terms: '/reward_terms',
  cost_terms: '/cost_terms',
  'goal.achieved': '/goal/achieved',
  'goal.desired': '/goal/desired',
};

/** A file per episode, JSON messages with JSON schemas, which Foxglove plots; time begins at 0. */
export class McapFormat implements ShardFormat {
  readonly format = 'mcap';
  readonly #files: readonly string[];

  constructor(folder: string, shard: Shard) {
    this.#files = listShardFiles(folder, this.format, shard.index);
  }

  async stageFrames(contents: ShardContents, _firstFrame: number, keep: KeepStaged): Promise<void> {
    const compressor = await loadCompressor();
    const { frames } = getShardPaths(this.format, contents.shard.index);
    const folder = path.join(contents.folder, `${frames}${STAGED_SUFFIX}`);
    // What an earlier run left half done.
    rmSync(folder, { recursive: true, force: true });
    makeFolders(path.dirname(folder));
    onDisk(folder, 'the folder cannot be made', () => mkdirSync(folder));
    let bytes = 0;
    for (const row of contents.rows) {
      const content = await encodeEpisode(contents, row, compressor);
      replaceFile(path.join(folder, getEpisodeFile(row.index)), content);
      bytes += content.length;
    }
    // Each was synced as it was written, and `discard` knows their folder.
    const nothing = async () => {};
    keep({ size: bytes, end: nothing, sync: nothing, discard: nothing });
  }

  discard(): void {
    for (const file of this.#files) {
      rmSync(`${file}${STAGED_SUFFIX}`, { recursive: true, force: true });
    }
  }
}

export function getEpisodeFile(index: number): string {
  return `episode-${String(index).padStart(6, '0')}.mcap`;
}

async function encodeEpisode(
  { layout, features }: ShardContents,
  row: StoredRow,
  compressor: Compressor,
): Promise<Uint8Array> {
  const buffer = new TempBuffer();
  const writer = new McapWriter({
    writable: buffer,
    compressChunk: (data) => ({ compression: 'zstd', compressedData: compressor.compress(data) }),
  });
  await writer.start({ profile: '', library: 'zerogap' });
  await writer.addMetadata({ name: 'episode', metadata: describeEpisode(layout, row) });
  const { numFrames } = row.stored;
  for (const [feature, { name, names, width }] of features.entries()) {
    const final = row.final[feature]!;
    const values = new Float32Array(numFrames * width + final.length);
    values.set(row.stored.values[feature]!);
    values.set(final, numFrames * width);
    const nest = makeNester(names);
    await writeTopic(writer, {
      topic: TOPICS[name]!,
      schema: makeNestedSchema(names),
      rateHz: layout.rateHz,
      messages: Array.from({ length: values.length / width }, (_, frame) =>
        nest(values.subarray(frame * width, (frame + 1) * width)),
      ),
    });
  }
  if (row.stored.pose.length > 0) await writePoses(writer, layout, row.stored.pose);
  await writeTopic(writer, {
    topic: '/controller',
    schema: { type: 'object', properties: { name: { type: 'string' } } },
    rateHz: layout.rateHz,
    messages: Array.from(row.stored.controller, (index) => ({ name: CONTROLLERS[index] })),
  });
  await writer.end();
  return buffer.get();
}

const NUMBER = { type: 'number' };
const AXES = { x: NUMBER, y: NUMBER, z: NUMBER };

/** Where the robot truly was, in its odom frame; joints by name. */
function writePoses(
  writer: McapWriter,
  { jointNames, rateHz }: EpisodeLayout,
  pose: Float32Array,
): Promise<void> {
  const describe = (properties: object) => ({ type: 'object', properties });
  const schema = describe({
    position: describe(AXES),
    orientation: describe({ ...AXES, w: NUMBER }),
    jointPosition: describe(Object.fromEntries(jointNames.map((name) => [name, NUMBER]))),
  });
  const width = computePoseWidth(jointNames.length);
  const messages = Array.from({ length: pose.length / width }, (_, frame) => {
    const row = pose.subarray(frame * width, (frame + 1) * width);
    const [px, py, pz, x, y, z, w] = row;
    return {
      position: { x: px, y: py, z: pz },
      orientation: { x, y, z, w },
      jointPosition: Object.fromEntries(jointNames.map((name, k) => [name, row[7 + k]])),
    };
  });
  return writeTopic(writer, { topic: '/pose', schema, rateHz, messages });
}

interface Topic {
  readonly topic: string;
  readonly schema: object;
  readonly rateHz: number;
  /** One per control step. */
  readonly messages: readonly object[];
}

async function writeTopic(
  writer: McapWriter,
  { topic, schema, rateHz, messages }: Topic,
): Promise<void> {
  const encoder = new TextEncoder();
  const schemaId = await writer.registerSchema({
    name: `zerogap${topic.replaceAll('/', '.')}`,
    encoding: 'jsonschema',
    data: encoder.encode(JSON.stringify(schema)),
  });
  const channelId = await writer.registerChannel({
    topic,
    schemaId,
    messageEncoding: 'json',
    metadata: new Map(),
  });
  for (const [sequence, message] of messages.entries()) {
    const logTime = BigInt(Math.round((1e9 * sequence) / rateHz));
    const data = encoder.encode(JSON.stringify(message));
    await writer.addMessage({ channelId, sequence, logTime, publishTime: logTime, data });
  }
}

/** The outcome of an episode and what it drew, in words. */
function describeEpisode(layout: EpisodeLayout, row: StoredRow): Map<string, string> {
  const { summary } = row;
  const { schema, task, robot, robotSha256, policy, policySha256, engine } = layout;
  const entries = {
    schema,
    task,
    robot,
    robotSha256,
    policy,
    policySha256,
    engine,
    index: row.index,
    digest: row.digest,
    criticConstants: Object.fromEntries(
      layout.constantCriticNames.map((name, k) => [name, row.criticConstants[k]]),
    ),
    ...summary,
  };
  return new Map(
    Object.entries(entries).flatMap(([name, value]): [string, string][] => {
      if (value === undefined) return [];
      return [[name, typeof value === 'string' ? value : JSON.stringify(value)]];
    }),
  );
}
