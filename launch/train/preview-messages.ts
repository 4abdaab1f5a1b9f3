import type { EngineName } from '../../sim/engine/engine.ts';
import type { RandomizationConfig } from '../../sim/randomize/config.ts';
import type { RobotModel } from '../../sim/robot/model.ts';
import type { TerrainConfig } from '../../sim/terrain/config.ts';

/** What the thread of the preview is started with. */
export interface PreviewJob {
  readonly task: string;
  readonly model: RobotModel;
  readonly engine: EngineName;
  readonly randomization: RandomizationConfig;
  readonly terrain: TerrainConfig | null;
  readonly numRobots: number;
  /** [Hz] of wall time */
  readonly frameRateHz: number;
}

/** What it is told. */
export type PreviewOrder =
  | { readonly kind: 'policy'; readonly policy: Uint8Array }
  /** Whether anybody looks: nothing moves where nobody does. */
  | { readonly kind: 'watch'; readonly isWatched: boolean };

/** What it says. */
export type PreviewNews =
  | ({ readonly kind: 'state' } & PreviewState)
  | { readonly kind: 'fault'; readonly text: string };

/** The robots of the preview as they truly are, row by row as in StateBatch. */
export interface PreviewState {
  /** [s] simulated */
  readonly timeS: number;
  readonly position: Float64Array;
  readonly orientation: Float64Array;
  readonly jointPosition: Float64Array;
  /** [numRobots, 3] m in odom, and [numRobots] rad */
  readonly referencePosition: Float64Array;
  readonly referenceYaw: Float64Array;
  /** [numRobots] s since the episode began */
  readonly sceneTimeS: Float64Array;
  /** [numRobots] which of its episodes it is in */
  readonly episode: Int32Array;
  /** [numRobots, numPlaced, 4] x, y, z [m] and yaw [rad] in odom of obstacles that every episode places anew */
  readonly obstacles: Float64Array;
}
