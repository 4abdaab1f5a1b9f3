import { describe, expect, it } from 'vitest';
import { Rng } from '../../../sim/math/rng.ts';
import { MotionCapture } from '../../../sim/sensor/motion-capture.ts';
import { computeDeviation, computeMean, deviationBand, meanBand } from '../../kit/sampled.ts';
import { computeAngleBetween, EXACT, makeMotionCaptureSpec, Path } from '../../kit/sensed-body.ts';

const RATE_HZ = 500;
const AS_DESCRIBED = { noiseScale: 1, latencyScale: 1 };

function runCameras(spec: ReturnType<typeof makeMotionCaptureSpec>, path: Path, numTicks: number) {
  const cameras = new MotionCapture(1, spec, { physicsRateHz: RATE_HZ, maxLatencyScale: 1 });
  cameras.reset(0, 0, path.truth, new Rng(1), AS_DESCRIBED);
  const seen: { tick: number; stampTick: number; pose: number[] }[] = [];
  for (let k = 0; k < numTicks; k++) {
    path.step();
    cameras.sample(path.tick, path.truth);
    cameras.line.deliver(0, path.tick, (_robot, stampTick, data, o) =>
      seen.push({ tick: path.tick, stampTick, pose: [...data.subarray(o, o + 7)] }),
    );
  }
  return { seen, cameras };
}

describe('motion capture', () => {
  it('shows a step of the position exactly its latency later and not before', () => {
    // The body jumps by 1 m in tick 10, which is a sample: 1 m / 2 ms = 500 m/s for one tick.
    const path = new Path(RATE_HZ, (t) => [Math.abs(t - 0.02) < 1e-6 ? 500 : 0, 0, 0]);
    const spec = makeMotionCaptureSpec({ latencyS: 0.012, position: EXACT, orientation: EXACT });
    const { seen } = runCameras(spec, path, 22);
    // 100 of 500 Hz: samples at ticks 0, 5, 10, 15; 12 ms = 6 ticks later they are seen.
    expect(seen.map(({ tick, stampTick, pose }) => [tick, stampTick, pose[0]])).toEqual([
      [6, 0, 0],
      [11, 5, 0],
      [16, 10, 1],
      [21, 15, 1],
    ]);
  });

  it('has the described noise in position and about each axis of the body', () => {
    const n = 4000;
    const spec = makeMotionCaptureSpec({
      rateHz: RATE_HZ,
      position: { noise: 0.002, bias: 0 },
      orientation: { noise: 0.01, bias: 0 },
    });
    const path = new Path(RATE_HZ);
    const { seen } = runCameras(spec, path, n);
    for (const k of [0, 1, 2]) {
      const position = seen.map(({ pose }) => pose[k]!);
      expect(Math.abs(computeMean(position))).toBeLessThan(meanBand(0.002, n));
      expect(Math.abs(computeDeviation(position) - 0.002)).toBeLessThan(deviationBand(0.002, n));
      // For small turns the angle about an axis is twice that part of the quaternion.
      const turn = seen.map(({ pose }) => 2 * pose[3 + k]!);
      expect(Math.abs(computeDeviation(turn) - 0.01)).toBeLessThan(deviationBand(0.01, n));
    }
  });

  it('turns the pose by the orientation bias about the axes of the body', () => {
    const spec = makeMotionCaptureSpec({ orientation: { noise: 0, bias: 0.05 } });
    const { seen, cameras } = runCameras(spec, new Path(RATE_HZ), 5);
    const bias = Math.hypot(...cameras.orientation.bias);
    expect(computeAngleBetween(seen[0]!.pose.slice(3), [0, 0, 0, 1])).toBeCloseTo(bias, 9);
  });
});
