import type { z } from 'zod';
import type { MlpNetwork } from '../../onnx/policy-network.ts';
import type { Learner, LearnerParts } from '../learner.ts';
import type { LearnerSurroundings } from '../training-env.ts';

/** What decides how much memory a learner takes. */
export interface LearnerSizes {
  readonly numEnvs: number;
  /** [1] numbers of one observation, of the critic's view and of one action */
  readonly observationWidth: number;
  readonly criticWidth: number;
  readonly numActions: number;
}

/** What an algorithm cannot do without: a policy to imitate, or room in the randomisation for one that pushes. */
export type Need = 'teacher' | 'adversary';

/** Who is imitated, by an algorithm that needs somebody. */
export interface TeacherPart {
  readonly teacher?: MlpNetwork | undefined;
}

/** What an algorithm says of itself, for runs to find it by its name. */
export interface AlgorithmSpec<Settings extends object> {
  readonly name: string;
  /** Of the algorithm, in a few words: what a policy says of how it was made. */
  readonly method: string;
  readonly needs?: Need;
  /** A strict object: all keys with their defaults, ranges and meaning. */
  readonly Settings: z.ZodType<Settings>;
  /** [bytes] of its buffers and networks, about */
  estimateBytes(settings: Settings, sizes: LearnerSizes): number;
  /** [1] control steps of every environment between two rounds */
  countRoundSteps(settings: Settings): number;
  /** @throws UserErrors for settings that do not fit the environments, before anything is made */
  check(settings: Settings, env: LearnerSurroundings): void;
  make(parts: LearnerParts<Settings> & TeacherPart): Promise<Learner>;
}

/** An algorithm whose type of settings is its own business. */
export interface Algorithm {
  readonly name: string;
  readonly method: string;
  readonly needs: Need | undefined;
  readonly Settings: z.ZodType<object>;
  /** @throws ZodError for settings that did not come from {@link Settings} */
  plan(settings: unknown): PlannedLearner;
}

/** An algorithm with the settings of a run. */
export interface PlannedLearner {
  estimateBytes(sizes: LearnerSizes): number;
  /** [1] control steps of every environment between two rounds */
  readonly roundSteps: number;
  /** @throws UserErrors for settings that do not fit the environments */
  check(env: LearnerSurroundings): void;
  make(parts: Omit<LearnerParts<never>, 'settings'> & TeacherPart): Promise<Learner>;
}

export function defineAlgorithm<Settings extends object>(spec: AlgorithmSpec<Settings>): Algorithm {
  return {
    name: spec.name,
    method: spec.method,
    needs: spec.needs,
    Settings: spec.Settings,
    plan(value) {
      const settings = spec.Settings.parse(value);
      return {
        estimateBytes: (sizes) => spec.estimateBytes(settings, sizes),
        roundSteps: spec.countRoundSteps(settings),
        check: (env) => spec.check(settings, env),
        make: (parts) => spec.make({ ...parts, settings }),
      };
    },
  };
}
