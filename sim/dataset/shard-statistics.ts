import type { RecordBatch } from 'apache-arrow';
import { makeBatch } from './arrow-batch.ts';
import { numbers } from './episode-table.ts';
import type { FrameFeature } from './frame-features.ts';
import { readParquet } from './parquet-file.ts';
import { type ColumnMoments, type SparseBins, Statistics } from './statistics.ts';

/**
 * Statistics of a shard as a table, a row per column of its frames: what a resumed run adds up again.
 * @param moments by feature, [width]
 * @param histograms by feature
 */
export function makeStatisticsBatch(
  features: readonly FrameFeature[],
  moments: readonly (readonly ColumnMoments[])[],
  histograms: readonly Statistics[],
): RecordBatch {
  const rows = features.flatMap(({ name, names }, k) =>
    names.map((column, at) => ({
      name: `${name}/${column}`,
      ...moments[k]![at]!,
      ...histograms[k]!.listBins(at),
    })),
  );
  return makeBatch(
    [
      { name: 'column', kind: 'text', values: rows.map((row) => row.name) },
      numbers('count', rows, (row) => row.count),
      numbers('non_finite', rows, (row) => row.nonFinite),
      numbers('mean', rows, (row) => row.mean),
      numbers('m2', rows, (row) => row.m2),
      numbers('min', rows, (row) => row.min),
      numbers('max', rows, (row) => row.max),
      { name: 'bins', kind: 'int32s', values: rows.map((row) => row.bins) },
      { name: 'counts', kind: 'int32s', values: rows.map((row) => row.counts) },
    ],
    rows.length,
  );
}

/** Adds the statistics of a shard to those of the dataset. @param totals by feature */
export function addShardStatistics(
  totals: readonly Statistics[],
  features: readonly FrameFeature[],
  file: string,
): void {
  const table = readParquet(file);
  const rows = table.toArray().map((row) => row.toJSON()) as unknown as StatisticsRow[];
  let at = 0;
  features.forEach(({ width }, k) => {
    const own = rows.slice(at, at + width);
    totals[k]!.merge(own.map(toMoments), own.map(toBins));
    at += width;
  });
}

interface StatisticsRow {
  readonly count: number;
  readonly non_finite: number;
  readonly mean: number;
  readonly m2: number;
  readonly min: number;
  readonly max: number;
  readonly bins: { toArray(): Int32Array };
  readonly counts: { toArray(): Int32Array };
}

function toMoments({ count, non_finite, mean, m2, min, max }: StatisticsRow): ColumnMoments {
  return { count, nonFinite: non_finite, mean, m2, min, max };
}

function toBins({ bins, counts }: StatisticsRow): SparseBins {
  return { bins: bins.toArray(), counts: counts.toArray() };
}

/** Statistics of nothing yet, by feature. */
export function makeTotals(features: readonly FrameFeature[]): Statistics[] {
  return features.map(({ width }) => new Statistics(width));
}
