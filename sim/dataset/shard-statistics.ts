import { readFileSync } from 'node:fs';
import { describeDamage, onDisk } from './files.ts';
import type { FrameFeature } from './frame-features.ts';
import { type ColumnMoments, NO_MOMENTS, type SparseBins, Statistics } from './statistics.ts';

/** Of one column. Without a finite number it has no mean and no ends. */
interface ColumnLine extends Partial<ColumnMoments>, SparseBins {
  readonly column: string;
  readonly nonFinite: number;
}

/**
 * Statistics of a shard as text, a line of JSON per column of its frames: what a resumed run adds up again.
 * @param moments by feature, [width]
 * @param histograms by feature
 */
export function renderShardStatistics(
  features: readonly FrameFeature[],
  moments: readonly (readonly ColumnMoments[])[],
  histograms: readonly Statistics[],
): string {
  const lines = features.flatMap(({ name, names }, k) =>
    names.map((number, at): ColumnLine => {
      const { count, nonFinite, ...rest } = moments[k]![at]!;
      return {
        column: `${name}/${number}`,
        nonFinite,
        // JSON knows no infinite ends.
        ...(count > 0 && { count, ...rest }),
        ...histograms[k]!.listBins(at),
      };
    }),
  );
  return lines.map((line) => `${JSON.stringify(line)}\n`).join('');
}

/**
 * Adds the statistics of a shard to those of the dataset.
 * @param totals by feature
 * @throws UserError if the file cannot be read or is damaged
 */
export function addShardStatistics(
  totals: readonly Statistics[],
  features: readonly FrameFeature[],
  file: string,
): void {
  const lines = readLines(file);
  let at = 0;
  features.forEach(({ width }, k) => {
    const own = lines.slice(at, at + width);
    totals[k]!.merge(own.map(toMoments), own);
    at += width;
  });
}

/** Whether a file is one of these statistics, whatever they say. */
export function isShardStatistics(file: string): boolean {
  try {
    readLines(file);
    return true;
  } catch {
    return false;
  }
}

function readLines(file: string): readonly ColumnLine[] {
  const text = onDisk(file, 'cannot be read', () => readFileSync(file, 'utf8'));
  try {
    return text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as ColumnLine);
  } catch (cause) {
    throw describeDamage(file, {
      expected: 'a line of JSON per column',
      remedy: 'It is damaged: --resume makes its shard again',
      cause,
    });
  }
}

function toMoments({ column: _, bins: __, counts: ___, ...moments }: ColumnLine): ColumnMoments {
  return { ...NO_MOMENTS, ...moments };
}

/** Statistics of nothing yet, by feature. */
export function makeTotals(features: readonly FrameFeature[]): Statistics[] {
  return features.map(({ width }) => new Statistics(width));
}
