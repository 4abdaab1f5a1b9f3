import { describe, expect, it } from 'vitest';
import { Rng } from '../../../sim/math/rng.ts';
import type { Vec3 } from '../../../sim/math/vec3.ts';
import type { ImuSensor } from '../../../sim/robot/sensor-model.ts';
import { Imu } from '../../../sim/sensor/imu.ts';
import { computeDeviation, computeMean, deviationBand, meanBand } from '../../kit/sampled.ts';
import { GRAVITY, GRAVITY_W, makeImuSpec, makeSensedBody, Path } from '../../kit/sensed-body.ts';

const RATE_HZ = 500;
const AS_DESCRIBED = { noiseScale: 1, latencyScale: 1 };
/** Rounding of a velocity change of 1e-16 m/s over 2 ms, with room. [m/s²] */
const ROUNDING = 1e-9;

interface Sample {
  readonly seenTick: number;
  readonly stampTick: number;
  readonly values: readonly number[];
}

function runImu(options: {
  readonly spec: ImuSensor;
  readonly path: Path;
  readonly numTicks: number;
  readonly seed?: number;
  readonly draw?: { readonly noiseScale: number; readonly latencyScale: number };
}): Sample[] {
  const { path } = options;
  const timing = { physicsRateHz: RATE_HZ, maxLatencyScale: 4 };
  const imu = new Imu(makeSensedBody([]), 1, options.spec, timing, GRAVITY_W);
  imu.reset(0, 0, path.truth, new Rng(options.seed ?? 1), options.draw ?? AS_DESCRIBED);
  const samples: Sample[] = [];
  for (let k = 0; k < options.numTicks; k++) {
    path.step();
    imu.sample(path.tick, path.truth);
    imu.line.deliver(0, path.tick, (_robot, stampTick, data, o) =>
      samples.push({ seenTick: path.tick, stampTick, values: [...data.subarray(o, o + 6)] }),
    );
  }
  return samples;
}

const still = (): Vec3 => [0, 0, 0];

describe('accelerometer', () => {
  it('reads +9.81 m/s² on z at rest: the force that holds it up', () => {
    const [sample] = runImu({ spec: makeImuSpec(), path: new Path(RATE_HZ), numTicks: 1 });
    expect(sample?.values.slice(3)).toEqual([0, 0, GRAVITY]);
  });

  it('reads nothing in free fall', () => {
    const path = new Path(RATE_HZ, (t) => [0, 0, -GRAVITY * t]);
    for (const { values } of runImu({ spec: makeImuSpec(), path, numTicks: 50 })) {
      for (const value of values.slice(3)) expect(Math.abs(value)).toBeLessThan(ROUNDING);
    }
  });

  it('feels a push forward on +x, in the frame of the body', () => {
    // 2 m/s² along odom y, body turned by +90° about z: its x axis points along odom y.
    const path = new Path(RATE_HZ, (t) => [0, 2 * t, 0]);
    path.truth.orientation.set([0, 0, Math.SQRT1_2, Math.SQRT1_2]);
    const [sample] = runImu({ spec: makeImuSpec(), path, numTicks: 1 });
    expect(sample?.values[3]).toBeCloseTo(2, 9);
    expect(sample?.values[4]).toBeCloseTo(0, 9);
    expect(sample?.values[5]).toBeCloseTo(GRAVITY, 9);
  });

  it('feels gravity on +y when rolled by +90° (left side up)', () => {
    const path = new Path(RATE_HZ);
    path.truth.orientation.set([Math.SQRT1_2, 0, 0, Math.SQRT1_2]);
    const [sample] = runImu({ spec: makeImuSpec(), path, numTicks: 1 });
    expect(sample?.values[4]).toBeCloseTo(GRAVITY, 9);
    expect(sample?.values[5]).toBeCloseTo(0, 9);
  });

  it('reports the mean over its period, so that no velocity change is lost', () => {
    // A jump of 0.1 m/s within one of five ticks: 0.1 / 0.01 s = 10 m/s² over the period.
    const path = new Path(RATE_HZ, (t) => [t > 0.0039 ? 0.1 : 0, 0, 0]);
    const [sample] = runImu({ spec: makeImuSpec({ rateHz: 100 }), path, numTicks: 5 });
    expect(sample?.values[3]).toBeCloseTo(10, 9);
  });
});

describe('gyroscope', () => {
  it('reads a turn to the left as positive z', () => {
    const path = new Path(RATE_HZ, still, () => [0, 0, 1.5]);
    const samples = runImu({ spec: makeImuSpec(), path, numTicks: 3 });
    expect(samples.at(-1)?.values.slice(0, 3)).toEqual([0, 0, 1.5]);
    // After three ticks the nose has turned towards +y: quaternion z > 0.
    expect(path.truth.orientation[2]).toBeGreaterThan(0);
  });
});

describe('IMU errors and timing', () => {
  const noisy = makeImuSpec({
    gyroscope: { noise: 0.02, bias: 0.05 },
    accelerometer: { noise: 0.3, bias: 0.4 },
  });

  it('has white noise of the described size around a bias that stays for the episode', () => {
    const n = 20_000;
    const samples = runImu({ spec: noisy, path: new Path(RATE_HZ), numTicks: n });
    for (const [k, noise, limit] of [
      [0, 0.02, 0.05],
      [4, 0.3, 0.4],
    ] as const) {
      const values = samples.map((sample) => sample.values[k]!);
      expect(Math.abs(computeDeviation(values) - noise)).toBeLessThan(deviationBand(noise, n));
      const first = computeMean(values.slice(0, n / 2));
      const second = computeMean(values.slice(n / 2));
      expect(Math.abs(first - second)).toBeLessThan(Math.SQRT2 * meanBand(noise, n / 2));
      expect(Math.abs(first)).toBeLessThan(limit + meanBand(noise, n / 2));
    }
  });

  it('draws biases uniformly within the described half-width', () => {
    const n = 2000;
    const biases = Array.from({ length: n }, (_, seed) => {
      const [sample] = runImu({
        spec: makeImuSpec({ gyroscope: { noise: 0, bias: 0.05 } }),
        path: new Path(RATE_HZ),
        numTicks: 1,
        seed,
      });
      return sample!.values[0]!;
    });
    expect(Math.max(...biases.map(Math.abs))).toBeLessThanOrEqual(0.05);
    // Uniform over ±0.05: deviation 0.05/√3 = 0.0289.
    expect(Math.abs(computeMean(biases))).toBeLessThan(meanBand(0.05 / Math.sqrt(3), n));
    expect(Math.abs(computeDeviation(biases) - 0.05 / Math.sqrt(3))).toBeLessThan(
      deviationBand(0.05 / Math.sqrt(3), n),
    );
  });

  it('scales noise and bias by the draw of the episode', () => {
    const draw = { noiseScale: 0, latencyScale: 1 };
    const samples = runImu({ spec: noisy, path: new Path(RATE_HZ), numTicks: 3, draw });
    for (const { values } of samples) expect(values).toEqual([0, 0, 0, 0, 0, GRAVITY]);
  });

  it('shows each sample its latency after its stamp, at exactly its rate', () => {
    const spec = makeImuSpec({ rateHz: 100, latencyS: 0.006 });
    const samples = runImu({ spec, path: new Path(RATE_HZ), numTicks: 20 });
    // 100 of 500 Hz: every 5 ticks, the first after one period; 6 ms are 3 ticks.
    expect(samples.map((s) => [s.stampTick, s.seenTick])).toEqual([
      [5, 8],
      [10, 13],
      [15, 18],
    ]);
  });

  it('stretches the latency by the draw of the episode', () => {
    const spec = makeImuSpec({ rateHz: 100, latencyS: 0.006 });
    const draw = { noiseScale: 1, latencyScale: 2 };
    const samples = runImu({ spec, path: new Path(RATE_HZ), numTicks: 16, draw });
    expect(samples.map((s) => [s.stampTick, s.seenTick])).toEqual([
      [5, 11],
      [10, 16],
    ]);
  });

  it('repeats itself bit by bit from the same seed, and differs from another', () => {
    const run = (seed: number) =>
      runImu({ spec: noisy, path: new Path(RATE_HZ), numTicks: 20, seed });
    expect(run(7)).toEqual(run(7));
    expect(run(7)).not.toEqual(run(8));
  });
});
