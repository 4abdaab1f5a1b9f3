import { clamp } from '../../sim/math/vec3.ts';
import type { RotorActuator } from '../../sim/robot/actuator-model.ts';
import type { RobotModel } from '../../sim/robot/model.ts';
import { computeRotorGeometry, type RotorGeometry } from '../../sim/robot/quadrotor.ts';
import { type Matrix, makeIdentity, solve } from './matrix.ts';

/** What one newton of each rotor's thrust does to the body: rows thrust [N], torque x, y, z [N·m]. */
export function computeRotorWrenches(rotors: readonly RotorGeometry[]): Matrix {
  const columns = rotors.map(({ actuator, arm, reactionSign }) => {
    const reaction = actuator.torqueCoefficient / actuator.thrustCoefficient;
    // r × (0, 0, 1) = (y, −x, 0), and the air's reaction about z.
    return [1, arm[1], -arm[0], reactionSign * reaction];
  });
  return [0, 1, 2, 3].map((row) => columns.map((column) => column[row]!));
}

/** From wanted thrust and torques to rotor speeds, for four upright rotors. */
export class RotorMixer {
  readonly #rotors: readonly RotorActuator[];
  readonly #thrustsFromWrench: Matrix;
  readonly #minThrust: number;
  readonly #maxThrust: number;
  readonly #level: Float64Array;
  readonly #yaw: Float64Array;

  /** @throws RangeError unless the robot has four upright rotors that can turn it about every axis */
  constructor(model: RobotModel) {
    const geometry = computeRotorGeometry(model);
    const upright = geometry.every(({ axis }) => axis[2] > 1 - 1e-9);
    if (geometry.length !== 4 || model.actuators.length !== 4 || !upright) {
      throw new RangeError(`RotorMixer: robot '${model.name}' needs four upright rotors, no more`);
    }
    const rotors = geometry.map((rotor) => rotor.actuator);
    this.#rotors = rotors;
    this.#thrustsFromWrench = solve(computeRotorWrenches(geometry), makeIdentity(4));
    this.#minThrust = Math.max(...rotors.map((r) => r.thrustCoefficient * r.minSpeed ** 2));
    this.#maxThrust = Math.min(...rotors.map((r) => r.thrustCoefficient * r.maxSpeed ** 2));
    this.#level = new Float64Array(4);
    this.#yaw = new Float64Array(4);
  }

  /**
   * Writes rotor speeds. [rad/s] Where the rotors cannot give all, yaw torque gives way first, then
   * thrust; torque about x and y, which keeps the robot upright, goes last.
   */
  writeSpeeds(out: Float64Array, thrust: number, tx: number, ty: number, tz: number): void {
    const inverse = this.#thrustsFromWrench;
    let yawShare = 1;
    for (let i = 0; i < 4; i++) {
      const row = inverse[i]!;
      const level = row[0]! * thrust + row[1]! * tx + row[2]! * ty;
      const yaw = row[3]! * tz;
      this.#level[i] = level;
      this.#yaw[i] = yaw;
      const room = yaw > 0 ? this.#maxThrust - level : level - this.#minThrust;
      if (yaw !== 0) yawShare = Math.min(yawShare, Math.max(0, room) / Math.abs(yaw));
    }
    let lowest = Number.POSITIVE_INFINITY;
    let highest = Number.NEGATIVE_INFINITY;
    for (let i = 0; i < 4; i++) {
      const force = this.#level[i]! + yawShare * this.#yaw[i]!;
      this.#level[i] = force;
      lowest = Math.min(lowest, force);
      highest = Math.max(highest, force);
    }
    const tooHigh = Math.max(0, highest - this.#maxThrust);
    const tooLow = Math.max(0, this.#minThrust - lowest);
    for (let i = 0; i < 4; i++) {
      const force = clamp(this.#level[i]! - tooHigh + tooLow, this.#minThrust, this.#maxThrust);
      out[i] = Math.sqrt(force / this.#rotors[i]!.thrustCoefficient);
    }
  }
}
