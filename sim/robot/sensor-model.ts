import type { Transform } from './geometry.ts';

/**
 * Errors of one measured quantity, in the channel's unit, applied in this order: bias and drift are added, then
 * white noise, then the result saturates, then it is rounded. A dropped sample never arrives.
 */
export interface ChannelNoise {
  /** Standard deviation of one sample. */
  readonly noise: number;
  /** Half-width of the uniform distribution that a constant bias is drawn from. */
  readonly bias: number;
  /** Per √s: the bias walks at random with this strength. Absent: 0. */
  readonly drift?: number | undefined;
  /** Step of the reading. Absent: none. */
  readonly quantisation?: number | undefined;
  /** Largest reading, to either side. Absent: none. */
  readonly saturation?: number | undefined;
}

/** When a sensor measures, and when its samples arrive. */
export interface SensorTimingModel {
  readonly rateHz: number;
  /** [s] from the instant measured to its use */
  readonly latencyS: number;
  /** [s] half-width of a uniform distribution that is added to each sample's latency; samples keep their order */
  readonly jitterS?: number | undefined;
  /** [-] probability that a sample never arrives */
  readonly dropout?: number | undefined;
}

export interface ImuSensor extends SensorTimingModel {
  readonly kind: 'imu';
  readonly name: string;
  readonly link: string;
  /** [rad/s] */
  readonly gyroscope: ChannelNoise;
  /** [m/s²] */
  readonly accelerometer: ChannelNoise;
}

export interface MotionCaptureSensor extends SensorTimingModel {
  readonly kind: 'motion_capture';
  readonly name: string;
  readonly link: string;
  /** [m] */
  readonly position: ChannelNoise;
  /** [rad] about each axis */
  readonly orientation: ChannelNoise;
}

export interface EncoderSensor extends SensorTimingModel {
  readonly kind: 'encoder';
  readonly name: string;
  readonly joints: readonly string[];
  /** [rad] or [m] */
  readonly position: ChannelNoise;
  /** [rad/s] or [m/s] */
  readonly velocity: ChannelNoise;
}

/** Pose and twist of base_link in odom, integrated from the turns of the wheels: it drifts, as it must. */
export interface OdometrySensor extends SensorTimingModel {
  readonly kind: 'odometry';
  readonly name: string;
  /** [rad] of each wheel's turn between two samples */
  readonly wheel: ChannelNoise;
}

/** Where rays start: a frame fixed to a link. Rays pass through the link (and all that is fixed to it). */
interface RaySensorModel extends SensorTimingModel {
  readonly name: string;
  readonly link: string;
  readonly linkFromSensor: Transform;
  /** [m] nearer hits and hits beyond are reported as none, +Infinity */
  readonly minRange: number;
  readonly maxRange: number;
  /** [m] of one range; a dropped ray (`rayDropout`) reads +Infinity */
  readonly range: ChannelNoise;
  /** [-] probability that a single ray is lost */
  readonly rayDropout?: number | undefined;
}

/** Rays in the sensor's frame: azimuth about z from x, elevation from the x-y plane towards z. */
export interface LidarSensor extends RaySensorModel {
  readonly kind: 'lidar';
  /** [rad] first and last azimuth; a full turn has its last ray one step before the first */
  readonly azimuth: readonly [first: number, last: number];
  readonly numAzimuths: number;
  /** [rad] one per ring; [0] for a 2D lidar */
  readonly elevations: readonly number[];
}

/** One ray along x, or a cone of them of which the nearest counts (sonar). */
export interface RangeSensor extends RaySensorModel {
  readonly kind: 'range';
  /** [rad] full angle; 0: one ray */
  readonly fieldOfView: number;
}

/**
 * Pinhole camera of depths along its optical axis, in the optical frame of REP-103: z forward, x right,
 * y down. Row-major from the upper left.
 */
export interface DepthCameraSensor extends RaySensorModel {
  readonly kind: 'depth_camera';
  readonly width: number;
  readonly height: number;
  /** [rad] across the width */
  readonly horizontalFieldOfView: number;
}

/** Force on named collision shapes of a link: whether it touches, and how hard. */
export interface ContactSensor extends SensorTimingModel {
  readonly kind: 'contact';
  readonly name: string;
  /** Collision shapes of the robot. */
  readonly shapes: readonly string[];
  /** [N] above which it counts as touching */
  readonly threshold: number;
  /** [N] each axis of the force, in the odom frame */
  readonly force: ChannelNoise;
}

export type Sensor =
  | ImuSensor
  | MotionCaptureSensor
  | EncoderSensor
  | OdometrySensor
  | LidarSensor
  | RangeSensor
  | DepthCameraSensor
  | ContactSensor;
