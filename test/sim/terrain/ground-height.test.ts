import { describe, expect, it } from 'vitest';
import { DEFAULT_MATERIAL } from '../../../sim/robot/geometry.ts';
import { computeGroundHeight, computeGroundRange } from '../../../sim/terrain/ground-height.ts';
import { computeRayDistance } from '../../../sim/terrain/ray.ts';
import {
  EMPTY_SCENE,
  FLAT_SCENE,
  type Scene,
  type SceneObject,
} from '../../../sim/terrain/scene.ts';

const field: Scene = {
  ground: {
    kind: 'height_field',
    ...{ numX: 2, numY: 3, cellSize: 2, origin: [-1, 10], material: DEFAULT_MATERIAL },
    // (−1, 10) 0, (−1, 12) 1, (−1, 14) 2; (1, 10) 4, (1, 12) 8, (1, 14) 2.
    heights: Float32Array.of(0, 1, 2, 4, 8, 2),
  },
  objects: [],
};

function makeObject(
  geometry: SceneObject['geometry'],
  translation: readonly [number, number, number],
  rotation: SceneObject['odomFromObject']['rotation'] = [0, 0, 0, 1],
): SceneObject {
  const odomFromObject = { translation, rotation };
  return { name: 'object', geometry, odomFromObject, material: DEFAULT_MATERIAL, moves: false };
}

describe('ground height', () => {
  it('is 0 on the plane and nowhere in free space', () => {
    expect(computeGroundHeight(FLAT_SCENE, 3, -4)).toBe(0);
    expect(computeGroundHeight(EMPTY_SCENE, 0, 0)).toBe(Number.NEGATIVE_INFINITY);
  });

  it('lies on the triangles on either side of the diagonal from (x, y) to (x + 1, y + 1)', () => {
    // First cell, corners 0, 4 (+x), 1 (+y), 8 (both). On the diagonal: half-way between 0 and 8.
    expect(computeGroundHeight(field, 0, 11)).toBe(4);
    // Three quarters along x, one along y: 0 + (4 − 0) · 0.75 + (8 − 4) · 0.25 = 4.
    expect(computeGroundHeight(field, 0.5, 10.5)).toBe(4);
    // One quarter along x, three along y: 0 + (1 − 0) · 0.75 + (8 − 1) · 0.25 = 2.5.
    expect(computeGroundHeight(field, -0.5, 11.5)).toBe(2.5);
    expect(computeGroundHeight(field, 1, 14)).toBe(2);
  });

  it('ends where the field ends', () => {
    expect(computeGroundHeight(field, 1.001, 11)).toBe(Number.NEGATIVE_INFINITY);
    expect(computeGroundHeight(field, 0, 9.999)).toBe(Number.NEGATIVE_INFINITY);
  });

  it('of the top is that of whatever stands there and does not move', () => {
    const box = makeObject({ kind: 'box', size: [2, 1, 0.5] }, [3, 0, 0.25]);
    const moving = { ...makeObject({ kind: 'box', size: [9, 9, 9] }, [0, 0, 0]), moves: true };
    const ball = makeObject({ kind: 'sphere', radius: 0.5 }, [-3, 0, 0.5]);
    const scene = { ...FLAT_SCENE, objects: [box, moving, ball] };
    expect(computeGroundHeight(scene, 3.9, 0.4)).toBe(0);
    expect(computeGroundHeight(scene, 3.9, 0.4, 'top')).toBeCloseTo(0.5, 9);
    expect(computeGroundHeight(scene, 3.9, 0.6, 'top')).toBe(0);
    // 0.3 m off the ball's middle: 0.5 + √(0.25 − 0.09) = 0.9.
    expect(computeGroundHeight(scene, -3.3, 0, 'top')).toBeCloseTo(0.9, 9);
  });

  it('of a disc ranges over every vertex under it', () => {
    expect(computeGroundRange(field, [0, 12], 1.5)).toEqual({ lowest: 1, highest: 8 });
    expect(computeGroundRange(EMPTY_SCENE, [0, 0], 1).highest).toBe(Number.NEGATIVE_INFINITY);
  });
});

describe('a ray to a solid', () => {
  const quarter = [0, 0, Math.SQRT1_2, Math.SQRT1_2] as const;
  it('meets a turned box at its face', () => {
    // Turned by 90°: 2 m along y, 1 m along x, so its face is at x = 4 − 0.5.
    const box = makeObject({ kind: 'box', size: [2, 1, 3] }, [4, 0, 0], quarter);
    expect(computeRayDistance(box, [0, 0.9, 1], [1, 0, 0])).toBeCloseTo(3.5, 12);
    expect(computeRayDistance(box, [0, 1.1, 1], [1, 0, 0])).toBe(Number.POSITIVE_INFINITY);
    expect(computeRayDistance(box, [0, 0, 0], [-1, 0, 0])).toBe(Number.POSITIVE_INFINITY);
    expect(computeRayDistance(box, [4, 0, 0], [1, 0, 0])).toBe(0);
  });

  it('meets round solids where their equation says', () => {
    const cylinder = makeObject({ kind: 'cylinder', radius: 1, length: 2 }, [5, 0, 0]);
    // √(1 − 0.6²) = 0.8 before the axis.
    expect(computeRayDistance(cylinder, [0, 0.6, 0], [1, 0, 0])).toBeCloseTo(4.2, 12);
    expect(computeRayDistance(cylinder, [5.5, 0, 9], [0, 0, -1])).toBeCloseTo(8, 12);
    expect(computeRayDistance(cylinder, [0, 0, 1.01], [1, 0, 0])).toBe(Number.POSITIVE_INFINITY);
    const capsule = makeObject({ kind: 'capsule', radius: 1, length: 2 }, [5, 0, 0]);
    // The cap's centre is at z = 1: 0.6 above it the ball reaches 0.8 before the axis.
    expect(computeRayDistance(capsule, [0, 0, 1.6], [1, 0, 0])).toBeCloseTo(4.2, 12);
    expect(computeRayDistance(capsule, [5, 0, 9], [0, 0, -1])).toBeCloseTo(7, 12);
    expect(computeRayDistance(capsule, [0, 0, 2.1], [1, 0, 0])).toBe(Number.POSITIVE_INFINITY);
  });
});
