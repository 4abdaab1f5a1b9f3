import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { computeMeshBytes, decodeMesh, encodeMesh } from '../../web-viewer/mesh-format.ts';
import { CUBE_MESH } from '../kit/meshes.ts';

describe('the bytes of a mesh', () => {
  it('bring back the same vertices and triangles', () => {
    const bytes = encodeMesh(CUBE_MESH);
    const { vertices, triangles } = CUBE_MESH;
    // Mark and two counts, then 8 vertices and 12 triangles of three words each.
    expect(bytes.length).toBe(12 + 12 * (8 + 12));
    expect(computeMeshBytes(CUBE_MESH)).toBe(bytes.length);
    expect(decodeMesh(bytes)).toEqual({ vertices, triangles });
  });

  it('are refused when they are cut short, of another kind, or name a vertex that does not exist', () => {
    const bytes = encodeMesh(CUBE_MESH);
    expect(decodeMesh(bytes.subarray(0, 8))).toBe('8 bytes are no mesh');
    expect(decodeMesh(bytes.subarray(0, bytes.length - 4))).toMatch(/where 252 were announced/);
    const other = bytes.slice();
    other[0] = 0;
    expect(decodeMesh(other)).toMatch(/no mesh/);
    new DataView(bytes.buffer).setUint32(bytes.length - 4, 8, true);
    expect(decodeMesh(bytes)).toBe('vertex 8 of 8 does not exist');
  });

  it('never throw, whatever they are', () => {
    const mark = [0x5a, 0x47, 0x4d, 0x31];
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (tail) => {
        const decoded = decodeMesh(Uint8Array.from([...mark, ...tail]));
        expect(['string', 'object']).toContain(typeof decoded);
      }),
    );
  });
});
