import { describe, expect, it } from 'vitest';
import { Pushes } from '../../../sim/disturbance/push.ts';
import { Rng } from '../../../sim/math/rng.ts';
import { RandomizationConfig } from '../../../sim/randomize/config.ts';
import { drawContext } from '../../../sim/randomize/draw.ts';

const DT = 0.002;
const WEIGHT = 10;

function makeContext(push: object) {
  return drawContext(RandomizationConfig.parse({ push }), new Rng(1));
}

function collectForces(pushes: Pushes, numTicks: number): number[][] {
  return Array.from({ length: numTicks }, () => {
    const out = new Float64Array(3);
    pushes.addForce(out, 0);
    return [...out];
  });
}

describe('pushes', () => {
  it('give an impulse of exactly force × duration, whatever the tick', () => {
    const pushes = new Pushes(1, WEIGHT, DT);
    pushes.push(0, [3, -4, 0], 0.0151);
    const forces = collectForces(pushes, 20);
    // 15.1 ms are 7.55 ticks of 2 ms: seven whole ones and one of 55 %.
    expect(forces[6]).toEqual([3, -4, 0]);
    expect(forces[7]![0]).toBeCloseTo(0.55 * 3, 9);
    expect(forces[8]).toEqual([0, 0, 0]);
    const impulse = forces.reduce((sum, force) => sum + force[0]! * DT, 0);
    expect(impulse).toBeCloseTo(3 * 0.0151, 12);
  });

  it('come at their interval, for their duration, with their share of the weight', () => {
    const pushes = new Pushes(1, WEIGHT, DT);
    pushes.reset(0, new Rng(5), makeContext({ intervalS: 0.5, durationS: 0.1, forceScale: 0.3 }));
    const sizes = collectForces(pushes, 2000).map((force) => Math.hypot(...force));
    const starts = sizes.flatMap((size, k) => (size > 0 && !(sizes[k - 1]! > 0) ? [k] : []));
    // Every 0.5 s / 2 ms = 250 ticks, the first one somewhere in the first 250.
    expect(starts[0]).toBeLessThan(250);
    expect(starts.slice(1).map((start, k) => start - starts[k]!)).toEqual(
      starts.slice(1).map(() => 250),
    );
    // 0.1 s are 50 ticks of 0.3 · 10 N.
    expect(sizes.slice(starts[1], starts[1]! + 51)).toEqual([
      ...Array.from({ length: 50 }, () => expect.closeTo(3, 9)),
      0,
    ]);
  });

  it('push in every direction alike', () => {
    const sum = [0, 0, 0];
    const squares = [0, 0, 0];
    const n = 3000;
    const pushes = new Pushes(1, WEIGHT, DT);
    const always = { intervalS: DT, durationS: DT, forceScale: 0.1 };
    pushes.reset(0, new Rng(2), makeContext(always));
    const forces = collectForces(pushes, n + 1).slice(1);
    for (const force of forces) {
      for (let k = 0; k < 3; k++) {
        sum[k]! += force[k]! / n;
        squares[k]! += force[k]! ** 2 / n;
      }
    }
    // A unit vector has variance 1/3 per axis: standard error of the mean 1/√(3n) = 0.0105, and of
    // the square √(4/45/n) = 0.0054; four of each.
    for (const mean of sum) expect(Math.abs(mean)).toBeLessThan(4 * 0.0105);
    for (const square of squares) expect(Math.abs(square - 1 / 3)).toBeLessThan(4 * 0.0054);
  });

  it('never come if no force or no interval is given', () => {
    for (const push of [
      { intervalS: 0, forceScale: 1 },
      { intervalS: 1, forceScale: 0 },
    ]) {
      const pushes = new Pushes(1, WEIGHT, DT);
      pushes.reset(0, new Rng(1), makeContext(push));
      expect(
        collectForces(pushes, 1000)
          .flat()
          .every((value) => value === 0),
      ).toBe(true);
    }
  });

  it('end with the episode', () => {
    const pushes = new Pushes(1, WEIGHT, DT);
    pushes.push(0, [1, 1, 1], 10);
    pushes.reset(0, new Rng(1), makeContext({}));
    expect(collectForces(pushes, 1)).toEqual([[0, 0, 0]]);
  });
});
