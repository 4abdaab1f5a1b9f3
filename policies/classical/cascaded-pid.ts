import { STANDARD_GRAVITY } from '../../sim/math/gravity.ts';
import { clamp } from '../../sim/math/vec3.ts';
import { computeTotalMass, type RobotModel } from '../../sim/robot/model.ts';
import { computeRootBody } from '../../sim/robot/rigid-bodies.ts';
import { OBSERVATION_TERMS } from '../../sim/task/observation-terms.ts';
import type { RobotView } from '../../sim/task/robot-view.ts';
import type { ActionSpec } from '../../sim/task/task.ts';
import type { Controller } from './controller.ts';
import { RotorMixer } from './rotor-mixer.ts';

export interface CascadedPidGains {
  /** [1/s] position error → velocity, level and upright */
  readonly position: readonly [level: number, upright: number];
  /** [1/s] velocity error → acceleration */
  readonly velocity: readonly [level: number, upright: number];
  /** [1/s³] integral of the position error → acceleration */
  readonly integral: readonly [level: number, upright: number];
  /** [m/s] largest velocity asked for to make up a position error */
  readonly maxVelocity: number;
  /** [rad] */
  readonly maxTilt: number;
  /** [1/s] angle error → angular velocity: tilt, yaw */
  readonly attitude: readonly [tilt: number, yaw: number];
  /** [rad/s] */
  readonly maxYawRate: number;
  /** [1/s] angular velocity error → angular acceleration: about x and y, about z */
  readonly rate: readonly [tilt: number, yaw: number];
  /** [s] time constant that rotors are driven to, below their own */
  readonly rotorTimeConstantS: number;
}

/**
 * Gains from the delays of the loop, inside out. A loop k/s behind a delay L has a phase margin of
 * 90° − k·L·57.3°.
 * - Rotors: their lag is led down to 20 ms, see `#leadRotors`; more lead would amplify noise.
 * - Rate: L = 20 ms rotors + 8 ms command latency + 5 ms gyroscope + 5 ms of holding a command (half
 *   a period) = 38 ms; 12 1/s leaves 64°. With an inertia of 0.75, rotors 1.3 times as slow and 30 ms
 *   of latency it still leaves 28°.
 * - Tilt: s² + 12 s + 12·k has damping 0.71 at k = 6 1/s, and √(12 · 6) = 8.5 rad/s.
 * - Level motion is placed a factor 2.8 below, ω = 3 rad/s, with damping 0.7: velocity gain
 *   2 · 0.7 · 3 = 4.2, position gain ω² / 4.2 = 2.2.
 * - Upright motion needs no tilt, only the rotors: velocity 7, which leaves 75° at 38 ms, position 2.6.
 * - Integrals: Routh's bound is kp·kv² = 39 level and 127 upright; a tenth of it or less. Upright,
 *   6 lets the memory's 0.8 m·s carry 4.8 m/s², half the weight.
 * - Yaw: the reaction torque is weak (km/kf = 6 mm of lever), so yaw is left slow.
 */
export const CASCADED_PID_GAINS: CascadedPidGains = {
  position: [2.2, 2.6],
  velocity: [4.2, 7],
  integral: [3, 6],
  maxVelocity: 1.5,
  maxTilt: 0.6,
  attitude: [6, 2],
  maxYawRate: 2,
  rate: [12, 5],
  rotorTimeConstantS: 0.02,
};

const VIEWED = ['positionErrorB', 'positionErrorIntegralB', 'velocityErrorB'] as const;

/**
 * Cascaded PID for quadrotors: position P → velocity P with an integral → thrust vector → tilt
 * P → rate P → rotor speeds. Thrust and tilt follow T. Lee, M. Leok, N. H. McClamroch, "Geometric
 * tracking control of a quadrotor UAV on SE(3)", CDC 2010 (thrust is the wanted force along the
 * body's z) with the tilt handled apart from yaw as in D. Brescianini and R. D'Andrea,
 * "Tilt-prioritized quadrocopter attitude control", IEEE Trans. Control Systems Technology 28(2), 2020.
 * It reads the same terms as a policy and knows the robot only as described.
 */
export class CascadedPid implements Controller {
  readonly name = 'cascaded-pid';
  readonly #gains: CascadedPidGains;
  readonly #action: ActionSpec;
  readonly #mixer: RotorMixer;
  readonly #mass: number;
  readonly #moments: readonly [number, number, number];
  /** [numActions] how far beyond the wanted speed a rotor is driven, see `#leadRotors` */
  readonly #lead: readonly number[];
  readonly #terms: readonly ReturnType<
    (typeof OBSERVATION_TERMS)[(typeof VIEWED)[number]]['make']
  >[];
  readonly #writeGravity = OBSERVATION_TERMS.projectedGravityB.make();
  readonly #writeYawError = OBSERVATION_TERMS.yawError.make();
  /** position error, integral, velocity error, gravity direction, yaw error; all @frame base_link */
  readonly #seen = new Float32Array(13);
  readonly #force = new Float64Array(3);
  readonly #speed = new Float64Array(4);

  /** @throws RangeError unless the robot has four rotors */
  constructor(model: RobotModel, action: ActionSpec, gains = CASCADED_PID_GAINS) {
    const body = computeRootBody(model);
    this.#gains = gains;
    this.#action = action;
    this.#mixer = new RotorMixer(model);
    this.#mass = computeTotalMass(model);
    this.#moments = [body.moments[0], body.moments[1], body.moments[2]];
    this.#terms = VIEWED.map((name) => OBSERVATION_TERMS[name].make());
    this.#lead = model.actuators.map((actuator) =>
      actuator.kind === 'rotor'
        ? Math.max(1, actuator.timeConstantS / gains.rotorTimeConstantS)
        : 1,
    );
  }

  compute(raw: Float32Array, view: RobotView, robot: number): void {
    const seen = this.#seen;
    for (let t = 0; t < this.#terms.length; t++) this.#terms[t]!(seen, 3 * t, view, robot);
    this.#writeGravity(seen, 9, view, robot);
    this.#writeYawError(seen, 12, view, robot);
    this.#writeForce();
    this.#writeRotorSpeeds(view, robot);
    this.#leadRotors(raw, view, robot);
  }

  /** Wanted specific force, gravity made up for, inside the tilt limit. [m/s²] [@frame base_link] */
  #writeForce(): void {
    const { position, velocity, integral, maxVelocity, maxTilt } = this.#gains;
    const seen = this.#seen;
    const upX = -seen[9]!;
    const upY = -seen[10]!;
    const upZ = -seen[11]!;
    const errorUp = seen[0]! * upX + seen[1]! * upY + seen[2]! * upZ;
    const integralUp = seen[3]! * upX + seen[4]! * upY + seen[5]! * upZ;
    const velocityUp = seen[6]! * upX + seen[7]! * upY + seen[8]! * upZ;
    const errorSquared = seen[0]! ** 2 + seen[1]! ** 2 + seen[2]! ** 2;
    const levelError = Math.sqrt(Math.max(0, errorSquared - errorUp ** 2));
    // Far away the position error asks for no more than maxVelocity.
    const near = Math.min(1, maxVelocity / (position[0] * levelError + 1e-9));
    const kp = velocity[0] * position[0] * near;
    const asked = clamp(position[1] * errorUp, -maxVelocity, maxVelocity) + velocityUp;
    const up = clamp(
      STANDARD_GRAVITY + velocity[1] * asked + integral[1] * integralUp,
      0.4 * STANDARD_GRAVITY,
      1.7 * STANDARD_GRAVITY,
    );
    let levelSquared = 0;
    for (let axis = 0; axis < 3; axis++) {
      const upAxis = -seen[9 + axis]!;
      const level =
        kp * (seen[axis]! - errorUp * upAxis) +
        integral[0] * (seen[3 + axis]! - integralUp * upAxis) +
        velocity[0] * (seen[6 + axis]! - velocityUp * upAxis);
      this.#force[axis] = level;
      levelSquared += level * level;
    }
    const most = Math.tan(maxTilt) * up;
    const share = levelSquared > most * most ? most / Math.sqrt(levelSquared) : 1;
    for (let axis = 0; axis < 3; axis++) {
      this.#force[axis] = share * this.#force[axis]! - up * seen[9 + axis]!;
    }
  }

  /** Turns the body's z onto the force, and the nose to its yaw. */
  #writeRotorSpeeds(view: RobotView, robot: number): void {
    const { attitude, maxYawRate, rate } = this.#gains;
    const fx = this.#force[0]!;
    const fy = this.#force[1]!;
    const fz = this.#force[2]!;
    // z × force = (−fy, fx, 0), of length sin(angle)·|force|, is the axis to turn about.
    const across = Math.sqrt(fx * fx + fy * fy);
    const perAcross = across > 1e-9 ? Math.atan2(across, fz) / across : 0;
    const wantedX = attitude[0] * -fy * perAcross;
    const wantedY = attitude[0] * fx * perAcross;
    const wantedZ = clamp(attitude[1] * this.#seen[12]!, -maxYawRate, maxYawRate);
    const measured = view.state.angularVelocityB;
    const wx = measured[3 * robot]!;
    const wy = measured[3 * robot + 1]!;
    const wz = measured[3 * robot + 2]!;
    const [ix, iy, iz] = this.#moments;
    // Euler's equation: τ = I·α + ω × I·ω, with the body's axes taken as principal.
    const tx = ix * rate[0] * (wantedX - wx) + wy * wz * (iz - iy);
    const ty = iy * rate[0] * (wantedY - wy) + wz * wx * (ix - iz);
    const tz = iz * rate[1] * (wantedZ - wz) + wx * wy * (iy - ix);
    const thrust = this.#mass * Math.max(0.2 * STANDARD_GRAVITY, fz);
    this.#mixer.writeSpeeds(this.#speed, thrust, tx, ty, tz);
  }

  /**
   * A rotor of time constant τ reaches a wanted speed like one of time constant τ' < τ if it is
   * told: believed + (τ/τ')·(wanted − believed). Believed is the memory's lagged action.
   */
  #leadRotors(raw: Float32Array, view: RobotView, robot: number): void {
    const { scale, offset, clip } = this.#action;
    for (let k = 0; k < 4; k++) {
      const wanted = (this.#speed[k]! - offset[k]!) / scale[k]!;
      const believed = view.memory.laggedAction[4 * robot + k]!;
      const led = believed + this.#lead[k]! * (wanted - believed);
      raw[4 * robot + k] = clamp(led, clip[0], clip[1]);
    }
  }
}
