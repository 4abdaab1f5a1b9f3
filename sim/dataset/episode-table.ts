import { createHash } from 'node:crypto';
import type { EpisodeSummary } from '../env-result.ts';
import type { EpisodeLayout, EpisodeRecord } from '../episode/record.ts';
import type { Column } from './arrow-batch.ts';
import { type FrameFeature, listFrameFeatures } from './frame-features.ts';
import type { StoredEpisode } from './stored-episode.ts';

/** What is kept of an episode in memory until its shard is written. */
export interface StoredRow {
  readonly index: number;
  readonly summary: EpisodeSummary;
  readonly stored: StoredEpisode;
  readonly digest: string;
  /** Beginning of the sha256 of what was seen first, in hex. */
  readonly firstObservation: string;
  /** [1] numbers of the record that are not finite */
  readonly nonFinite: number;
  /** [numActions] share of the frames in which the action was clipped, or just not */
  readonly saturation: Float64Array;
  /** [numConstantCritic] what the critic saw in every frame alike */
  readonly criticConstants: Float32Array;
  /** By feature; what was seen after the last step, empty for what is not seen. */
  readonly final: readonly Float32Array[];
}

/** @param found what was found out about its frames: `nonFinite` without what was seen last */
export function makeStoredRow(
  record: EpisodeRecord,
  found: Pick<StoredRow, 'digest' | 'stored' | 'nonFinite'>,
  layout: EpisodeLayout,
): StoredRow {
  const { index, summary, numFrames, observation } = record;
  const criticConstants = record.criticConstants.slice();
  const first = observation.slice(0, layout.observationNames.length);
  const final = listFrameFeatures(layout).map(({ source, width, hasFinalRow }) =>
    hasFinalRow
      ? record[source].slice(numFrames * width, (numFrames + 1) * width)
      : new Float32Array(0),
  );
  return {
    ...found,
    index,
    // The record's own is borrowed as the arrays are.
    summary: structuredClone(summary),
    firstObservation: createHash('sha256')
      .update(new Uint8Array(first.buffer))
      .digest('hex')
      .slice(0, 16),
    nonFinite: found.nonFinite + countNonFinite([...final, criticConstants]),
    criticConstants,
    saturation: computeSaturation(record, layout),
    final,
  };
}

export function countNonFinite(arrays: readonly Float32Array[]): number {
  let count = 0;
  for (const values of arrays) {
    // One sum tells whether anything is wrong, which it hardly ever is.
    if (Number.isFinite(computeSum(values))) continue;
    for (const value of values) if (!Number.isFinite(value)) count++;
  }
  return count;
}

/** Four sums side by side: one would wait for itself at every number. */
function computeSum(values: Float32Array): number {
  let [a, b, c, d] = [0, 0, 0, 0];
  let k = 0;
  for (; k + 3 < values.length; k += 4) {
    a += values[k]!;
    b += values[k + 1]!;
    c += values[k + 2]!;
    d += values[k + 3]!;
  }
  for (; k < values.length; k++) a += values[k]!;
  return a + b + c + d;
}

function computeSaturation(record: EpisodeRecord, layout: EpisodeLayout): Float64Array {
  const { action, numFrames } = record;
  const width = layout.actionNames.length;
  const [lower, upper] = layout.actionClip;
  const share = new Float64Array(width);
  for (let at = 0; at < numFrames * width; at++) {
    const value = action[at]!;
    if (value <= lower || value >= upper) share[at % width]! += 1 / numFrames;
  }
  return share;
}

/** Columns of the table of episodes that all formats have. @param rows in their order */
export function listEpisodeColumns(
  layout: EpisodeLayout,
  features: readonly FrameFeature[],
  rows: readonly StoredRow[],
): Column[] {
  const summaries = rows.map(({ summary }) => summary);
  return [
    integers('episode_index', rows, (row) => row.index),
    { name: 'tasks', kind: 'texts', values: rows.map(() => [layout.taskDescription]) },
    integers('length', rows, (row) => row.stored.numFrames),
    integers('seed', summaries, (summary) => summary.seed),
    integers('env', summaries, (summary) => summary.env),
    integers('episode', summaries, (summary) => summary.episode),
    numbers('return', summaries, (summary) => summary.return),
    {
      name: 'success',
      kind: 'bool',
      values: Uint8Array.from(summaries, ({ success }) => Number(success)),
    },
    texts('end', summaries, (summary) => summary.end),
    texts('reason', summaries, (summary) => summary.reason),
    numbers('length_s', summaries, (summary) => summary.lengthS),
    // Which numbers a judge gives may differ from episode to episode; the columns of a table may not.
    texts('metrics', summaries, (summary) => JSON.stringify(summary.metrics)),
    // What of the context was drawn anew while it ran: JSON, [{ timeS, name, value }], mostly empty.
    texts('redraws', summaries, (summary) => JSON.stringify(summary.redraws)),
    // What stood and moved around the robot, start and goal: JSON of a Field, for tasks that draw one.
    texts('field', summaries, ({ field }) => field && JSON.stringify(field)),
    ...layout.rewardNames.map((name) =>
      numbers(`returns/${name}`, summaries, (summary) => summary.returnPerTerm[name] ?? 0),
    ),
    ...layout.costNames.map((name) =>
      numbers(`costs/${name}`, summaries, (summary) => summary.costPerTerm[name] ?? 0),
    ),
    ...layout.contextNames.map((name) =>
      numbers(`context/${name}`, summaries, ({ context }) => getContextValue(context, name)),
    ),
    ...listFinalColumns(features, rows),
    ...listCriticConstants(layout, rows),
    texts('digest', rows, (row) => row.digest),
    texts('first_observation', rows, (row) => row.firstObservation),
    integers('non_finite', rows, (row) => row.nonFinite),
    {
      name: 'saturation',
      kind: 'float64',
      width: layout.actionNames.length,
      values: concatenate(rows.map((row) => row.saturation)),
    },
    texts('policy', rows, () => layout.policy),
    texts('policy_sha256', rows, () => layout.policySha256),
    texts('robot', rows, () => layout.robot),
    texts('robot_sha256', rows, () => layout.robotSha256),
    texts('engine', rows, () => layout.engine),
  ];
}

function getContextValue(context: EpisodeSummary['context'], name: string): number {
  const value = (context as Readonly<Record<string, number>>)[name];
  if (value === undefined) throw new RangeError(`dataset: the context has no '${name}'`);
  return value;
}

function listFinalColumns(features: readonly FrameFeature[], rows: readonly StoredRow[]): Column[] {
  return features.flatMap(({ name, width, hasFinalRow }, k): Column[] => {
    if (!hasFinalRow) return [];
    const values = new Float32Array(rows.length * width);
    rows.forEach((row, at) => {
      values.set(row.final[k]!, at * width);
    });
    return [{ name: `final/${name}`, kind: 'float32', width, values }];
  });
}

/** A list, as `critic` of a frame is; which number is which says the layout. */
function listCriticConstants(layout: EpisodeLayout, rows: readonly StoredRow[]): Column[] {
  const width = layout.constantCriticNames.length;
  if (width === 0) return [];
  const values = new Float32Array(rows.length * width);
  rows.forEach((row, at) => {
    values.set(row.criticConstants, at * width);
  });
  return [{ name: 'critic_constants', kind: 'float32', width, values }];
}

function concatenate(parts: readonly Float64Array[]): Float64Array {
  const all = new Float64Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

export function integers<T>(name: string, rows: readonly T[], get: (row: T) => number): Column {
  return { name, kind: 'int64', values: Float64Array.from(rows, get) };
}

export function numbers<T>(name: string, rows: readonly T[], get: (row: T) => number): Column {
  return { name, kind: 'float64', values: Float64Array.from(rows, get) };
}

export function texts<T>(
  name: string,
  rows: readonly T[],
  get: (row: T) => string | undefined,
): Column {
  return { name, kind: 'text', values: rows.map(get) };
}
