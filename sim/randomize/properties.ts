import type { PropertySpec } from './property-spec.ts';

// What lies outside is a slip of the unit rather than a robot, and engines that count in 32 bits answer it with nonsense
// or not at all.
const FACTOR = [0, 1000] as const;
const POSITIVE_FACTOR = [0.001, 1000] as const;
/** [s] */
const TIME = [0, 10_000] as const;
/** [m], [rad] at 1 km 32 bits still tell 0.1 mm apart */
const PLACE = [-1000, 1000] as const;
/** [m] within a robot */
const POINT = [-10, 10] as const;

const scale = { operation: 'scale', unit: '-', nominal: 1, range: FACTOR } as const;
const positive = { ...scale, range: POSITIVE_FACTOR } as const;
const physical = { group: 'physical', mayChange: true } as const;
const measured = { group: 'measured', mayChange: false } as const;
const disturbance = { group: 'disturbance', mayChange: true } as const;
const place = {
  group: 'place',
  mayChange: false,
  operation: 'add',
  nominal: 0,
  range: PLACE,
} as const;
const shift = {
  operation: 'add',
  unit: 'm',
  nominal: 0,
  range: POINT,
  needs: 'floating base',
} as const;
const payload = { ...physical, ...shift, operation: 'set' } as const;
const tilt = { ...physical, operation: 'set', unit: 'rad', nominal: 0 } as const;
const adversary = { ...disturbance, operation: 'set', unit: '-', nominal: 0 } as const;
const HALF_TURN = [-Math.PI, Math.PI] as const;

/** Every property by its key in the configuration, in the order of the context vector: new ones go to the end. */
export const PROPERTIES = {
  massScale: { ...positive, ...physical, description: 'Total mass' },
  inertiaScale: {
    ...{ ...positive, ...physical, names: ['inertiaScale.x', 'inertiaScale.y', 'inertiaScale.z'] },
    description: 'Each principal moment of inertia of every body, drawn one by one',
  },
  thrustScale: {
    ...{ ...scale, ...physical, per: 'rotor' },
    needs: 'rotor',
    description: 'Thrust and torque coefficients of all rotors',
  },
  rotorTimeConstantScale: {
    ...{ ...positive, ...physical, per: 'rotor' },
    needs: 'rotor',
    description: 'Time constant of all rotors',
  },
  dragScale: {
    ...scale,
    ...physical,
    per: 'rotor',
    needs: 'rotor with drag',
    description: 'Rotor drag',
  },
  effortScale: {
    ...{ ...scale, ...physical, per: 'motor' },
    needs: 'joint motor',
    description: 'Strength of all joint motors: a factor of the effort that comes out',
  },
  commandLatencyS: {
    ...{ ...physical, operation: 'set', unit: 's', nominal: 0, range: [0, 10] },
    description: 'From a command to the motors',
  },
  sensorLatencyScale: {
    ...scale,
    ...measured,
    needs: 'sensor with latency',
    description: 'Latency and jitter of every sensor',
  },
  sensorNoiseScale: {
    ...scale,
    ...measured,
    needs: 'sensor with errors',
    description: 'Noise, bias and drift of every sensor',
  },
  'push.intervalS': {
    ...{ ...disturbance, operation: 'set', unit: 's', nominal: 0, range: TIME },
    description: 'Time between pushes; 0 = none',
  },
  'push.durationS': {
    ...{ ...disturbance, operation: 'set', unit: 's', nominal: 0.1, range: TIME },
    description: 'Length of one push',
  },
  'push.forceScale': {
    ...{ ...disturbance, operation: 'set', unit: '-', nominal: 0, range: FACTOR },
    ...{ needs: 'floating base' },
    description: 'Force as a fraction of the nominal weight, in a uniformly drawn direction',
  },
  'wind.forceScale': {
    ...{ ...disturbance, operation: 'set', unit: '-', nominal: 0, range: FACTOR },
    ...{ needs: 'floating base' },
    description:
      'Standard deviation of each component of the gust force, as a fraction of the nominal weight',
  },
  'wind.timeConstantS': {
    ...{ ...disturbance, operation: 'set', unit: 's', nominal: 1, range: [0.001, 10_000] },
    description: 'Time constant of the gusts',
  },
  contactFrictionScale: {
    ...{ ...scale, ...physical },
    needs: 'collision shape',
    description:
      "Friction coefficient of every collision shape of the robot; of two surfaces the smaller holds, so what exceeds the ground's makes no difference",
  },
  jointDampingScale: {
    ...scale,
    ...physical,
    per: 'joint',
    needs: 'joint with damping',
    description: 'Damping of every joint',
  },
  jointFrictionScale: {
    ...{ ...scale, ...physical, per: 'joint' },
    needs: 'joint with friction',
    description: 'Coulomb friction of every joint',
  },
  armatureScale: {
    ...{ ...positive, ...physical, per: 'joint' },
    needs: 'motor with inertia',
    description: 'Reflected inertia of every motor',
  },
  obstacleTimeS: {
    ...{ ...place, operation: 'set', unit: 's', range: TIME },
    needs: 'object with a way',
    description: 'How far moving obstacles are on their ways when an episode begins',
  },
  stiffnessScale: {
    ...{ ...scale, ...physical, per: 'motor' },
    needs: 'position servo',
    description: 'Stiffness (kp) of all position servos',
  },
  dampingScale: {
    ...{ ...scale, ...physical, per: 'motor' },
    needs: 'servo with damping',
    description: 'Damping (kd) of all position and speed servos',
  },
  motorLagScale: {
    ...{ ...scale, ...physical, per: 'motor' },
    needs: 'motor with a lag',
    description: 'Lag of the effort of joint motors that have one',
  },
  motorDelayScale: {
    ...{ ...scale, ...physical, per: 'motor' },
    needs: 'motor with a delay',
    description: 'Own command delay of joint motors that have one',
  },
  batteryCharge: {
    ...{ operation: 'set', unit: '-', nominal: 1, range: [0, 1] },
    ...{ group: 'physical', mayChange: false },
    needs: 'battery',
    description: 'Charge of every battery when an episode begins, as a share of its capacity',
  },
  'payload.mass': {
    ...{ ...payload, unit: 'kg', range: [0, 10_000] },
    description: 'Point mass that the root body carries besides its own',
  },
  'payload.x': { ...payload, description: 'Where it sits, forward in base_link' },
  'payload.y': { ...payload, description: 'To the left' },
  'payload.z': { ...payload, description: 'Up' },
  'centreOfMassOffset.x': {
    ...{ ...physical, ...shift },
    description: 'Centre of mass of the root body, forward in base_link',
  },
  'centreOfMassOffset.y': { ...physical, ...shift, description: 'To the left' },
  'centreOfMassOffset.z': { ...physical, ...shift, description: 'Up' },
  restitutionOffset: {
    ...{ ...physical, operation: 'add', unit: '-', nominal: 0, range: [-1, 1] },
    needs: 'collision shape',
    description:
      'Restitution of every collision shape of the robot, kept within 0 to 1; of two surfaces the larger holds',
  },
  rotorTorqueScale: {
    ...{ ...scale, ...physical, per: 'rotor' },
    needs: 'rotor',
    description: 'Reaction torque of rotors over their thrust, on top of thrustScale',
  },
  batteryResistanceScale: {
    ...{ ...scale, ...physical },
    needs: 'battery',
    description: 'Internal resistance of every battery: how far its voltage sags under load',
  },
  gravityScale: { ...scale, ...physical, description: 'Strength of gravity' },
  'gravityTilt.x': {
    ...{ ...tilt, range: HALF_TURN },
    description:
      'Gravity turned about x of odom, as on ground that is not level: it pulls towards +y',
  },
  'gravityTilt.y': {
    ...{ ...tilt, range: HALF_TURN },
    description: 'And about y: it pulls towards −x',
  },
  'start.x': {
    ...{ ...place, unit: 'm', needs: 'floating base' },
    description: 'Where an episode begins, besides what the task says; on whatever ground is there',
  },
  'start.y': { ...place, unit: 'm', needs: 'floating base', description: 'The same to the left' },
  'start.yaw': {
    ...{ ...place, unit: 'rad', needs: 'floating base' },
    description: 'Start turned about the vertical, with its velocity',
  },
  'tile.difficulty': {
    ...{ ...place, operation: 'set', unit: '-', range: [0, 1], needs: 'grid of tiles' },
    description: 'On a terrain grid: from its easiest row of tiles, 0, to its hardest, 1',
  },
  'tile.column': {
    ...{ ...place, operation: 'set', unit: '-', range: [0, 1], needs: 'grid of tiles' },
    description: 'On a terrain grid: from its first column, 0, to its last, 1',
  },
  'obstacleOffset.x': {
    ...{ ...place, unit: 'm', per: 'object' },
    needs: 'object that moves',
    description: 'Objects that move or may be moved, shifted along x of odom',
  },
  'obstacleOffset.y': {
    ...place,
    unit: 'm',
    per: 'object',
    needs: 'object that moves',
    description: 'And along y',
  },
  'obstacleOffset.yaw': {
    ...{ ...place, unit: 'rad', per: 'object' },
    needs: 'object that moves',
    description: 'And turned about their own vertical',
  },
  obstacleVariant: {
    ...{ ...place, operation: 'set', unit: '-', range: [0, 1] },
    needs: 'group of variants',
    description:
      'Which object of each group of variants is there: 0 the first, 1 the last; the others are out of reach',
  },
  sensorBiasScale: {
    ...{ ...scale, ...measured },
    needs: 'sensor with a bias',
    description: 'Bias of every sensor, on top of sensorNoiseScale',
  },
  sensorDriftScale: {
    ...{ ...scale, ...measured },
    needs: 'sensor that drifts',
    description: 'Drift of every sensor, on top of sensorNoiseScale',
  },
  sensorQuantisationScale: {
    ...{ ...scale, ...measured },
    needs: 'sensor with steps',
    description: 'Step of the readings of every sensor; 0 = none',
  },
  sensorDropoutScale: {
    ...{ ...scale, ...measured },
    needs: 'sensor that loses samples',
    description: 'Probability that a sample, or an echo, is lost; at most 1 in the end',
  },
  sensorJitterScale: {
    ...{ ...scale, ...measured },
    needs: 'sensor with jitter',
    description: 'Jitter of every sensor, on top of sensorLatencyScale',
  },
  observationDelaySteps: {
    ...{ ...measured, operation: 'set', unit: '1', nominal: 0, range: [0, 100], isWhole: true },
    description:
      'Control steps by which the policy sees everything later; a range includes both ends',
  },
  'adversary.maxForceScale': {
    ...{ ...adversary, range: FACTOR, needs: 'floating base' },
    description: 'Largest force of an adversary on the base, as a fraction of the nominal weight',
  },
  'adversary.maxTorqueScale': {
    ...{ ...adversary, range: FACTOR, needs: 'floating base' },
    description:
      'Largest torque of it, as a fraction of the nominal weight times the radius of gyration of the base',
  },
  difficulty: {
    ...{ group: 'place', mayChange: false, operation: 'set', unit: '-', nominal: 1, range: [0, 1] },
    description: 'How far the ranges with a schedule have widened; a curriculum moves it instead',
  },
} as const satisfies Readonly<Record<string, PropertySpec>>;

export type PropertyKey = keyof typeof PROPERTIES;
export const PROPERTY_KEYS = Object.keys(PROPERTIES) as readonly PropertyKey[];

type Axis = 'x' | 'y' | 'z';
/** Names of the numbers that every context has. */
export type ContextName = Exclude<PropertyKey, 'inertiaScale'> | `inertiaScale.${Axis}`;

export function getProperty(key: PropertyKey): PropertySpec {
  return PROPERTIES[key];
}

/** Names of the numbers that an entry of the configuration draws. */
export function listNames(key: PropertyKey): readonly ContextName[] {
  return (getProperty(key).names ?? [key]) as readonly ContextName[];
}

/** Every number that an episode draws whatever robot it is, in the order of the recorded vector. */
export const CONTEXT_NAMES: readonly ContextName[] = PROPERTY_KEYS.flatMap(listNames);
