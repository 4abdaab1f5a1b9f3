import type { EpisodeSummary } from '../../sim/env-result.ts';
import type { Rng } from '../../sim/math/rng.ts';
import type { PolicyNetwork } from '../onnx/policy-network.ts';
import type { TrainingEnv } from './training-env.ts';

/** What happened in one round, by name: `loss/value`, `policy/kl`, `learning/rate`, … All finite, or the run is rolled back. */
export type LearnerMetrics = Readonly<Record<string, number>>;

/** Everything that a learner's next round depends on, as named arrays and plain numbers: what a checkpoint holds. */
export interface LearnerState {
  readonly arrays: Readonly<Record<string, Float32Array | Float64Array | Int32Array>>;
  /** JSON */
  readonly scalars: Readonly<Record<string, number | string | boolean>>;
}

/**
 * An algorithm at work on the environments it was given. A run drives it: rounds, checkpoints, metrics, stopping are
 * the run's; acting and learning are the learner's. Same seed, same calls: same bits.
 */
export interface Learner {
  /** Steps of single environments that it has acted in so far. */
  readonly numSteps: number;
  /**
   * Starts new episodes everywhere, named by `era`: what follows depends on the state and this number alone. Of the
   * state is, too, how difficult a curriculum has made each environment, see beginEra.
   */
  restart(era: number): Promise<void>;
  /** Acts and learns for one round. */
  runRound(): Promise<RoundReport>;
  /** What would be put on a robot now: normaliser, network, deterministic head. */
  copyPolicy(): Promise<PolicyNetwork>;
  copyState(): Promise<LearnerState>;
  /** @throws UserError if the state is of another algorithm, network or task */
  restore(state: LearnerState): Promise<void>;
  /** Multiplies the learning rate, now and in all that its schedule has left; part of the state. For a roll-back. */
  scaleLearningRate(factor: number): void;
  /** Frees its own memory; the environments stay their maker's. */
  free(): void;
}

export interface RoundReport {
  readonly metrics: LearnerMetrics;
  /** Episodes that ended in the round. */
  readonly episodes: readonly EpisodeSummary[];
}

/** What every algorithm is made from. */
export interface LearnerParts<Settings> {
  /** A VecEnv, whose groups act by turns. */
  readonly env: TrainingEnv;
  readonly settings: Settings;
  readonly rng: Rng;
  /** [s] a clock for the metrics `time/…`; absent: there are none */
  readonly now?: (() => number) | undefined;
}
