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

/** What one rotor of every robot does over one step, [numRobots] each. */
export interface RotorConditions {
  /** [rad/s] mean over the step */
  readonly speed: Float64Array;
  /** [-] factor of thrust and reaction torque */
  readonly thrustScale: Float64Array;
  /** [-] factor of reaction torque, on top of it */
  readonly torqueScale: Float64Array;
  /** [-] factor of thrust alone, at the same speed: that of the ground */
  readonly lift: Float64Array;
  /** [-] factor of drag */
  readonly dragScale: Float64Array;
  /** [numRobots, 3] m/s [@frame base_link] velocity of the root body's centre of mass through the air that the rotor is in */
  readonly airspeedB: Float64Array;
}

/**
 * Adds one rotor's wrench to the row of every robot: thrust k_f ω² along its axis, reaction torque k_m ω²
 * against its spin, and drag −ω (d_across v_across + d_along v_along) of its disc. Forces act at the hub,
 * so roll and pitch torques follow from where the hub is. Air that comes down on the rotor costs thrust as climbing at
 * its speed does, by the drag along the axis. Model and coefficients of drag: Förster 2015,
 * who identified them for the whole vehicle, hence the centre's velocity and not the hub's.
 */
export function addRotorWrenches(
  out: WrenchSink,
  rotor: RotorGeometry,
  now: RotorConditions,
): void {
  const { actuator, reactionSign } = rotor;
  const { thrustCoefficient, torqueCoefficient } = actuator;
  const [dragAcross, dragAlong] = actuator.dragCoefficient;
  const [ax, ay, az] = rotor.axis;
  const [rx, ry, rz] = rotor.arm;
  const { speed, thrustScale, torqueScale, lift, dragScale, airspeedB } = now;
  const { baseForceB, baseTorqueB } = out;
  for (let robot = 0; robot < speed.length; robot++) {
    const o = 3 * robot;
    const vx = airspeedB[o]!;
    const vy = airspeedB[o + 1]!;
    const vz = airspeedB[o + 2]!;
    const squared = speed[robot]! * speed[robot]! * thrustScale[robot]!;
    const reaction = reactionSign * torqueCoefficient * squared * torqueScale[robot]!;
    const across = speed[robot]! * dragScale[robot]! * dragAcross;
    const along = speed[robot]! * dragScale[robot]! * dragAlong;
    const speedAlong = ax * vx + ay * vy + az * vz;
    // v_across = v − axis·v_along, so the axis carries (along − across) and every direction carries across.
    const axial = thrustCoefficient * squared * lift[robot]! - (along - across) * speedAlong;
    const fx = ax * axial - across * vx;
    const fy = ay * axial - across * vy;
    const fz = az * axial - across * vz;
    baseForceB[o]! += fx;
    baseForceB[o + 1]! += fy;
    baseForceB[o + 2]! += fz;
    baseTorqueB[o]! += ry * fz - rz * fy + reaction * ax;
    baseTorqueB[o + 1]! += rz * fx - rx * fz + reaction * ay;
    baseTorqueB[o + 2]! += rx * fy - ry * fx + reaction * az;
  }
}
