import type { Dataset } from '../../sim/dataset/dataset.ts';
import { getShardWriterFactory } from '../../sim/dataset/formats.ts';
import type { DatasetFormat, ShardReceipt } from '../../sim/dataset/shard-writer.ts';
import { computeEpisodeDigest } from '../../sim/episode/digest.ts';
import type { Shard } from '../../sim/episode/plan.ts';
import {
  EPISODE_SCHEMA,
  type EpisodeLayout,
  type EpisodeRecord,
} from '../../sim/episode/record.ts';
import { Rng } from '../../sim/math/rng.ts';

/** A layout with every group of numbers, one of which has a single number. */
export const LAYOUT: EpisodeLayout = {
  schema: EPISODE_SCHEMA,
  task: 'made-up',
  taskDescription: 'Reach the goal with a payload',
  robot: 'made-up-robot',
  robotSha256: 'ab'.repeat(32),
  policy: 'random',
  policySha256: undefined,
  engine: 'rapier',
  rateHz: 50,
  maxFrames: 40,
  observationNames: ['position.x', 'position.y', 'speed', 'speed[-1]'],
  criticNames: ['position.x', 'position.y', 'context.massScale', 'context.wind.forceScale'],
  // The wind is drawn anew while episodes run.
  constantCriticNames: ['context.massScale'],
  actionNames: ['left', 'right'],
  actionClip: [-1, 1],
  rewardNames: ['progress', 'effort'],
  costNames: ['contact'],
  goalNames: ['x', 'y'],
  jointNames: ['left', 'right'],
  contextNames: ['massScale', 'wind.forceScale', 'commandLatencyS'],
  contextDistributions: [{ uniform: [0.5, 1.5] }, { logUniform: [0.01, 1] }, 0],
};

/** An episode whose numbers follow from the seed and its index; heavy robots fail. */
export function makeRecord(seed: number, index: number): EpisodeRecord {
  const rng = new Rng(seed, 'episode', index);
  const numFrames = rng.integer(5, LAYOUT.maxFrames);
  const massScale = rng.uniform(0.5, 1.5);
  const windScale = Math.exp(rng.uniform(Math.log(0.01), 0));
  const success = massScale < 1.1;
  const fill = (rows: number, width: number) =>
    Float32Array.from({ length: rows * width }, () => rng.normal(0, 1));
  const reward = fill(numFrames, 1);
  const rewardTerms = new Float32Array(2 * numFrames);
  reward.forEach((value, k) => {
    rewardTerms[2 * k] = value;
  });
  const total = reward.reduce((sum, value) => sum + value, 0);
  return {
    index,
    numFrames,
    observation: fill(numFrames + 1, 4),
    critic: fill(numFrames + 1, 3),
    criticConstants: Float32Array.of(2 * (massScale - 1)),
    action: fill(numFrames, 2),
    reward,
    rewardTerms,
    costTerms: fill(numFrames, 1),
    achievedGoal: fill(numFrames + 1, 2),
    desiredGoal: fill(numFrames + 1, 2),
    controller: new Uint8Array(numFrames),
    pose: fill(numFrames + 1, 9),
    summary: {
      env: index % 64,
      seed,
      episode: Math.floor(index / 64),
      steps: numFrames,
      lengthS: numFrames / LAYOUT.rateHz,
      return: total,
      returnPerTerm: { progress: total, effort: 0 },
      end: success ? 'truncated' : 'terminated',
      reason: success ? 'timeLimit' : 'tilt',
      success,
      costPerTerm: { contact: 0 },
      redraws: [],
      metrics: success ? { rmse: massScale / 10 } : {},
      context: {
        massScale,
        'wind.forceScale': windScale,
        commandLatencyS: 0,
      } as unknown as EpisodeRecord['summary']['context'],
    },
  };
}

export interface Recording {
  readonly dataset: Dataset;
  readonly format: DatasetFormat;
  readonly shard: Shard;
  readonly seed: number;
  /** Changes a record before it is written. */
  readonly spoil?: (record: EpisodeRecord) => EpisodeRecord;
}

/** Writes and commits a shard, its episodes last first. */
export async function recordShard(recording: Recording): Promise<ShardReceipt> {
  const { dataset, format, shard, seed, spoil = (record: EpisodeRecord) => record } = recording;
  const writer = getShardWriterFactory(format)(LAYOUT, dataset.folder, shard);
  for (let k = shard.numEpisodes - 1; k >= 0; k--) {
    const record = spoil(makeRecord(seed, shard.firstEpisode + k));
    writer.add(record, computeEpisodeDigest(record));
  }
  const receipts = dataset.receipts;
  const last = receipts.at(-1);
  const receipt = await writer.write(last === undefined ? 0 : last.firstFrame + last.numFrames);
  await writer.sync();
  dataset.commit(receipt);
  return receipt;
}
