import { describe, expect, it } from 'vitest';
import { Rng } from '../../../sim/math/rng.ts';
import type { Vec3 } from '../../../sim/math/vec3.ts';
import type { Joint, RobotModel } from '../../../sim/robot/model.ts';
import type { ImuSensor } from '../../../sim/robot/sensor-model.ts';
import { makeStateBatch } from '../../../sim/robot/state.ts';
import { Imu } from '../../../sim/sensor/imu.ts';
import { makeTestRobot } from '../../kit/robots.ts';
import { computeDeviation, computeMean, deviationBand, meanBand } from '../../kit/sampled.ts';
import { GRAVITY, GRAVITY_W, makeImuSpec, makeSensedBody, Path } from '../../kit/sensed-body.ts';

const RATE_HZ = 500;
const AS_DESCRIBED = { noiseScale: 1, latencyScale: 1 };
/** Rounding of a velocity change of 1e-16 m/s over 2 ms, with room. [m/s²] */
const ROUNDING = 1e-9;
/**
 * [m/s²] what differences over a tick of 2 ms leave on a circle of 0.3 m at up to 3.2 rad/s: the rate steps by
 * 0.006 rad/s per tick where it should rise evenly, half of which is seen: 0.3 · 3.2 · 0.006.
 */
const SECOND_ORDER = 6e-3;

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
  readonly model?: RobotModel;
}): Sample[] {
  const { path, model = makeSensedBody([]) } = options;
  const timing = { physicsRateHz: RATE_HZ, maxLatencyScale: 4 };
  const imu = new Imu(model, 1, options.spec, timing, GRAVITY_W);
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

describe('an IMU away from the base', () => {
  /** base_link with a link `mast` at 0.3 m along x and 0.1 m up, turned by 90° about z. */
  function makeMasted(): RobotModel {
    const body = makeSensedBody([]);
    const joint: Joint = {
      name: 'mast_mount',
      type: 'fixed',
      parent: 'base_link',
      child: 'mast',
      parentFromJoint: {
        translation: [0.3, 0, 0.1],
        rotation: [0, 0, Math.SQRT1_2, Math.SQRT1_2],
      },
      axis: [0, 0, 1],
      lower: 0,
      upper: 0,
      maxVelocity: 0,
      maxEffort: 0,
      damping: 0,
      friction: 0,
      armature: 0,
    };
    const mast = { name: 'mast', visuals: [], collisions: [] };
    return { ...body, links: [...body.links, mast], joints: [joint] };
  }

  it('feels ω × (ω × r) and ω̇ × r, in the axes of its link', () => {
    // Spinning up about z: ω = 2 + 3t. At r = (0.3, 0) in the body: inwards 0.3 ω², sideways 0.3 · 3.
    const path = new Path(RATE_HZ, still, (t) => [0, 0, 2 + 3 * t]);
    const model = makeMasted();
    const samples = runImu({ spec: makeImuSpec({ link: 'mast' }), path, numTicks: 200, model });
    for (const { stampTick, values } of samples) {
      // The change over a tick belongs to its middle; the path holds each tick's rate over the whole tick.
      const omega = 2 + (3 * (stampTick - 0.5)) / RATE_HZ;
      // Base x is the mast's −y, base y the mast's x.
      expect(Math.abs(values[3]! - 0.3 * 3)).toBeLessThan(SECOND_ORDER);
      expect(Math.abs(values[4]! - 0.3 * omega ** 2)).toBeLessThan(SECOND_ORDER);
      expect(Math.abs(values[5]! - GRAVITY)).toBeLessThan(SECOND_ORDER);
      expect(values[2]).toBeCloseTo(2 + (3 * stampTick) / RATE_HZ, 9);
    }
  });

  it('turns with a link that moves against the base', () => {
    // A boom on a fixed base slewing at 2 rad/s: its tip, 0.5 m out along x, feels 0.5 · 4 inwards.
    const model = makeTestRobot('crane');
    const slew = model.jointNames.indexOf('slew');
    const timing = { physicsRateHz: RATE_HZ, maxLatencyScale: 1 };
    const imu = new Imu(model, 1, makeImuSpec({ link: 'tip' }), timing, GRAVITY_W);
    const truth = makeStateBatch(1, model.jointNames.length);
    truth.jointVelocity[slew] = 2;
    imu.reset(0, 0, truth, new Rng(1), AS_DESCRIBED);
    for (let tick = 1; tick <= 100; tick++) {
      truth.jointPosition[slew] = (2 * tick) / RATE_HZ;
      imu.sample(tick, truth);
      imu.line.deliver(0, tick, (robot, _stamp, data, o) => imu.take(robot, data, o));
      const { angularVelocityS, specificForceS } = imu.reading;
      expect(angularVelocityS[2]).toBeCloseTo(2, 9);
      // 2 rad/s over 2 ms: the chord of a circle is shorter by (0.004)²/24, the middle second order.
      expect(Math.abs(specificForceS[0]! + 2)).toBeLessThan(1e-5);
      expect(Math.abs(specificForceS[1]!)).toBeLessThan(1e-5);
    }
  });
});

describe('an IMU at its limits', () => {
  it('saturates in a fast turn and goes on after it', () => {
    const spec = makeImuSpec({ gyroscope: { noise: 0, bias: 0, saturation: 4 } });
    const path = new Path(RATE_HZ, still, (t) => [0, 0, t < 0.005 ? 7 : -1]);
    const turns = runImu({ spec, path, numTicks: 4 }).map(({ values }) => values[2]);
    expect(turns).toEqual([4, 4, -1, -1]);
  });

  it('saturates in a hard stop', () => {
    const spec = makeImuSpec({ accelerometer: { noise: 0, bias: 0, saturation: 20 } });
    // 1 m/s gained in tick 2 and lost in tick 3: ±500 m/s².
    const path = new Path(RATE_HZ, (t) => [t > 0.003 && t < 0.005 ? 1 : 0, 0, 0]);
    const forces = runImu({ spec, path, numTicks: 4 }).map(({ values }) => values[3]);
    expect(forces).toEqual([0, 20, -20, 0]);
  });

  it('drifts: the bias of a long flight is another one at its end', () => {
    const spec = makeImuSpec({ gyroscope: { noise: 0, bias: 0, drift: 0.01 } });
    const ends = Array.from({ length: 400 }, (_, seed) => {
      const samples = runImu({ spec, path: new Path(RATE_HZ), numTicks: 200, seed });
      return samples.at(-1)!.values[0]!;
    });
    // 0.4 s: 0.01 · √0.4 = 0.00632.
    const deviation = 0.01 * Math.sqrt(0.4);
    expect(Math.abs(computeDeviation(ends) - deviation)).toBeLessThan(
      deviationBand(deviation, 400),
    );
  });
});
