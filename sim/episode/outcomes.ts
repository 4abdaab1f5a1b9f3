import type { EpisodeSummary } from '../env-result.ts';

/** What a run's summary adds up over its episodes: plain numbers, which a journal can keep. */
export interface Outcomes {
  readonly episodes: number;
  /** [1] control steps */
  readonly steps: number;
  /** [s] */
  readonly simulatedS: number;
  readonly successes: number;
  readonly returnSum: number;
  /** Undefined where there is no episode. */
  readonly returnRange: readonly [lower: number, upper: number] | undefined;
  /** Episodes by how they ended: `terminated: tilt`, `truncated: timeLimit`. */
  readonly ends: Readonly<Record<string, number>>;
}

export const NO_OUTCOMES: Outcomes = {
  episodes: 0,
  steps: 0,
  simulatedS: 0,
  successes: 0,
  returnSum: 0,
  returnRange: undefined,
  ends: {},
};

/** @param summaries in the order of their episodes: sums of floating-point numbers depend on it */
export function tallyOutcomes(summaries: readonly EpisodeSummary[]): Outcomes {
  return summaries.map(describeOne).reduce(addOutcomes, NO_OUTCOMES);
}

/** The outcomes of both; add shards in their order. */
export function addOutcomes(a: Outcomes, b: Outcomes): Outcomes {
  return {
    episodes: a.episodes + b.episodes,
    steps: a.steps + b.steps,
    simulatedS: a.simulatedS + b.simulatedS,
    successes: a.successes + b.successes,
    returnSum: a.returnSum + b.returnSum,
    returnRange: joinRanges(a.returnRange, b.returnRange),
    ends: addCounts(a.ends, b.ends),
  };
}

function describeOne(summary: EpisodeSummary): Outcomes {
  return {
    episodes: 1,
    steps: summary.steps,
    simulatedS: summary.lengthS,
    successes: summary.success ? 1 : 0,
    returnSum: summary.return,
    returnRange: [summary.return, summary.return],
    ends: { [`${summary.end}: ${summary.reason}`]: 1 },
  };
}

function joinRanges(
  a: Outcomes['returnRange'],
  b: Outcomes['returnRange'],
): Outcomes['returnRange'] {
  if (a === undefined || b === undefined) return a ?? b;
  return [Math.min(a[0], b[0]), Math.max(a[1], b[1])];
}

function addCounts(a: Outcomes['ends'], b: Outcomes['ends']): Outcomes['ends'] {
  const names = [...new Set([...Object.keys(a), ...Object.keys(b)])].sort();
  return Object.fromEntries(names.map((name) => [name, (a[name] ?? 0) + (b[name] ?? 0)]));
}
