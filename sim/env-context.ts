import type { Distribution, RandomizationConfig } from './randomize/config.ts';
import {
  type Context,
  type ContextName,
  computeSupport,
  getDistributions,
} from './randomize/draw.ts';

/** How one drawn number becomes one of about −1 to 1. */
interface Column {
  readonly name: ContextName;
  /** Whether its logarithm is what is spread evenly. */
  readonly isLogarithmic: boolean;
  readonly middle: number;
  readonly half: number;
}

/**
 * What an episode has drawn, as a critic sees it: only what is randomised, each number scaled by its own
 * distribution. The ends of a range are −1 and 1 (of a log-uniform one, in the logarithm); two standard
 * deviations of a normal distribution are 1.
 */
export class ContextColumns {
  readonly names: readonly string[];
  readonly #columns: readonly Column[];

  constructor(config: RandomizationConfig) {
    this.#columns = Object.entries(getDistributions(config)).flatMap(([name, distribution]) => {
      const column = makeColumn(name as ContextName, distribution);
      return column.half > 0 ? [column] : [];
    });
    this.names = this.#columns.map(({ name }) => `context.${name}`);
  }

  /** @param out written from `offset` on, one number per name */
  write(out: Float32Array, offset: number, context: Context): void {
    this.#columns.forEach(({ name, isLogarithmic, middle, half }, k) => {
      const value = isLogarithmic ? Math.log(context[name]) : context[name];
      out[offset + k] = (value - middle) / half;
    });
  }
}

function makeColumn(name: ContextName, distribution: Distribution): Column {
  if (typeof distribution === 'object' && 'normal' in distribution) {
    const [middle, deviation] = distribution.normal;
    return { name, isLogarithmic: false, middle, half: 2 * deviation };
  }
  const isLogarithmic = typeof distribution === 'object' && 'logUniform' in distribution;
  const [lower, upper] = computeSupport(distribution).map((end) =>
    isLogarithmic ? Math.log(end) : end,
  ) as [number, number];
  return { name, isLogarithmic, middle: (lower + upper) / 2, half: (upper - lower) / 2 };
}
