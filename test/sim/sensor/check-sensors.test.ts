import { describe, expect, it } from 'vitest';
import { checkSensors } from '../../../sim/sensor/check-sensors.ts';
import { makeRover } from '../../kit/rover.ts';
import {
  EXACT,
  makeImuSpec,
  makeMotionCaptureSpec,
  makeSensedBody,
} from '../../kit/sensed-body.ts';

const RATE_HZ = 500;
const imu = makeImuSpec();
const cameras = makeMotionCaptureSpec();

describe('the check of a robot', () => {
  const problemsOf = (sensors: Parameters<typeof makeSensedBody>[0]) =>
    checkSensors(makeSensedBody(sensors), RATE_HZ).map((error) => error.message);

  it('has nothing against an IMU and motion capture', () => {
    expect(problemsOf([imu, cameras])).toEqual([]);
  });

  it('has nothing against an IMU alone, nor against a robot that senses nothing', () => {
    expect(problemsOf([imu])).toEqual([]);
    expect(problemsOf([])).toEqual([]);
  });

  it('refuses motion capture without an IMU, which would leave the speed unknown', () => {
    expect(problemsOf([cameras])).toEqual([
      expect.stringMatching(/'ball'.*kind 'imu' on the base.*got motion_capture.*robot\.yaml/),
    ]);
  });

  it('refuses sensors that outrun the physics or sit elsewhere, all at once', () => {
    expect(
      problemsOf([
        { ...imu, rateHz: 1000 },
        { ...cameras, link: 'tail' },
      ]),
    ).toEqual([
      expect.stringMatching(/at most 500.*got 1000/),
      expect.stringMatching(/'base_link', got 'tail'/),
    ]);
  });

  it('refuses motion capture whose noise says nothing', () => {
    expect(problemsOf([imu, { ...cameras, position: EXACT }])).toEqual([
      expect.stringMatching(/positive noise/),
    ]);
  });

  it('refuses two sensors that say the same', () => {
    const encoder = {
      kind: 'encoder',
      name: 'a',
      joints: ['knee'],
      rateHz: 100,
      latencyS: 0,
      position: EXACT,
      velocity: EXACT,
    } as const;
    expect(problemsOf([imu, imu, cameras, encoder, { ...encoder, name: 'b' }])).toEqual([
      expect.stringMatching(/only one sensor of kind 'imu'.*got imu, imu/),
      expect.stringMatching(/one encoder per joint, got knee/),
    ]);
  });

  it('lets an IMU sit anywhere where no filter with motion capture needs it on base_link', () => {
    expect(problemsOf([{ ...imu, link: 'mast' }])).toEqual([]);
  });

  it('asks odometry for wheels', () => {
    const odometry = {
      kind: 'odometry',
      name: 'odom',
      rateHz: 50,
      latencyS: 0,
      wheel: EXACT,
    } as const;
    expect(problemsOf([odometry])).toEqual([
      expect.stringMatching(/'odom'.*which wheels.*a drive in robot\.yaml/),
    ]);
    expect(checkSensors(makeRover({ sensors: [odometry] }), RATE_HZ)).toEqual([]);
    const two = makeRover({ sensors: [odometry, { ...odometry, name: 'more' }] });
    expect(checkSensors(two, RATE_HZ).map(({ message }) => message)).toEqual([
      expect.stringMatching(/only one sensor of kind 'odometry'.*got odom, more/),
    ]);
  });
});
