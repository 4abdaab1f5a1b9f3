import { UserError } from '../errors.ts';
import { chooseBaseEstimation, listBaseImus } from '../robot/known-state.ts';
import type { RobotModel } from '../robot/model.ts';
import type { MotionCaptureSensor, Sensor } from '../robot/sensor-model.ts';
import { checkWheels } from '../robot/wheels.ts';

type Parts = Pick<UserError['parts'], 'problem' | 'expected' | 'got' | 'remedy'>;

/** Everything that keeps a robot's sensors from being sampled, or from telling its state. */
export function checkSensors(model: RobotModel, physicsRateHz: number): UserError[] {
  return [
    ...checkBaseSensors(model),
    ...checkEncodedJoints(model),
    ...checkOdometry(model),
    ...model.sensors.flatMap((sensor) => checkSensor(model, sensor, physicsRateHz)),
  ];
}

function makeError(model: RobotModel, sensor: string | undefined, parts: Parts): UserError {
  const where = `robot '${model.name}', sensors${sensor === undefined ? '' : `, '${sensor}'`}`;
  return new UserError({ where, ...parts });
}

/** Several sensors of a kind may be fitted, but only one of them can say what the base does. */
function checkBaseSensors(model: RobotModel): UserError[] {
  const namesOf = (kind: Sensor['kind']) =>
    model.sensors.filter((s) => s.kind === kind).map((s) => s.name);
  const imus = listBaseImus(model).map(({ name }) => name);
  const rivals = [
    ['imu', imus],
    ['motion_capture', namesOf('motion_capture')],
    ['odometry', namesOf('odometry')],
  ] as const;
  const problems = rivals
    .filter(([, names]) => names.length > 1)
    .map(([kind, names]) =>
      makeError(model, undefined, {
        problem: `the state estimator can use only one sensor of kind '${kind}' on the base`,
        expected: 'one',
        got: names.join(', '),
        remedy: 'Keep one of them',
      }),
    );
  const cameras = namesOf('motion_capture');
  if (model.base === 'floating' && cameras.length > 0 && chooseBaseEstimation(model) !== 'pose') {
    problems.push(
      makeError(model, cameras[0], {
        problem: 'motion capture alone tells no speed',
        expected: "a sensor of kind 'imu' on the base beside it",
        got: model.sensors.map((s) => s.kind).join(', '),
        remedy: 'Add it to robot.yaml',
      }),
    );
  }
  return problems;
}

function checkEncodedJoints(model: RobotModel): UserError[] {
  const joints = model.sensors.flatMap((s) => (s.kind === 'encoder' ? s.joints : []));
  const twice = joints.filter((name, k) => joints.indexOf(name) !== k);
  if (twice.length === 0) return [];
  return [
    makeError(model, undefined, {
      problem: 'several encoders read the same joint',
      expected: 'one encoder per joint',
      got: twice.join(', '),
      remedy: 'Keep one of them',
    }),
  ];
}

function checkOdometry(model: RobotModel): UserError[] {
  const odometry = model.sensors.find((s) => s.kind === 'odometry');
  if (odometry === undefined) return [];
  if (model.drive !== undefined) return checkWheels(model);
  return [
    makeError(model, odometry.name, {
      problem: 'odometry needs to know which wheels drive the robot',
      expected: 'a drive in robot.yaml',
      got: 'none',
      remedy: 'Describe its wheels under drive',
    }),
  ];
}

function checkSensor(model: RobotModel, sensor: Sensor, physicsRateHz: number): UserError[] {
  const problems: UserError[] = [];
  if (sensor.rateHz > physicsRateHz) {
    problems.push(
      makeError(model, sensor.name, {
        problem: 'the sensor is faster than the physics that it samples',
        expected: `rateHz at most ${physicsRateHz}, the physics rate`,
        got: `${sensor.rateHz}`,
        remedy: 'Raise the physics rate (more substeps) or lower the rate of the sensor',
      }),
    );
  }
  if (needsBaseLink(model, sensor) && sensor.link !== model.rootLink) {
    problems.push(
      makeError(model, sensor.name, {
        problem: 'the sensor sits on a link other than the base',
        expected: `'${model.rootLink}'`,
        got: `'${sensor.link}'`,
        remedy: 'Mount it on the base: the filter of IMU and motion capture knows no lever arm',
      }),
    );
  }
  if (sensor.kind === 'motion_capture') problems.push(...checkPoseNoise(model, sensor));
  return problems;
}

/** Motion capture sees base_link, and the filter that joins it with an IMU takes both to sit there. */
function needsBaseLink(
  model: RobotModel,
  sensor: Sensor,
): sensor is Extract<Sensor, { readonly kind: 'imu' | 'motion_capture' }> {
  if (sensor.kind === 'motion_capture') return true;
  if (sensor.kind !== 'imu') return false;
  return chooseBaseEstimation(model) === 'pose' && listBaseImus(model).includes(sensor);
}

function checkPoseNoise(model: RobotModel, cameras: MotionCaptureSensor): UserError[] {
  if (cameras.position.noise > 0 && cameras.orientation.noise > 0) return [];
  return [
    makeError(model, cameras.name, {
      problem: 'the noise of motion capture decides how far the estimator trusts it',
      expected: 'positive noise of position and orientation',
      got: `${cameras.position.noise} m, ${cameras.orientation.noise} rad`,
      remedy: 'Enter the figures of the system; to fly without noise set sensorNoiseScale to 0',
    }),
  ];
}
