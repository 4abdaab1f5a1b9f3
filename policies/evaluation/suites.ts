import type { EngineName } from '../../sim/engine/engine.ts';
import type { RandomizationConfig } from '../../sim/randomize/config.ts';
import { fixContext } from '../../sim/randomize/fix.ts';
import type { RobotModel } from '../../sim/robot/model.ts';
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
  /** @param model the robot that is judged */
  makeCases(
    asked: Omit<EvaluationCase, 'name' | 'description'>,
    model: RobotModel,
  ): readonly EvaluationCase[];
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
