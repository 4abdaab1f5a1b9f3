/** How one robot's actuators differ from its description: factors of it, and what it starts with. */
export interface ActuatorScales {
  /** [-] thrust and reaction torque of every rotor */
  readonly thrust: number;
  /** [-] @range > 0 time constant of every rotor */
  readonly timeConstant: number;
  /** [-] drag of every rotor */
  readonly drag: number;
  /** [-] strength of every joint motor: a factor of the effort that comes out, whatever its kind */
  readonly effort: number;
  /** [-] stiffness of every pd servo */
  readonly stiffness: number;
  /** [-] damping of every pd and velocity servo: what their effort opposes speed (errors) with */
  readonly damping: number;
  /** [-] lag of the effort of every joint motor that has one */
  readonly lag: number;
  /** [-] command delay of every joint motor that has one of its own */
  readonly delay: number;
  /** [-] @range > 0 inertia of motors that turn alone in the free play of their gears; the engine scales the rest */
  readonly armature: number;
  /** [s] from `setCommand` to the motor, for all actuators of the robot */
  readonly latencyS: number;
  /** [-] @range 0, 1 charge of every battery at the next reset */
  readonly batteryCharge: number;
}

/** The actuators as described, on full batteries. */
export const NOMINAL_ACTUATORS: ActuatorScales = {
  thrust: 1,
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
};

/** @throws RangeError on a number that makes no sense, by its name */
export function assertScales(scales: ActuatorScales): void {
  for (const [name, value] of Object.entries(scales)) {
    const isPositive = name === 'timeConstant' || name === 'armature';
    if (isPositive ? value > 0 : value >= 0) continue;
    const expected = isPositive ? 'above 0' : '0 or more';
    throw new RangeError(`setScales: ${name} must be ${expected}, got ${value}`);
  }
  if (scales.batteryCharge > 1) {
    throw new RangeError(`setScales: batteryCharge must be 1 or less, got ${scales.batteryCharge}`);
  }
}
