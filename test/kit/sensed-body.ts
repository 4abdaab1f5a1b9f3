import { expect } from 'vitest';
import { STANDARD_GRAVITY } from '../../sim/math/gravity.ts';
import { QUAT_IDENTITY, writeIntegrated } from '../../sim/math/quat.ts';
import { computeDot, type Vec3 } from '../../sim/math/vec3.ts';
import type { RobotModel } from '../../sim/robot/model.ts';
import type { ImuSensor, MotionCaptureSensor } from '../../sim/robot/sensor-model.ts';
import { makeStateBatch, type StateBatch } from '../../sim/robot/state.ts';
import type { Surroundings } from '../../sim/sensor/sensor.ts';
import { BARE_ROBOT } from './bare-robot.ts';

export const EXACT = { noise: 0, bias: 0 } as const;
export const GRAVITY = STANDARD_GRAVITY;
export const GRAVITY_W: Vec3 = [0, 0, -GRAVITY];

export function makeImuSpec(changes: Partial<ImuSensor> = {}): ImuSensor {
  return {
    kind: 'imu',
    name: 'imu',
    link: 'base_link',
    rateHz: 500,
    latencyS: 0,
    gyroscope: EXACT,
    accelerometer: EXACT,
    ...changes,
  };
}

export function makeMotionCaptureSpec(
  changes: Partial<MotionCaptureSensor> = {},
): MotionCaptureSensor {
  return {
    kind: 'motion_capture',
    name: 'cameras',
    link: 'base_link',
    rateHz: 100,
    latencyS: 0,
    position: { noise: 0.001, bias: 0 },
    orientation: { noise: 0.01, bias: 0 },
    ...changes,
  };
}

/** Nothing to see and nothing to touch; asking all the same is the test's mistake. */
export const NO_SURROUNDINGS: Surroundings = {
  shapeNames: [],
  castRays: () => expect.unreachable(),
  watchContactForces: () => expect.unreachable(),
  writeContactForces: () => expect.unreachable(),
};

/** A 1 kg ball that floats, with the given sensors and nothing to move it. */
export function makeSensedBody(sensors: RobotModel['sensors']): RobotModel {
  return {
    ...BARE_ROBOT,
    name: 'ball',
    base: 'floating',
    rootLink: 'base_link',
    links: [
      {
        name: 'base_link',
        inertial: {
          mass: 1,
          linkFromInertia: { translation: [0, 0, 0], rotation: QUAT_IDENTITY },
          inertia: [0.004, 0.004, 0.004, 0, 0, 0],
        },
        visuals: [],
        collisions: [],
      },
    ],
    joints: [],
    jointNames: [],
    actuatedJointNames: [],
    actuators: [],
    commandKind: 'velocity',
    commandLower: [],
    commandUpper: [],
    sensors,
    home: { position: [0, 0, 1], orientation: QUAT_IDENTITY, jointPosition: [] },
    safety: { maxCommandRate: [], damp: [], stop: [], motorTimeoutS: 0.1 },
    sha256: '0'.repeat(64),
  };
}

/** A body moved along a path in time, as an engine would: velocity and rate hold over each tick. */
export class Path {
  readonly truth: StateBatch;
  readonly #rateHz: number;
  readonly #velocityAt: (timeS: number) => Vec3;
  readonly #angularVelocityAt: (timeS: number) => Vec3;
  tick = 0;

  /** @param velocityAt [m/s] @frame odom @param angularVelocityAt [rad/s] @frame base_link */
  constructor(
    rateHz: number,
    velocityAt: (timeS: number) => Vec3 = () => [0, 0, 0],
    angularVelocityAt: (timeS: number) => Vec3 = () => [0, 0, 0],
    numRobots = 1,
  ) {
    this.#rateHz = rateHz;
    this.#velocityAt = velocityAt;
    this.#angularVelocityAt = angularVelocityAt;
    this.truth = makeStateBatch(numRobots, 0);
    for (let robot = 0; robot < numRobots; robot++) {
      this.truth.linearVelocityW.set(velocityAt(0), 3 * robot);
      this.truth.angularVelocityB.set(angularVelocityAt(0), 3 * robot);
    }
  }

  step(): void {
    this.tick++;
    const { truth } = this;
    const timeS = this.tick / this.#rateHz;
    for (let robot = 0; robot < truth.numRobots; robot++) {
      truth.linearVelocityW.set(this.#velocityAt(timeS), 3 * robot);
      truth.angularVelocityB.set(this.#angularVelocityAt(timeS), 3 * robot);
      for (let k = 0; k < 3; k++) {
        truth.position[3 * robot + k]! += truth.linearVelocityW[3 * robot + k]! / this.#rateHz;
      }
      writeIntegrated(
        truth.orientation,
        4 * robot,
        truth.orientation,
        4 * robot,
        truth.angularVelocityB,
        3 * robot,
        1 / this.#rateHz,
      );
    }
  }
}

/** Angle between two orientations. [rad] */
export function computeAngleBetween(a: ArrayLike<number>, b: ArrayLike<number>): number {
  const dot = Math.abs(computeDot(a, 0, b, 0) + a[3]! * b[3]!);
  return 2 * Math.acos(Math.min(1, dot));
}
