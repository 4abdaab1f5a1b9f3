import { describe, expect, it } from 'vitest';
import { UserErrors } from '../../../sim/errors.ts';
import type { Sensor } from '../../../sim/robot/sensor-model.ts';
import { getTestRobotSource, parseTestRobot } from '../../kit/robots.ts';

/** The brick, a floating box with one collision shape, with sensors written under it. */
function parse(sensors: string, more = ''): readonly Sensor[] {
  const { urdf, yaml } = getTestRobotSource('brick');
  return parseTestRobot({ urdf, yaml: `${yaml}${more}sensors:\n${sensors}` }).sensors;
}

function problemsOf(sensors: string, more = ''): string[] {
  try {
    parse(sensors, more);
  } catch (error) {
    if (error instanceof UserErrors) return error.errors.map(({ message }) => message);
    return [(error as Error).message];
  }
  return [];
}

const EXACT = '{ noise: 0, bias: 0 }';
const LIDAR =
  '  scan: { kind: lidar, link: base, rateHz: 10, latencyS: 0.05, minRange: 0.1, maxRange: 12, ' +
  `range: ${EXACT}, numAzimuths: 360, azimuth: [-3.14159265, 3.14159265]`;

describe('the sensors of robot.yaml', () => {
  it('may be of every kind', () => {
    const sensors = parse(`
  scan: { kind: lidar, link: base, linkFromSensor: { xyz: [0, 0, 0.1], rollPitchYaw: [0, 0, 1.5707963267948966] }, rateHz: 10, latencyS: 0.05, jitterS: 0.01, dropout: 0.01, minRange: 0.1, maxRange: 12, range: { noise: 0.01, bias: 0, quantisation: 0.001 }, rayDropout: 0.02, azimuth: [0, 6.2831853], numAzimuths: 360 }
  sonar: { kind: range, link: base, rateHz: 20, latencyS: 0, minRange: 0.02, maxRange: 4, range: ${EXACT}, fieldOfView: 0.3 }
  camera: { kind: depth_camera, link: base, linkFromSensor: { rollPitchYaw: [-1.5707963, 0, -1.5707963] }, rateHz: 30, latencyS: 0.03, minRange: 0.3, maxRange: 8, range: ${EXACT}, width: 64, height: 48, horizontalFieldOfView: 1.5 }
  bumper: { kind: contact, shapes: [base/collision0], rateHz: 100, latencyS: 0, threshold: 1, force: { noise: 0.1, bias: 0, saturation: 100 } }
  imu: { kind: imu, link: base, rateHz: 100, latencyS: 0, gyroscope: { noise: 0, bias: 0, drift: 0.001, saturation: 35 }, accelerometer: ${EXACT} }
  turns: { kind: encoder, joints: [prop_joint], countsPerTurn: 4096, rateHz: 100, latencyS: 0, position: ${EXACT}, velocity: ${EXACT} }
`);
    expect(sensors.map(({ kind }) => kind)).toEqual([
      'lidar',
      'range',
      'depth_camera',
      'contact',
      'imu',
      'encoder',
    ]);
    const [lidar, sonar, , , , encoder] = sensors;
    // Turned by 90° about z.
    expect(lidar).toMatchObject({ elevations: [0], linkFromSensor: { translation: [0, 0, 0.1] } });
    const rotation = lidar?.kind === 'lidar' ? lidar.linkFromSensor.rotation : [];
    expect(rotation[2]).toBeCloseTo(Math.SQRT1_2, 12);
    expect(rotation[3]).toBeCloseTo(Math.SQRT1_2, 12);
    expect(sonar).toMatchObject({ numRays: 32 });
    expect(encoder).toMatchObject({ position: { quantisation: (2 * Math.PI) / 4096 } });
    expect(encoder).not.toHaveProperty('countsPerTurn');
  });

  it('must name links, joints and collision shapes that there are', () => {
    expect(problemsOf(`${LIDAR}, link: mast }`.replace('link: base, ', ''))).toEqual([
      expect.stringMatching(/sensors\.scan\.link.*'mast'.*base, prop/),
    ]);
    const bumper = `  bumper: { kind: contact, shapes: [nose], rateHz: 100, latencyS: 0, threshold: 1, force: ${EXACT} }`;
    expect(problemsOf(bumper)).toEqual([
      expect.stringMatching(/sensors\.bumper\.shapes.*'nose'.*base, base\/collision0/),
    ]);
  });

  it('must leave a range between nearest and farthest, and no sample before it is measured', () => {
    const broken = `${LIDAR}, jitterS: 0.1 }`.replace('maxRange: 12', 'maxRange: 0.1');
    expect(problemsOf(broken)).toEqual([
      expect.stringMatching(/scan\.jitterS.*at most latencyS \(0\.05\).*got 0\.1/),
      expect.stringMatching(/scan\.maxRange.*above minRange/),
    ]);
  });

  it('must give a cone more rays than one', () => {
    const sonar = (rest: string) =>
      `  sonar: { kind: range, link: base, rateHz: 20, latencyS: 0, minRange: 0, maxRange: 4, range: ${EXACT}, ${rest} }`;
    expect(problemsOf(sonar('fieldOfView: 0.3, numRays: 1'))).toEqual([
      expect.stringMatching(/sonar\.numRays: one ray cannot stand for a cone .*got 1\)/),
    ]);
    expect(problemsOf(sonar('fieldOfView: 0, numRays: 1'))).toEqual([]);
  });

  it('must say a full turn with digits enough', () => {
    const turn = '[-3.14159265, 3.14159265]';
    expect(problemsOf(`${LIDAR} }`)).toEqual([]);
    expect(problemsOf(`${LIDAR} }`.replace(turn, '[-3.14, 3.14]'))).toEqual([
      expect.stringMatching(/scan\.azimuth.*nearly repeat.*6\.2831853/),
    ]);
    // One step before the turn is full: the usual way to write it.
    expect(problemsOf(`${LIDAR} }`.replace(turn, '[-3.14159265, 3.12413936]'))).toEqual([]);
    expect(problemsOf(`${LIDAR} }`.replace(turn, '[1, 1]'))).toEqual([
      expect.stringMatching(/all rays would be one/),
    ]);
  });

  it('must not tell the steps of an encoder twice', () => {
    const encoder = `  turns: { kind: encoder, joints: [prop_joint], countsPerTurn: 4096, rateHz: 100, latencyS: 0, position: { noise: 0, bias: 0, quantisation: 0.1 }, velocity: ${EXACT} }`;
    expect(problemsOf(encoder)).toEqual([expect.stringMatching(/countsPerTurn.*told twice/)]);
  });

  it('must say how a depth camera is turned: its frame is optical', () => {
    const camera = `  camera: { kind: depth_camera, link: base, rateHz: 30, latencyS: 0.03, minRange: 0.3, maxRange: 8, range: ${EXACT}, width: 64, height: 48, horizontalFieldOfView: 1.5 }`;
    expect(problemsOf(camera)).toEqual([expect.stringMatching(/camera\.linkFromSensor/)]);
  });

  it('must have a drive to reckon from', () => {
    const odometry = '  odom: { kind: odometry, rateHz: 50, latencyS: 0, wheel: { noise: 0 } }';
    expect(problemsOf(odometry)).toEqual([expect.stringMatching(/sensors\.odom.*which wheels/)]);
    const drive =
      'drive: { kind: differential, left: [prop_joint], right: [prop_joint], wheelRadius: 1, wheelSeparation: 1 }\n';
    expect(problemsOf(odometry, drive)).toEqual([]);
  });

  it('must not saturate within the first step', () => {
    const imu = `  imu: { kind: imu, link: base, rateHz: 100, latencyS: 0, gyroscope: { noise: 0, bias: 0, quantisation: 2, saturation: 1 }, accelerometer: ${EXACT} }`;
    expect(problemsOf(imu)).toEqual([expect.stringMatching(/saturation.*within the first step/)]);
  });
});
