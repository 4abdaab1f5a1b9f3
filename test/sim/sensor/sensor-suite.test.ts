import { describe, expect, it } from 'vitest';
import { Rng } from '../../../sim/math/rng.ts';
import { makeStateBatch } from '../../../sim/robot/state.ts';
import { SensorSuite } from '../../../sim/sensor/sensor-suite.ts';
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
});
