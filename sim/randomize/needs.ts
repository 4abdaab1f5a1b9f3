import { UserError } from '../errors.ts';
import type { RobotModel } from '../robot/model.ts';
import type { ChannelNoise, Sensor } from '../robot/sensor-model.ts';
import type { Scene } from '../terrain/scene.ts';
import { getDistribution, type RandomizationConfig } from './config.ts';
import { computeSupport } from './distribution.ts';
import { getProperty, PROPERTY_KEYS, type PropertyKey } from './properties.ts';
import type { Need } from './property-spec.ts';

/** Where a configuration is to make a difference. */
export interface RandomizedSetting {
  readonly model: RobotModel;
  /** Around the robot; absent: not known yet, so that nothing is said of what needs something there. */
  readonly scene?: Pick<Scene, 'ground' | 'objects'> | undefined;
  /** What the task draws by itself, which may find nothing in another robot or terrain than the task's own. */
  readonly task?: RandomizationConfig | undefined;
}

/** Draws that make no difference, because the robot, or the terrain, has nothing that they are of. */
export function checkNeeds(
  config: RandomizationConfig,
  where: string,
  { model, scene, task }: RandomizedSetting,
): UserError[] {
  return PROPERTY_KEYS.flatMap((key) => {
    const { needs } = getProperty(key);
    if (needs === undefined || needs === 'floating base' || !isDrawn(config, key)) return [];
    if (task !== undefined && isDrawn(task, key)) return [];
    const isThere = isInScene(needs)
      ? scene === undefined || IN_SCENE[needs](scene)
      : IN_ROBOT[needs](model);
    if (isThere) return [];
    const who = isInScene(needs) ? 'the terrain' : `robot '${model.name}'`;
    return [
      new UserError({
        where: `${where}: ${key}`,
        problem: `${who} has no ${needs}, so that it makes no difference`,
        expected: 'nothing that is drawn for it',
        got: JSON.stringify(getDistribution(config, key)),
        remedy: `Remove it, or use ${isInScene(needs) ? 'a terrain' : 'a robot'} that has one`,
      }),
    ];
  });
}

function isDrawn(config: RandomizationConfig, key: PropertyKey): boolean {
  const distribution = getDistribution(config, key);
  if (typeof distribution === 'number') return false;
  const { perJoint = true, ...common } = distribution;
  const spreads = perJoint === true ? [common] : [common, perJoint];
  return spreads.map(computeSupport).some(([lower, upper]) => lower !== upper);
}

type SceneNeed = keyof typeof IN_SCENE;
type RobotNeed = Exclude<Need, SceneNeed | 'floating base'>;

function isInScene(need: Exclude<Need, 'floating base'>): need is SceneNeed {
  return need in IN_SCENE;
}

const IN_SCENE = {
  'grid of tiles': ({ ground }) => ground?.kind === 'height_field' && ground.tiles !== undefined,
  'object with a way': ({ objects }) => objects.some(({ motion }) => motion !== undefined),
  'object that moves': ({ objects }) => objects.some(({ moves }) => moves),
  'group of variants': ({ objects }) => objects.some(({ variantOf }) => variantOf !== undefined),
} as const satisfies Readonly<
  Record<string, (scene: Pick<Scene, 'ground' | 'objects'>) => boolean>
>;

const IN_ROBOT: Readonly<Record<RobotNeed, (model: RobotModel) => boolean>> = {
  rotor: ({ actuators }) => actuators.some(({ kind }) => kind === 'rotor'),
  'rotor with drag': ({ actuators }) =>
    actuators.some((one) => one.kind === 'rotor' && one.dragCoefficient.some(isPresent)),
  'joint motor': ({ actuators }) => actuators.some(({ kind }) => kind !== 'rotor'),
  'position servo': ({ actuators }) => actuators.some(({ kind }) => kind === 'pd'),
  'servo with damping': ({ actuators }) =>
    actuators.some((one) => (one.kind === 'pd' || one.kind === 'velocity') && one.damping > 0),
  'motor with a lag': ({ actuators }) =>
    actuators.some((one) => one.kind !== 'rotor' && isPresent(one.lagS)),
  'motor with a delay': ({ actuators }) =>
    actuators.some((one) => one.kind !== 'rotor' && isPresent(one.delayS)),
  battery: ({ batteries }) => batteries.length > 0,
  'collision shape': ({ links }) => links.some(({ collisions }) => collisions.length > 0),
  'joint with damping': (model) => listBodyJoints(model).some(({ damping }) => isPresent(damping)),
  'joint with friction': (model) =>
    listBodyJoints(model).some(({ friction }) => isPresent(friction)),
  'motor with inertia': (model) =>
    listBodyJoints(model).some(({ armature }) => isPresent(armature)),
  'sensor with latency': ({ sensors }) =>
    sensors.some(({ latencyS, jitterS }) => isPresent(latencyS) || isPresent(jitterS)),
  'sensor with jitter': ({ sensors }) => sensors.some(({ jitterS }) => isPresent(jitterS)),
  'sensor with errors': (model) =>
    hasBias(model) || hasDrift(model) || hasChannel(model, ({ noise }) => noise),
  'sensor with a bias': hasBias,
  'sensor that drifts': hasDrift,
  'sensor with steps': (model) => hasChannel(model, ({ quantisation }) => quantisation),
  'sensor that loses samples': ({ sensors }) =>
    sensors.some(
      (one) => isPresent(one.dropout) || ('rayDropout' in one && isPresent(one.rayDropout)),
    ),
};

function isPresent(figure: number | undefined): boolean {
  return figure !== undefined && figure !== 0;
}

/** Rotors turn no simulated body. */
function listBodyJoints({ joints, jointNames, actuators }: RobotModel) {
  const rotors = actuators.filter(({ kind }) => kind === 'rotor').map(({ joint }) => joint);
  return joints.filter(({ name }) => jointNames.includes(name) && !rotors.includes(name));
}

function hasBias(model: RobotModel): boolean {
  return (
    hasChannel(model, ({ bias }) => bias) ||
    model.sensors.some(
      (one) =>
        one.kind === 'odometry' && (isPresent(one.radiusError) || isPresent(one.separationError)),
    )
  );
}

function hasDrift(model: RobotModel): boolean {
  return hasChannel(model, ({ drift }) => drift);
}

function hasChannel(
  { sensors }: RobotModel,
  read: (channel: ChannelNoise) => number | undefined,
): boolean {
  return sensors.some((sensor) => listChannels(sensor).some((channel) => isPresent(read(channel))));
}

function listChannels(sensor: Sensor): readonly ChannelNoise[] {
  switch (sensor.kind) {
    case 'imu':
      return [sensor.gyroscope, sensor.accelerometer];
    case 'motion_capture':
      return [sensor.position, sensor.orientation];
    case 'encoder':
      return [sensor.position, sensor.velocity];
    case 'odometry':
      return [sensor.wheel];
    case 'contact':
      return [sensor.force];
    default:
      return [sensor.range];
  }
}
