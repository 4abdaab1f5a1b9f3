import { UserError } from '../errors.ts';
import type { RobotModel } from '../robot/model.ts';
import type { Sensor } from '../robot/sensor-model.ts';

/** Everything that keeps a robot's sensors from being sampled, or from telling its state. */
export function checkSensors(model: RobotModel, physicsRateHz: number): UserError[] {
  return [
    ...checkPresence(model),
    ...checkEncodedJoints(model),
    ...model.sensors.flatMap((sensor) => checkSensor(model, sensor, physicsRateHz)),
  ];
}

function makeError(
  model: RobotModel,
  sensor: string | undefined,
  parts: Pick<UserError['parts'], 'problem' | 'expected' | 'got' | 'remedy'>,
): UserError {
  const where = `robot '${model.name}', sensors${sensor === undefined ? '' : `, '${sensor}'`}`;
  return new UserError({ where, ...parts });
}

function checkPresence(model: RobotModel): UserError[] {
  const problems: UserError[] = [];
  for (const kind of ['imu', 'motion_capture'] as const) {
    const names = model.sensors.filter((s) => s.kind === kind).map((s) => s.name);
    const isMissing = names.length === 0 && model.base === 'floating';
    if (names.length > 1) {
      problems.push(
        makeError(model, undefined, {
          problem: `the state estimator can use only one sensor of kind '${kind}'`,
          expected: 'one',
          got: names.join(', '),
          remedy: 'Keep one of them',
        }),
      );
    } else if (isMissing) {
      problems.push(
        makeError(model, undefined, {
          problem: 'a robot that is free to move needs an IMU and motion capture to know its state',
          expected: `a sensor of kind '${kind}'`,
          got: model.sensors.map((s) => s.kind).join(', ') || 'no sensor',
          remedy: 'Add it to robot.yaml',
        }),
      );
    }
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
  const needsBase = sensor.kind === 'imu' || sensor.kind === 'motion_capture';
  if (needsBase && sensor.link !== model.rootLink) {
    problems.push(
      makeError(model, sensor.name, {
        problem: 'the sensor sits on a link other than the base',
        expected: `'${model.rootLink}'`,
        got: `'${sensor.link}'`,
        remedy: 'Mount it on the base; a lever arm between sensor and base is not modelled',
      }),
    );
  }
  if (
    sensor.kind === 'motion_capture' &&
    !(sensor.position.noise > 0 && sensor.orientation.noise > 0)
  ) {
    problems.push(
      makeError(model, sensor.name, {
        problem: 'the noise of motion capture decides how far the estimator trusts it',
        expected: 'positive noise of position and orientation',
        got: `${sensor.position.noise} m, ${sensor.orientation.noise} rad`,
        remedy: 'Enter the figures of the system; to fly without noise set sensorNoiseScale to 0',
      }),
    );
  }
  return problems;
}
