import type { DatasetFormat, ShardReceipt } from '../../sim/dataset/shard-writer.ts';
import type { EngineName } from '../../sim/engine/engine.ts';
import type { Outcomes } from '../../sim/episode/outcomes.ts';
import type { Shard } from '../../sim/episode/plan.ts';
import type { EpisodeLayout } from '../../sim/episode/record.ts';
import type { ShardTimes } from '../../sim/episode/run-shard.ts';
import type { UserErrorParts } from '../../sim/errors.ts';
import type { RandomizationConfig } from '../../sim/randomize/config.ts';
import type { RobotModel } from '../../sim/robot/model.ts';
import type { TerrainConfig } from '../../sim/terrain/config.ts';

/** What a run simulates; can be sent to a thread. */
export interface EpisodesJob {
  /** Name of the task. */
  readonly task: string;
  readonly model: RobotModel;
  readonly engine: EngineName;
  readonly seed: number;
  /** A path of an .onnx file, or the kind of an actor that has none. */
  readonly policy: string | { readonly kind: 'classical' | 'random' };
  /** A path of an .onnx file, or chance; undefined: nobody. */
  readonly adversary: string | { readonly kind: 'random' } | undefined;
  readonly randomization: RandomizationConfig;
  readonly terrain: TerrainConfig | undefined;
  readonly layout: EpisodeLayout;
  /** Undefined: episodes are simulated and hashed, and not kept. */
  readonly output: { readonly folder: string; readonly format: DatasetFormat } | undefined;
}

/** What a thread is started with. */
export interface EpisodesWorkerData {
  readonly job: EpisodesJob;
  /** [3] shared: steps, episodes and successes so far, for whoever watches */
  readonly progress: Float64Array;
  /** [1] shared; 1 makes the thread give up the shard that it is in */
  readonly stop: Int32Array;
}

/** What a thread is told. It simulates one shard at a time, and closes others meanwhile. */
export type EpisodesCommand =
  | { readonly kind: 'simulate'; readonly shard: Shard }
  | { readonly kind: 'close'; readonly shard: number; readonly firstFrame: number }
  | { readonly kind: 'end' };

/** A shard whose episodes have all ended. */
export interface SimulatedShard {
  readonly shard: number;
  readonly numFrames: number;
  readonly outcomes: Outcomes;
  /** [numEpisodes] in the order of the episodes */
  readonly digests: readonly string[];
  readonly times: ShardTimes;
}

/** What a thread says. */
export type EpisodesMessage =
  | { readonly kind: 'ready' }
  | ({ readonly kind: 'simulated' } & SimulatedShard)
  | { readonly kind: 'written'; readonly shard: number; readonly writeS: number }
  | { readonly kind: 'closed'; readonly receipt: ShardReceipt }
  | { readonly kind: 'stopped'; readonly shard: number }
  | { readonly kind: 'refused'; readonly errors: readonly UserErrorParts[] }
  | { readonly kind: 'fault'; readonly message: string };
