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

/** Errors of an orientation: a small rotation. A rotation has no largest reading and no steps along axes. */
export type RotationNoise = Omit<ChannelNoise, 'quantisation' | 'saturation'>;

/** When a sensor measures, and when its samples arrive. */
export interface SensorTimingModel {
  readonly rateHz: number;
  /** [s] from the instant measured to its use */
  readonly latencyS: number;
  /**
   * [s] @range 0, latencyS half-width of a uniform distribution that is added to each sample's latency; samples
   * keep their order
   */
  readonly jitterS?: number | undefined;
  /** [-] probability that a sample never arrives */
  readonly dropout?: number | undefined;
}

/** Gyroscope and accelerometer, in the frame of their link. */
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
  readonly orientation: RotationNoise;
}

export interface EncoderSensor extends SensorTimingModel {
  readonly kind: 'encoder';
  readonly name: string;
  readonly joints: readonly string[];
  /** [rad] or [m]; its quantisation is a turn's share if the description tells counts per turn */
  readonly position: ChannelNoise;
  /** [rad/s] or [m/s] */
  readonly velocity: ChannelNoise;
}

/**
 * Pose and twist of base_link in odom, integrated from the turns of the wheels: it drifts, as it must. Slip is
 * in it because wheels that slip turn otherwise than the base moves.
 */
export interface OdometrySensor extends SensorTimingModel {
  readonly kind: 'odometry';
  readonly name: string;
  /**
   * [rad] of a reading of each wheel's angle, counted on and on; the turn between two samples is a difference of
   * readings, in which a constant bias vanishes
   */
  readonly wheel: Omit<ChannelNoise, 'saturation'>;
  /**
   * [-] half-width of the relative error, drawn once per episode, of each side's wheel radius and of the wheel
   * separation: the two systematic errors of J. Borenstein and L. Feng, "Measurement and Correction of Systematic
   * Odometry Errors in Mobile Robots", IEEE Trans. Robotics and Automation 12(6), 1996. Absent: 0.
   */
  readonly radiusError?: number | undefined;
  readonly separationError?: number | undefined;
}

/** Where rays start: a frame fixed to a link. Rays pass through the link (and all that is fixed to it). */
interface RaySensorModel extends SensorTimingModel {
  readonly name: string;
  readonly link: string;
  readonly linkFromSensor: Transform;
  /** [m] nearer hits read −Infinity, hits beyond and no hit at all +Infinity, as in REP-117 */
  readonly minRange: number;
  readonly maxRange: number;
  /** [m] of one range */
  readonly range: ChannelNoise;
  /** [-] probability that the echo of a single ray is lost: it reads +Infinity, as where nothing is */
  readonly rayDropout?: number | undefined;
}

/**
 * Rays in the sensor's frame: azimuth about z from x, elevation from the x-y plane towards z. All rays of a
 * scan are taken at one instant. Order: ring by ring, each from the first azimuth to the last.
 */
export interface LidarSensor extends RaySensorModel {
  readonly kind: 'lidar';
  /**
   * [rad] of the first ray and of the last; where they are a full turn apart the last one is left out, so that
   * the steps are equal all around
   */
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
  /** [1] rays that stand for the cone */
  readonly numRays: number;
}

/**
 * Pinhole camera of depths along its optical axis, in the optical frame of REP-103: z forward, x right,
 * y down. Row-major from the upper left. Ranges, noise and limits are of the depth, not of the ray.
 */
export interface DepthCameraSensor extends RaySensorModel {
  readonly kind: 'depth_camera';
  readonly width: number;
  readonly height: number;
  /** [rad] across the width, from edge to edge of the outermost pixels */
  readonly horizontalFieldOfView: number;
}

/** Force on named collision shapes: whether they touch, and how hard. The mean over the sensor's period. */
export interface ContactSensor extends SensorTimingModel {
  readonly kind: 'contact';
  readonly name: string;
  /** Collision shapes of the robot, or links, which stand for all their shapes. */
  readonly shapes: readonly string[];
  /** [N] length of the measured force above which it counts as touching */
  readonly threshold: number;
  /** [N] each axis of the force, in the frame of the link that carries the shape, as a load cell feels it */
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

export type RaySensor = LidarSensor | RangeSensor | DepthCameraSensor;

/** [rad] two azimuths that are a full turn apart but for digits that were left out */
const FULL_TURN_TOLERANCE = 1e-4;

export function isFullTurn({ azimuth: [first, last] }: Pick<LidarSensor, 'azimuth'>): boolean {
  return Math.abs(Math.abs(last - first) - 2 * Math.PI) < FULL_TURN_TOLERANCE;
}

/** From one ray of a ring to the next; negative where the scan runs clockwise. [rad] */
export function computeAzimuthStep(lidar: Pick<LidarSensor, 'azimuth' | 'numAzimuths'>): number {
  const { numAzimuths } = lidar;
  const [first, last] = lidar.azimuth;
  if (numAzimuths === 1) return 0;
  if (isFullTurn(lidar)) return (Math.sign(last - first) * 2 * Math.PI) / numAzimuths;
  return (last - first) / (numAzimuths - 1);
}
