import type { RobotModel } from './model.ts';
import type { ImuSensor } from './sensor-model.ts';
import type { StateBatch } from './state.ts';

/**
 * How a robot knows its base: `mount`: it is bolted to the world; `pose`: IMU and motion capture; `wheels`: odometry,
 * with an IMU if there is one; `attitude`: an IMU alone, which knows up and how it turns, but neither place nor
 * speed; `none`: nothing tells.
 */
export type BaseEstimation = 'mount' | 'pose' | 'wheels' | 'attitude' | 'none';

/** What of a robot's state its sensors tell. What they do not is NaN in a measured state; joints: 0. */
export interface KnownState {
  readonly position: boolean;
  /** With an IMU alone the heading is what the gyroscope adds up from the start, so it drifts. */
  readonly orientation: boolean;
  readonly linearVelocity: boolean;
  readonly angularVelocity: boolean;
  /** Joints that an encoder reads, in joint order. */
  readonly joints: readonly string[];
}

/** Which sensors say where the base is and how it moves. */
export function chooseBaseEstimation(model: RobotModel): BaseEstimation {
  if (model.base === 'fixed') return 'mount';
  const has = (kind: string) => model.sensors.some((sensor) => sensor.kind === kind);
  const hasImu = findBaseImu(model) !== undefined;
  if (hasImu && has('motion_capture')) return 'pose';
  if (has('odometry')) return 'wheels';
  return hasImu ? 'attitude' : 'none';
}

/** The IMU that feels the base: the first one whose link cannot move against base_link. */
export function findBaseImu(model: RobotModel): ImuSensor | undefined {
  return listBaseImus(model)[0];
}

/** All IMUs whose link cannot move against base_link. */
export function listBaseImus(model: RobotModel): ImuSensor[] {
  return model.sensors.flatMap((s) => (s.kind === 'imu' && isOnBase(model, s.link) ? [s] : []));
}

/**
 * By names alone, without the arithmetic of rigid bodies: a control thread asks this too, and its kernels stay free of
 * garbage only as long as they have seen but one kind of array.
 */
function isOnBase(model: RobotModel, link: string): boolean {
  const joint = model.joints.find((candidate) => candidate.child === link);
  if (joint === undefined) return link === model.rootLink;
  return joint.type === 'fixed' && isOnBase(model, joint.parent);
}

/** What a robot's computer can know of it, by its sensors. */
export function computeKnownState(model: RobotModel): KnownState {
  const estimation = chooseBaseEstimation(model);
  const hasPlace = estimation !== 'attitude' && estimation !== 'none';
  const hasAttitude = estimation !== 'none';
  const read = model.sensors.flatMap((s) => (s.kind === 'encoder' ? s.joints : []));
  return {
    position: hasPlace,
    linearVelocity: hasPlace,
    orientation: hasAttitude,
    angularVelocity: hasAttitude,
    joints: model.jointNames.filter((name) => read.includes(name)),
  };
}

/** What a state says of the base. */
const BASE_QUANTITIES = {
  position: 'position',
  orientation: 'orientation',
  linearVelocityW: 'linearVelocity',
  angularVelocityB: 'angularVelocity',
} as const satisfies Partial<Record<keyof StateBatch, keyof KnownState>>;

export type BaseQuantity = keyof typeof BASE_QUANTITIES;

/** The quantities of the base that are NaN in the robot's measured state. */
export function listUnknownQuantities(model: RobotModel): BaseQuantity[] {
  const known = computeKnownState(model);
  const quantities = Object.entries(BASE_QUANTITIES) as [BaseQuantity, keyof KnownState][];
  return quantities.flatMap(([quantity, key]) => (known[key] === false ? [quantity] : []));
}
