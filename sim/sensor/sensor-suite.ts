import { writeRotated } from '../math/quat.ts';
import type { Rng } from '../math/rng.ts';
import type { Vec3 } from '../math/vec3.ts';
import { chooseBaseEstimation } from '../robot/known-state.ts';
import type { RobotModel } from '../robot/model.ts';
import { makeStateBatch, type StateBatch } from '../robot/state.ts';
import { TRANSFORM_IDENTITY } from '../robot/transform.ts';
import type { BaseEstimator } from './base-estimator.ts';
import { findBaseImuInstrument, makeBaseEstimator } from './choose-estimator.ts';
import { ContactForces } from './contact-forces.ts';
import type { SampleSink } from './delay-line.ts';
import { Encoder } from './encoder.ts';
import type { Imu } from './imu.ts';
import { forkSensorStream, makeInstrument } from './instruments.ts';
import { MotionCapture } from './motion-capture.ts';
import { Odometry } from './odometry.ts';
import { makeStamps, type SensorReadings, type Stamps } from './reading.ts';
import type { Instrument, SensorDraw, SensorTiming, Surroundings } from './sensor.ts';

/** The newest sample of the IMU on the base that each robot's computer can see. */
export interface ImuReading extends Stamps {
  /** [numRobots, 3] rad/s [@frame base_link] */
  readonly angularVelocityB: Float64Array;
  /** [numRobots, 3] m/s² [@frame base_link] acceleration of the IMU minus gravity: +9.81 on z at rest */
  readonly specificForceB: Float64Array;
}

/** The newest motion capture pose that each robot's computer can see. */
export interface PoseReading extends Stamps {
  /** [numRobots, 3] m [@frame odom] */
  readonly position: Float64Array;
  /** [numRobots, 4] x, y, z, w, odom from base_link */
  readonly orientation: Float64Array;
}

interface SuiteOptions {
  readonly model: RobotModel;
  readonly numRobots: number;
  readonly gravityW: Vec3;
  /** What sensors that feel or look around ask. */
  readonly surroundings: Surroundings;
  readonly timing: SensorTiming;
}

interface Fitted {
  readonly instrument: Instrument;
  /** Takes a sample of this instrument that has become visible. */
  readonly take: SampleSink;
  readonly forkStream: (rng: Rng) => Rng;
}

/** Within a tick samples become visible kind by kind: an estimator predicts before it corrects. */
const DELIVERY_ORDER = ['imu', 'motion_capture', 'odometry'];

/**
 * All sensors of N robots and the estimate that their computers make of them. `measured` is the only state that a
 * controller may see: the base from the estimator (a fixed base from its mount), joints from encoders. What of the
 * base no sensor tells (computeKnownState) is NaN, so that whatever reads it is found out. Joints without an encoder
 * and joint efforts stay 0.
 */
export class SensorSuite {
  readonly measured: StateBatch;
  /** By the name of the sensor. */
  readonly readings: SensorReadings;
  readonly imu: ImuReading;
  readonly motionCapture: PoseReading;
  readonly #numRobots: number;
  readonly #physicsRateHz: number;
  readonly #fitted: readonly Fitted[];
  readonly #baseImu: Imu | undefined;
  /** Rotation from the axes of that IMU. */
  readonly #baseFromImu: Float64Array;
  readonly #contactForces: ContactForces | undefined;
  readonly #estimator: BaseEstimator | undefined;
  readonly #isMounted: boolean;

  /** @param options.model whose sensors checkSensors has nothing against */
  constructor(options: SuiteOptions) {
    const { model, numRobots, surroundings, timing } = options;
    this.#numRobots = numRobots;
    this.#physicsRateHz = timing.physicsRateHz;
    this.#isMounted = chooseBaseEstimation(model) === 'mount';
    const contactForces = new ContactForces(numRobots, surroundings);
    const feels = model.sensors.some(({ kind }) => kind === 'contact');
    this.#contactForces = feels ? contactForces : undefined;
    if (feels) surroundings.watchContactForces();
    const instruments = model.sensors.map((sensor) =>
      makeInstrument(sensor, { ...options, contactForces }),
    );
    this.readings = new Map(instruments.map(({ reading }) => [reading.sensor.name, reading]));
    this.#baseImu = findBaseImuInstrument(model, instruments);
    const baseFromImu = this.#baseImu?.mount.baseFromSensor ?? TRANSFORM_IDENTITY;
    this.#baseFromImu = Float64Array.from(baseFromImu.rotation);
    this.#estimator = makeBaseEstimator({ ...options, instruments });
    this.#fitted = instruments
      .map((instrument) => ({
        instrument,
        take: this.#makeSink(instrument),
        forkStream: (rng: Rng) => forkSensorStream(rng, model, instrument.reading.sensor),
      }))
      .sort((a, b) => computeRank(a.instrument) - computeRank(b.instrument));
    this.measured = makeStateBatch(numRobots, model.jointNames.length);
    this.imu = makeImuReading(numRobots);
    const cameras = instruments.find((one) => one instanceof MotionCapture);
    this.motionCapture = cameras?.reading ?? makePoseReading(numRobots);
  }

  /** Starts an episode of one robot at `tick`, from its true state. */
  reset(robot: number, tick: number, truth: StateBatch, rng: Rng, draw: SensorDraw): void {
    clearStamps(this.imu, robot);
    for (const { instrument, take, forkStream } of this.#fitted) {
      clearStamps(instrument.reading, robot);
      instrument.reset(robot, tick, truth, forkStream(rng), draw, take);
    }
    if (this.#isMounted) copyBase(this.measured, truth, robot);
    else clearBase(this.measured, robot);
    this.#estimator?.reset(robot, tick, truth, rng.fork('estimator'), draw);
    this.#estimator?.writeEstimate(this.measured, robot, tick);
  }

  /** Starts a control period: nothing is new yet. */
  clearNew(): void {
    this.imu.isNew.fill(0);
    for (const { instrument } of this.#fitted) instrument.reading.isNew.fill(0);
  }

  /** Takes in the true state after one physics tick, and lets through what has become visible. */
  sample(tick: number, truth: StateBatch): void {
    this.#contactForces?.update();
    const fitted = this.#fitted;
    for (let i = 0; i < fitted.length; i++) fitted[i]!.instrument.sample(tick, truth);
    for (let robot = 0; robot < this.#numRobots; robot++) {
      for (let i = 0; i < fitted.length; i++) {
        fitted[i]!.instrument.line.deliver(robot, tick, fitted[i]!.take);
      }
    }
  }

  /** Writes the estimates for `tick` into `measured`; once per control period is enough. */
  writeMeasured(tick: number): void {
    const estimator = this.#estimator;
    if (estimator === undefined) return;
    for (let robot = 0; robot < this.#numRobots; robot++) {
      estimator.writeEstimate(this.measured, robot, tick);
    }
  }

  #makeSink(instrument: Instrument): SampleSink {
    const { reading } = instrument;
    const use = this.#chooseUse(instrument);
    return (robot, stampTick, data, offset) => {
      instrument.take(robot, data, offset);
      reading.stampS[robot] = stampTick / this.#physicsRateHz;
      reading.isNew[robot] = 1;
      use?.(robot, stampTick, data, offset);
    };
  }

  /** What a robot's computer does with a sample beyond showing it. */
  #chooseUse(instrument: Instrument): SampleSink | undefined {
    const estimator = this.#estimator;
    if (instrument === this.#baseImu) return this.#takeBaseImu;
    if (instrument instanceof Encoder) {
      return (robot) => instrument.writeMeasured(this.measured, robot);
    }
    if (instrument instanceof MotionCapture) return estimator?.takePose?.bind(estimator);
    // Odometry's first reading, at a reset, comes before the estimator's own; its start is the same place.
    if (instrument instanceof Odometry) return estimator?.takeOdometry?.bind(estimator);
    return undefined;
  }

  readonly #takeBaseImu: SampleSink = (robot, stampTick, data, offset) => {
    const { angularVelocityB, specificForceB, stampS, isNew } = this.imu;
    if (this.#baseImu!.mount.isBase) {
      for (let k = 0; k < 3; k++) {
        angularVelocityB[3 * robot + k] = data[offset + k]!;
        specificForceB[3 * robot + k] = data[offset + 3 + k]!;
      }
    } else {
      writeRotated(angularVelocityB, 3 * robot, this.#baseFromImu, 0, data, offset);
      writeRotated(specificForceB, 3 * robot, this.#baseFromImu, 0, data, offset + 3);
    }
    stampS[robot] = stampTick / this.#physicsRateHz;
    isNew[robot] = 1;
    this.#estimator?.takeImu?.(robot, stampTick, data, offset);
  };
}

function computeRank({ reading }: Instrument): number {
  const place = DELIVERY_ORDER.indexOf(reading.kind);
  return place < 0 ? DELIVERY_ORDER.length : place;
}

function clearStamps(stamps: Stamps, robot: number): void {
  stamps.stampS[robot] = Number.NaN;
  stamps.isNew[robot] = 0;
}

function copyBase(out: StateBatch, truth: StateBatch, robot: number): void {
  for (let k = 0; k < 3; k++) {
    out.position[3 * robot + k] = truth.position[3 * robot + k]!;
    out.linearVelocityW[3 * robot + k] = truth.linearVelocityW[3 * robot + k]!;
    out.angularVelocityB[3 * robot + k] = truth.angularVelocityB[3 * robot + k]!;
  }
  for (let k = 0; k < 4; k++) {
    out.orientation[4 * robot + k] = truth.orientation[4 * robot + k]!;
  }
}

/** Nothing is known of the base until an estimator says so. */
function clearBase(out: StateBatch, robot: number): void {
  out.position.fill(Number.NaN, 3 * robot, 3 * robot + 3);
  out.linearVelocityW.fill(Number.NaN, 3 * robot, 3 * robot + 3);
  out.angularVelocityB.fill(Number.NaN, 3 * robot, 3 * robot + 3);
  out.orientation.fill(Number.NaN, 4 * robot, 4 * robot + 4);
}

function makeImuReading(numRobots: number): ImuReading {
  return {
    angularVelocityB: new Float64Array(numRobots * 3),
    specificForceB: new Float64Array(numRobots * 3),
    ...makeStamps(numRobots),
  };
}

function makePoseReading(numRobots: number): PoseReading {
  const orientation = new Float64Array(numRobots * 4);
  for (let robot = 0; robot < numRobots; robot++) orientation[4 * robot + 3] = 1;
  return { position: new Float64Array(numRobots * 3), orientation, ...makeStamps(numRobots) };
}
