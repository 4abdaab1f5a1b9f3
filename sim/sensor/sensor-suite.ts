import type { Rng } from '../math/rng.ts';
import type { Vec3 } from '../math/vec3.ts';
import { computeNorm } from '../math/vec3.ts';
import type { RobotModel } from '../robot/model.ts';
import { makeStateBatch, type StateBatch } from '../robot/state.ts';
import type { SampleSink } from './delay-line.ts';
import { Encoder } from './encoder.ts';
import { Estimator } from './estimator.ts';
import { computeEstimatorGains } from './gains.ts';
import { Imu } from './imu.ts';
import { MotionCapture } from './motion-capture.ts';
import type { SensorDraw, SensorTiming, Surroundings } from './sensor.ts';

/** The newest IMU sample that each robot's computer can see. */
export interface ImuReading {
  /** [numRobots, 3] rad/s [@frame base_link] */
  readonly angularVelocityB: Float64Array;
  /** [numRobots, 3] m/s² [@frame base_link] acceleration minus gravity: +9.81 on z at rest */
  readonly specificForceB: Float64Array;
  /** [numRobots] s [@invalid NaN before the first sample] when it was measured, world time */
  readonly stampS: Float64Array;
  /** [numRobots] 1 where it became visible during the last control period */
  readonly isNew: Uint8Array;
}

/** The newest motion capture pose that each robot's computer can see. */
export interface PoseReading {
  /** [numRobots, 3] m [@frame odom] */
  readonly position: Float64Array;
  /** [numRobots, 4] x, y, z, w, odom from base_link */
  readonly orientation: Float64Array;
  /** [numRobots] s [@invalid NaN before the first sample] when it was measured, world time */
  readonly stampS: Float64Array;
  /** [numRobots] 1 where it became visible during the last control period */
  readonly isNew: Uint8Array;
}

interface SuiteOptions {
  readonly model: RobotModel;
  readonly numRobots: number;
  readonly gravityW: Vec3;
  /** What sensors that feel or look around ask. */
  readonly surroundings: Surroundings;
  readonly timing: SensorTiming;
}

/**
 * All sensors of N robots and the estimate that their computers make of them. `measured` is the
 * only state that a controller may see: the base from the estimator (a fixed base from its mount),
 * joints from encoders. Joints without an encoder and joint efforts stay 0.
 */
export class SensorSuite {
  readonly measured: StateBatch;
  readonly imu: ImuReading;
  readonly motionCapture: PoseReading;
  readonly #numRobots: number;
  readonly #physicsRateHz: number;
  readonly #imu: Imu | undefined;
  readonly #motionCapture: MotionCapture | undefined;
  readonly #encoders: readonly Encoder[];
  /** One per encoder. */
  readonly #takeJoints: readonly SampleSink[];
  readonly #estimator: Estimator | undefined;

  /** @param options.model whose sensors checkSensors has nothing against */
  constructor(options: SuiteOptions) {
    const { model, numRobots, gravityW, timing } = options;
    const imu = model.sensors.find((sensor) => sensor.kind === 'imu');
    const motionCapture = model.sensors.find((sensor) => sensor.kind === 'motion_capture');
    const encoders = model.sensors.filter((sensor) => sensor.kind === 'encoder');
    this.#numRobots = numRobots;
    this.#physicsRateHz = timing.physicsRateHz;
    this.#imu = imu && new Imu(numRobots, imu, timing, gravityW);
    this.#motionCapture = motionCapture && new MotionCapture(numRobots, motionCapture, timing);
    this.#encoders = encoders.map((spec) => new Encoder(model, numRobots, spec, timing));
    this.#takeJoints = this.#encoders.map(
      (encoder): SampleSink =>
        (robot, _stampTick, data, offset) =>
          encoder.writeMeasured(this.measured, robot, data, offset),
    );
    if (model.base === 'floating' && imu !== undefined && motionCapture !== undefined) {
      this.#estimator = new Estimator({
        numRobots,
        gains: computeEstimatorGains(imu, motionCapture, computeNorm(gravityW)),
        gravityW,
        imuRateHz: imu.rateHz,
        maxLatencyS: motionCapture.latencyS * timing.maxLatencyScale,
        physicsRateHz: timing.physicsRateHz,
      });
    }
    this.measured = makeStateBatch(numRobots, model.jointNames.length);
    this.imu = makeImuReading(numRobots);
    this.motionCapture = makePoseReading(numRobots);
  }

  /** Starts an episode of one robot at `tick`, from its true state. */
  reset(robot: number, tick: number, truth: StateBatch, rng: Rng, draw: SensorDraw): void {
    this.#imu?.reset(robot, tick, truth, rng.fork('imu'), draw);
    this.#motionCapture?.reset(robot, tick, truth, rng.fork('motion_capture'), draw);
    for (let e = 0; e < this.#encoders.length; e++) {
      this.#encoders[e]!.reset(robot, tick, truth, rng.fork('encoder', e), draw, this.measured);
    }
    this.imu.stampS[robot] = Number.NaN;
    this.imu.isNew[robot] = 0;
    this.motionCapture.stampS[robot] = Number.NaN;
    this.motionCapture.isNew[robot] = 0;
    if (this.#estimator === undefined) {
      copyBase(this.measured, truth, robot);
      return;
    }
    this.#estimator.reset(robot, tick, truth, rng.fork('estimator'), {
      position: this.#motionCapture!.position.bias,
      orientation: this.#motionCapture!.orientation.bias,
      noiseScale: draw.noiseScale,
    });
    this.#estimator.writeEstimate(this.measured, robot, tick);
  }

  /** Starts a control period: nothing is new yet. */
  clearNew(): void {
    this.imu.isNew.fill(0);
    this.motionCapture.isNew.fill(0);
  }

  /** Takes in the true state after one physics tick, and lets through what has become visible. */
  sample(tick: number, truth: StateBatch): void {
    this.#imu?.sample(tick, truth);
    this.#motionCapture?.sample(tick, truth);
    for (let e = 0; e < this.#encoders.length; e++) this.#encoders[e]!.sample(tick, truth);
    for (let robot = 0; robot < this.#numRobots; robot++) {
      this.#imu?.line.deliver(robot, tick, this.#takeImu);
      this.#motionCapture?.line.deliver(robot, tick, this.#takePose);
      for (let e = 0; e < this.#encoders.length; e++) {
        this.#encoders[e]!.line.deliver(robot, tick, this.#takeJoints[e]!);
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

  readonly #takeImu: SampleSink = (robot, stampTick, data, offset) => {
    const { imu } = this;
    for (let k = 0; k < 3; k++) {
      imu.angularVelocityB[3 * robot + k] = data[offset + k]!;
      imu.specificForceB[3 * robot + k] = data[offset + 3 + k]!;
    }
    imu.stampS[robot] = stampTick / this.#physicsRateHz;
    imu.isNew[robot] = 1;
    this.#estimator?.predict(robot, stampTick, data, offset);
  };

  readonly #takePose: SampleSink = (robot, stampTick, data, offset) => {
    const pose = this.motionCapture;
    for (let k = 0; k < 3; k++) pose.position[3 * robot + k] = data[offset + k]!;
    for (let k = 0; k < 4; k++) pose.orientation[4 * robot + k] = data[offset + 3 + k]!;
    pose.stampS[robot] = stampTick / this.#physicsRateHz;
    pose.isNew[robot] = 1;
    this.#estimator?.correct(robot, stampTick, data, offset);
  };
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

function makeImuReading(numRobots: number): ImuReading {
  return {
    angularVelocityB: new Float64Array(numRobots * 3),
    specificForceB: new Float64Array(numRobots * 3),
    stampS: new Float64Array(numRobots).fill(Number.NaN),
    isNew: new Uint8Array(numRobots),
  };
}

function makePoseReading(numRobots: number): PoseReading {
  const orientation = new Float64Array(numRobots * 4);
  for (let robot = 0; robot < numRobots; robot++) orientation[4 * robot + 3] = 1;
  return {
    position: new Float64Array(numRobots * 3),
    orientation,
    stampS: new Float64Array(numRobots).fill(Number.NaN),
    isNew: new Uint8Array(numRobots),
  };
}
