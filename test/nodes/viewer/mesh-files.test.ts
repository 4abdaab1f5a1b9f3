import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { makeMeshFiles } from '../../../nodes/viewer/mesh-files.ts';
import type { Geometry } from '../../../sim/robot/geometry.ts';
import { decodeMesh } from '../../../web-viewer/mesh-format.ts';
import { CUBE_MESH, L_MESH } from '../../kit/meshes.ts';
import { makeTinyRobot } from '../../kit/tiny-robot.ts';

const mesh = (uri: string): { geometry: Geometry } => ({
  geometry: { kind: 'mesh', uri, scale: [1, 1, 1] },
});

describe('the meshes of a robot, as a viewer serves them', () => {
  it('are named by their content, and two files with the same triangles are one', () => {
    const robot = makeTinyRobot({
      links: [
        { name: 'a', shapes: [mesh('cube.stl'), mesh('copy.stl')] },
        { name: 'b', shapes: [mesh('l.stl')] },
      ],
      joints: [{ name: 'j', parent: 'a', child: 'b' }],
      meshes: { 'cube.stl': CUBE_MESH, 'copy.stl': CUBE_MESH, 'l.stl': L_MESH },
    });
    const { entries, files, warnings } = makeMeshFiles(robot);
    expect(warnings).toEqual([]);
    expect(entries['copy.stl']).toEqual(entries['cube.stl']);
    expect([...files.keys()]).toEqual([entries['cube.stl']!.path, entries['l.stl']!.path]);
    for (const [path, bytes] of files) {
      const hash = createHash('sha256').update(bytes).digest('base64url');
      expect(path).toBe(`meshes/${hash}`);
    }
    const { lower, upper, numTriangles } = entries['l.stl']!;
    // Legs 2 m long, 0.5 m high; 6 sides and two ends of 4 triangles.
    expect([lower, upper, numTriangles]).toEqual([[0, 0, 0], [2, 2, 0.5], 6 * 2 + 2 * 4]);
    const { vertices, triangles } = L_MESH;
    expect(decodeMesh(files.get(entries['l.stl']!.path)!)).toEqual({ vertices, triangles });
  });

  it('say by name which are missing, and which are too large for what is left', () => {
    const robot = makeTinyRobot({
      links: [{ name: 'a', shapes: [mesh('gone.stl'), mesh('cube.stl'), mesh('l.stl')] }],
      meshes: { 'cube.stl': CUBE_MESH, 'l.stl': L_MESH },
    });
    // The cube has 8 vertices and 12 triangles: 12 + 12 · 20 = 252 bytes. The L would need more than 100 more.
    const { entries, files, warnings } = makeMeshFiles(robot, 352);
    expect(Object.keys(entries)).toEqual(['cube.stl']);
    expect(files.size).toBe(1);
    expect(warnings.map(({ text }) => text)).toEqual([
      "mesh 'gone.stl' of a is not drawn: it was not read",
      expect.stringMatching(/^mesh 'l.stl' of a is not drawn: with its 20 triangles .* exceed/),
    ]);
  });
});
