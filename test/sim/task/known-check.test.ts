import { describe, expect, it } from 'vitest';
import { makeSimEnv } from '../../../sim/env.ts';
import { computeKnownState } from '../../../sim/robot/known-state.ts';
import { loadRobot } from '../../../sim/robot/load.ts';
import type { RobotModel } from '../../../sim/robot/model.ts';
import { checkKnownQuantities } from '../../../sim/task/known-check.ts';
import {
  listTermColumns,
  OBSERVATION_TERM_NAMES,
  OBSERVATION_TERMS,
  type ObservationTermKind,
} from '../../../sim/task/observation-terms.ts';
import type { ObservationTermSpec } from '../../../sim/task/task.ts';
import { crazyflieHover } from '../../../sim/tasks/crazyflie-hover.ts';
import { makeRover } from '../../kit/rover.ts';
import { EXACT, makeImuSpec } from '../../kit/sensed-body.ts';

const crazyflie = loadRobot('crazyflie');
const withImuOnly: RobotModel = {
  ...crazyflie,
  sensors: crazyflie.sensors.filter(({ kind }) => kind === 'imu'),
};

/** Every term of the body, as a robot without joints to name would observe it. */
function makeSpecs(model: RobotModel): ObservationTermSpec[] {
  return OBSERVATION_TERM_NAMES.flatMap((name) => {
    const kind: ObservationTermKind = OBSERVATION_TERMS[name];
    if (kind.joints !== undefined || kind.sensor !== undefined) return [];
    const width = listTermColumns(kind, model, []).length;
    const period = kind.isPeriodic === true ? { periodS: 1 } : {};
    return [{ name, width, unit: kind.unit, frame: kind.frame, ...period }];
  });
}

describe('what a robot knows', () => {
  it('is everything with motion capture or wheels, turns only with an IMU, nothing without', () => {
    const all = { position: true, orientation: true, linearVelocity: true, angularVelocity: true };
    expect(computeKnownState(crazyflie)).toMatchObject(all);
    const wheel = EXACT;
    const odometry = { kind: 'odometry', name: 'odom', rateHz: 50, latencyS: 0, wheel } as const;
    expect(computeKnownState(makeRover({ sensors: [odometry] }))).toMatchObject(all);
    expect(computeKnownState(makeRover({ sensors: [makeImuSpec()] }))).toMatchObject({
      position: false,
      linearVelocity: false,
      orientation: true,
      angularVelocity: true,
    });
    const none = { position: false, orientation: false, linearVelocity: false };
    expect(computeKnownState(makeRover())).toMatchObject({ ...none, angularVelocity: false });
  });

  it('is nothing from an IMU that sits on a wheel', () => {
    const sensors = [makeImuSpec({ link: 'left_wheel' })];
    expect(computeKnownState(makeRover({ sensors })).orientation).toBe(false);
  });

  it('is of joints what encoders read, in joint order', () => {
    expect(computeKnownState(loadRobot('cartpole'))).toMatchObject({
      position: true,
      joints: ['cart_joint', 'pole_joint'],
    });
  });
});

describe('the check of what a task observes', () => {
  const namesOf = (model: RobotModel) =>
    checkKnownQuantities(makeSpecs(model), model, 'task').map(
      ({ parts }) => /'(\w+)'/.exec(parts.where)![1],
    );

  it('has nothing against any term of a robot that knows its base', () => {
    expect(namesOf(crazyflie)).toEqual([]);
  });

  it('finds every term that reads a place or a speed, and no other', () => {
    expect(namesOf(withImuOnly)).toEqual(
      expect.arrayContaining([
        'positionErrorB',
        'positionErrorIntegralB',
        'linearVelocityB',
        'velocityErrorB',
      ]),
    );
    for (const name of ['projectedGravityB', 'angularVelocityB', 'rotationMatrixW', 'lastAction']) {
      expect(namesOf(withImuOnly)).not.toContain(name);
    }
  });

  it('says which quantity is unknown, why, and what would help', () => {
    const [error] = checkKnownQuantities(makeSpecs(withImuOnly), withImuOnly, "task 'walk'");
    expect(error?.message).toMatch(
      /task 'walk', 'positionErrorB'.*'crazyflie' does not know: an IMU alone.*got position.*odometry to robot\.yaml/,
    );
  });

  it('keeps an environment from starting', async () => {
    await expect(
      makeSimEnv({ task: crazyflieHover, robot: withImuOnly, numEnvs: 1 }),
    ).rejects.toThrow(/positionErrorB.*does not know/s);
  });

  it('lets an environment run whose task observes only what is known', async () => {
    const observations = crazyflieHover.observations.filter(({ name }) =>
      ['projectedGravityB', 'angularVelocityB', 'lastAction'].includes(name),
    );
    const task = { ...crazyflieHover, name: 'level', observations };
    const env = await makeSimEnv({ task, robot: withImuOnly, numEnvs: 1 });
    const { observation } = env.reset(1);
    expect(observation.length).toBeGreaterThan(0);
    for (let step = 0; step < 5; step++) {
      for (const value of env.step(new Float32Array(env.numActions)).observation) {
        expect(value).not.toBeNaN();
      }
    }
    env.free();
  });
});
