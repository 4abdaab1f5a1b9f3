import type {
  ContactSensor,
  DepthCameraSensor,
  EncoderSensor,
  ImuSensor,
  LidarSensor,
  MotionCaptureSensor,
  OdometrySensor,
  RangeSensor,
} from '../robot/sensor-model.ts';

/** When what a robot's computer sees was measured, row by row. */
export interface Stamps {
  /** [numRobots] s [@invalid NaN before the first sample] when it was measured, world time */
  readonly stampS: Float64Array;
  /** [numRobots] 1 where it became visible during the last control period, or at a reset */
  readonly isNew: Uint8Array;
}

/** As gyroscope and accelerometer tell it, in the axes of the link that carries them. */
export interface InertialReading extends Stamps {
  readonly kind: 'imu';
  readonly sensor: ImuSensor;
  /** [numRobots, 3] rad/s [@frame link of the sensor] */
  readonly angularVelocityS: Float64Array;
  /** [numRobots, 3] m/s² [@frame link of the sensor] acceleration minus gravity: +9.81 upwards at rest */
  readonly specificForceS: Float64Array;
}

export interface MotionCaptureReading extends Stamps {
  readonly kind: 'motion_capture';
  readonly sensor: MotionCaptureSensor;
  /** [numRobots, 3] m [@frame odom] */
  readonly position: Float64Array;
  /** [numRobots, 4] x, y, z, w, odom from base_link */
  readonly orientation: Float64Array;
}

export interface EncoderReading extends Stamps {
  readonly kind: 'encoder';
  readonly sensor: EncoderSensor;
  /** [numRobots, joints of the sensor] rad or m, order of `sensor.joints` */
  readonly position: Float64Array;
  /** [numRobots, joints of the sensor] rad/s or m/s */
  readonly velocity: Float64Array;
}

/** What the wheels say: the plane of the wheels, and the base that rolls on it. */
export interface OdometryReading extends Stamps {
  readonly kind: 'odometry';
  readonly sensor: OdometrySensor;
  /** [numRobots, 2] m [@frame odom] of base_link */
  readonly position: Float64Array;
  /** [numRobots] rad in (−π, π] */
  readonly yaw: Float64Array;
  /** [numRobots, 2] m/s [@frame base_link] forward and to the left, mean since the sample before */
  readonly linearVelocityB: Float64Array;
  /** [numRobots] rad/s about z, mean since the sample before */
  readonly yawRate: Float64Array;
}

export interface LidarReading extends Stamps {
  readonly kind: 'lidar';
  readonly sensor: LidarSensor;
  /**
   * [numRobots, elevations, numAzimuths] m; +Infinity: nothing in range or echo lost; −Infinity: too near;
   * NaN before the first sample
   */
  readonly range: Float64Array;
}

export interface RangeReading extends Stamps {
  readonly kind: 'range';
  readonly sensor: RangeSensor;
  /** [numRobots] m, infinities as in {@link LidarReading} */
  readonly range: Float64Array;
}

export interface DepthReading extends Stamps {
  readonly kind: 'depth_camera';
  readonly sensor: DepthCameraSensor;
  /** [numRobots, height, width] m along the optical axis, infinities as in {@link LidarReading} */
  readonly depth: Float64Array;
}

export interface ContactReading extends Stamps {
  readonly kind: 'contact';
  readonly sensor: ContactSensor;
  /** Collision shapes, in the order of the columns. */
  readonly shapes: readonly string[];
  /** Link of each shape, in whose axes its force is. */
  readonly links: readonly string[];
  /** [numRobots, shapes, 3] N [@frame link of the shape] mean over the sensor's period */
  readonly force: Float64Array;
  /** [numRobots, shapes] 1 where the force exceeds the sensor's threshold */
  readonly isTouching: Uint8Array;
}

export type SensorReading =
  | InertialReading
  | MotionCaptureReading
  | EncoderReading
  | OdometryReading
  | LidarReading
  | RangeReading
  | DepthReading
  | ContactReading;

/** Readings by the name of the sensor, in the order of robot.yaml. */
export type SensorReadings = ReadonlyMap<string, SensorReading>;

/**
 * The reading of one sensor.
 * @throws RangeError if the robot has no such sensor of that kind; it lists those that it has
 */
export function getReading<Kind extends SensorReading['kind']>(
  readings: SensorReadings,
  name: string,
  kind: Kind,
): Extract<SensorReading, { readonly kind: Kind }> {
  const reading = readings.get(name);
  if (reading !== undefined && isOfKind(reading, kind)) return reading;
  const names = [...readings].map(([other, { kind: of }]) => `${other} (${of})`).join(', ');
  throw new RangeError(`no ${kind} sensor '${name}'; there are: ${names || 'none'}`);
}

function isOfKind<Kind extends SensorReading['kind']>(
  reading: SensorReading,
  kind: Kind,
): reading is Extract<SensorReading, { readonly kind: Kind }> {
  return reading.kind === kind;
}

export function makeStamps(numRobots: number): Stamps {
  return {
    stampS: new Float64Array(numRobots).fill(Number.NaN),
    isNew: new Uint8Array(numRobots),
  };
}

/** An array of readings that nobody has taken yet. */
export function makeUnread(length: number): Float64Array {
  return new Float64Array(length).fill(Number.NaN);
}
