import { type Factor, getFactor } from '../math/factor.ts';

/**
 * How one robot's actuators differ from its description: factors of it, one for all or one for each in the order of
 * the actuators, and what it starts with.
 */
export interface ActuatorScales {
  /** [-] thrust and reaction torque of rotors */
  readonly thrust: Factor;
  /** [-] reaction torque of rotors, on top of `thrust` */
  readonly rotorTorque: Factor;
  /** [-] @range > 0 time constant of rotors */
  readonly timeConstant: Factor;
  /** [-] drag of rotors */
  readonly drag: Factor;
  /** [-] strength of joint motors: a factor of the effort that comes out, whatever their kind */
  readonly effort: Factor;
  /** [-] stiffness of pd servos */
  readonly stiffness: Factor;
  /** [-] damping of pd and velocity servos: what their effort opposes speed (errors) with */
  readonly damping: Factor;
  /** [-] lag of the effort of joint motors that have one */
  readonly lag: Factor;
  /** [-] command delay of joint motors that have one of their own */
  readonly delay: Factor;
  /** [-] @range > 0 inertia of motors that turn alone in the free play of their gears; the engine scales the rest */
  readonly armature: Factor;
  /** [s] from `setCommand` to the motor, for all actuators of the robot */
  readonly latencyS: number;
  /** [-] @range 0, 1 charge of every battery at the next reset */
  readonly batteryCharge: number;
  /** [-] internal resistance of every battery */
  readonly batteryResistance: number;
}

/** The actuators as described, on full batteries. */
export const NOMINAL_ACTUATORS: ActuatorScales = {
  thrust: 1,
  rotorTorque: 1,
  timeConstant: 1,
  drag: 1,
  effort: 1,
  stiffness: 1,
  damping: 1,
  lag: 1,
  delay: 1,
  armature: 1,
  latencyS: 0,
  batteryCharge: 1,
  batteryResistance: 1,
};

/** @throws RangeError on a number that makes no sense, by its name, or a list that does not fit */
export function assertScales(scales: ActuatorScales, numActuators: number): void {
  for (const [name, factor] of Object.entries<Factor>({ ...scales })) {
    if (typeof factor !== 'number' && factor.length !== numActuators) {
      throw new RangeError(
        `setScales: ${name} must be ${numActuators} numbers, got ${factor.length}`,
      );
    }
    const isPositive = name === 'timeConstant' || name === 'armature';
    const count = typeof factor === 'number' ? 1 : numActuators;
    for (let i = 0; i < count; i++) {
      const value = getFactor(factor, i);
      if (isPositive ? value > 0 : value >= 0) continue;
      const expected = isPositive ? 'above 0' : '0 or more';
      throw new RangeError(`setScales: ${name} must be ${expected}, got ${value}`);
    }
  }
  if (scales.batteryCharge > 1) {
    throw new RangeError(`setScales: batteryCharge must be 1 or less, got ${scales.batteryCharge}`);
  }
}

/** A factor of one actuator, robot by robot: what loops over robots read. */
export function makeFactorColumn(numRobots: number): Float64Array {
  return new Float64Array(numRobots).fill(1);
}
