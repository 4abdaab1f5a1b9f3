import { computeYaw } from '../../sim/math/quat.ts';
import { clamp } from '../../sim/math/vec3.ts';
import type { RobotModel } from '../../sim/robot/model.ts';
import type { RobotView } from '../../sim/task/robot-view.ts';
import type { ActionSpec } from '../../sim/task/task.ts';
import type { Controller } from './controller.ts';
import { WheelMixer } from './wheel-mixer.ts';

export interface WheelTrackerGains {
  /** [m] how far ahead of the axle lies the point that is led along the path */
  readonly ahead: number;
  /** [1/s] error of that point → velocity */
  readonly position: number;
  /** [m] near enough to a reference that stands still */
  readonly arrived: number;
  /** [m/s] */
  readonly maxSpeed: number;
  /** [rad/s] */
  readonly maxTurnRate: number;
}

/**
 * Gains from the delays of the loop: 16 ms odometry, 20 ms of holding a command (half a period of 25 Hz), 20 ms
 * wheels, up to 50 ms of command latency: 106 ms; position · 106 ms = 0.21 rad leaves 78° of 90° of phase. The
 * point lies half a wheel separation ahead, so that a wheel's speed is worth as much across as ahead. Limits:
 * TurtleBot 4 User Manual, in safe mode 0.31 m/s, 1.90 rad/s.
 */
export const WHEEL_TRACKER_GAINS: WheelTrackerGains = {
  ahead: 0.1165,
  position: 2,
  arrived: 0.02,
  maxSpeed: 0.31,
  maxTurnRate: 1.9,
};

/** [m/s] below which a reference has no direction of its own. */
const STANDING = 0.02;

/**
 * Follows a moving reference with two driven wheels by input–output linearisation: an axle can move only ahead, but
 * a point in front of it can move anywhere, ahead by the speed and sideways by turning (B. d'Andréa-Novel,
 * G. Campion, G. Bastin, "Control of nonholonomic wheeled mobile robots by state feedback linearization",
 * Int. J. Robotics Research 14(6), 1995; B. Siciliano et al., "Robotics", 2009, 11.6.1). That point is led to one as
 * far ahead of the reference along its velocity. Beside a reference that stands it stops, because nearer than `ahead`
 * it would turn on the spot to face what is left. Wheels speed up no faster than the robot's command rate allows.
 * Heights and the reference's yaw are not looked at.
 */
export class WheelTracker implements Controller {
  readonly name = 'wheel-tracker';
  readonly #gains: WheelTrackerGains;
  readonly #action: ActionSpec;
  readonly #mixer: WheelMixer;
  /** [numActions] rad/s largest change of each wheel's command per call */
  readonly #step: readonly number[];
  readonly #wheels: Float64Array;

  /** @throws RangeError unless the robot drives on wheels of two sides that take speeds */
  constructor(
    model: RobotModel,
    action: ActionSpec,
    periodS: number,
    gains: WheelTrackerGains = WHEEL_TRACKER_GAINS,
  ) {
    this.#gains = gains;
    this.#action = action;
    this.#mixer = new WheelMixer(model);
    this.#step = model.safety.maxCommandRate.map((rate) => rate * periodS);
    this.#wheels = new Float64Array(model.actuatedJointNames.length);
  }

  compute(raw: Float32Array, view: RobotView, robot: number): void {
    const { ahead, position, arrived, maxSpeed, maxTurnRate } = this.#gains;
    const { state, reference } = view;
    const i = 3 * robot;
    const yaw = computeYaw(state.orientation, 4 * robot);
    const cos = Math.cos(yaw);
    const sin = Math.sin(yaw);
    const wantedX = reference.linearVelocityW[i]!;
    const wantedY = reference.linearVelocityW[i + 1]!;
    const pace = Math.sqrt(wantedX * wantedX + wantedY * wantedY);
    // A reference that stands has no direction; the robot keeps its own.
    const alongX = pace > STANDING ? wantedX / pace : cos;
    const alongY = pace > STANDING ? wantedY / pace : sin;
    const errorX = reference.position[i]! - state.position[i]! + ahead * (alongX - cos);
    const errorY = reference.position[i + 1]! - state.position[i + 1]! + ahead * (alongY - sin);
    const isThere = pace <= STANDING && errorX * errorX + errorY * errorY < arrived * arrived;
    const gain = isThere ? 0 : position;
    const velocityX = wantedX + gain * errorX;
    const velocityY = wantedY + gain * errorY;
    const speed = clamp(cos * velocityX + sin * velocityY, -maxSpeed, maxSpeed);
    const turnRate = (cos * velocityY - sin * velocityX) / ahead;
    this.#mixer.writeSpeeds(this.#wheels, speed, clamp(turnRate, -maxTurnRate, maxTurnRate));
    this.#writeRaw(raw, view, robot);
  }

  #writeRaw(raw: Float32Array, view: RobotView, robot: number): void {
    const { scale, offset, clip } = this.#action;
    const n = this.#wheels.length;
    for (let k = 0; k < n; k++) {
      const last = scale[k]! * view.memory.lastAction[robot * n + k]! + offset[k]!;
      const step = this.#step[k]!;
      const wheel = last + clamp(this.#wheels[k]! - last, -step, step);
      raw[robot * n + k] = clamp((wheel - offset[k]!) / scale[k]!, clip[0], clip[1]);
    }
  }
}
