import { describe, expect, it } from 'vitest';
import { Rng } from '../../../sim/math/rng.ts';
import type { RobotModel } from '../../../sim/robot/model.ts';
import type { Sensor } from '../../../sim/robot/sensor-model.ts';
import { makeStateBatch } from '../../../sim/robot/state.ts';
import { getReading } from '../../../sim/sensor/reading.ts';
import type { Surroundings } from '../../../sim/sensor/sensor.ts';
import { SensorSuite } from '../../../sim/sensor/sensor-suite.ts';
import { makeTestRobot } from '../../kit/robots.ts';
import { makeRover } from '../../kit/rover.ts';
import {
  EXACT,
  GRAVITY_W,
  makeImuSpec,
  makeMotionCaptureSpec,
  makeSensedBody,
  NO_SURROUNDINGS,
  Path,
} from '../../kit/sensed-body.ts';

const RATE_HZ = 500;

describe('sensor suite', () => {
  it('says when a sample is new, and when it was measured', () => {
    const suite = new SensorSuite({
      model: makeSensedBody([makeImuSpec(), makeMotionCaptureSpec({ latencyS: 0.02 })]),
      numRobots: 1,
      gravityW: GRAVITY_W,
      surroundings: NO_SURROUNDINGS,
      timing: { physicsRateHz: RATE_HZ, maxLatencyScale: 1 },
    });
    const path = new Path(RATE_HZ);
    suite.reset(0, 0, path.truth, new Rng(1), { noiseScale: 1, latencyScale: 1 });
    expect(suite.imu.stampS[0]).toBeNaN();
    const seen: [tick: number, stampS: number][] = [];
    for (let tick = 1; tick <= 16; tick++) {
      path.step();
      suite.clearNew();
      suite.sample(tick, path.truth);
      if (suite.motionCapture.isNew[0] === 1) seen.push([tick, suite.motionCapture.stampS[0]!]);
    }
    // Latency 20 ms = 10 ticks: the pose of tick 0 at 10, the one of tick 5 (10 ms) at 15.
    expect(seen).toEqual([
      [10, 0],
      [15, 0.01],
    ]);
  });

  it('knows a fixed base from its mount and each joint from its own encoder', () => {
    const encoder = {
      kind: 'encoder',
      name: 'cart',
      joints: ['cart'],
      rateHz: 500,
      latencyS: 0,
      position: EXACT,
      velocity: EXACT,
    } as const;
    const model = {
      ...makeSensedBody([encoder, { ...encoder, name: 'pole', joints: ['pole'], latencyS: 0.004 }]),
      base: 'fixed',
      jointNames: ['pole', 'cart', 'wheel'],
    } as const;
    const suite = new SensorSuite({
      model,
      numRobots: 1,
      gravityW: GRAVITY_W,
      surroundings: NO_SURROUNDINGS,
      timing: { physicsRateHz: RATE_HZ, maxLatencyScale: 1 },
    });
    const truth = makeStateBatch(1, 3);
    truth.position.set([0, 0, 0.5]);
    suite.reset(0, 0, truth, new Rng(1), { noiseScale: 1, latencyScale: 1 });
    truth.jointPosition.set([0.1, 0.2, 0.3]);
    suite.sample(1, truth);
    suite.writeMeasured(1);
    expect([...suite.measured.position]).toEqual([0, 0, 0.5]);
    // The pole's encoder is two ticks late; the wheel has none.
    expect([...suite.measured.jointPosition]).toEqual([0, 0.2, 0]);
    suite.sample(2, truth);
    suite.sample(3, truth);
    expect([...suite.measured.jointPosition]).toEqual([0.1, 0.2, 0]);
  });

  it('leaves unknown what no sensor tells: an IMU alone knows neither place nor speed', () => {
    const suite = makeSuite([makeImuSpec()]);
    const path = new Path(RATE_HZ, () => [1, 0, 0]);
    suite.reset(0, 0, path.truth, new Rng(1), AS_DESCRIBED);
    for (let tick = 1; tick <= 10; tick++) {
      path.step();
      suite.sample(tick, path.truth);
    }
    suite.writeMeasured(10);
    const { position, linearVelocityW, orientation, angularVelocityB } = suite.measured;
    for (const value of [...position, ...linearVelocityW]) expect(value).toBeNaN();
    for (const value of [...orientation, ...angularVelocityB]) expect(value).not.toBeNaN();
  });

  it('knows nothing of a robot without sensors', () => {
    const suite = makeSuite([]);
    suite.reset(0, 0, new Path(RATE_HZ).truth, new Rng(1), AS_DESCRIBED);
    expect(suite.measured.orientation.every(Number.isNaN)).toBe(true);
    expect(suite.measured.position.every(Number.isNaN)).toBe(true);
  });

  it('shows every sensor by its name, of the kind that is asked for', () => {
    const suite = makeSuite([makeImuSpec({ name: 'back' }), makeMotionCaptureSpec()]);
    expect(getReading(suite.readings, 'back', 'imu').sensor.name).toBe('back');
    expect(() => getReading(suite.readings, 'front', 'imu')).toThrow(
      /no imu sensor 'front'; there are: back \(imu\), cameras \(motion_capture\)/,
    );
    expect(() => getReading(suite.readings, 'back', 'lidar')).toThrow(/no lidar sensor 'back'/);
  });

  it('turns what an IMU on another link of the base says into base_link', () => {
    const body = makeSensedBody([makeImuSpec({ link: 'mast' })]);
    const model: RobotModel = {
      ...body,
      links: [...body.links, { name: 'mast', visuals: [], collisions: [] }],
      joints: [
        {
          ...makeRover().joints[0]!,
          name: 'mast_mount',
          type: 'fixed',
          child: 'mast',
          parentFromJoint: {
            translation: [0, 0, 0],
            rotation: [0, 0, Math.SQRT1_2, Math.SQRT1_2],
          },
        },
      ],
    };
    const suite = makeSuiteOf(model);
    const path = new Path(RATE_HZ, undefined, () => [0.3, 0.1, 0.2]);
    suite.reset(0, 0, path.truth, new Rng(1), AS_DESCRIBED);
    path.step();
    suite.sample(1, path.truth);
    // The mast's x points along y of the base.
    const own = getReading(suite.readings, 'imu', 'imu').angularVelocityS;
    for (const [k, rate] of [0.1, -0.3, 0.2].entries()) expect(own[k]).toBeCloseTo(rate, 9);
    for (const [k, rate] of [0.3, 0.1, 0.2].entries()) {
      expect(suite.imu.angularVelocityB[k]).toBeCloseTo(rate, 9);
    }
  });

  it('asks for contact forces once per tick, and only if something feels them', () => {
    let asked = 0;
    const surroundings = {
      ...NO_SURROUNDINGS,
      watchContactForces: () => {},
      writeContactForces: () => void asked++,
    };
    const tickOnce = (sensors: readonly Sensor[]) => {
      const brick = { ...makeTestRobot('brick'), sensors };
      const suite = makeSuiteOf(brick, { ...surroundings, shapeNames: ['base/collision0'] });
      const truth = makeStateBatch(1, 1);
      suite.reset(0, 0, truth, new Rng(1), AS_DESCRIBED);
      suite.sample(1, truth);
    };
    const feet: Sensor = {
      kind: 'contact',
      name: 'feet',
      shapes: ['base'],
      rateHz: 100,
      latencyS: 0,
      threshold: 1,
      force: EXACT,
    };
    tickOnce([]);
    expect(asked).toBe(0);
    tickOnce([feet, { ...feet, name: 'toes' }]);
    expect(asked).toBe(1);
  });

  it('gives each sensor draws of its own: another one beside it changes none of them', () => {
    const noisy = makeImuSpec({ gyroscope: { noise: 0.1, bias: 0.1 } });
    const cameras = makeMotionCaptureSpec();
    const sampleOf = (sensors: readonly Sensor[]) => {
      const suite = makeSuiteOf(makeRover({ sensors }));
      const truth = makeStateBatch(1, 2);
      suite.reset(0, 0, truth, new Rng(4), AS_DESCRIBED);
      suite.sample(1, truth);
      return [...suite.imu.angularVelocityB];
    };
    const odometry: Sensor = {
      kind: 'odometry',
      name: 'odom',
      rateHz: 50,
      latencyS: 0,
      wheel: { noise: 0.1, bias: 0 },
    };
    expect(sampleOf([odometry, noisy, cameras])).toEqual(sampleOf([noisy, cameras]));
  });
});

const AS_DESCRIBED = { noiseScale: 1, latencyScale: 1 };

function makeSuite(sensors: readonly Sensor[]): SensorSuite {
  return makeSuiteOf(makeSensedBody(sensors));
}

function makeSuiteOf(model: RobotModel, surroundings: Surroundings = NO_SURROUNDINGS): SensorSuite {
  return new SensorSuite({
    model,
    numRobots: 1,
    gravityW: GRAVITY_W,
    surroundings,
    timing: { physicsRateHz: RATE_HZ, maxLatencyScale: 1 },
  });
}
