/*
 * The triangles of one mesh file ↔ the bytes under which a viewer's server hands them out. Little endian:
 * u32 mark, u32 vertices, u32 triangles, then three f32 per vertex [m] and three u32 per triangle.
 */

export interface MeshTriangles {
  /** [numVertices, 3] m, row-major, before the shape's scale */
  readonly vertices: Float32Array;
  /** [numTriangles, 3] indices of vertices, counterclockwise seen from outside */
  readonly triangles: Uint32Array;
}

/** 'ZGM1' as it lies in the file. */
const MARK = 0x314d475a;
const HEADER_BYTES = 12;

/** [bytes] */
export function computeMeshBytes({ vertices, triangles }: MeshTriangles): number {
  return HEADER_BYTES + 4 * (vertices.length + triangles.length);
}

export function encodeMesh(mesh: MeshTriangles): Uint8Array<ArrayBuffer> {
  const { vertices, triangles } = mesh;
  const bytes = new Uint8Array(computeMeshBytes(mesh));
  const view = new DataView(bytes.buffer);
  view.setUint32(0, MARK, true);
  view.setUint32(4, vertices.length / 3, true);
  view.setUint32(8, triangles.length / 3, true);
  let o = HEADER_BYTES;
  for (const value of vertices) {
    view.setFloat32(o, value, true);
    o += 4;
  }
  for (const vertex of triangles) {
    view.setUint32(o, vertex, true);
    o += 4;
  }
  return bytes;
}

/** @returns the triangles, or what is wrong with the bytes */
export function decodeMesh(bytes: Uint8Array): MeshTriangles | string {
  if (bytes.length < HEADER_BYTES) return `${bytes.length} bytes are no mesh`;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.getUint32(0, true) !== MARK) return 'these bytes are no mesh';
  const numVertices = view.getUint32(4, true);
  const numTriangles = view.getUint32(8, true);
  const expected = HEADER_BYTES + 12 * (numVertices + numTriangles);
  if (bytes.length !== expected) return `${bytes.length} bytes where ${expected} were announced`;
  const vertices = new Float32Array(3 * numVertices);
  const triangles = new Uint32Array(3 * numTriangles);
  let o = HEADER_BYTES;
  for (let i = 0; i < vertices.length; i++) {
    vertices[i] = view.getFloat32(o, true);
    o += 4;
  }
  for (let i = 0; i < triangles.length; i++) {
    const vertex = view.getUint32(o, true);
    if (vertex >= numVertices) return `vertex ${vertex} of ${numVertices} does not exist`;
    triangles[i] = vertex;
    o += 4;
  }
  return { vertices, triangles };
}
