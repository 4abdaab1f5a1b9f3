import type { EpisodeSummary } from '../../../sim/env-result.ts';
import type { RoundReport } from '../learner.ts';
import type { MetricsLine } from './metrics-file.ts';

/** What a line says of time: all that may differ between a run and the same run again. */
const TIME_KEYS: ReadonlySet<string> = new Set(['wallS', 'stepsPerSecond']);
const TIME_PATTERN = /(^|\/)time\//;

export interface RoundTimes {
  /** [s] of the whole run */
  readonly wallS: number;
  /** [s] of this round */
  readonly roundS: number;
}

/**
 * One line of metrics.jsonl, flat: `steps`, `meanReturn`, `reward/alive`, `end/terminated: fallen`, `loss/value`, …
 * Means are of the episodes that ended in the round, null if none did that tell anything, see TrainingRun.
 */
export function makeRoundLine(
  { metrics, episodes }: RoundReport,
  run: { readonly round: number; readonly era: number; readonly steps: number },
  { wallS, roundS }: RoundTimes,
  numSteps: number,
): MetricsLine {
  return {
    ...run,
    wallS,
    stepsPerSecond: roundS > 0 ? numSteps / roundS : 0,
    episodes: episodes.length,
    ...describeEpisodes(episodes),
    ...metrics,
  };
}

function describeEpisodes(episodes: readonly EpisodeSummary[]) {
  const mean = (read: (episode: EpisodeSummary) => number) => computeMean(episodes.map(read));
  const terms = Object.keys(episodes[0]?.returnPerTerm ?? {});
  const costs = Object.keys(episodes[0]?.costPerTerm ?? {});
  const ends = [...new Set(episodes.map(nameEnd))].sort();
  return {
    meanReturn: mean((episode) => episode.return),
    successRate: mean(({ success }) => (success ? 1 : 0)),
    meanLengthS: mean(({ lengthS }) => lengthS),
    ...Object.fromEntries(
      terms.map((name) => [`reward/${name}`, mean((e) => e.returnPerTerm[name]!)]),
    ),
    ...Object.fromEntries(costs.map((name) => [`cost/${name}`, mean((e) => e.costPerTerm[name]!)])),
    ...Object.fromEntries(
      ends.map((name) => [`end/${name}`, mean((e) => (nameEnd(e) === name ? 1 : 0))]),
    ),
  };
}

function nameEnd({ end, reason }: EpisodeSummary): string {
  return `${end}: ${reason}`;
}

function computeMean(values: readonly number[]): number | null {
  if (values.length === 0) return null;
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** The line without what depends on how fast the machine was. */
export function dropTimes(line: MetricsLine): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(line).filter(([key]) => !TIME_KEYS.has(key) && !TIME_PATTERN.test(key)),
  );
}
