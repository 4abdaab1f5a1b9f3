import { describe, expect, it } from 'vitest';
import { computeDistanceTo, computeFootprint } from '../../../sim/terrain/footprint.ts';
import { listMovingObjects, writeMotion } from '../../../sim/terrain/motion.ts';
import type { Motion } from '../../../sim/terrain/scene.ts';
import { buildScene } from '../../kit/scenes.ts';

function at(motion: Motion, timeS: number): [number, number, number, number] {
  const out: [number, number, number, number] = [0, 0, 0, 0];
  writeMotion(out, 0, motion, timeS);
  return out;
}

const COURSE: Motion = {
  kind: 'waypoints',
  points: [
    [0, 0],
    [2, 0],
    [2, 1],
  ],
  speed: 0.5,
  phase: 0,
};

describe('a motion', () => {
  it('swings between its ends, fastest half-way', () => {
    const swing: Motion = { kind: 'back_and_forth', from: [1, 0], to: [3, 0], speed: 2, phase: 0 };
    expect(at(swing, 0)).toEqual([2, 0, 2, 0]);
    // ω = 2 m/s / 1 m: a quarter of the period is π/4 s.
    const [x, , vx] = at(swing, Math.PI / 4);
    expect(x).toBeCloseTo(3, 12);
    expect(vx).toBeCloseTo(0, 12);
  });

  it('goes around a circle at its speed, the way its sign says', () => {
    const circle: Motion = { kind: 'circle', centre: [1, 1], radius: 2, speed: -1, phase: 0 };
    expect(at(circle, 0).map((v) => v + 0)).toEqual([3, 1, 0, -1]);
    // Clockwise, half a turn after 2π s.
    expect(at(circle, 2 * Math.PI)[0]).toBeCloseTo(-1, 12);
  });

  it('goes around its corners and back to the first', () => {
    // 4 s along x, 2 s up, √5 m back in 4.47 s.
    expect(at(COURSE, 2)).toEqual([1, 0, 0.5, 0]);
    expect(at(COURSE, 5)).toEqual([2, 0.5, 0, 0.5]);
    const lapS = (3 + Math.sqrt(5)) / 0.5;
    expect(at(COURSE, lapS + 2)[0]).toBeCloseTo(1, 12);
    expect(at(COURSE, 2 - lapS)[0]).toBeCloseTo(1, 12);
  });
});

describe.each(['back_and_forth', 'circle', 'waypoints'] as const)(
  'obstacles that go %s',
  (path) => {
    const rooms = { layout: 'rooms', numRooms: [1, 1], roomSize: [9, 9] } as const;
    const scene = buildScene({
      rooms,
      boxes: [{ count: 5, area: [8, 8] }],
      moving: [{ count: 5, path, shape: 'box', reach: [0.5, 1.5], area: [8, 8] }],
    });
    const moving = listMovingObjects(scene);
    const times = Array.from({ length: 400 }, (_, k) => 0.137 * k);

    it('are as many as asked', () => {
      expect(moving).toHaveLength(5);
      expect(moving.every(({ index }) => scene.objects[index]?.moves === true)).toBe(true);
    });

    it('stay in their area, off the clear zone and off what stands', () => {
      const standing = scene.objects.filter(({ moves }) => !moves).map(computeFootprint);
      for (const { index, motion } of moving) {
        const { geometry } = scene.objects[index]!;
        if (geometry.kind !== 'box') throw new RangeError('not a box');
        const half = geometry.size[0] / 2;
        for (const timeS of times) {
          const [x, y] = at(motion, timeS);
          expect(Math.max(Math.abs(x), Math.abs(y)) + half).toBeLessThanOrEqual(4);
          expect(Math.hypot(x, y)).toBeGreaterThan(1 + half);
          for (const print of standing)
            expect(computeDistanceTo(print, x, y)).toBeGreaterThan(half);
        }
      }
    });

    it('have the derivative of their place as velocity', () => {
      const h = 1e-5;
      for (const { motion } of moving) {
        for (const timeS of times) {
          const [before, now, after] = [
            at(motion, timeS - h),
            at(motion, timeS),
            at(motion, timeS + h),
          ];
          // At a corner the velocity jumps: there the two sides differ.
          const [left, right] = [at(motion, timeS - 2 * h), at(motion, timeS + 2 * h)];
          if (Math.hypot(left[2] - right[2], left[3] - right[3]) > 0.01) continue;
          // Central difference: h² times the third derivative, about 1e-9, and rounding of 1e-16 / h.
          expect((after[0] - before[0]) / (2 * h)).toBeCloseTo(now[2], 6);
          expect((after[1] - before[1]) / (2 * h)).toBeCloseTo(now[3], 6);
        }
      }
    });
  },
);
