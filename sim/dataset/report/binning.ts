import { computeNormalCdf } from '../../math/normal.ts';
import type { Distribution, Spread } from '../../randomize/config.ts';
import { resolve } from '../../randomize/distribution.ts';

/** Cuts what a number is drawn from into parts of which each draw is as likely to fall in one as in another. */
export interface Binning {
  readonly numBins: number;
  /** Which part a number is in; undefined where the distribution does not reach. */
  find(value: number): number | undefined;
}

/**
 * @param maxBins [1] parts of a range; a choice has one for each of its values
 * @returns undefined for what is not drawn
 */
export function makeBinning(
  distribution: Distribution,
  { maxBins, isWhole }: { readonly maxBins: number; readonly isWhole: boolean },
): Binning | undefined {
  const spread = resolve(distribution, { difficulty: 1, isWhole });
  if (typeof spread === 'number') return undefined;
  const values = listValues(spread, isWhole);
  if (values === undefined) return binRange(spread, maxBins);
  if (values.length < 2) return undefined;
  const numBins = Math.min(maxBins, values.length);
  return {
    numBins,
    find(value) {
      const at = values.indexOf(value);
      return at < 0 ? undefined : Math.floor((at * numBins) / values.length);
    },
  };
}

/** What can be drawn, where that is a few numbers. */
function listValues({ choice, uniform }: Spread, isWhole: boolean): number[] | undefined {
  if (choice !== undefined) return [...new Set(choice)].sort((a, b) => a - b);
  if (uniform === undefined || !isWhole) return undefined;
  return Array.from({ length: uniform[1] - uniform[0] + 1 }, (_, k) => uniform[0] + k);
}

function binRange(spread: Spread, numBins: number): Binning | undefined {
  const { uniform, logUniform, normal, clip } = spread;
  const ends = uniform ?? logUniform;
  if (ends !== undefined) {
    if (!(ends[1] > ends[0])) return undefined;
    const scale = logUniform === undefined ? (value: number) => value : Math.log;
    const [lower, upper] = [scale(ends[0]), scale(ends[1])];
    return {
      numBins,
      find: (value) => pick((scale(value) - lower) / (upper - lower), numBins),
    };
  }
  if (normal === undefined || normal[1] === 0) return undefined;
  const [mean, deviation] = normal;
  return {
    numBins,
    find(value) {
      if (clip !== undefined && !(value >= clip[0] && value <= clip[1])) return undefined;
      return pick(computeNormalCdf((value - mean) / deviation), numBins);
    },
  };
}

/** Rounding may put the ends of a range just outside of it. */
const SLACK = 1e-9;

function pick(share: number, numBins: number): number | undefined {
  if (!(share >= -SLACK && share <= 1 + SLACK)) return undefined;
  return Math.min(Math.max(Math.floor(share * numBins), 0), numBins - 1);
}
