import { describe, expect, it } from 'vitest';
import { Rng } from '../../../sim/math/rng.ts';
import type { RobotModel } from '../../../sim/robot/model.ts';
import type { EncoderSensor } from '../../../sim/robot/sensor-model.ts';
import { makeStateBatch, type StateBatch } from '../../../sim/robot/state.ts';
import type { SampleSink } from '../../../sim/sensor/delay-line.ts';
import { Encoder } from '../../../sim/sensor/encoder.ts';
import { EXACT, makeSensedBody } from '../../kit/sensed-body.ts';

const model: RobotModel = { ...makeSensedBody([]), jointNames: ['hip', 'knee', 'ankle'] };
const TIMING = { physicsRateHz: 500, maxLatencyScale: 1 };
const AS_DESCRIBED = { noiseScale: 1, latencyScale: 1 };

function makeSpec(changes: Partial<EncoderSensor> = {}): EncoderSensor {
  return {
    kind: 'encoder',
    name: 'encoders',
    joints: ['ankle', 'hip'],
    rateHz: 500,
    latencyS: 0.004,
    position: EXACT,
    velocity: EXACT,
    ...changes,
  };
}

function makeSink(encoder: Encoder, measured: StateBatch): SampleSink {
  return (robot, _stampTick, data, offset) => {
    encoder.take(robot, data, offset);
    encoder.writeMeasured(measured, robot);
  };
}

function start(encoder: Encoder, truth: StateBatch, measured: StateBatch): void {
  encoder.reset(0, 0, truth, new Rng(1), AS_DESCRIBED, makeSink(encoder, measured));
}

describe('encoder', () => {
  it('writes its joints by name into joint order and leaves the others alone', () => {
    const encoder = new Encoder(model, 1, makeSpec(), TIMING);
    const truth = makeStateBatch(1, 3);
    truth.jointPosition.set([1, 2, 3]);
    truth.jointVelocity.set([10, 20, 30]);
    const measured = makeStateBatch(1, 3);
    start(encoder, truth, measured);
    expect([...measured.jointPosition]).toEqual([1, 0, 3]);
    expect([...measured.jointVelocity]).toEqual([10, 0, 30]);
  });

  it('shows a moved joint exactly its latency later', () => {
    const encoder = new Encoder(model, 1, makeSpec(), TIMING);
    const truth = makeStateBatch(1, 3);
    const measured = makeStateBatch(1, 3);
    start(encoder, truth, measured);
    const read: number[] = [];
    for (let tick = 1; tick <= 5; tick++) {
      truth.jointPosition[0] = tick;
      encoder.sample(tick, truth);
      encoder.line.deliver(0, tick, makeSink(encoder, measured));
      read.push(measured.jointPosition[0]!);
    }
    // 4 ms are 2 ticks.
    expect(read).toEqual([0, 0, 1, 2, 3]);
  });
});
