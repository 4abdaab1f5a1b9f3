import type { RandomizationConfig } from './randomize/config.ts';
import { type Context, type DrawnName, RandomizationPlan } from './randomize/draw.ts';
import type { RandomizedParts } from './randomize/entries.ts';

/**
 * What an episode has drawn, as a critic sees it: only what is randomised, each number scaled by its own
 * distribution. The ends of a range are −1 and 1 (of a log-uniform one, in the logarithm); two standard
 * deviations of a normal distribution are 1.
 */
export class ContextColumns {
  readonly names: readonly string[];
  /** Those of them that nothing changes before the next episode. */
  readonly constantNames: readonly string[];
  readonly #drawn: readonly DrawnName[];

  /** @param parts what of the robot and its scene may draw for itself */
  constructor(config: RandomizationConfig, parts?: RandomizedParts) {
    const { drawn, intervals } = new RandomizationPlan(config, parts);
    const redrawn = new Set(intervals.flatMap(({ names }) => names));
    this.#drawn = drawn;
    this.names = drawn.map(({ name }) => `context.${name}`);
    this.constantNames = this.names.filter((_, k) => !redrawn.has(drawn[k]!.name));
  }

  /** @param out written from `offset` on, one number per name */
  write(out: Float32Array, offset: number, context: Context): void {
    for (let k = 0; k < this.#drawn.length; k++) {
      const { name, isLogarithmic, middle, half } = this.#drawn[k]!;
      const value = context[name]!;
      out[offset + k] = ((isLogarithmic ? Math.log(value) : value) - middle) / half;
    }
  }
}
