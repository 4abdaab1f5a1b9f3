import type { EnvPlan } from '../../sim/env-plan.ts';
import type { EpisodeSummary } from '../../sim/env-result.ts';
import { computeWilsonInterval } from '../../sim/math/interval.ts';
import { Rng } from '../../sim/math/rng.ts';
import { computeMeanInterval } from './bootstrap.ts';
import { type ContextReport, describeTally, makeContextTallies } from './context-tallies.ts';
import type { EvaluationCase } from './suites.ts';

/** A mean over episodes; null where none has the number. */
export interface MeanReport {
  readonly episodes: number;
  readonly mean: number | null;
  /** 95 % interval of the mean, by the bootstrap. */
  readonly ci95: readonly [lower: number, upper: number] | null;
  readonly min: number | null;
  readonly max: number | null;
}

/** What a case came to; plain JSON. */
export interface CaseReport {
  readonly name: string;
  readonly description: string;
  readonly engine: string;
  readonly firstSeed: number;
  readonly episodes: number;
  readonly successes: number;
  readonly successRate: number;
  /** 95 % interval by E. B. Wilson (1927). */
  readonly ci95: readonly [lower: number, upper: number];
  readonly return: MeanReport;
  /** [s] */
  readonly lengthS: MeanReport;
  /** Of the task's judge, each in its own unit. */
  readonly metrics: Readonly<Record<string, MeanReport>>;
  /** Of the weighted terms of the reward and of the costs, summed over an episode. */
  readonly rewards: Readonly<Record<string, MeanReport>>;
  readonly costs: Readonly<Record<string, MeanReport>>;
  /** Episodes by how they ended, most first. */
  readonly ends: Readonly<Record<string, number>>;
  /** Those on which success depends most come first. */
  readonly byContext: readonly ContextReport[];
  /** The first episodes without success, which can be flown again by their seed. */
  readonly failures: readonly { readonly seed: number; readonly end: string }[];
}

/** [1] equally likely parts of a distribution, and failures that are named */
const CONTEXT_BINS = 5;
const MAX_FAILURES = 50;

/** @param episodes in the order of their seeds */
export function makeCaseReport(
  { name, description, engine }: EvaluationCase,
  plan: Pick<EnvPlan, 'randomization' | 'parts' | 'layout'>,
  firstSeed: number,
  episodes: readonly EpisodeSummary[],
): CaseReport {
  const successes = episodes.filter(({ success }) => success).length;
  const rng = new Rng(firstSeed, 'bootstrap');
  const tallies = makeContextTallies(plan, CONTEXT_BINS);
  for (const { context, success } of episodes) {
    for (const tally of tallies) tally.add(context[tally.name] ?? Number.NaN, success);
  }
  const describe = (what: string, values: readonly number[]) =>
    describeMean(values, rng.fork(what));
  const describeEach = (read: (episode: EpisodeSummary) => Readonly<Record<string, number>>) =>
    Object.fromEntries(
      listNames(episodes.map(read)).map((key) => [
        key,
        describe(
          key,
          episodes.flatMap((episode) => read(episode)[key] ?? []),
        ),
      ]),
    );
  return {
    ...{ name, description, engine, firstSeed, episodes: episodes.length, successes },
    successRate: successes / episodes.length,
    ci95: computeWilsonInterval(successes, episodes.length),
    return: describe(
      'return',
      episodes.map((episode) => episode.return),
    ),
    lengthS: describe(
      'length',
      episodes.map(({ lengthS }) => lengthS),
    ),
    metrics: describeEach(({ metrics }) => metrics),
    rewards: describeEach(({ returnPerTerm }) => returnPerTerm),
    costs: describeEach(({ costPerTerm }) => costPerTerm),
    ends: countEnds(episodes),
    byContext: tallies.map(describeTally).sort((a, b) => b.dependence - a.dependence),
    failures: episodes
      .filter(({ success }) => !success)
      .slice(0, MAX_FAILURES)
      .map((episode) => ({ seed: episode.seed, end: nameEnd(episode) })),
  };
}

function describeMean(values: readonly number[], rng: Rng): MeanReport {
  const episodes = values.length;
  if (episodes === 0) return { episodes, mean: null, ci95: null, min: null, max: null };
  return {
    episodes,
    mean: values.reduce((sum, value) => sum + value, 0) / episodes,
    ci95: computeMeanInterval(values, rng) ?? null,
    min: Math.min(...values),
    max: Math.max(...values),
  };
}

function listNames(records: readonly Readonly<Record<string, number>>[]): string[] {
  return [...new Set(records.flatMap(Object.keys))];
}

function countEnds(episodes: readonly EpisodeSummary[]): Record<string, number> {
  const counts = new Map<string, number>();
  for (const episode of episodes) {
    counts.set(nameEnd(episode), (counts.get(nameEnd(episode)) ?? 0) + 1);
  }
  return Object.fromEntries([...counts].sort((a, b) => b[1] - a[1]));
}

function nameEnd({ end, reason }: EpisodeSummary): string {
  return `${end}: ${reason}`;
}
