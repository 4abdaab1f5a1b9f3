import { clamp } from '../math/vec3.ts';
import type { RotorActuator } from '../robot/actuator-model.ts';
import type { RotorGeometry } from '../robot/quadrotor.ts';

/**
 * What a rotor's controller is driving at: its command within the range, or 0 if it is off; no faster than the
 * battery's voltage allows, which a motor's fastest speed follows in proportion. [rad/s]
 * @param voltage [-] share of the nominal voltage
 */
export function computeRotorGoal(rotor: RotorActuator, command: number, voltage: number): number {
  if (command <= 0) return 0;
  return Math.min(clamp(command, rotor.minSpeed, rotor.maxSpeed), rotor.maxSpeed * voltage);
}

/** Where rotor wrenches are summed up: one row of the engine's arrays per robot. */
export interface WrenchSink {
  /** [numRobots, 3] N [@frame base_link] at the root body's centre of mass */
  readonly baseForceB: Float64Array;
  /** [numRobots, 3] N·m [@frame base_link] */
  readonly baseTorqueB: Float64Array;
}

/** What a rotor does over one step. */
export interface RotorCondition {
  /** [rad/s] mean over the step */
  speed: number;
  /** [-] factor of thrust and reaction torque */
  thrustScale: number;
  /** [-] factor of reaction torque, on top of it */
  torqueScale: number;
  /** [-] factor of thrust alone, at the same speed: that of the ground */
  lift: number;
  /** [-] factor of drag */
  dragScale: number;
  /** [m/s] [@frame base_link] velocity of the root body's centre of mass through the air that the rotor is in */
  readonly airspeedB: Float64Array;
}

/**
 * Adds one rotor's wrench to row `row` of the sink: thrust k_f ω² along its axis, reaction torque k_m ω²
 * against its spin, and drag −ω (d_across v_across + d_along v_along) of its disc. Forces act at the hub,
 * so roll and pitch torques follow from where the hub is. Air that comes down on the rotor costs thrust as climbing at
 * its speed does, by the drag along the axis. Model and coefficients of drag: Förster 2015,
 * who identified them for the whole vehicle, hence the centre's velocity and not the hub's.
 */
export function addRotorWrench(
  out: WrenchSink,
  row: number,
  rotor: RotorGeometry,
  now: RotorCondition,
): void {
  const { actuator, arm, axis, reactionSign } = rotor;
  const ax = axis[0];
  const ay = axis[1];
  const az = axis[2];
  const rx = arm[0];
  const ry = arm[1];
  const rz = arm[2];
  const vx = now.airspeedB[0]!;
  const vy = now.airspeedB[1]!;
  const vz = now.airspeedB[2]!;
  const squared = now.speed * now.speed * now.thrustScale;
  const reaction = reactionSign * actuator.torqueCoefficient * squared * now.torqueScale;
  const across = now.speed * now.dragScale * actuator.dragCoefficient[0];
  const along = now.speed * now.dragScale * actuator.dragCoefficient[1];
  const speedAlong = ax * vx + ay * vy + az * vz;
  // v_across = v − axis·v_along, so the axis carries (along − across) and every direction carries across.
  const axial = actuator.thrustCoefficient * squared * now.lift - (along - across) * speedAlong;
  const fx = ax * axial - across * vx;
  const fy = ay * axial - across * vy;
  const fz = az * axial - across * vz;
  const o = 3 * row;
  out.baseForceB[o]! += fx;
  out.baseForceB[o + 1]! += fy;
  out.baseForceB[o + 2]! += fz;
  out.baseTorqueB[o]! += ry * fz - rz * fy + reaction * ax;
  out.baseTorqueB[o + 1]! += rz * fx - rx * fz + reaction * ay;
  out.baseTorqueB[o + 2]! += rx * fy - ry * fx + reaction * az;
}
