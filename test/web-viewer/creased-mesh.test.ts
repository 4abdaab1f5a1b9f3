import { describe, expect, it } from 'vitest';
import { computeCreasedMesh } from '../../web-viewer/src/scene/creased-mesh.ts';
import { CUBE_MESH } from '../kit/meshes.ts';

const UNIT = [1, 1, 1];

/** Two squares that share the edge along y and fold down by an angle on one side of it. */
function makeFold(angleDeg: number) {
  const angle = (angleDeg * Math.PI) / 180;
  const [x, z] = [Math.cos(angle), -Math.sin(angle)];
  return {
    vertices: new Float32Array([0, 0, 0, 0, 1, 0, -1, 0, 0, -1, 1, 0, x, 0, z, x, 1, z]),
    triangles: new Uint32Array([0, 1, 2, 1, 3, 2, 0, 4, 1, 4, 5, 1]),
  };
}

function readRows(array: ArrayLike<number>): number[][] {
  return Array.from({ length: array.length / 3 }, (_, i) => [
    ...[array[3 * i]!, array[3 * i + 1]!, array[3 * i + 2]!],
  ]);
}

describe('normals of a mesh', () => {
  it('stand square on each face of a cube', () => {
    const { positions, normals, index } = computeCreasedMesh(CUBE_MESH, UNIT);
    // Each of 8 corners belongs to 3 faces.
    expect(positions.length / 3).toBe(24);
    expect(index.length).toBe(CUBE_MESH.triangles.length);
    const places = readRows(positions);
    readRows(normals).forEach((normal, i) => {
      // One component is ±1 and points away from the centre, the way the corner lies.
      const axis = normal.findIndex((value) => Math.abs(value) > 0.5);
      expect(normal.map(Math.abs).sort()).toEqual([0, 0, 1]);
      expect(Math.sign(places[i]![axis]!)).toBe(Math.sign(normal[axis]!));
    });
  });

  it('are shared over a fold of 20°, and not over one of 40°', () => {
    // 6 vertices; the two on the edge occur twice where the edge is sharp.
    const shallow = computeCreasedMesh(makeFold(20), UNIT);
    expect(shallow.positions.length / 3).toBe(6);
    // On the edge: half-way between straight up and 20° towards +x.
    const [normal] = readRows(shallow.normals);
    expect(normal![0]).toBeCloseTo(Math.sin((10 * Math.PI) / 180), 6);
    expect(normal![2]).toBeCloseTo(Math.cos((10 * Math.PI) / 180), 6);
    expect(computeCreasedMesh(makeFold(40), UNIT).positions.length / 3).toBe(8);
  });

  it('point outwards from a mirrored mesh too', () => {
    const mirrored = computeCreasedMesh(CUBE_MESH, [-2, 1, 1]);
    const places = readRows(mirrored.positions);
    const corners = readRows(mirrored.index);
    for (const [a, b, c] of corners) {
      const edge = (k: number) => places[k]!.map((value, axis) => value - places[a!]![axis]!);
      const [u, v] = [edge(b!), edge(c!)];
      const outwards = [0, 1, 2].reduce((sum, k) => {
        const [l, m] = [(k + 1) % 3, (k + 2) % 3];
        return sum + (u[l]! * v[m]! - u[m]! * v[l]!) * places[a!]![k]!;
      }, 0);
      expect(outwards).toBeGreaterThan(0);
    }
    expect(Math.max(...places.map(([x]) => x!))).toBe(1);
  });

  it('are numbers on a face without area', () => {
    const vertices = new Float32Array([0, 0, 0, 1, 0, 0, 2, 0, 0]);
    const { normals } = computeCreasedMesh(
      { vertices, triangles: new Uint32Array([0, 1, 2]) },
      UNIT,
    );
    expect(readRows(normals)).toEqual([[0, 0, 1]].concat([[0, 0, 1]], [[0, 0, 1]]));
  });
});
