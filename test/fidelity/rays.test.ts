import { describe, expect, it } from 'vitest';
import { writeFromRollPitchYaw } from '../../sim/math/quat.ts';
import type { Vec3 } from '../../sim/math/vec3.ts';
import { DEFAULT_MATERIAL } from '../../sim/robot/geometry.ts';
import type { SceneObject } from '../../sim/terrain/scene.ts';
import { castExactRay } from './exact/rays.ts';

const along = (origin: Vec3, direction: Vec3) => {
  const length = Math.hypot(...direction);
  return {
    origin,
    direction: [direction[0] / length, direction[1] / length, direction[2] / length] as const,
  };
};

function place(geometry: SceneObject['geometry'], yaw = 0): SceneObject {
  const rotation: [number, number, number, number] = [0, 0, 0, 1];
  writeFromRollPitchYaw(rotation, 0, 0, 0, yaw);
  return {
    name: 'thing',
    geometry,
    odomFromObject: { translation: [5, 0, 0], rotation },
    material: DEFAULT_MATERIAL,
    moves: false,
  };
}

const cast = (object: SceneObject, origin: Vec3, direction: Vec3) =>
  castExactRay({ objects: [object] }, along(origin, direction));

describe('the exact distance along a ray', () => {
  it('to a floor 1 m below is √2 at 45°, and infinite upwards', () => {
    const scene = {
      ground: { kind: 'plane', material: DEFAULT_MATERIAL },
      objects: [],
    } as const;
    expect(castExactRay(scene, along([0, 0, 1], [1, 0, -1]))).toBeCloseTo(Math.SQRT2, 14);
    expect(castExactRay(scene, along([0, 0, 1], [1, 0, 0.1]))).toBe(Number.POSITIVE_INFINITY);
    expect(castExactRay(scene, along([0, 0, -0.1], [1, 0, 0]))).toBe(0);
  });

  it('to a 2 m cube 5 m away is 4 m, and 5 − √2 where it shows an edge', () => {
    const cube = { kind: 'box', size: [2, 2, 2] } as const;
    expect(cast(place(cube), [0, 0, 0], [1, 0, 0])).toBeCloseTo(4, 14);
    expect(cast(place(cube, Math.PI / 4), [0, 0, 0], [1, 0, 0])).toBeCloseTo(5 - Math.SQRT2, 14);
    expect(cast(place(cube), [0, 0, 1.01], [1, 0, 0])).toBe(Number.POSITIVE_INFINITY);
    expect(cast(place(cube), [5.5, 0, 0], [1, 0, 0])).toBe(0);
    // Behind the ray's back.
    expect(cast(place(cube), [0, 0, 0], [-1, 0, 0])).toBe(Number.POSITIVE_INFINITY);
  });

  it('to a ball of 1 m at 0.6 m off its centre is 5 − 0.8', () => {
    const ball = { kind: 'sphere', radius: 1 } as const;
    expect(cast(place(ball), [0, 0.6, 0], [1, 0, 0])).toBeCloseTo(4.2, 14);
  });

  it('to a cylinder meets its wall from the side and its lid from above', () => {
    const column = { kind: 'cylinder', radius: 1, length: 2 } as const;
    expect(cast(place(column), [0, 0.6, 0.5], [1, 0, 0])).toBeCloseTo(4.2, 14);
    expect(cast(place(column), [5.5, 0, 3], [0, 0, -1])).toBeCloseTo(2, 14);
    expect(cast(place(column), [6.1, 0, 3], [0, 0, -1])).toBe(Number.POSITIVE_INFINITY);
  });

  it('to a capsule meets its cap half a length and a radius out', () => {
    const capsule = { kind: 'capsule', radius: 0.5, length: 2 } as const;
    expect(cast(place(capsule), [5, 0, 4], [0, 0, -1])).toBeCloseTo(2.5, 14);
    expect(cast(place(capsule), [0, 0.3, 0], [1, 0, 0])).toBeCloseTo(4.6, 14);
  });

  it('to a slope of triangles is where the slope is, and infinite beside it', () => {
    // z = x on a grid of 2 × 2 cells of 1 m.
    const ground = {
      kind: 'height_field',
      numX: 3,
      numY: 3,
      cellSize: 1,
      origin: [0, 0],
      heights: Float32Array.from([0, 0, 0, 1, 1, 1, 2, 2, 2]),
      material: DEFAULT_MATERIAL,
    } as const;
    const scene = { ground, objects: [] };
    expect(castExactRay(scene, along([0.3, 1.2, 5], [0, 0, -1]))).toBeCloseTo(4.7, 12);
    expect(castExactRay(scene, along([0, 0.7, 1.5], [1, 0, 0]))).toBeCloseTo(1.5, 12);
    expect(castExactRay(scene, along([2.1, 1, 5], [0, 0, -1]))).toBe(Number.POSITIVE_INFINITY);
  });
});
