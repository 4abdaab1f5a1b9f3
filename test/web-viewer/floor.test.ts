import { describe, expect, it } from 'vitest';
import { DEFAULT_MATERIAL } from '../../sim/robot/geometry.ts';
import type { Scene } from '../../sim/terrain/scene.ts';
import { makeFloorFinder } from '../../web-viewer/src/scene/floor.ts';
import { makeTinyWelcome } from './tiny-welcome.ts';

/** Rises by 0.3 m with each metre along the x of odom. */
const SLOPE: Scene = {
  ground: {
    ...{ kind: 'height_field', numX: 9, numY: 9, cellSize: 0.5, origin: [-2, -2] },
    heights: Float32Array.from({ length: 81 }, (_, k) => 0.3 * (0.5 * Math.floor(k / 9) - 2)),
    material: DEFAULT_MATERIAL,
  },
  objects: [],
};
const NORM = Math.hypot(0.3, 1);

/** What lies under the second robot, whose odom frame stands 1 m along the map's y, turned by a quarter. */
function findFloor(scene: Scene | undefined, at: readonly number[]) {
  const welcome = makeTinyWelcome();
  const half = Math.SQRT1_2;
  const robots = welcome.robots.map((robot) => ({
    ...robot,
    mapFromOdom: { translation: [0, 1, 0.5], rotation: [0, 0, half, half] } as const,
  }));
  const find = makeFloorFinder({ scene, welcome: { ...welcome, robots } }, 0.2);
  const { height, normal } = find(1, [Number.NaN, ...at], 1);
  return { height, normal: normal.toArray() };
}

function expectNear(got: readonly number[], wanted: readonly number[]): void {
  got.forEach((value, k) => {
    expect(value).toBeCloseTo(wanted[k]!, 6);
  });
}

describe('the floor under a robot', () => {
  it('has the height and the slope of the ground, in the map frame', () => {
    // Its x is the map's y: 0.8 m up the slope from odom's origin, plus 0.5 m that odom stands higher.
    const { height, normal } = findFloor(SLOPE, [0.1, 1.8, 1]);
    expect(height).toBeCloseTo(0.5 + 0.3 * 0.8, 6);
    expectNear(normal, [0, -0.3 / NORM, 1 / NORM]);
  });

  it('is level at an edge, where the ground ends, and where nothing is known', () => {
    const step: Scene = {
      ...{ ground: { kind: 'plane', material: DEFAULT_MATERIAL } },
      objects: [
        {
          ...{ name: 'step', moves: false, material: DEFAULT_MATERIAL },
          geometry: { kind: 'box', size: [1, 1, 1] },
          odomFromObject: { translation: [0, 0, 0], rotation: [0, 0, 0, 1] },
        },
      ],
    };
    // 0.1 m from the edge of the box, whose top is at 0.5 m.
    expect(findFloor(step, [0, 1.4, 2])).toEqual({ height: 1, normal: [0, 0, 1] });
    expectNear(findFloor(SLOPE, [0, 1 + 1.9, 2]).normal, [0, 0, 1]);
    expect(findFloor(SLOPE, [0, 9, 2])).toEqual({ height: 0, normal: [0, 0, 1] });
    expect(findFloor(undefined, [0, 0, 1])).toEqual({ height: 0, normal: [0, 0, 1] });
  });
});
