import { describe, expect, it } from 'vitest';
import { computeConvexParts } from '../../../sim/engine/convex.ts';
import type { CollisionShape, MeshAsset } from '../../../sim/robot/geometry.ts';
import { DEFAULT_MATERIAL } from '../../../sim/robot/geometry.ts';
import type { RobotModel } from '../../../sim/robot/model.ts';
import { CUBE_MESH, L_MESH } from '../../kit/meshes.ts';
import { makeTestRobot } from '../../kit/robots.ts';

function makeMeshRobot(
  mesh: MeshAsset | undefined,
  solid: CollisionShape['solid'] = 'hull',
  scale: readonly [number, number, number] = [1, 1, 1],
): RobotModel {
  const brick = makeTestRobot('brick');
  const shape: CollisionShape = {
    name: 'shell',
    linkFromShape: { translation: [0, 0, 0], rotation: [0, 0, 0, 1] },
    geometry: { kind: 'mesh', uri: 'shell.stl', scale },
    material: DEFAULT_MATERIAL,
    solid,
  };
  const [base, ...others] = brick.links;
  return {
    ...brick,
    links: [{ ...base!, collisions: [shape] }, ...others],
    meshes: new Map(mesh === undefined ? [] : [['shell.stl', mesh]]),
  };
}

const computeShell = async (model: RobotModel) => (await computeConvexParts(model)).get('shell')!;

/** How far a point sticks out of the box around some corners, at most; negative inside. */
function computeBounds(corners: Float32Array): readonly [lower: number[], upper: number[]] {
  const of = (k: number) => corners.filter((_, i) => i % 3 === k);
  return [[0, 1, 2].map((k) => Math.min(...of(k))), [0, 1, 2].map((k) => Math.max(...of(k)))];
}

describe('convex parts of collision meshes', () => {
  it('are the hull, scaled, without what lies inside it', async () => {
    const inside = new Float32Array([...CUBE_MESH.vertices, 0.1, 0.2, 0.3, -0.2, 0, 0.4]);
    const parts = await computeShell(
      makeMeshRobot({ ...CUBE_MESH, vertices: inside }, 'hull', [2, 4, -6]),
    );
    expect(parts).toHaveLength(1);
    expect(parts[0]).toHaveLength(8 * 3);
    expect(computeBounds(parts[0]!)).toEqual([
      [-1, -2, -3],
      [1, 2, 3],
    ]);
  });

  it('follow the notch of an L as a decomposition, within two voxels of 1/128', async () => {
    const model = makeMeshRobot(L_MESH, 'decomposition');
    const parts = await computeShell(model);
    expect(parts.length).toBeGreaterThanOrEqual(2);
    // No part reaches into both legs: beyond 0.5 m along x and along y at once.
    const slack = 0.5 + (2 * 2) / 128;
    for (const part of parts) {
      const [, [x, y]] = computeBounds(part) as unknown as [number[], [number, number]];
      expect(Math.min(x, y)).toBeLessThan(slack);
    }
    // As one hull, it reaches 2 m along both.
    const [hull] = await computeShell(makeMeshRobot(L_MESH));
    expect(computeBounds(hull!)[1]).toEqual([2, 2, 0.5]);
  });

  it('are computed once per model, and to the same bits again', async () => {
    const model = makeMeshRobot(L_MESH, 'decomposition');
    expect(computeConvexParts(model)).toBe(computeConvexParts(model));
    const again = makeMeshRobot(L_MESH, 'decomposition');
    expect(await computeShell(again)).toEqual(await computeShell(model));
  });

  it('are refused for a mesh that was not found, and for one without volume, by name', async () => {
    await expect(computeConvexParts(makeMeshRobot(undefined))).rejects.toThrow(
      /robot 'brick', link 'base', collision 'shell': its mesh was not found.*openRobot/,
    );
    for (const scale of [
      [1, 1, 0],
      [0, 0, 1],
      [0, 0, 0],
    ] as const) {
      for (const solid of ['hull', 'decomposition'] as const) {
        await expect(computeConvexParts(makeMeshRobot(CUBE_MESH, solid, scale))).rejects.toThrow(
          /collision 'shell': its mesh is no solid/,
        );
      }
    }
  });

  it('are none for a robot of primitives', async () => {
    expect((await computeConvexParts(makeTestRobot('brick'))).size).toBe(0);
  });
});
