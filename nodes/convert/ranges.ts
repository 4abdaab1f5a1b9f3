import { UserError } from '../../sim/errors.ts';
import { makeLidarDirections } from '../../sim/robot/ray-directions.ts';
import {
  computeAzimuthStep,
  isFullTurn,
  type LidarSensor,
  type RangeSensor,
} from '../../sim/robot/sensor-model.ts';
import type { LaserScan, PointCloud2, Range } from '../ros/messages.ts';
import { makeHeader } from './parts.ts';
import { writeStamp } from './stamp.ts';

/*
 * What sensors see along rays. Ranges keep the infinities of REP-117: −Infinity too near, +Infinity nothing in range.
 */

/** Whether a lidar sweeps one plane, which is what a LaserScan can say. */
export function isPlanar({ elevations }: Pick<LidarSensor, 'elevations'>): boolean {
  return elevations.length === 1 && elevations[0] === 0;
}

/** A scan taken at one instant: no time passes between its rays. */
export function makeScanMessage(frame: string, lidar: LidarSensor): LaserScan {
  const step = computeAzimuthStep(lidar);
  return {
    header: makeHeader(frame),
    angle_min: lidar.azimuth[0],
    angle_max: lidar.azimuth[0] + step * (lidar.numAzimuths - 1),
    angle_increment: step,
    time_increment: 0,
    scan_time: 1 / lidar.rateHz,
    range_min: lidar.minRange,
    range_max: lidar.maxRange,
    ranges: new Float32Array(lidar.numAzimuths),
    intensities: new Float32Array(),
  };
}

/** @param range [n, numAzimuths] m */
export function writeScan(
  message: LaserScan,
  stampNs: bigint,
  row: number,
  range: Float64Array,
): void {
  writeStamp(message.header, stampNs);
  const { length } = message.ranges;
  (message.ranges as Float32Array).set(range.subarray(row * length, (row + 1) * length));
}

/**
 * Reads a scan into the azimuths of the lidar as it is described, whichever way and in how many steps the message goes
 * around: the nearest of what falls to an azimuth; NaN where nothing does. What lies outside the message's own limits
 * is no distance: nothing in range beyond `range_max`, and below `range_min` a fault, unless it is −Infinity (REP-117).
 * @param out [n, numAzimuths] m
 */
export function readScan(
  out: Float64Array,
  row: number,
  message: LaserScan,
  lidar: LidarSensor,
): void {
  const { numAzimuths } = lidar;
  const step = computeAzimuthStep(lidar);
  const isClosed = isFullTurn(lidar);
  out.fill(Number.NaN, row * numAzimuths, (row + 1) * numAzimuths);
  for (let i = 0; i < message.ranges.length; i++) {
    const angle = message.angle_min + i * message.angle_increment;
    const steps = step === 0 ? 0 : Math.round((angle - lidar.azimuth[0]) / step);
    const place = isClosed ? ((steps % numAzimuths) + numAzimuths) % numAzimuths : steps;
    if (place < 0 || place >= numAzimuths) continue;
    const range = toRange(message.ranges[i]!, message);
    const k = row * numAzimuths + place;
    if (Number.isNaN(out[k]!) || range < out[k]!) out[k] = range;
  }
}

function toRange(range: number, { range_min, range_max }: LaserScan): number {
  if (range > range_max) return Number.POSITIVE_INFINITY;
  return range >= range_min || range === Number.NEGATIVE_INFINITY ? range : Number.NaN;
}

/** `datatype` of sensor_msgs/PointField. */
const POINT_FIELD = { uint16: 4, float32: 7 } as const;
/** [byte] x, y, z, ring, and two that make it a multiple of 4 */
const POINT_STEP = 16;
const RING_OFFSET = 12;
const IS_BIG_ENDIAN = new Uint8Array(Uint16Array.of(1).buffer)[0] === 0;

export interface CloudMessage {
  readonly message: PointCloud2;
  /** [numPoints, 4] over the message's bytes: x, y, z, and the ring's, which are left alone */
  readonly points: Float32Array;
  /** [numPoints, 3] unit vectors [@frame sensor] */
  readonly directions: Float64Array;
}

/** One row of points for each ring; what sees nothing is NaN, which PCL takes for no point. */
export function makeCloudMessage(frame: string, lidar: LidarSensor): CloudMessage {
  const { numAzimuths, elevations } = lidar;
  const data = new Uint8Array(numAzimuths * elevations.length * POINT_STEP);
  const view = new DataView(data.buffer);
  for (let p = 0; p < numAzimuths * elevations.length; p++) {
    const ring = Math.floor(p / numAzimuths);
    view.setUint16(p * POINT_STEP + RING_OFFSET, ring, !IS_BIG_ENDIAN);
  }
  const coordinates = ['x', 'y', 'z'].map((name, k) => ({
    ...{ name, offset: 4 * k, datatype: POINT_FIELD.float32, count: 1 },
  }));
  const ring = { name: 'ring', offset: RING_OFFSET, datatype: POINT_FIELD.uint16, count: 1 };
  return {
    message: {
      header: makeHeader(frame),
      height: elevations.length,
      width: numAzimuths,
      fields: [...coordinates, ring],
      is_bigendian: IS_BIG_ENDIAN,
      point_step: POINT_STEP,
      row_step: POINT_STEP * numAzimuths,
      data,
      is_dense: false,
    },
    points: new Float32Array(data.buffer),
    directions: makeLidarDirections(lidar),
  };
}

/** @param range [n, elevations, numAzimuths] m */
export function writeCloud(
  { message, points, directions }: CloudMessage,
  stampNs: bigint,
  row: number,
  range: Float64Array,
): void {
  writeStamp(message.header, stampNs);
  const numPoints = directions.length / 3;
  for (let p = 0; p < numPoints; p++) {
    const distance = range[row * numPoints + p]!;
    const seen = Number.isFinite(distance) ? distance : Number.NaN;
    for (let k = 0; k < 3; k++) points[4 * p + k] = seen * directions[3 * p + k]!;
  }
}

/** `radiation_type` of sensor_msgs/Range: cones are those of sound, single rays of light. */
const RADIATION = { ultrasound: 0, infrared: 1 } as const;

export function makeRangeMessage(frame: string, sensor: RangeSensor): Range {
  return {
    header: makeHeader(frame),
    radiation_type: sensor.fieldOfView > 0 ? RADIATION.ultrasound : RADIATION.infrared,
    field_of_view: sensor.fieldOfView,
    min_range: sensor.minRange,
    max_range: sensor.maxRange,
    range: Number.POSITIVE_INFINITY,
    // How good it is, is not said.
    variance: 0,
  };
}

/** @param range [n] m */
export function writeRange(
  message: Range,
  stampNs: bigint,
  row: number,
  range: Float64Array,
): void {
  writeStamp(message.header, stampNs);
  message.range = range[row]!;
}

/** @throws UserError for a message of another lidar */
export function assertNumRays(where: string, expected: number, got: number): void {
  if (got === expected) return;
  throw new UserError({
    where,
    problem: 'another number of rays than the robot has',
    expected: `${expected}`,
    got: `${got}`,
    remedy: 'Describe the lidar in robot.yaml as it is.',
  });
}

/**
 * Points of a scan, those that hit something. [numHits, 3] m [@frame of the message]
 * @param out at least 3 numbers for each ray
 * @returns numHits
 */
export function readScanPoints(out: Float32Array, scan: LaserScan): number {
  let numHits = 0;
  for (let i = 0; i < scan.ranges.length; i++) {
    const range = scan.ranges[i]!;
    if (!(range >= scan.range_min && range <= scan.range_max)) continue;
    const angle = scan.angle_min + i * scan.angle_increment;
    out[3 * numHits] = range * Math.cos(angle);
    out[3 * numHits + 1] = range * Math.sin(angle);
    out[3 * numHits + 2] = 0;
    numHits++;
  }
  return numHits;
}

/** Points of a cloud as {@link makeCloudMessage} lays it out, those that hit something, as in {@link readScanPoints}. */
export function readCloudPoints(out: Float32Array, cloud: PointCloud2): number {
  const data = cloud.data as Uint8Array;
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  let numHits = 0;
  for (let p = 0; p + cloud.point_step <= data.length; p += cloud.point_step) {
    const x = view.getFloat32(p, !cloud.is_bigendian);
    if (!Number.isFinite(x)) continue;
    out[3 * numHits] = x;
    out[3 * numHits + 1] = view.getFloat32(p + 4, !cloud.is_bigendian);
    out[3 * numHits + 2] = view.getFloat32(p + 8, !cloud.is_bigendian);
    numHits++;
  }
  return numHits;
}
