import { describe, expect, it } from 'vitest';
import { computeDistanceTo, computeFootprint, doOverlap } from '../../../sim/terrain/footprint.ts';
import { computeRayDistance } from '../../../sim/terrain/ray.ts';
import type { Scene } from '../../../sim/terrain/scene.ts';
import { buildScene } from '../../kit/scenes.ts';

/** [m] what a comparison of lengths may lose */
const EDGE = 1e-9;

describe('a field of boxes', () => {
  const terrain = {
    clearRadius: 1.5,
    boxes: [{ count: 60, gap: 0.05, area: [10, 8] }],
  } as const;

  it('keeps the clear zone, its area, its sizes and the ground', () => {
    const { objects } = buildScene(terrain);
    expect(objects).toHaveLength(60);
    for (const object of objects) {
      const { geometry, odomFromObject } = object;
      if (geometry.kind !== 'box') throw new RangeError('not a box');
      const footprint = computeFootprint(object);
      expect(computeDistanceTo(footprint, 0, 0)).toBeGreaterThanOrEqual(1.5);
      expect(geometry.size[0]).toBeGreaterThanOrEqual(0.2);
      expect(geometry.size[2]).toBeLessThan(0.6);
      expect(odomFromObject.translation[2]).toBeCloseTo(geometry.size[2] / 2, 12);
      const turned = Math.abs(footprint.yaw);
      const [c, s] = [Math.abs(Math.cos(turned)), Math.abs(Math.sin(turned))];
      const half = (c * footprint.length + s * footprint.width) / 2;
      expect(Math.abs(footprint.x) + half).toBeLessThanOrEqual(5 + EDGE);
    }
  });

  it('lets no two overlap, nor come nearer than the gap', () => {
    const prints = buildScene(terrain).objects.map(computeFootprint);
    prints.forEach((one, i) => {
      for (const other of prints.slice(i + 1)) expect(doOverlap(one, other, 0.05)).toBe(false);
    });
  });

  it('lets them overlap where that is allowed, and there are more of them then', () => {
    const boxes = [{ count: 400, area: [4, 4], overlap: 'allowed' }] as const;
    const prints = buildScene({ clearRadius: 0.5, boxes }).objects.map(computeFootprint);
    const pairs = prints.flatMap((one, i) => prints.slice(i + 1).map((other) => [one, other]));
    expect(pairs.some(([one, other]) => doOverlap(one!, other!, 0))).toBe(true);
  });

  it('that has no room says how many it could place', () => {
    const boxes = [{ count: 400, area: [4, 4] }] as const;
    expect(() => buildScene({ boxes })).toThrow(/boxes\[0\]: there is no room .*got room for \d+,/);
  });

  it('stands on the lowest ground under it', () => {
    const ground = { kind: 'slope', shape: 'single', grade: 0.5, size: [6, 6] } as const;
    const objects = [
      { name: 'step', geometry: { kind: 'box', size: [1, 1, 1] }, position: [2, 0] },
    ] as const;
    const scene = buildScene({ ground, objects });
    // Around (2, 0) the ground lies at 1 m and rises by 0.5 per metre; the disc under the box has radius √2/2.
    const bottom = scene.objects[0]!.odomFromObject.translation[2] - 0.5;
    expect(bottom).toBeCloseTo(1 - 0.5 * Math.SQRT1_2, 2);
  });
});

/** Distance to the nearest wall along a horizontal ray from the start. [m] */
function castFromStart(scene: Scene, angle: number): number {
  const direction = [Math.cos(angle), Math.sin(angle), 0] as const;
  return Math.min(...scene.objects.map((wall) => computeRayDistance(wall, [0, 0, 0.5], direction)));
}
const ANGLES = Array.from({ length: 3600 }, (_, k) => (k * Math.PI) / 1800);

describe('rooms', () => {
  it('of one room without an exit are closed: every ray ends at a wall, the first at its face', () => {
    const rooms = { layout: 'rooms', numRooms: [1, 1], roomSize: [4, 3] } as const;
    const scene = buildScene({ rooms });
    const reach = ANGLES.map((angle) => castFromStart(scene, angle));
    // Half of 4 m less half of the wall's 0.1 m; the corner is √(1.95² + 1.45²) away.
    expect(reach[0]).toBeCloseTo(1.95, 9);
    expect(reach[900]).toBeCloseTo(1.45, 9);
    expect(Math.max(...reach)).toBeLessThan(Math.hypot(1.95, 1.45) + EDGE);
  });

  it.each(['rooms', 'maze'] as const)('of a %s without an exit keep every ray inside', (layout) => {
    for (let seed = 0; seed < 20; seed++) {
      const scene = buildScene({ rooms: { layout, numRooms: [4, 3] } }, seed);
      const reach = ANGLES.map((angle) => castFromStart(scene, angle));
      // Rooms 4 by 3 of 4 m, the start in the middle of (2, 1): 10 m to the left, 6 m to the right, 6 m up.
      expect(Math.max(...reach)).toBeLessThan(Math.hypot(10, 6));
    }
  });

  it('let every room be reached on foot', () => {
    for (let seed = 0; seed < 10; seed++) {
      const rooms = { layout: 'rooms', numRooms: [4, 3], extraDoors: 0, doorWidth: 1 } as const;
      const scene = buildScene({ rooms }, seed);
      expect(countReached(scene)).toBe(12);
    }
  });

  it('are opened by exits', () => {
    const rooms = { layout: 'rooms', numRooms: [1, 1], exits: 4, doorWidth: 1 } as const;
    const scene = buildScene({ rooms });
    expect(castFromStart(scene, 0)).toBe(Number.POSITIVE_INFINITY);
    // Beside the door, 0.5 m off the middle at 1.95 m: still wall.
    expect(castFromStart(scene, Math.atan2(0.55, 1.95))).toBeLessThan(2.1);
  });

  it('of a corridor are as long as asked, closed, and one piece wide', () => {
    for (let seed = 0; seed < 20; seed++) {
      const rooms = { layout: 'corridor', numPieces: 12, roomSize: [1.5, 1.5] } as const;
      const scene = buildScene({ rooms, clearRadius: 0.5 }, seed);
      const reach = ANGLES.map((angle) => castFromStart(scene, angle));
      expect(Math.max(...reach)).toBeLessThan(12 * 1.5);
      expect(countReached(scene, 1.5)).toBe(12);
    }
  });
});

/** Rooms that a walker can get to from the start, whose way is clear where a ray from middle to middle is. */
function countReached(scene: Scene, pitch = 4): number {
  const seen = new Set(['0 0']);
  const waiting = [[0, 0]];
  for (let cell = waiting.pop(); cell !== undefined; cell = waiting.pop()) {
    for (const [dx, dy] of [
      [1, 0],
      [-1, 0],
      [0, 1],
      [0, -1],
    ] as const) {
      const next = [cell[0]! + dx, cell[1]! + dy];
      const from = [cell[0]! * pitch, cell[1]! * pitch, 0.5] as const;
      const hit = Math.min(
        ...scene.objects.map((wall) => computeRayDistance(wall, from, [dx, dy, 0])),
      );
      if (hit < pitch || seen.has(next.join(' '))) continue;
      seen.add(next.join(' '));
      waiting.push(next);
    }
  }
  return seen.size;
}
