import type { PolicyNetwork } from '../../onnx/policy-network.ts';
import type { LearnerMetrics } from '../learner.ts';
import type { RunSettings } from './run-settings.ts';

/** What health remembers; a checkpoint keeps it. */
export interface HealthState {
  /** [1] rounds in which episodes ended */
  readonly numRounds: number;
  /** Running mean of the return; meaningless before the first round. */
  readonly mean: number;
  /** The running mean when it was first taken for one, and at its best. */
  readonly first: number;
  readonly best: number;
  /** [1] rounds in a row that were far below the best */
  readonly numLow: number;
}

export const NEW_HEALTH: HealthState = { numRounds: 0, mean: 0, first: 0, best: 0, numLow: 0 };

/** [1] rounds after which a running mean is one, and the weight that a new round has in it */
const SETTLED_ROUNDS = 10;
const WEIGHT = 1 / SETTLED_ROUNDS;

/**
 * Follows the mean return of a run.
 * @returns what is remembered, and why the run has collapsed, if it has
 */
export function followReturn(
  state: HealthState,
  meanReturn: number | null,
  { collapseRounds, collapseShare }: RunSettings['rollback'],
): { readonly state: HealthState; readonly collapse: string | undefined } {
  if (meanReturn === null) return { state, collapse: undefined };
  const numRounds = state.numRounds + 1;
  // A plain mean until there are enough rounds for a running one.
  const weight = Math.max(WEIGHT, 1 / numRounds);
  const mean = state.mean + weight * (meanReturn - state.mean);
  if (numRounds <= SETTLED_ROUNDS) {
    return { state: { numRounds, mean, first: mean, best: mean, numLow: 0 }, collapse: undefined };
  }
  const best = Math.max(state.best, mean);
  const line = state.first + collapseShare * (best - state.first);
  const numLow = mean < line ? state.numLow + 1 : 0;
  const isCollapse = collapseRounds > 0 && numLow >= collapseRounds;
  const collapse = isCollapse
    ? `the mean return was below ${line.toPrecision(4)} for ${numLow} rounds, now ${mean.toPrecision(4)}; it was ${best.toPrecision(4)} at its best`
    : undefined;
  return { state: { ...state, numRounds, mean, best, numLow }, collapse };
}

/** The first metric that is not finite. */
export function findBadMetric(metrics: LearnerMetrics): string | undefined {
  return Object.entries(metrics)
    .filter(([, value]) => !Number.isFinite(value))
    .map(([name, value]) => `${name} is ${value}`)[0];
}

/** The first part of a policy that holds a number which is none. */
export function findBadParameter(network: PolicyNetwork): string | undefined {
  const { mean, std } = network.normalizer;
  const parts: [string, ArrayLike<number>][] = [
    ['normaliser mean', mean],
    ['normaliser std', std],
    ...network.layers.flatMap(({ weight, bias }, i): [string, ArrayLike<number>][] => [
      [`layer ${i} weight`, weight],
      [`layer ${i} bias`, bias],
    ]),
    ...(network.kind === 'gru' ? Object.entries(network.cell) : []),
  ];
  for (const [name, values] of parts) {
    for (let i = 0; i < values.length; i++) {
      if (!Number.isFinite(values[i])) return `${name}[${i}] of the policy is ${values[i]}`;
    }
  }
  return undefined;
}
