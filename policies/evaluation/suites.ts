import type { EngineName } from '../../sim/engine/engine.ts';
import { UserError } from '../../sim/errors.ts';
import type { RandomizationConfig } from '../../sim/randomize/config.ts';
import { fixContext } from '../../sim/randomize/fix.ts';
import type { TerrainConfig } from '../../sim/terrain/config.ts';

/** Conditions under which every seed is flown once. */
export interface EvaluationCase {
  readonly name: string;
  readonly description: string;
  readonly engine: EngineName;
  readonly randomization: RandomizationConfig;
  readonly terrain: TerrainConfig | undefined;
}

/** A list of cases that follow from what was asked for. */
export interface Suite {
  readonly name: string;
  readonly description: string;
  makeCases(asked: Omit<EvaluationCase, 'name' | 'description'>): readonly EvaluationCase[];
}

export const nominal: Suite = {
  name: 'nominal',
  description: 'The task as it is, under its own randomisation, on unseen seeds',
  makeCases: (asked) => [
    {
      name: 'nominal',
      description: nominal.description,
      ...asked,
      randomization: widenFully(asked.randomization),
    },
  ],
};

/** What grows with success in training is judged at its full width. */
export function widenFully(config: RandomizationConfig): RandomizationConfig {
  return config.curriculum === undefined || config.fixed.difficulty !== undefined
    ? config
    : fixContext(config, { difficulty: 1 });
}

export const SUITES: readonly Suite[] = [nominal];

/** @throws UserError listing the suites there are */
export function getSuite(name: string): Suite {
  const found = SUITES.find((suite) => suite.name === name);
  if (found !== undefined) return found;
  throw new UserError({
    where: '--suite',
    problem: 'there is no such suite',
    expected: `one of ${SUITES.map((suite) => suite.name).join(', ')}`,
    got: `'${name}'`,
    remedy: 'Correct the name',
  });
}
