import type { AutoresetMode } from '../config.ts';
import type { EngineName } from '../engine/engine.ts';
import type { EpisodeSummary } from '../env-result.ts';
import type { ArraySpec, Numbers } from './layout.ts';

export const SPACE_DTYPES = ['float32', 'float64', 'uint8'] as const;
export type SpaceDtype = (typeof SPACE_DTYPES)[number];

/** What one environment sees or does: a box. */
export interface Space {
  readonly dtype: SpaceDtype;
  /** Of one environment. */
  readonly shape: readonly number[];
  /** One per number. */
  readonly names: readonly string[];
  /** One per number; undefined in both lists where nothing bounds it. */
  readonly low: readonly (number | undefined)[];
  readonly high: readonly (number | undefined)[];
}

/** All that a client must know of what it is connected to. */
export interface EnvDescription {
  readonly task: string;
  readonly description: string;
  readonly robot: string;
  readonly engine: EngineName;
  readonly numEnvs: number;
  /** 0: in the thread of the server */
  readonly numWorkers: number;
  readonly autoreset: AutoresetMode;
  /** [Hz] steps per second of simulated time */
  readonly rateHz: number;
  /** [1] steps after which an episode is truncated */
  readonly maxSteps: number;
  readonly spaces: {
    readonly observation: Space;
    readonly action: Space;
    /** What an adversary chooses, see VecEnv.adversary; empty where the randomisation leaves it no force. */
    readonly adversary: Space;
    readonly critic: Space;
    /** The numbers of a goal, wanted and reached; empty for a task without one. */
    readonly goal: Space;
  };
  /** Names of the columns of `rewardTerms`, `costTerms` and `context`. */
  readonly rewardNames: readonly string[];
  readonly costNames: readonly string[];
  readonly contextNames: readonly string[];
  /** What `get` and `set` know, and whether it can be set. */
  readonly attributes: Readonly<Record<string, { readonly isWritable: boolean }>>;
}

export interface ResetRequest {
  /** Of the run, or one per environment; absent: every environment goes on to its next episode. */
  readonly seed?: number | readonly number[] | undefined;
  /** [numEnvs] 1 where an environment starts its next episode, the others go on; absent: all. */
  readonly mask?: Uint8Array | undefined;
}

/** An episode that has ended, as it is told in text: its draw is told in numbers. */
export type ServedSummary = Omit<EpisodeSummary, 'context'>;

/** What has happened besides the numbers. Borrowed until the next step or reset. */
export interface ServedNews {
  /** That have ended. */
  readonly episodes: readonly ServedSummary[];
  /** Environments, in order, whose episode has begun or ended, or has drawn something anew. */
  readonly changed: readonly number[];
}

/** A set of environments as the server sees it; who simulates, and in which thread, is behind it. */
export interface ServedEnv {
  readonly description: EnvDescription;
  /** What every step tells, in the order of the wire. */
  readonly stepArrays: readonly ArraySpec[];
  /** What is told besides of an environment where something has changed: arrays of one environment. */
  readonly tailArrays: readonly ArraySpec[];
  /** [numEnvs, numActions] raw, to be written before `step` */
  readonly action: Float32Array;
  /** [numEnvs, 6] or empty, to be written before `step`, see VecEnv.adversary */
  readonly adversary: Float32Array;
  reset(request: ResetRequest): Promise<ServedNews>;
  /** One control period of every environment. */
  step(): Promise<ServedNews>;
  /** @param out one array for each of `stepArrays` */
  writeStep(out: readonly Numbers[]): void;
  /** @param out one array for each of `tailArrays` @param env of the news */
  writeTail(out: readonly Numbers[], env: number): void;
  /** @param name one of the attributes of the description @throws UserError for a value that does not fit */
  getAttribute(name: string): unknown;
  setAttribute(name: string, value: unknown): void;
  free(): Promise<void>;
}
