import RAPIER from './api.ts';
import { loadRapier } from './load.ts';

/**
 * [-] Voxels along the longest side while a mesh is cut into convex parts: parts stick out of the mesh by about
 * two of them, 1.6 % of its size. Doubling it takes eight times as long.
 */
const RESOLUTION = 128;
/** [-] Share of the volume by which a part may bulge over the mesh before it is cut again. */
const CONCAVITY = 0.01;
const MAX_PARTS = 32;

/**
 * The convex hull of some points.
 * @param points [n, 3] m
 * @returns [m, 3] m its corners; undefined where the points enclose no volume
 */
export async function computeHull(points: Float32Array): Promise<Float32Array | undefined> {
  await loadRapier();
  const corners = toCorners(new RAPIER.ConvexPolyhedron(points));
  return corners !== undefined && isSolid(corners) ? corners.vertices : undefined;
}

/**
 * Cuts a mesh into convex parts that follow its hollows (VHACD: Mamou, Volumetric hierarchical approximate
 * convex decomposition, Game Engine Gems 3, 2016).
 * @param points [n, 3] m
 * @param triangles [t, 3] indices of points
 * @returns [m, 3] m the corners of each part; empty where the mesh encloses no volume
 */
export async function computeDecomposition(
  points: Float32Array,
  triangles: Uint32Array,
): Promise<readonly Float32Array[]> {
  await loadRapier();
  const cut = RAPIER.ColliderDesc.convexDecomposition(points, triangles, {
    resolution: RESOLUTION,
    concavity: CONCAVITY,
    maxConvexHulls: MAX_PARTS,
  });
  if (cut === null) return [];
  // A compound of polyhedra that lie in the mesh's own frame.
  const shapes = cut.shape instanceof RAPIER.Compound ? cut.shape.shapes : [cut.shape];
  return shapes.flatMap((shape) => {
    if (!(shape instanceof RAPIER.ConvexPolyhedron)) return [];
    const corners = toCorners(shape);
    return corners !== undefined && isSolid(corners) ? [corners.vertices] : [];
  });
}

interface Corners {
  readonly vertices: Float32Array;
  readonly indices: Uint32Array;
}

/** What Rapier makes of a polyhedron, read back; undefined where it can make nothing of it. */
function toCorners(shape: RAPIER.ConvexPolyhedron): Corners | undefined {
  // The wrapper has no word for a hull that fails: it hands on null, which then cannot be read.
  const raw: ReturnType<RAPIER.Shape['intoRaw']> | null | undefined = shape.intoRaw();
  if (raw === null || raw === undefined) return undefined;
  const read = RAPIER.Shape.fromRawShape(raw);
  if (!(read instanceof RAPIER.ConvexPolyhedron) || !read.indices) return undefined;
  return { vertices: read.vertices, indices: read.indices };
}

/** Whether a hull is more than a sheet: 10⁻⁶ of the cube around it. */
function isSolid({ vertices, indices }: Corners): boolean {
  let volume = 0;
  let reach = 0;
  const [x0, y0, z0] = vertices as unknown as [number, number, number];
  const at = (k: number) =>
    [vertices[3 * k]! - x0, vertices[3 * k + 1]! - y0, vertices[3 * k + 2]! - z0] as const;
  for (let k = 0; k < vertices.length / 3; k++) reach = Math.max(reach, Math.hypot(...at(k)));
  for (let t = 0; t < indices.length; t += 3) {
    const [ax, ay, az] = at(indices[t]!);
    const [bx, by, bz] = at(indices[t + 1]!);
    const [cx, cy, cz] = at(indices[t + 2]!);
    volume += (ax * (by * cz - bz * cy) + ay * (bz * cx - bx * cz) + az * (bx * cy - by * cx)) / 6;
  }
  return Math.abs(volume) > 1e-6 * reach ** 3;
}
