import type { RandomizationConfig } from './randomize/config.ts';
import { type Context, type DrawnName, RandomizationPlan } from './randomize/draw.ts';
import type { RandomizedParts } from './randomize/entries.ts';
import { CONTEXT_PREFIX, type CriticColumn } from './task/critic-column.ts';

/**
 * What an episode has drawn, as a critic sees it: only what is randomised, each number scaled by its own
 * distribution. The ends of a range are −1 and 1 (of a log-uniform one, in the logarithm); two standard
 * deviations of a normal distribution are 1.
 */
export class ContextColumns {
  readonly columns: readonly CriticColumn[];
  /** Names of those of them that nothing changes before the next episode. */
  readonly constantNames: readonly string[];
  readonly #drawn: readonly DrawnName[];

  /**
   * @param parts what of the robot and its scene may draw for itself
   * @param taught columns that somebody was taught on, in whatever ranges; absent: those of `config`
   */
  constructor(
    config: RandomizationConfig,
    parts?: RandomizedParts,
    taught?: readonly CriticColumn[],
  ) {
    const { drawn, intervals } = new RandomizationPlan(config, parts);
    const redrawn = new Set(intervals.flatMap(({ names }) => names));
    this.#drawn = taught === undefined ? drawn : listDrawn(taught);
    this.columns = this.#drawn.map(({ name, unit, ...scale }) => ({
      name: `${CONTEXT_PREFIX}${name}`,
      unit,
      drawn: scale,
    }));
    this.constantNames = this.columns.flatMap(({ name }, k) =>
      redrawn.has(this.#drawn[k]!.name) ? [] : [name],
    );
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

function listDrawn(columns: readonly CriticColumn[]): readonly DrawnName[] {
  return columns.flatMap(({ name, unit, drawn }) =>
    drawn === undefined ? [] : [{ name: name.slice(CONTEXT_PREFIX.length), unit, ...drawn }],
  );
}
