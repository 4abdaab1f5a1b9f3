import type { RunEnd, RunResult } from '../../policies/training/run/run-parts.ts';
import { formatCount, formatDuration } from '../episodes/progress.ts';
import type { TrainPlan } from './plan.ts';

/** The JSON line of `zerogap train`. Scores are null where there are none. */
export interface TrainSummary {
  readonly task: string;
  readonly algorithm: string;
  readonly engine: string;
  readonly seed: number;
  readonly steps: number;
  readonly rounds: number;
  /** [s] of all processes that have worked on it */
  readonly wallS: number;
  readonly stepsPerSecond: number;
  /** Of the best policy, by seeds that did not choose it; of a run that was stopped, by those that did. */
  readonly meanReturn: number | null;
  readonly successRate: number | null;
  readonly ci95: readonly [lower: number, upper: number] | null;
  /** [1] episodes that scored it; null where the run was stopped */
  readonly episodes: number | null;
  /** File of the best policy; null where nothing was learnt. */
  readonly policy: string | null;
  /** Round of the best policy, and of the checkpoint from which a resumed run goes on. */
  readonly bestRound: number | null;
  readonly lastCheckpoint: number;
  readonly rollbacks: number;
  readonly complete: boolean;
  /** What it came to; null where it was stopped before. */
  readonly end: RunEnd | null;
  readonly out: string;
  readonly report: string | null;
}

export function summarizeTraining(
  { config, folder }: TrainPlan,
  result: RunResult,
  report: string | null,
): TrainSummary {
  const { task, engine, seed, settings } = config.identity;
  const { judgement, best, steps, wallS } = result;
  return {
    task,
    algorithm: settings.algorithm,
    engine,
    seed,
    steps,
    rounds: result.rounds,
    wallS,
    stepsPerSecond: wallS > 0 ? steps / wallS : 0,
    meanReturn: judgement?.meanReturn ?? best?.meanReturn ?? null,
    successRate: judgement?.score.successRate ?? best?.successRate ?? null,
    ci95: judgement?.interval ?? null,
    episodes: judgement?.score.episodes ?? null,
    policy: result.policy ?? null,
    bestRound: best?.round ?? null,
    lastCheckpoint: result.lastCheckpoint,
    rollbacks: result.rollbacks,
    complete: result.isComplete,
    end: result.end ?? null,
    out: folder.path,
    report,
  };
}

/** The table for people, one line per row. */
export function describeTraining(summary: TrainSummary): readonly string[] {
  const { steps, rounds, wallS, stepsPerSecond, successRate, meanReturn, ci95 } = summary;
  const percent = (rate: number) => (100 * rate).toFixed(1);
  const rows: (readonly [string, string])[] = [
    [
      'learnt',
      `${formatCount(steps)} steps, ${describeRounds(rounds)}, ${formatDuration(wallS)}, ${formatCount(stepsPerSecond)} steps/s in all`,
    ],
  ];
  if (successRate !== null && meanReturn !== null) {
    const interval =
      ci95 === null
        ? 'on the seeds that chose it'
        : `95 %: ${percent(ci95[0])} … ${percent(ci95[1])}, ${summary.episodes} unseen seeds`;
    rows.push(['success', `${percent(successRate)} %   (${interval})`]);
    rows.push(['return', `${meanReturn.toPrecision(4)} on average`]);
  }
  if (summary.rollbacks > 0)
    rows.push([
      'rolled',
      `back ${summary.rollbacks === 1 ? 'once' : `${summary.rollbacks} times`}, see dumps/`,
    ]);
  if (summary.complete && summary.end === 'success')
    rows.push(['ended', 'by stopAtSuccess; --set stopAtSuccess=null --force lets it go on']);
  if (summary.policy !== null) rows.push(['policy', summary.policy]);
  if (summary.report !== null) rows.push(['report', summary.report]);
  if (!summary.complete) {
    const redone = rounds - summary.lastCheckpoint;
    const left =
      summary.end === null
        ? `goes on from round ${summary.lastCheckpoint}: ${describeRounds(redone)} to be done again, to the same bits`
        : 'judges what it has learnt, which is all that is left to do';
    rows.push(['stopped', `\`zerogap train --resume ${summary.out}\` ${left}`]);
  }
  return rows.map(([name, text]) => `${name.padEnd(10)}${text}`);
}

function describeRounds(count: number): string {
  return `${count} ${count === 1 ? 'round' : 'rounds'}`;
}
