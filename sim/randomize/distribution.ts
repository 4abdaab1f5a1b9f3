import { computeNormalCdf } from '../math/normal.ts';
import type { Rng } from '../math/rng.ts';
import type { Distribution, Schedule, Spread } from './config.ts';

/** What a number is drawn from at one difficulty: a number itself, or a spread. */
export type Plain = number | Spread;

/** One draw; a bare number is itself, a schedule is as at difficulty 1. */
export function drawFrom(distribution: Distribution, rng: Rng): number {
  return drawPlain(resolve(distribution, { difficulty: 1, isWhole: false }), rng, false);
}

/** @param isWhole whether only whole numbers will do; a range then holds both its ends, each as often as any other */
export function drawPlain(plain: Plain, rng: Rng, isWhole: boolean): number {
  if (typeof plain === 'number') return plain;
  const { uniform, logUniform, normal, choice } = plain;
  if (uniform !== undefined) {
    const [lower, upper] = uniform;
    return isWhole ? rng.integer(lower, upper) : rng.uniform(lower, upper);
  }
  if (logUniform !== undefined) {
    const [lower, upper] = logUniform;
    return round(Math.exp(rng.uniform(Math.log(lower), Math.log(upper))), isWhole);
  }
  if (choice !== undefined) return rng.choice(choice);
  const [mean, deviation] = normal!;
  return round(clip(rng.normal(mean, deviation), plain), isWhole);
}

/** The number that lies where `score` lies in the standard normal distribution: as likely to be exceeded. */
export function computeQuantile(plain: Plain, score: number, isWhole: boolean): number {
  if (typeof plain === 'number') return plain;
  const { uniform, logUniform, normal, choice } = plain;
  if (normal !== undefined) {
    return round(clip(normal[0] + normal[1] * score, plain), isWhole);
  }
  // Never 1, so that the last of a list is the last.
  const share = Math.min(computeNormalCdf(score), 1 - Number.EPSILON);
  if (uniform !== undefined) {
    const [lower, upper] = uniform;
    return isWhole
      ? Math.floor(lower + (upper + 1 - lower) * share)
      : lower + (upper - lower) * share;
  }
  if (logUniform !== undefined) {
    const [lower, upper] = logUniform.map(Math.log) as [number, number];
    return round(Math.exp(lower + (upper - lower) * share), isWhole);
  }
  return choice![Math.floor(share * choice!.length)]!;
}

/** Where between the two ends of a schedule. */
export interface ScheduleMoment {
  /** [-] @range 0, 1 */
  readonly difficulty: number;
  /** Whether only whole numbers will do: the ends of a range are the nearest ones then. */
  readonly isWhole: boolean;
}

/** The distribution at a difficulty: what has no schedule is the same at any. */
export function resolve(distribution: Distribution, moment: ScheduleMoment): Plain {
  if (typeof distribution === 'number' || distribution.schedule === undefined) return distribution;
  return interpolate(distribution.schedule, moment);
}

/** Every end, mean and deviation goes from one to the other in a straight line, of logUniform their logarithms. */
function interpolate({ from, to }: Schedule, { difficulty, isWhole }: ScheduleMoment): Plain {
  // No sum of two parts gives exactly the ends.
  if (difficulty >= 1) return to;
  const between = (a: number, b: number) => a + (b - a) * difficulty;
  const both = (a: Pair, b: Pair): [number, number] => [between(a[0], b[0]), between(a[1], b[1])];
  if (to.uniform !== undefined) {
    const [lower, upper] = both(getEnds(from, 'uniform'), to.uniform);
    return { uniform: [round(lower, isWhole), round(upper, isWhole)] };
  }
  if (to.logUniform !== undefined) {
    const logs = (ends: Pair): Pair => [Math.log(ends[0]), Math.log(ends[1])];
    const ends = both(logs(getEnds(from, 'logUniform')), logs(to.logUniform));
    return { logUniform: [Math.exp(ends[0]), Math.exp(ends[1])] };
  }
  const start: Spread = typeof from === 'number' ? { normal: [from, 0] } : from;
  return {
    normal: both(start.normal!, to.normal!),
    clip: both(computeSpread(start), computeSpread(to)),
  };
}

type Pair = readonly [number, number];

function getEnds(from: Plain, kind: 'uniform' | 'logUniform'): Pair {
  return typeof from === 'number' ? [from, from] : from[kind]!;
}

/**
 * Smallest and largest number that a draw can give, of a schedule at any difficulty; infinite for an unclipped
 * normal.
 */
export function computeSupport(
  distribution: Distribution,
): readonly [lower: number, upper: number] {
  if (typeof distribution === 'number') return [distribution, distribution];
  const { schedule } = distribution;
  if (schedule === undefined) return computeSpread(distribution);
  const [a, b] = [schedule.from, schedule.to].map((end) =>
    typeof end === 'number' ? ([end, end] as const) : computeSpread(end),
  ) as [Pair, Pair];
  return [Math.min(a[0], b[0]), Math.max(a[1], b[1])];
}

function computeSpread({ uniform, logUniform, normal, choice, clip: clips }: Spread): Pair {
  if (uniform !== undefined) return uniform;
  if (logUniform !== undefined) return logUniform;
  if (choice !== undefined) return [Math.min(...choice), Math.max(...choice)];
  const [mean, deviation] = normal!;
  if (clips !== undefined) return clips;
  return deviation === 0 ? [mean, mean] : [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
}

function clip(value: number, spread: Spread): number {
  const [lower, upper] = spread.clip ?? [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
  return Math.min(Math.max(value, lower), upper);
}

function round(value: number, isWhole: boolean): number {
  return isWhole ? Math.round(value) : value;
}
