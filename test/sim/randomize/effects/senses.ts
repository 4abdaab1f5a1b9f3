import { expect } from 'vitest';
import type { EngineName } from '../../../../sim/engine/engine.ts';
import { makeSimEnv } from '../../../../sim/env.ts';
import { RandomizationConfig } from '../../../../sim/randomize/config.ts';
import type { MotionCaptureSensor } from '../../../../sim/robot/sensor-model.ts';
import { getTask } from '../../../../sim/tasks/registry.ts';
import { computeDeviation, computeMean, deviationBand } from '../../../kit/sampled.ts';
import { makeImuSpec, makeMotionCaptureSpec, makeSensedBody } from '../../../kit/sensed-body.ts';
import { type Effects, expectClose, look, makeStudy, RATE_HZ, run } from './study.ts';

/** What cameras show of a body that hangs still in space, sample by sample. */
interface Sighting {
  /** [m] readings less the truth, along x */
  readonly errors: number[];
  /** [s] of each sample when it is first seen */
  readonly ages: number[];
}

function watch(
  engine: EngineName,
  spec: Partial<MotionCaptureSensor>,
  randomization: object,
  { durationS = 1, numRobots = 1 } = {},
): Promise<Sighting> {
  const model = makeSensedBody([
    makeImuSpec(),
    makeMotionCaptureSpec({ rateHz: RATE_HZ, ...spec }),
  ]);
  const study = makeStudy(engine, { model, gravity: 0, randomization, numRobots });
  return look(study, (world) => {
    const errors: number[] = [];
    const ages: number[] = [];
    run(world, durationS, (step) => {
      if (step === 0) return;
      const { position, stampS, isNew } = world.motionCapture;
      for (let robot = 0; robot < numRobots; robot++) {
        if (isNew[robot] === 0) continue;
        errors.push(position[3 * robot]! - world.truth.position[3 * robot]!);
        ages.push(world.timeS - stampS[robot]!);
      }
    });
    return { errors, ages };
  });
}

const still = (error: Partial<MotionCaptureSensor['position']>) => ({
  position: { noise: 1e-9, bias: 0, ...error },
});
/** Robots among which biases and walks are compared. */
const MANY = { durationS: 0.2, numRobots: 150 };

export const SENSE_EFFECTS = {
  sensorNoiseScale: {
    says: 'sensorNoiseScale makes readings scatter more',
    async show(engine) {
      for (const sensorNoiseScale of [0.5, 2]) {
        const { errors } = await watch(engine, still({ noise: 0.001 }), { sensorNoiseScale });
        const wanted = 0.001 * sensorNoiseScale;
        const off = Math.abs(computeDeviation(errors) - wanted);
        expect(off).toBeLessThan(deviationBand(wanted, errors.length));
      }
    },
  },
  sensorBiasScale: {
    says: 'sensorBiasScale lets readings lie further off, robot by robot',
    async show(engine) {
      for (const sensorBiasScale of [0.5, 3]) {
        const { errors } = await watch(engine, still({ bias: 0.01 }), { sensorBiasScale }, MANY);
        const largest = Math.max(...errors.map(Math.abs));
        // Uniform within ± the half-width: of 150 robots one is within 3 % of it, but for a chance of 1 %.
        expect(largest).toBeLessThanOrEqual(0.01 * sensorBiasScale + 1e-6);
        expect(largest).toBeGreaterThan(0.97 * 0.01 * sensorBiasScale);
      }
    },
  },
  sensorDriftScale: {
    says: 'sensorDriftScale lets biases walk further',
    async show(engine) {
      for (const sensorDriftScale of [0.5, 2]) {
        const { errors } = await watch(engine, still({ drift: 0.01 }), { sensorDriftScale }, MANY);
        const last = errors.slice(-MANY.numRobots);
        const wanted = 0.01 * sensorDriftScale * Math.sqrt(MANY.durationS);
        const off = Math.abs(computeDeviation(last) - wanted);
        expect(off).toBeLessThan(deviationBand(wanted, last.length));
      }
    },
  },
  sensorQuantisationScale: {
    says: 'sensorQuantisationScale makes the steps of readings wider, or takes them away',
    async show(engine) {
      const spec = still({ noise: 0.01, quantisation: 0.002 });
      const isWhole = (value: number, step: number) =>
        Math.abs(value / step - Math.round(value / step)) < 1e-6;
      for (const sensorQuantisationScale of [1, 3]) {
        const { errors } = await watch(engine, spec, { sensorQuantisationScale });
        const step = 0.002 * sensorQuantisationScale;
        expect(errors.every((error) => isWhole(error, step))).toBe(true);
        expect(errors.some((error) => !isWhole(error, 2 * step))).toBe(true);
      }
      const { errors } = await watch(engine, spec, { sensorQuantisationScale: 0 });
      expect(errors.some((error) => !isWhole(error, 0.002))).toBe(true);
    },
  },
  sensorDropoutScale: {
    says: 'sensorDropoutScale loses more samples',
    async show(engine) {
      for (const sensorDropoutScale of [0, 1, 4, 100]) {
        const { ages } = await watch(
          engine,
          { dropout: 0.1 },
          { sensorDropoutScale },
          { durationS: 2 },
        );
        const lost = 1 - ages.length / (2 * RATE_HZ);
        const wanted = Math.min(1, 0.1 * sensorDropoutScale);
        // Four standard deviations of a share of 1000 samples, and the two at the ends of the second.
        const band = 4 * Math.sqrt((wanted * (1 - wanted)) / (2 * RATE_HZ)) + 0.002;
        expect(Math.abs(lost - wanted)).toBeLessThan(band);
      }
    },
  },
  sensorLatencyScale: {
    says: 'sensorLatencyScale shows everything later by that latency',
    async show(engine) {
      for (const sensorLatencyScale of [0.5, 2]) {
        const { ages } = await watch(engine, { latencyS: 0.02 }, { sensorLatencyScale });
        // The first one is that which the robot starts with.
        for (const age of ages.slice(1)) expectClose(age, 0.02 * sensorLatencyScale, 1e-6);
      }
    },
  },
  sensorJitterScale: {
    says: 'sensorJitterScale scatters how late samples are',
    async show(engine) {
      const spec = { rateHz: 25, latencyS: 0.02, jitterS: 0.005 };
      for (const [sensorJitterScale, jitterS] of [
        [0, 0],
        [1, 0.005],
        [3, 0.015],
      ] as const) {
        const { ages } = await watch(engine, spec, { sensorJitterScale }, { durationS: 8 });
        const late = ages.slice(1).map((age) => age - 0.02);
        // Rounded up to steps of 2 ms.
        expect(Math.max(...late)).toBeLessThan(jitterS + 0.002 + 1e-9);
        expect(Math.min(...late)).toBeGreaterThan(-jitterS - 1e-9);
        expect(Math.max(...late) - Math.min(...late)).toBeGreaterThanOrEqual(1.6 * jitterS);
        expect(Math.abs(computeMean(late) - 0.001)).toBeLessThan(jitterS / 4 + 0.0011);
      }
    },
  },
  observationDelaySteps: {
    says: 'observationDelaySteps shows a policy what it would have seen so many control steps ago',
    async show(engine) {
      const see = async (observationDelaySteps: number) => {
        const env = await makeSimEnv({
          ...{ task: getTask('cartpole-balance'), numEnvs: 1, engine, autoreset: 'disabled' },
          randomization: RandomizationConfig.parse({ observationDelaySteps }),
        });
        const seen = [[...env.reset(3).observation]];
        for (let step = 0; step < 12; step++) {
          seen.push([...env.step(Float32Array.of(0.5)).observation]);
        }
        env.free();
        return seen;
      };
      const [now, late] = [await see(0), await see(3)];
      expect(late.slice(3)).toEqual(now.slice(0, -3));
      expect(late.slice(0, 3)).toEqual([now[0], now[0], now[0]]);
      expect(now[3]).not.toEqual(now[0]);
    },
  },
} as const satisfies Effects;
