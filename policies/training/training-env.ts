import type { EnvArrays } from '../../sim/env-arrays.ts';
import type { StepResult } from '../../sim/env-result.ts';
import type { EpisodeId } from '../../sim/episode/plan.ts';
import type { PolicyMirror } from '../../sim/task/mirror.ts';
import type { GoalSpec } from '../../sim/task/task.ts';

/** What learning needs of environments: a part of VecEnv, so that a test can put a few lines in its place. */
export interface TrainingEnv {
  readonly task: {
    readonly name: string;
    readonly episodeLengthS: number;
    readonly goal?: GoalSpec | undefined;
  };
  readonly layout: {
    readonly observationNames: readonly string[];
    readonly criticNames: readonly string[];
    readonly actionNames: readonly string[];
    readonly goalNames: readonly string[];
  };
  /** How observations and actions look in a mirror; absent: not the same. */
  readonly mirror?: PolicyMirror | undefined;
  readonly numEnvs: number;
  readonly numActions: number;
  readonly numGroups: number;
  /** [s] */
  readonly controlPeriodS: number;
  readonly arrays: Omit<EnvArrays, 'episodeSeed' | 'episodeEnv' | 'episodeIndex'>;
  /** [numEnvs, numActions] raw output of the policy, to be written before a step */
  readonly action: Float32Array;
  getGroupRows(group: number): { readonly first: number; readonly count: number };
  reset(options: {
    readonly seed?: number | undefined;
    readonly mask?: Uint8Array | undefined;
    readonly difficulty?: Float64Array | undefined;
  }): Promise<unknown>;
  /** See VecEnv; absent where nothing can be begun again. */
  cutEpisodes?(mask: Uint8Array, visits: readonly (EpisodeId | undefined)[]): Promise<unknown>;
  /** All groups at once. */
  step(): Promise<Pick<StepResult, 'reward' | 'info'>>;
  /** Takes in the actions of a group. Resolves once it is being simulated, not when that is done. */
  beginStep(group: number): void | Promise<void>;
  endStep(group: number): Promise<Pick<StepResult, 'info'>>;
}

/** What can be known of environments before they are made. */
export type LearnerSurroundings = Pick<TrainingEnv, 'task' | 'mirror' | 'numEnvs'>;
