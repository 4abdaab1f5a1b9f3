import { computeNormalCdf } from '../../math/normal.ts';
import { clamp } from '../../math/vec3.ts';
import type { Distribution, Spread } from '../../randomize/config.ts';
import { computeSupport } from '../../randomize/distribution.ts';

/** Cuts what a number is drawn from into parts, of a range into equally likely ones. */
export interface Binning {
  readonly numBins: number;
  /** [numBins] [-] how many of all draws are to be expected in each part; undefined where nobody can say. */
  readonly shares: readonly number[] | undefined;
  /** Which part a number is in; undefined where the distribution does not reach. */
  find(value: number): number | undefined;
}

interface BinningOptions {
  /** [1] parts of a range; a list has one for each of its values */
  readonly maxBins: number;
  readonly isWhole: boolean;
}

/**
 * @param distribution one with a schedule is of a difficulty that moves: its parts are equally wide, how likely they are
 *   depends on where it moves
 * @returns undefined for what is not drawn
 */
export function makeBinning(
  distribution: Distribution,
  options: BinningOptions,
): Binning | undefined {
  if (typeof distribution === 'number') return undefined;
  if (distribution.schedule !== undefined) {
    const reach = makeBinning({ uniform: [...computeSupport(distribution)] }, options);
    return reach && { ...reach, shares: undefined };
  }
  const values = listValues(distribution, options.isWhole);
  return values === undefined
    ? binRange(distribution, options.maxBins)
    : binValues(values, options.maxBins);
}

interface LikelyValue {
  readonly value: number;
  /** [-] of all draws */
  readonly share: number;
}

/** What can be drawn, lowest first, where that is a few numbers. */
function listValues(spread: Spread, isWhole: boolean): readonly LikelyValue[] | undefined {
  const { choice, uniform } = spread;
  if (choice !== undefined) {
    const count = (value: number) => choice.filter((one) => one === value).length;
    const values = [...new Set(choice)].sort((a, b) => a - b);
    return values.map((value) => ({ value, share: count(value) / choice.length }));
  }
  if (!isWhole) return undefined;
  const [lower, upper] = computeSupport(spread).map(Math.round) as [number, number];
  const numValues = upper - lower + 1;
  // What is drawn rounded is a value from half below it to half above; the outermost hold all that is beyond.
  const below = (value: number) => {
    if (value <= lower) return 0;
    return value > upper ? 1 : computeShareBelow(spread, value - 0.5);
  };
  return Array.from({ length: numValues }, (_, k) => {
    const value = lower + k;
    return {
      value,
      share: uniform === undefined ? below(value + 1) - below(value) : 1 / numValues,
    };
  });
}

function binValues(values: readonly LikelyValue[], maxBins: number): Binning | undefined {
  if (values.length < 2) return undefined;
  const numBins = Math.min(maxBins, values.length);
  const choose = (at: number) => Math.floor((at * numBins) / values.length);
  const shares = new Array<number>(numBins).fill(0);
  values.forEach(({ share }, at) => {
    shares[choose(at)]! += share;
  });
  return {
    numBins,
    shares,
    find(wanted) {
      const at = values.findIndex(({ value }) => value === wanted);
      return at < 0 ? undefined : choose(at);
    },
  };
}

/** Rounding may put the ends of a range just outside of it. [-] of its width */
const SLACK = 1e-9;

/** Parts of a normal beyond its clip are one with that of its end, where their draws pile up. */
function binRange(spread: Spread, maxBins: number): Binning | undefined {
  const [lower, upper] = computeSupport(spread);
  if (!(upper > lower) || spread.normal?.[1] === 0) return undefined;
  const pick = (value: number) =>
    clamp(Math.floor(computeShareBelow(spread, value) * maxBins), 0, maxBins - 1);
  const isClipped = spread.normal !== undefined;
  const [first, last] = isClipped ? [pick(lower), pick(upper)] : [0, maxBins - 1];
  const numBins = last - first + 1;
  const shares = Array.from({ length: numBins }, (_, k) => {
    const parts = 1 + (k === 0 ? first : 0) + (k === numBins - 1 ? maxBins - 1 - last : 0);
    return parts / maxBins;
  });
  const slack = SLACK * (upper - lower);
  return {
    numBins,
    shares,
    find(value) {
      const isInside = value >= lower - slack && value <= upper + slack;
      return isInside ? clamp(pick(value), first, last) - first : undefined;
    },
  };
}

/** [-] of all draws, before they are clipped or rounded, that are below a value */
function computeShareBelow({ uniform, logUniform, normal }: Spread, value: number): number {
  if (normal !== undefined) return computeNormalCdf((value - normal[0]) / normal[1]);
  const scale = logUniform === undefined ? (one: number) => one : Math.log;
  const [lower, upper] = (logUniform ?? uniform!).map(scale) as [number, number];
  return (scale(value) - lower) / (upper - lower);
}
