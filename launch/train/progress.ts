import type { RunBudget } from '../../policies/training/run/run-config.ts';
import type { RunEvent } from '../../policies/training/run/run-parts.ts';
import { formatCount, formatDuration } from '../episodes/progress.ts';
import { type ProgressView, showProgressView } from '../progress-view.ts';

/** What is known of a run while it goes on. */
export interface TrainStatus {
  readonly round: number;
  readonly steps: number;
  /** [s] */
  readonly wallS: number;
  /** Of the last round. */
  readonly stepsPerSecond: number;
  /** Of the episodes that ended in the last round; undefined: none that tells anything did. */
  readonly meanReturn: number | undefined;
  readonly successRate: number | undefined;
  /** [-] success rate of the last evaluation */
  readonly evaluated: number | undefined;
  /** What is done beside rounds. */
  readonly activity: string | undefined;
}

export const NO_STATUS: TrainStatus = {
  ...{ round: 0, steps: 0, wallS: 0, stepsPerSecond: 0 },
  ...{ meanReturn: undefined, successRate: undefined, evaluated: undefined },
  activity: 'starting',
};

const ACTIVITIES = {
  evaluating: 'evaluating the policy',
  judging: 'judging the best policy on seeds that did not choose it',
} as const;

/** The status after something has happened. */
export function updateStatus(status: TrainStatus, event: RunEvent): TrainStatus {
  switch (event.kind) {
    case 'begin':
      return { ...status, round: event.round, steps: event.steps, activity: undefined };
    case 'round': {
      const { round, steps, wallS, stepsPerSecond, meanReturn, successRate } = event.line;
      return {
        ...status,
        round,
        steps: steps as number,
        wallS: wallS as number,
        stepsPerSecond: stepsPerSecond as number,
        meanReturn: (meanReturn as number | null) ?? undefined,
        successRate: (successRate as number | null) ?? undefined,
        activity: undefined,
      };
    }
    case 'rollback':
      return { ...status, round: event.to };
    case 'activity':
      return { ...status, activity: ACTIVITIES[event.activity] };
    case 'evaluation':
      return {
        ...status,
        activity: undefined,
        evaluated: event.evaluation.score.successRate,
      };
  }
}

/** [-] 0 to 1 of what was asked for: whichever end is nearer */
export function computeShare({ steps, wallS }: TrainStatus, budget: RunBudget): number {
  const ofSteps = budget.steps === null ? 0 : steps / budget.steps;
  const ofTime = budget.wallS === null ? 0 : wallS / budget.wallS;
  return Math.min(1, Math.max(ofSteps, ofTime));
}

/** `round 12 · 1,230,000 steps · 61,200 steps/s · return 12.3 · success 83.0 % · evaluated 90.0 % · 1 min 4 s left` */
export function describeStatus(status: TrainStatus, budget: RunBudget): string {
  const { round, steps, stepsPerSecond, meanReturn, successRate, evaluated } = status;
  if (status.activity !== undefined && round === 0) return status.activity;
  const parts = [
    ...(status.activity === undefined ? [] : [status.activity]),
    `round ${round}`,
    `${formatCount(steps)} steps`,
  ];
  if (stepsPerSecond > 0) parts.push(`${formatCount(stepsPerSecond)} steps/s`);
  const show = (rate: number) => `${(100 * rate).toFixed(1)} %`;
  // What was so once is not shown as if it were so now.
  parts.push(`return ${meanReturn?.toPrecision(4) ?? '–'}`);
  parts.push(`success ${successRate === undefined ? '–' : show(successRate)}`);
  if (evaluated !== undefined) parts.push(`evaluated ${show(evaluated)}`);
  const leftS = computeSecondsLeft(status, budget);
  if (leftS !== undefined) parts.push(`${formatDuration(leftS)} left`);
  return parts.join(' · ');
}

function computeSecondsLeft(status: TrainStatus, { steps, wallS }: RunBudget): number | undefined {
  const ends: number[] = [];
  if (wallS !== null) ends.push(wallS - status.wallS);
  if (steps !== null && status.steps > 0) {
    ends.push((status.wallS * (steps - status.steps)) / status.steps);
  }
  return ends.length === 0 ? undefined : Math.max(0, Math.min(...ends));
}

/** Shows it on stderr. @param read the status now */
export function showTraining(read: () => TrainStatus, budget: RunBudget): ProgressView {
  return showProgressView(
    () => computeShare(read(), budget),
    () => describeStatus(read(), budget),
  );
}
