import { describe, expect, it } from 'vitest';
import {
  findBadMetric,
  findBadParameter,
  followSuccess,
  type HealthState,
  NEW_HEALTH,
} from '../../../../policies/training/run/health.ts';
import { makeHillSettings } from '../../../kit/hill-run.ts';

const { rollback } = makeHillSettings({
  rollback: { collapseEvaluations: 2, collapseShare: 0.5 },
});
const BEST = [0.8, 0.95] as const;
/** Half of 0.8 is 0.4: below it, at it. */
const FAR_BELOW = [0.1, 0.39] as const;
const NOT_FAR_BELOW = [0.1, 0.4] as const;

/** Feeds evaluations one by one. @returns after how many it is a collapse */
function follow(intervals: readonly (readonly [number, number])[], settings = rollback) {
  let state: HealthState = NEW_HEALTH;
  for (const [index, interval] of intervals.entries()) {
    const { state: next, collapse } = followSuccess(state, interval, BEST, settings);
    state = next;
    if (collapse !== undefined) return { after: index + 1, collapse };
  }
  return { after: undefined, collapse: undefined };
}

describe('a run that is followed', () => {
  it('has collapsed once enough evaluations in a row are far below the best', () => {
    const { after, collapse } = follow([BEST, FAR_BELOW, FAR_BELOW]);
    expect(after).toBe(3);
    expect(collapse).toMatch(/below 40\.0 % in 2 evaluations, at most 39\.0 %.*at least 80\.0 %/);
  });

  it('has not where it recovers in between, or is not far enough below', () => {
    expect(follow([FAR_BELOW, BEST, FAR_BELOW]).after).toBeUndefined();
    expect(follow([NOT_FAR_BELOW, NOT_FAR_BELOW, NOT_FAR_BELOW]).after).toBeUndefined();
  });

  it('never has where that is switched off', () => {
    const off = { ...rollback, collapseEvaluations: 0 };
    expect(follow([FAR_BELOW, FAR_BELOW, FAR_BELOW], off).after).toBeUndefined();
  });
});

describe('what is not a number', () => {
  it('is found among metrics, by name', () => {
    expect(findBadMetric({ a: 1, 'loss/value': Number.POSITIVE_INFINITY })).toBe(
      'loss/value is Infinity',
    );
    expect(findBadMetric({ a: 1 })).toBeUndefined();
  });

  it('is found among the numbers of a policy, by place', () => {
    const normalizer = { mean: [0, 0], std: [1, 1] };
    const layers = [{ weight: [1, 2], bias: [Number.NaN] }];
    const network = {
      kind: 'mlp',
      normalizer,
      layers,
      activation: 'tanh',
      head: 'identity',
    } as const;
    expect(findBadParameter(network)).toBe('layer 0 bias[0] of the policy is NaN');
    expect(
      findBadParameter({ ...network, layers: [{ weight: [1, 2], bias: [0] }] }),
    ).toBeUndefined();
  });
});
