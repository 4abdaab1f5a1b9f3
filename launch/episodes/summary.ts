import { computeWilsonInterval } from '../../sim/math/interval.ts';
import type { EpisodesJob } from './job.ts';
import { formatCount, formatDuration } from './progress.ts';
import type { RunResult, RunTimes } from './run.ts';

/** The JSON line of `zerogap episodes`. Rates and means are null where there is no episode. */
export interface EpisodesSummary {
  readonly task: string;
  readonly robot: string;
  readonly policy: string;
  readonly engine: string;
  readonly seed: number;
  /** Of complete shards, which the dataset holds; of earlier runs too. */
  readonly episodes: number;
  /** Asked for. */
  readonly episodesWanted: number;
  readonly complete: boolean;
  /** Besides those, in shards that are not complete: on disk for --resume, and not part of the dataset yet. */
  readonly episodesUnderWay: number;
  /** [1] control steps of those episodes */
  readonly steps: number;
  /** [s] */
  readonly simulatedS: number;
  /** Of this run alone. */
  readonly stepsPerSecond: number;
  /** [s] of this run alone, from the moment its first thread was ready */
  readonly wallS: number;
  readonly workers: number;
  readonly successRate: number | null;
  readonly ci95: readonly [lower: number, upper: number] | null;
  readonly meanReturn: number | null;
  readonly returnRange: readonly [lower: number, upper: number] | null;
  /** [s] */
  readonly meanLengthS: number | null;
  /** Episodes by how they ended. */
  readonly ends: Readonly<Record<string, number>>;
  /** Over the episodes; null where there is none. */
  readonly digest: string | null;
  readonly out: string | null;
  readonly format: string | null;
  /** [s] of all threads together; what went into shards that were given up is in `otherS` */
  readonly times: RunTimes;
}

export function summarizeRun(
  job: EpisodesJob,
  episodesWanted: number,
  result: RunResult,
): EpisodesSummary {
  const { outcomes, wallS } = result;
  const { episodes, steps, simulatedS, successes, returnSum } = outcomes;
  const perEpisode = (sum: number) => (episodes === 0 ? null : sum / episodes);
  return {
    task: job.task,
    robot: job.layout.robot,
    policy: job.layout.policy,
    engine: job.engine,
    seed: job.seed,
    episodes,
    episodesWanted,
    complete: result.isComplete,
    episodesUnderWay: job.output === undefined ? 0 : result.numUnderWay,
    steps,
    simulatedS,
    stepsPerSecond: wallS === 0 ? 0 : result.steps / wallS,
    wallS,
    workers: result.numWorkers,
    successRate: perEpisode(successes),
    ci95: episodes === 0 ? null : computeWilsonInterval(successes, episodes),
    meanReturn: perEpisode(returnSum),
    returnRange: outcomes.returnRange ?? null,
    meanLengthS: perEpisode(simulatedS),
    ends: outcomes.ends,
    digest: episodes === 0 ? null : result.digest,
    out: job.output?.folder ?? null,
    format: job.output?.format ?? null,
    times: result.times,
  };
}

const PARTS: readonly (readonly [keyof RunTimes, string])[] = [
  ['simulateS', 'simulation'],
  ['actS', 'policy'],
  ['recordS', 'recording'],
  ['writeS', 'writing'],
  ['otherS', 'starting and waiting'],
];
const OTHER_OF_INCOMPLETE = 'starting, waiting and what is not complete';

/** The table for people, one line per row. */
export function describeSummary(summary: EpisodesSummary): readonly string[] {
  const { episodes, steps, simulatedS, workers, out, format } = summary;
  const rows: (readonly [string, string])[] = [
    [
      'episodes',
      `${episodes} of ${summary.episodesWanted}, ${steps} steps, ${formatDuration(simulatedS)} simulated`,
    ],
    ...describeOutcomes(summary),
    ...(workers === 0 ? [] : describeEffort(summary)),
    ...(summary.digest === null ? [] : [['digest', summary.digest] as const]),
    ...(out === null ? [] : [['data', `${out} (${format})`] as const]),
  ];
  return rows.map(([name, text]) => `${name.padEnd(10)}${text}`);
}

function describeOutcomes(summary: EpisodesSummary): (readonly [string, string])[] {
  const { successRate, ci95, meanReturn, returnRange, meanLengthS, ends, episodes } = summary;
  if (successRate === null || ci95 === null || meanReturn === null || meanLengthS === null) {
    return [];
  }
  const percent = (rate: number) => (100 * rate).toFixed(1);
  const range = returnRange?.map((value) => value.toPrecision(4)).join(' … ');
  const counts = Object.entries(ends)
    .sort((a, b) => b[1] - a[1])
    .map(([reason, count]) => `${reason} ${count} (${percent(count / episodes)} %)`);
  return [
    ['success', `${percent(successRate)} %   (95 %: ${percent(ci95[0])} … ${percent(ci95[1])})`],
    ['return', `${meanReturn.toPrecision(4)} on average   (${range})`],
    ['length', `${meanLengthS.toFixed(2)} s on average`],
    ['ended', counts.join(', ')],
  ];
}

/** Of this run; one that had nothing left to do has none. */
function describeEffort(summary: EpisodesSummary): (readonly [string, string])[] {
  const { stepsPerSecond, workers, wallS, times, complete } = summary;
  const crew = `${workers} worker${workers === 1 ? '' : 's'}`;
  return [
    ['speed', `${formatCount(stepsPerSecond)} steps/s, ${crew}, ${formatDuration(wallS)}`],
    // Nothing is known of a shard that was given up.
    ...(times.simulateS === 0 ? [] : [['time', describeTimes(times, complete)] as const]),
  ];
}

/** Shares of all threads' time, the largest first. */
function describeTimes(times: RunTimes, isComplete: boolean): string {
  const total = PARTS.reduce((sum, [key]) => sum + times[key], 0);
  return PARTS.map(([key, what]) => {
    const name = key === 'otherS' && !isComplete ? OTHER_OF_INCOMPLETE : what;
    return { name, share: times[key] / total };
  })
    .sort((a, b) => b.share - a.share)
    .filter(({ share }) => share >= 0.001)
    .map(({ name, share }) => `${name} ${(100 * share).toFixed(1)} %`)
    .join(', ');
}
