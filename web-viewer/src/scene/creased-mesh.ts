import type { MeshTriangles } from '../../mesh-format.ts';

/** Faces that meet at less than this angle look like one curved surface. [rad] */
const CREASE = Math.PI / 6;
/** [1] corners at one vertex beyond which every face keeps its own normal: the work grows with the square */
const MAX_CORNERS = 256;

/** Vertices with normals; a vertex on an edge occurs once per side. */
export interface CreasedMesh {
  /** [numVertices, 3] m */
  readonly positions: Float32Array;
  /** [numVertices, 3] unit vectors */
  readonly normals: Float32Array;
  /** [numTriangles, 3] */
  readonly index: Uint32Array;
}

/**
 * Scales a mesh and computes its normals: smooth over curved surfaces, sharp at edges. Description formats carry
 * normals that exporters got wrong as often as right; the triangles are what collides.
 * @param scale of the shape; a mirroring one turns triangles inside out, which is undone
 */
export function computeCreasedMesh(mesh: MeshTriangles, scale: readonly number[]): CreasedMesh {
  const vertices = mesh.vertices.map((value, i) => value * scale[i % 3]!);
  const triangles = mesh.triangles.slice();
  if (scale[0]! * scale[1]! * scale[2]! < 0) {
    for (let t = 0; t < triangles.length; t += 3) {
      [triangles[t + 1], triangles[t + 2]] = [triangles[t + 2]!, triangles[t + 1]!];
    }
  }
  const faces = computeFaces(vertices, triangles);
  const corners = groupByVertex(triangles, vertices.length / 3);
  return split(vertices, triangles, faces, corners);
}

interface Faces {
  /** [numTriangles, 3] normals as long as twice the area: large faces count more */
  readonly areas: Float32Array;
  /** [numTriangles, 3] unit normals; 0 for a face without area */
  readonly units: Float32Array;
}

function computeFaces(vertices: Float32Array, triangles: Uint32Array): Faces {
  const areas = new Float32Array(triangles.length);
  const units = new Float32Array(triangles.length);
  const edge = (from: number, to: number, axis: number) =>
    vertices[3 * to + axis]! - vertices[3 * from + axis]!;
  for (let t = 0; t < triangles.length; t += 3) {
    const [a, b, c] = [triangles[t]!, triangles[t + 1]!, triangles[t + 2]!];
    let square = 0;
    for (let k = 0; k < 3; k++) {
      const [l, m] = [(k + 1) % 3, (k + 2) % 3];
      const value = edge(a, b, l) * edge(a, c, m) - edge(a, b, m) * edge(a, c, l);
      areas[t + k] = value;
      square += value * value;
    }
    const length = Math.sqrt(square);
    for (let k = 0; k < 3; k++) units[t + k] = length > 0 ? areas[t + k]! / length : 0;
  }
  return { areas, units };
}

/** Corners one vertex after another: those of vertex v are list[first[v]] … list[first[v + 1] − 1]. */
function groupByVertex(triangles: Uint32Array, numVertices: number) {
  const first = new Uint32Array(numVertices + 1);
  for (const vertex of triangles) first[vertex + 1]!++;
  for (let v = 0; v < numVertices; v++) first[v + 1]! += first[v]!;
  const next = first.slice();
  const list = new Uint32Array(triangles.length);
  triangles.forEach((vertex, corner) => {
    list[next[vertex]!++] = corner;
  });
  return { first, list };
}

function split(
  vertices: Float32Array,
  triangles: Uint32Array,
  { areas, units }: Faces,
  { first, list }: ReturnType<typeof groupByVertex>,
): CreasedMesh {
  const positions = new Float32Array(3 * triangles.length);
  const normals = new Float32Array(3 * triangles.length);
  const index = new Uint32Array(triangles.length);
  const cosine = Math.cos(CREASE);
  const sum = new Float32Array(3);
  const dot = (f: number, g: number) =>
    units[f]! * units[g]! + units[f + 1]! * units[g + 1]! + units[f + 2]! * units[g + 2]!;
  let count = 0;
  for (let v = 0; v + 1 < first.length; v++) {
    const [from, to] = [first[v]!, first[v + 1]!];
    const isSmoothed = to - from <= MAX_CORNERS;
    const firstOut = count;
    for (let i = from; i < to; i++) {
      const face = list[i]! - (list[i]! % 3);
      sum.fill(0);
      for (let j = from; j < to; j++) {
        const other = list[j]! - (list[j]! % 3);
        if (other !== face && !(isSmoothed && dot(face, other) > cosine)) continue;
        for (let k = 0; k < 3; k++) sum[k]! += areas[other + k]!;
      }
      const length = Math.hypot(sum[0]!, sum[1]!, sum[2]!);
      for (let k = 0; k < 3; k++) sum[k] = length > 0 ? sum[k]! / length : k === 2 ? 1 : 0;
      // The same faces in the same order sum up to the same bits.
      let out = firstOut;
      while (out < count && !hasNormal(normals, out, sum)) out++;
      if (out === count) {
        for (let k = 0; k < 3; k++) positions[3 * out + k] = vertices[3 * v + k]!;
        normals.set(sum, 3 * out);
        count++;
      }
      index[list[i]!] = out;
    }
  }
  return { positions: positions.slice(0, 3 * count), normals: normals.slice(0, 3 * count), index };
}

function hasNormal(normals: Float32Array, vertex: number, normal: Float32Array): boolean {
  const o = 3 * vertex;
  return normals[o] === normal[0] && normals[o + 1] === normal[1] && normals[o + 2] === normal[2];
}
