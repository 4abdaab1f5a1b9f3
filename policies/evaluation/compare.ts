import type { EpisodeSummary } from '../../sim/env-result.ts';
import { Rng } from '../../sim/math/rng.ts';
import { computeMeanInterval } from './bootstrap.ts';

/** One number of two that were judged on the same seeds; plain JSON. */
export interface Difference {
  readonly name: string;
  /** [1] seeds on which both have the number: a time to the goal is told of those that both reached. */
  readonly pairs: number;
  /** Means over those; null where there are none. */
  readonly own: number | null;
  readonly rival: number | null;
  /** Mean of own − rival, seed by seed, with its 95 % interval by the bootstrap. */
  readonly difference: number | null;
  readonly ci95: readonly [lower: number, upper: number] | null;
}

/**
 * Compares two who did the same episodes: same robot, start, field and weather under the same seed, so that what
 * differs between seeds falls out of the difference.
 * @param own, rival in the order of the same seeds
 * @throws RangeError if their seeds differ
 */
export function compareEpisodes(
  own: readonly EpisodeSummary[],
  rival: readonly EpisodeSummary[],
  firstSeed: number,
): readonly Difference[] {
  const isSame = own.length === rival.length && own.every(({ seed }, i) => seed === rival[i]!.seed);
  if (!isSame) throw new RangeError('compareEpisodes: the episodes have different seeds');
  const rng = new Rng(firstSeed, 'bootstrap', 'difference');
  const numbers = [own, rival].map((episodes) => episodes.map(listNumbers));
  const names = new Set(numbers.flat().flatMap(Object.keys));
  return [...names].map((name) =>
    compareOne(
      name,
      numbers[0]!.map((one) => one[name]),
      numbers[1]!.map((one) => one[name]),
      rng.fork(name),
    ),
  );
}

/** Success first, as what a reader looks for first. */
function listNumbers(episode: EpisodeSummary): Readonly<Record<string, number>> {
  return { success: episode.success ? 1 : 0, return: episode.return, ...episode.metrics };
}

type Known = number | undefined;

function compareOne(
  name: string,
  own: readonly Known[],
  rival: readonly Known[],
  rng: Rng,
): Difference {
  const pairs = own.flatMap((a, i) => {
    const b = rival[i];
    return a === undefined || b === undefined ? [] : [[a, b] as const];
  });
  if (pairs.length === 0) {
    return { name, pairs: 0, own: null, rival: null, difference: null, ci95: null };
  }
  const differences = pairs.map(([a, b]) => a - b);
  return {
    name,
    pairs: pairs.length,
    own: computeMean(pairs.map(([a]) => a)),
    rival: computeMean(pairs.map(([, b]) => b)),
    difference: computeMean(differences),
    ci95: computeMeanInterval(differences, rng) ?? null,
  };
}

function computeMean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
