import type { EpisodeSummary } from '../../../sim/env-result.ts';
import type { UserError } from '../../../sim/errors.ts';
import type { VecEnv } from '../../../sim/vec-env/vec-env.ts';
import type { Evaluation } from '../../evaluation/evaluate.ts';
import type { WholeNetwork } from '../../onnx/policy-network.ts';
import type { Teacher } from '../teacher.ts';
import type { PlannedLearner } from './algorithm.ts';
import type { RunState } from './checkpoint.ts';
import type { MetricsLine } from './metrics-file.ts';
import type { PolicyOrigin } from './policy-file.ts';
import type { RunBudget } from './run-config.ts';
import type { RunFolder } from './run-folder.ts';
import type { RunSettings } from './run-settings.ts';

export interface RunParts {
  readonly folder: RunFolder;
  readonly settings: RunSettings;
  readonly seed: number;
  readonly planned: PlannedLearner;
  readonly origin: PolicyOrigin;
  /** Who is imitated, by an algorithm that does so. */
  readonly teacher?: Teacher | undefined;
  /** What is corrected, and stays as it is. */
  readonly base?: WholeNetwork | undefined;
  readonly budget: RunBudget;
  makeEnv(): Promise<VecEnv>;
  /** Flies a policy, given as the bytes of its file. @throws RunStopped where somebody wants the run to end meanwhile */
  evaluate(
    policy: Uint8Array,
    seeds: { readonly firstSeed: number; readonly episodes: number },
  ): Promise<Evaluation>;
  /** [s] since the process began */
  readClockS(): number;
  /** [s] since 1970, for TensorBoard */
  readWallTimeS(): number;
  /** Whether somebody wants it to end after the round that it is in. */
  shouldStop(): boolean;
  onEvent?(event: RunEvent): void;
}

export type RunEvent =
  /** From which round on; 0: a new run. */
  | {
      readonly kind: 'begin';
      readonly round: number;
      readonly steps: number;
      readonly env: VecEnv;
      /** What is wrong with later checkpoints than the one that it goes on from, and with its metrics. */
      readonly damaged: readonly UserError[];
      /** [1] rounds after that one, which a process before has done */
      readonly numRedone: number;
    }
  | {
      readonly kind: 'round';
      readonly line: MetricsLine;
      readonly episodes: readonly EpisodeSummary[];
    }
  | {
      readonly kind: 'evaluation';
      readonly round: number;
      readonly steps: number;
      readonly evaluation: Evaluation;
      readonly isBest: boolean;
      readonly policy: Uint8Array;
    }
  /** What takes a while between rounds. */
  | { readonly kind: 'activity'; readonly activity: 'evaluating' | 'judging' }
  | {
      readonly kind: 'rollback';
      readonly round: number;
      readonly to: number;
      readonly reason: string;
      readonly dump: string;
      /** [-] of what the learning rate is now, of what it was at the beginning */
      readonly learningRateShare: number;
    };

export interface RunResult {
  readonly rounds: number;
  readonly steps: number;
  /** [s] of all processes that have worked on it */
  readonly wallS: number;
  /** By the seeds that chose it. */
  readonly best: RunState['best'];
  /** By seeds that chose nothing; undefined where the run was stopped. */
  readonly judgement: Evaluation | undefined;
  readonly rollbacks: number;
  /** Where a resumed run goes on. */
  readonly lastCheckpoint: number;
  readonly isComplete: boolean;
  /** What it has come to; undefined where it was stopped before. */
  readonly end: RunEnd | undefined;
  /** The file of the best policy; of the last one where none was evaluated; undefined where nothing was learnt. */
  readonly policy: string | undefined;
}

/** All steps, all time, or a success that is enough. */
export type RunEnd = 'steps' | 'time' | 'success';

/** Somebody wants the run to end. */
export class RunStopped extends Error {
  override readonly name = 'RunStopped';
}

/** Learning failed again and again. The run can be resumed, with other settings. */
export class TrainingFailure extends Error {
  override readonly name = 'TrainingFailure';
}
