import type { Rng } from '../math/rng.ts';
import type { DrawnScale } from '../task/critic-column.ts';
import {
  type Distribution,
  getDistribution,
  type Moment,
  type RandomizationConfig,
  type SharedDistribution,
} from './config.ts';
import { type CorrelatedGroup, makeGroups } from './correlation.ts';
import { computeQuantile, computeSupport, drawPlain, resolve } from './distribution.ts';
import { type Entry, listEntries, NO_PARTS, type RandomizedParts } from './entries.ts';
import {
  CONTEXT_NAMES,
  type ContextName,
  listNames,
  PROPERTY_KEYS,
  type PropertyKey,
} from './properties.ts';

/**
 * What one robot drew for one episode: a flat vector with names, recorded with the episode. Besides the numbers that
 * every context has there is one for each joint, rotor or object that draws for itself: `effortScale.FL_hip_joint`.
 */
export type Context = Readonly<Record<ContextName, number>> & Readonly<Record<string, number>>;

/** How a draw is made, besides its stream. */
export interface DrawOptions {
  /** Of the robot, for what is drawn once for all its episodes; default: the episode's own. */
  readonly startup?: Rng | undefined;
  /** [-] @range 0, 1; default: what the configuration draws. A difficulty that is fixed stays. */
  readonly difficulty?: number | undefined;
}

/** Numbers that are drawn anew every so often during an episode. */
export interface Interval {
  readonly everyS: number;
  readonly names: readonly string[];
}

/** A number that is really drawn, and what makes about ± 1 of its values. */
export interface DrawnName extends DrawnScale {
  readonly name: string;
  readonly unit: string;
}

/** A number that is drawn. */
interface Step {
  readonly name: string;
  readonly distribution: SharedDistribution;
  readonly moment: Moment;
  readonly everyS: number;
  readonly isWhole: boolean;
  readonly unit: string;
}

/** Of every robot, where a curriculum moves it. */
const DIFFICULTY: DrawnName = {
  ...{ name: 'difficulty', unit: '-' },
  ...{ isLogarithmic: false, middle: 0.5, half: 0.5 },
};

/** A configuration for one kind of robot, ready to be drawn from. */
export class RandomizationPlan {
  /** Every number of a context, in the order of the recorded vector. */
  readonly names: readonly string[];
  /** Those of them that differ. */
  readonly drawn: readonly DrawnName[];
  readonly intervals: readonly Interval[];
  /** Whether any number is drawn once per robot. */
  readonly hasStartup: boolean;
  /** Properties of which single joints, rotors or objects have numbers of their own. */
  readonly ownKeys: ReadonlySet<PropertyKey>;
  readonly #nominal: Readonly<Record<string, number>>;
  readonly #steps: readonly Step[];
  readonly #groups: readonly CorrelatedGroup[];
  readonly #hasFixedDifficulty: boolean;

  /**
   * @param config that checkRandomization has nothing against
   * @param parts what of the robot and its scene may draw for itself
   */
  constructor(config: RandomizationConfig, parts: RandomizedParts = NO_PARTS) {
    const entries = listEntries(config, parts);
    this.names = entries.map(({ name }) => name);
    this.ownKeys = new Set(entries.slice(CONTEXT_NAMES.length).map(({ key }) => key));
    this.#nominal = Object.fromEntries(
      entries.map(({ name, distribution }) => [
        name,
        config.fixed[name] ?? (typeof distribution === 'number' ? distribution : Number.NaN),
      ]),
    );
    this.#steps = entries.flatMap((entry) =>
      config.fixed[entry.name] === undefined ? makeStep(entry) : [],
    );
    this.#groups = makeGroups(config, entries);
    this.#hasFixedDifficulty = config.fixed.difficulty !== undefined;
    const moves = config.curriculum !== undefined && !this.#hasFixedDifficulty;
    this.drawn = [...this.#steps.flatMap(describeStep), ...(moves ? [DIFFICULTY] : [])];
    this.hasStartup = this.#steps.some(({ moment }) => moment === 'startup');
    this.intervals = groupIntervals(this.#steps);
  }

  /**
   * Draws the physics of one robot for one episode. Each number comes from a stream of its own, so
   * randomising one property changes no other. Allocates.
   */
  draw(rng: Rng, { startup = rng, difficulty }: DrawOptions = {}): Context {
    const values: Record<string, number> = { ...this.#nominal };
    const own = this.#steps.find(({ name }) => name === 'difficulty');
    if (difficulty !== undefined && !this.#hasFixedDifficulty) values.difficulty = difficulty;
    else if (own !== undefined) this.#write(values, [own], rng);
    const rest = this.#steps.filter((step) => step !== own);
    this.#write(
      values,
      rest.filter(({ moment }) => moment === 'startup'),
      startup,
    );
    this.#write(
      values,
      rest.filter(({ moment }) => moment !== 'startup'),
      rng,
    );
    return Object.freeze(values) as Context;
  }

  /** The context with the numbers of one interval drawn anew. @param rng of this moment alone */
  redraw(context: Context, interval: Interval, rng: Rng): Context {
    const values: Record<string, number> = { ...context };
    this.#write(
      values,
      this.#steps.filter(({ name }) => interval.names.includes(name)),
      rng,
    );
    return Object.freeze(values) as Context;
  }

  #write(values: Record<string, number>, steps: readonly Step[], rng: Rng): void {
    const scores = this.#drawScores(steps, rng);
    for (const { name, distribution, isWhole } of steps) {
      // Of the difficulty itself, which has no schedule, it makes no difference.
      const difficulty = name === 'difficulty' ? 1 : values.difficulty!;
      const plain = resolve(distribution, { difficulty, isWhole });
      const score = scores.get(name);
      values[name] =
        score === undefined
          ? drawPlain(plain, rng.fork(name), isWhole)
          : computeQuantile(plain, score, isWhole);
    }
  }

  /** Correlated normal scores: each number's own independent one comes from the number's stream. */
  #drawScores(steps: readonly Step[], rng: Rng): ReadonlyMap<string, number> {
    const scores = new Map<string, number>();
    for (const { names, root } of this.#groups) {
      if (!steps.some(({ name }) => names.includes(name))) continue;
      const own = names.map((name) => rng.fork(name).normal(0, 1));
      names.forEach((name, i) => {
        let score = 0;
        for (let j = 0; j <= i; j++) score += root[i * names.length + j]! * own[j]!;
        scores.set(name, score);
      });
    }
    return scores;
  }
}

function makeStep({ name, distribution, spec }: Entry): readonly Step[] {
  if (typeof distribution === 'number') return [];
  const { moment = 'reset', everyS = 0 } = distribution;
  return [{ name, distribution, moment, everyS, isWhole: spec.isWhole === true, unit: spec.unit }];
}

function describeStep({ name, distribution, isWhole, unit }: Step): readonly DrawnName[] {
  const support = computeSupport(distribution);
  if (support[0] === support[1]) return [];
  const plain = resolve(distribution, { difficulty: 1, isWhole });
  const { normal, logUniform } = typeof plain === 'number' ? {} : plain;
  if (normal !== undefined) {
    return [{ name, unit, isLogarithmic: false, middle: normal[0], half: 2 * normal[1] }];
  }
  const isLogarithmic = logUniform !== undefined;
  const [lower, upper] = isLogarithmic ? (support.map(Math.log) as [number, number]) : support;
  return [{ name, unit, isLogarithmic, middle: (lower + upper) / 2, half: (upper - lower) / 2 }];
}

function groupIntervals(steps: readonly Step[]): readonly Interval[] {
  const redrawn = steps.filter(({ moment }) => moment === 'interval');
  return [...new Set(redrawn.map(({ everyS }) => everyS))].map((everyS) => ({
    everyS,
    names: redrawn.filter((step) => step.everyS === everyS).map(({ name }) => name),
  }));
}

/** One draw for whatever robot: parts do not draw for themselves. See {@link RandomizationPlan.draw}. */
export function drawContext(config: RandomizationConfig, rng: Rng, options?: DrawOptions): Context {
  return new RandomizationPlan(config).draw(rng, options);
}

/** Every number of a context under a configuration, in the order of the recorded vector. */
export function listContextNames(
  config: RandomizationConfig,
  parts: RandomizedParts,
): readonly string[] {
  return listEntries(config, parts).map(({ name }) => name);
}

/**
 * What each of {@link listContextNames} is drawn from; a number is not drawn. A schedule is what it is at the difficulty
 * of all episodes, and stays a schedule where that is drawn or moves.
 */
export function listContextDistributions(
  config: RandomizationConfig,
  parts: RandomizedParts,
): readonly Distribution[] {
  const difficulty = findDifficulty(config);
  return listEntries(config, parts).map(({ name, distribution, spec }) => {
    const fixed = config.fixed[name];
    if (fixed !== undefined || difficulty === undefined) return fixed ?? distribution;
    return resolve(distribution, { difficulty, isWhole: spec.isWhole === true });
  });
}

/** The difficulty of all episodes; undefined where it differs from one to the other. */
function findDifficulty({ fixed, difficulty, curriculum }: RandomizationConfig) {
  if (fixed.difficulty !== undefined) return fixed.difficulty;
  return typeof difficulty === 'number' && curriculum === undefined ? difficulty : undefined;
}

/** @param out [names.length] in their order */
export function writeContext(
  out: Float64Array,
  context: Context,
  names: readonly string[] = CONTEXT_NAMES,
): void {
  for (let k = 0; k < names.length; k++) out[k] = context[names[k]!]!;
}

/** The largest number that draws of a property that every context has can give, where it is not fixed. */
export function computeLargest(config: RandomizationConfig, key: PropertyKey): number {
  return config.fixed[key] ?? computeSupport(getDistribution(config, key))[1];
}

/** What each number that every context has is drawn from; parts may draw for themselves besides. */
export function getDistributions(
  config: RandomizationConfig,
): Record<ContextName, SharedDistribution> {
  return Object.fromEntries(
    PROPERTY_KEYS.flatMap((key) =>
      listNames(key).map((name) => [name, getDistribution(config, key)]),
    ),
  ) as Record<ContextName, SharedDistribution>;
}
