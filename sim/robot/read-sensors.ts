import { writeFromRollPitchYaw } from '../math/quat.ts';
import type { RobotConfig } from './config.ts';
import type { CrossCheck } from './cross-check.ts';
import type { Transform } from './geometry.ts';
import type { RaySensorConfig, SensorConfig } from './sensor-config.ts';
import {
  type ChannelNoise,
  computeAzimuthStep,
  isFullTurn,
  type LidarSensor,
  type RangeSensor,
  type Sensor,
} from './sensor-model.ts';

/** The sensors of robot.yaml. Problems go to `check`. */
export function readSensors(config: RobotConfig, check: CrossCheck): Sensor[] {
  return Object.entries(config.sensors).map(([name, sensor]) => {
    const key = `sensors.${name}`;
    checkTiming(sensor, key, check);
    if ('link' in sensor) check.link(`${key}.link`, sensor.link);
    if ('minRange' in sensor) checkRanges(sensor, key, check);
    if (sensor.kind === 'odometry' && config.drive === undefined) reportNoDrive(key, check);
    return readSensor(name, sensor, key, check);
  });
}

function readSensor(name: string, sensor: SensorConfig, key: string, check: CrossCheck): Sensor {
  switch (sensor.kind) {
    case 'imu':
    case 'motion_capture':
      return { name, ...sensor };
    case 'encoder': {
      const { countsPerTurn, position, ...rest } = sensor;
      for (const joint of sensor.joints) checkEncoderJoint(countsPerTurn, joint, key, check);
      return {
        name,
        ...rest,
        position: readAngle(countsPerTurn, 'position', position, key, check),
      };
    }
    case 'odometry': {
      const { countsPerTurn, wheel, ...rest } = sensor;
      return { name, ...rest, wheel: readAngle(countsPerTurn, 'wheel', wheel, key, check) };
    }
    case 'contact':
      for (const shape of sensor.shapes) check.shape(`${key}.shapes`, shape);
      return { name, ...sensor };
    case 'lidar':
      checkAzimuths(sensor, key, check);
      return { name, ...sensor, linkFromSensor: readMount(sensor) };
    case 'range':
      checkCone(sensor, key, check);
      return { name, ...sensor, linkFromSensor: readMount(sensor) };
    case 'depth_camera':
      return { name, ...sensor, linkFromSensor: readMount(sensor) };
  }
}

function readMount({ linkFromSensor }: RaySensorConfig): Transform {
  const rotation: [number, number, number, number] = [0, 0, 0, 1];
  writeFromRollPitchYaw(rotation, 0, ...linkFromSensor.rollPitchYaw);
  return { translation: linkFromSensor.xyz, rotation };
}

/** The errors of an angle, whose steps may be told as counts per turn. */
function readAngle(
  countsPerTurn: number | undefined,
  channel: string,
  errors: ChannelNoise,
  key: string,
  check: CrossCheck,
): ChannelNoise {
  if (countsPerTurn === undefined) return errors;
  if (errors.quantisation !== undefined) {
    check.report(
      `${key}.countsPerTurn`,
      'the steps of the reading are told twice',
      `either countsPerTurn or ${channel}.quantisation`,
      'both',
      'Remove one of them.',
    );
  }
  return { ...errors, quantisation: (2 * Math.PI) / countsPerTurn };
}

function checkEncoderJoint(
  countsPerTurn: number | undefined,
  name: string,
  key: string,
  check: CrossCheck,
): void {
  const joint = check.movableJoint(`${key}.joints`, name);
  if (countsPerTurn === undefined || joint?.type !== 'prismatic') return;
  check.report(
    `${key}.countsPerTurn`,
    `joint '${name}' slides, it does not turn`,
    'position.quantisation in m',
    `${countsPerTurn} counts per turn`,
    'Give the step in metres.',
  );
}

function checkTiming(sensor: SensorConfig, key: string, check: CrossCheck): void {
  const { jitterS = 0, latencyS } = sensor;
  if (jitterS <= latencyS) return;
  check.report(
    `${key}.jitterS`,
    'a sample would arrive before it is measured',
    `jitterS at most latencyS (${latencyS})`,
    `${jitterS}`,
    'Lower the jitter or raise the latency, around which it spreads.',
  );
}

function checkRanges(sensor: RaySensorConfig, key: string, check: CrossCheck): void {
  if (sensor.minRange < sensor.maxRange) return;
  check.report(
    `${key}.maxRange`,
    'the range is empty',
    `maxRange above minRange (${sensor.minRange})`,
    `${sensor.maxRange}`,
    'Correct the range.',
  );
}

function checkAzimuths(
  lidar: Pick<LidarSensor, 'azimuth' | 'numAzimuths'>,
  key: string,
  check: CrossCheck,
): void {
  const span = Math.abs(lidar.azimuth[1] - lidar.azimuth[0]);
  const gap = 2 * Math.PI - span;
  const got = `[${lidar.azimuth.join(', ')}]`;
  if (lidar.numAzimuths > 1 && span === 0) {
    check.report(
      `${key}.azimuth`,
      'all rays would be one',
      'two different azimuths',
      got,
      'Correct them, or set numAzimuths to 1.',
    );
  } else if (!isFullTurn(lidar) && gap < Math.abs(computeAzimuthStep(lidar)) / 2) {
    check.report(
      `${key}.azimuth`,
      'the last ray would nearly repeat the first',
      'a full turn of 6.2831853, or less by a step',
      `${got}, ${span} apart`,
      'Write the full turn with more digits, or end it earlier.',
    );
  }
}

function checkCone(
  { fieldOfView, numRays }: Pick<RangeSensor, 'fieldOfView' | 'numRays'>,
  key: string,
  check: CrossCheck,
): void {
  if (fieldOfView === 0 || numRays > 1) return;
  check.report(
    `${key}.numRays`,
    'one ray cannot stand for a cone',
    `at least 2 for a fieldOfView of ${fieldOfView}`,
    `${numRays}`,
    'Raise it, or set fieldOfView to 0 for a beam.',
  );
}

function reportNoDrive(key: string, check: CrossCheck): void {
  check.report(
    key,
    'odometry needs to know which wheels drive the robot',
    'a drive in robot.yaml',
    'none',
    'Describe its wheels under drive.',
  );
}
