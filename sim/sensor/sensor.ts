import type { Engine } from '../engine/engine.ts';

/** What every sensor model needs to know about time when it is built. */
export interface SensorTiming {
  readonly physicsRateHz: number;
  /** [-] largest factor on the latency that any episode will draw; sizes the buffers */
  readonly maxLatencyScale: number;
}

/** What an episode drew for the sensors of one robot. */
export interface SensorDraw {
  /** [-] factor on noise and bias */
  readonly noiseScale: number;
  /** [-] factor on latency */
  readonly latencyScale: number;
}

/** What sensors can ask of the physics beyond the true state. An {@link Engine} is one. */
export type Surroundings = Pick<Engine, 'castRays' | 'writeContactForces' | 'shapeNames'>;
