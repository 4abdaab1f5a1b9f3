import { describe, expect, it } from 'vitest';
import { computeLatencyTicks, DelayLine } from '../../../sim/sensor/delay-line.ts';

function makeLine(maxLatencyS: number) {
  return new DelayLine({ numRobots: 2, width: 1, rateHz: 500, maxLatencyS, physicsRateHz: 500 });
}

describe('delay line', () => {
  it('shows a sample exactly its latency after it was measured, with its stamp', () => {
    const line = makeLine(0.01);
    line.reset(0, 0.01);
    const seen: [tick: number, stamp: number, value: number][] = [];
    for (let tick = 0; tick < 8; tick++) {
      line.data[line.push(0, tick)] = 10 * tick;
      line.deliver(0, tick, (_robot, stamp, data, o) => seen.push([tick, stamp, data[o]!]));
    }
    // 10 ms at 500 Hz are 5 ticks.
    expect(seen).toEqual([
      [5, 0, 0],
      [6, 1, 10],
      [7, 2, 20],
    ]);
  });

  it('hands over everything that became visible since it was last asked, oldest first', () => {
    const line = makeLine(0.004);
    line.reset(1, 0.004);
    for (let tick = 0; tick < 3; tick++) line.data[line.push(1, tick)] = tick;
    const seen: number[] = [];
    line.deliver(1, 100, (_robot, stamp) => seen.push(stamp));
    expect(seen).toEqual([0, 1, 2]);
  });

  it('forgets what is in flight at a reset', () => {
    const line = makeLine(0.01);
    line.reset(0, 0.01);
    line.push(0, 0);
    line.reset(0, 0);
    line.deliver(0, 100, () => expect.unreachable());
  });

  it('rounds a latency between two ticks up, and a whole one not at all', () => {
    // 0.011 · 500 = 5.5; 0.006 · 500 = 3, which is 3.0000000000000004 in doubles for some products.
    expect(computeLatencyTicks(0.011, 500)).toBe(6);
    expect(computeLatencyTicks(0.006, 500)).toBe(3);
    expect(computeLatencyTicks(0.07, 100)).toBe(7);
    expect(computeLatencyTicks(0, 500)).toBe(0);
  });
});
