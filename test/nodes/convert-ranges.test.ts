import { describe, expect, it } from 'vitest';
import { makeDepthMessage, writeDepth } from '../../nodes/convert/depth.ts';
import {
  assertNumRays,
  isPlanar,
  makeCloudMessage,
  makeRangeMessage,
  makeScanMessage,
  readCloudPoints,
  readScan,
  readScanPoints,
  writeCloud,
  writeRange,
  writeScan,
} from '../../nodes/convert/ranges.ts';
import type { DepthCameraSensor, LidarSensor, RangeSensor } from '../../sim/robot/sensor-model.ts';
import { EXACT } from '../kit/sensed-body.ts';

const COMMON = {
  link: 'base_link',
  linkFromSensor: { translation: [0, 0, 0], rotation: [0, 0, 0, 1] },
  rateHz: 10,
  latencyS: 0,
  minRange: 0.5,
  maxRange: 10,
  range: EXACT,
} as const;
const LIDAR: LidarSensor = {
  ...{ kind: 'lidar', name: 'scan', ...COMMON },
  azimuth: [-Math.PI, Math.PI],
  numAzimuths: 4,
  elevations: [0],
};
const { POSITIVE_INFINITY: FAR, NEGATIVE_INFINITY: NEAR } = Number;

describe('a scan', () => {
  it('says where its rays go: four of a full turn are a quarter apart, the last one before the first', () => {
    const scan = makeScanMessage('r/scan_frame', LIDAR);
    expect(scan.angle_min).toBe(-Math.PI);
    expect(scan.angle_increment).toBeCloseTo(Math.PI / 2, 12);
    expect(scan.angle_max).toBeCloseTo(Math.PI / 2, 12);
    expect([scan.range_min, scan.range_max, scan.scan_time]).toEqual([0.5, 10, 0.1]);
    expect(scan.header.frame_id).toBe('r/scan_frame');
  });

  it('carries one row with its infinities, and its hits are points', () => {
    const scan = makeScanMessage('f', LIDAR);
    writeScan(scan, 1_500_000_000n, 1, Float64Array.of(9, 9, 9, 9, 2, FAR, NEAR, 3));
    expect(scan.header.stamp).toEqual({ sec: 1, nanosec: 500_000_000 });
    expect([...scan.ranges]).toEqual([2, FAR, NEAR, 3]);
    const points = new Float32Array(12);
    expect(readScanPoints(points, scan)).toBe(2);
    // Two metres behind, three to the left.
    const expected = [-2, 0, 0, 0, 3, 0];
    for (const [k, value] of expected.entries()) expect(points[k]).toBeCloseTo(value, 6);
  });

  it('is read into the azimuths of the lidar as described, whichever way the message goes around', () => {
    const out = new Float64Array(8).fill(9);
    const scan = makeScanMessage('f', LIDAR);
    writeScan(scan, 0n, 0, Float64Array.of(1, 2, 3, 4));
    readScan(out, 1, scan, LIDAR);
    expect([...out]).toEqual([9, 9, 9, 9, 1, 2, 3, 4]);
    // Clockwise from ahead: 0°, −90°, −180°, −270°.
    const clockwise = { ...scan, angle_min: 0, angle_increment: -Math.PI / 2 };
    readScan(out, 0, { ...clockwise, ranges: Float32Array.of(5, 6, 7, 8) }, LIDAR);
    expect([...out.subarray(0, 4)]).toEqual([7, 6, 5, 8]);
    // Twice as fine, a little further on: the second and third of eight are both nearest to −90°, the last to −180°.
    const fine = { ...scan, angle_min: -Math.PI + 0.01, angle_increment: Math.PI / 4 };
    readScan(out, 0, { ...fine, ranges: Float32Array.of(5, 9, 6, 9, 7, 1, 8, 2) }, LIDAR);
    expect([...out.subarray(0, 4)]).toEqual([2, 6, 7, 1]);
  });

  it('is no distance where REP-117 or its own limits say so', () => {
    const out = new Float64Array(4);
    const scan = makeScanMessage('f', LIDAR);
    // Its limits are 0.5 m and 10 m.
    readScan(out, 0, { ...scan, ranges: Float32Array.of(NEAR, 0.25, 11, FAR) }, LIDAR);
    expect([...out]).toEqual([NEAR, Number.NaN, FAR, FAR]);
    // Rays that nobody has cast are none.
    readScan(out, 0, { ...scan, angle_increment: Math.PI, ranges: Float32Array.of(2, 3) }, LIDAR);
    expect([...out]).toEqual([2, Number.NaN, 3, Number.NaN]);
    // Of a lidar that looks ahead only, what falls beside it is left out.
    const ahead = { ...LIDAR, azimuth: [-0.5, 0.5] as const, numAzimuths: 3 };
    readScan(out.subarray(0, 3), 0, { ...scan, ranges: Float32Array.of(1, 2, 3, 4) }, ahead);
    expect([...out.subarray(0, 3)]).toEqual([Number.NaN, 3, Number.NaN]);
  });

  it('is what a lidar of one level ring gives, and no other', () => {
    expect(isPlanar(LIDAR)).toBe(true);
    expect(isPlanar({ elevations: [0.1] })).toBe(false);
    expect(isPlanar({ elevations: [0, 0.1] })).toBe(false);
    expect(() => assertNumRays('LaserScan, ranges', 4, 5)).toThrow(
      /another number of rays .*expected 4, got 5/,
    );
  });
});

describe('a cloud', () => {
  it('has a row of points for each ring, NaN where nothing is seen', () => {
    // Level, and upwards by 30°.
    const cloud = makeCloudMessage('f', { ...LIDAR, elevations: [0, Math.PI / 6] });
    const range = Float64Array.of(1, FAR, 2, NEAR, 2, FAR, FAR, FAR);
    writeCloud(cloud, 0n, 0, range);
    const { message } = cloud;
    expect([message.height, message.width, message.point_step, message.row_step]).toEqual([
      2, 4, 16, 64,
    ]);
    expect(message.data).toHaveLength(128);
    const view = new DataView(cloud.points.buffer);
    expect([0, 3, 4, 7].map((p) => view.getUint16(16 * p + 12, true))).toEqual([0, 0, 1, 1]);
    expect(view.getFloat32(16, true)).toBeNaN();
    const points = new Float32Array(24);
    expect(readCloudPoints(points, message)).toBe(3);
    // Behind by 1, ahead by 2, and behind by 2 cos 30° at a height of 2 sin 30° = 1.
    const expected = [-1, 0, 0, 2, 0, 0, -Math.sqrt(3), 0, 1];
    for (const [k, value] of expected.entries()) expect(points[k]).toBeCloseTo(value, 6);
  });
});

describe('a range', () => {
  it('is that of light for one ray and of sound for a cone', () => {
    const sensor: RangeSensor = {
      ...{ kind: 'range', name: 'nose', ...COMMON, fieldOfView: 0, numRays: 1 },
    };
    const light = makeRangeMessage('f', sensor);
    writeRange(light, 0n, 1, Float64Array.of(1, NEAR));
    // INFRARED
    expect([light.radiation_type, light.range, light.max_range]).toEqual([1, NEAR, 10]);
    // ULTRASOUND
    const sound = makeRangeMessage('f', { ...sensor, fieldOfView: 0.5, numRays: 9 });
    expect([sound.radiation_type, sound.field_of_view]).toEqual([0, 0.5]);
  });
});

describe('a depth image', () => {
  it('comes with the camera that projects a point where the simulated one sees it', () => {
    const camera: DepthCameraSensor = {
      ...{ kind: 'depth_camera', name: 'cam', ...COMMON, width: 4, height: 2 },
      horizontalFieldOfView: Math.PI / 2,
    };
    const message = makeDepthMessage('f', camera);
    writeDepth(
      message,
      2_000_000_000n,
      1,
      Float64Array.of(0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4, 5, FAR, NEAR, 8),
    );
    const { image, info } = message;
    expect([image.encoding, image.width, image.height, image.step]).toEqual(['32FC1', 4, 2, 16]);
    expect([...new Float32Array(Uint8Array.from(image.data).buffer)]).toEqual([
      ...[1, 2, 3, 4],
      ...[5, FAR, NEAR, 8],
    ]);
    expect(info.header.stamp).toEqual(image.header.stamp);
    // 45° to either side of 2 pixels: f = 2. The middle lies between the middles of pixels 1 and 2.
    const f = info.k[0]!;
    expect(f).toBeCloseTo(2, 12);
    expect([info.k[2], info.k[5]]).toEqual([1.5, 0.5]);
    // The first ray goes 1.5 pixels to the left: x = −1.5 / f.
    expect(f * (-1.5 / f) + info.k[2]!).toBe(0);
  });
});
