import type { Engine } from '../engine/engine.ts';
import type { Rng } from '../math/rng.ts';
import type { StateBatch } from '../robot/state.ts';
import type { DelayLine, SampleSink } from './delay-line.ts';
import type { SensorReading } from './reading.ts';

/** What every sensor model needs to know about time when it is built. */
export interface SensorTiming {
  readonly physicsRateHz: number;
  /** [-] largest factors on latency and jitter that any episode will draw; they size the buffers */
  readonly maxLatencyScale: number;
  /** [-] absent: 1 */
  readonly maxJitterScale?: number | undefined;
}

/** What an episode drew for the channels of one robot's sensors: factors of what is described. */
export interface ChannelDraw {
  /** [-] of noise, bias and drift */
  readonly noiseScale: number;
  /** [-] of bias, on top; absent: 1 */
  readonly biasScale?: number | undefined;
  /** [-] of drift, on top; absent: 1 */
  readonly driftScale?: number | undefined;
  /** [-] of the step of readings; absent: 1 */
  readonly quantisationScale?: number | undefined;
}

/** What an episode drew for the sensors of one robot. */
export interface SensorDraw extends ChannelDraw {
  /** [-] of latency and jitter */
  readonly latencyScale: number;
  /** [-] of jitter, on top; absent: 1 */
  readonly jitterScale?: number | undefined;
  /** [-] of the probability that a sample or an echo is lost, which stays 1 or less; absent: 1 */
  readonly dropoutScale?: number | undefined;
}

/** What sensors can ask of the physics beyond the true state. An {@link Engine} is one. */
export type Surroundings = Pick<
  Engine,
  'castRays' | 'watchContactForces' | 'writeContactForces' | 'shapeNames'
> &
  Partial<Pick<Engine, 'gravityOffsetW'>>;

/**
 * One sensor on every robot of a batch: true state in, late and imperfect readings out. What it measures goes into
 * its line; once visible there, {@link SensorSuite} hands it back to `take`. Allocates only when made and
 * at resets.
 */
export interface Instrument {
  /** What has become visible of each robot's sensor. */
  readonly reading: SensorReading;
  /** What is measured and not yet visible. */
  readonly line: DelayLine;
  /**
   * Starts an episode of one robot at `tick`, from its true state.
   * @param show takes a reading that the robot starts with; not called by sensors whose first one is yet to come
   */
  reset(
    robot: number,
    tick: number,
    truth: StateBatch,
    rng: Rng,
    draw: SensorDraw,
    show: SampleSink,
  ): void;
  /** Takes in the true state of all robots after one physics tick. */
  sample(tick: number, truth: StateBatch): void;
  /** Copies a sample of the line into the robot's row of the reading. */
  take(robot: number, data: Float64Array, offset: number): void;
}
