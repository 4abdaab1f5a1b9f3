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
