import type { PolicyNetwork } from '../../onnx/policy-network.ts';
import type { LearnerMetrics } from '../learner.ts';
import type { RunSettings } from './run-settings.ts';

/** What health remembers; a checkpoint keeps it. */
export interface HealthState {
  /** [1] evaluations in a row that were far below the best */
  readonly numLow: number;
}

export const NEW_HEALTH: HealthState = { numLow: 0 };

type Interval = readonly [lower: number, upper: number];

/**
 * Follows the success of a run over its evaluations, whose seeds are always the same. Returns would not do: they may
 * well fall while robots learn to stay in the air, and count only the failures where episodes have just begun.
 * @param now 95 % interval of the success rate
 * @param best of the best evaluation so far, this one included
 * @returns what is remembered, and why the run has collapsed, if it has
 */
export function followSuccess(
  { numLow }: HealthState,
  now: Interval,
  best: Interval,
  { collapseEvaluations, collapseShare }: RunSettings['rollback'],
): { readonly state: HealthState; readonly collapse: string | undefined } {
  const line = collapseShare * best[0];
  const state = { numLow: now[1] < line ? numLow + 1 : 0 };
  const isCollapse = collapseEvaluations > 0 && state.numLow >= collapseEvaluations;
  const percent = (rate: number) => `${(100 * rate).toFixed(1)} %`;
  const collapse = isCollapse
    ? `the success rate was below ${percent(line)} in ${state.numLow} evaluations, at most ${percent(now[1])} in the last; it was at least ${percent(best[0])} at its best`
    : undefined;
  return { state, collapse };
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
