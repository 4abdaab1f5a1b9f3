import type { SensorDraw } from '../sensor/sensor.ts';
import type { Context } from './draw.ts';

/** What the sensors of one robot are told of its draw. */
export function computeSensorDraw(context: Context): SensorDraw {
  return {
    noiseScale: context.sensorNoiseScale,
    biasScale: context.sensorBiasScale,
    driftScale: context.sensorDriftScale,
    quantisationScale: context.sensorQuantisationScale,
    latencyScale: context.sensorLatencyScale,
    jitterScale: context.sensorJitterScale,
    dropoutScale: context.sensorDropoutScale,
  };
}
