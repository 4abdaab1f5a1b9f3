import type { MainModule, MjModel } from '@mujoco/mujoco';
import type { CopyViews } from './views.ts';

/** Whether a point is inside one geom; MuJoCo's rays see a solid from inside, too. */
export interface Solid {
  readonly geom: number;
  /** [m] around the geom's origin; 0: none */
  readonly reach: number;
  /** @param x, y, z [m] in the geom's frame */
  contains(x: number, y: number, z: number): boolean;
}

/** The solids of a compiled model by geom: below the plane or the height field is inside the ground. */
export function listSolids(mujoco: MainModule, model: MjModel): readonly Solid[] {
  const reach: Float64Array = model.geom_rbound;
  return Array.from({ length: model.ngeom }, (_, geom) => ({
    geom,
    reach: reach[geom]!,
    contains: makeContains(mujoco, model, geom),
  }));
}

export function isInsideSolid(
  solid: Solid,
  { geomPosition, geomMatrix }: CopyViews,
  origin: Float64Array,
  o: number,
): boolean {
  const { geom, reach } = solid;
  const x = origin[o]! - geomPosition[3 * geom]!;
  const y = origin[o + 1]! - geomPosition[3 * geom + 1]!;
  const z = origin[o + 2]! - geomPosition[3 * geom + 2]!;
  if (reach > 0 && x * x + y * y + z * z > reach * reach) return false;
  // The matrix takes from the geom into the world, so its columns are the geom's axes.
  const m = 9 * geom;
  return solid.contains(
    geomMatrix[m]! * x + geomMatrix[m + 3]! * y + geomMatrix[m + 6]! * z,
    geomMatrix[m + 1]! * x + geomMatrix[m + 4]! * y + geomMatrix[m + 7]! * z,
    geomMatrix[m + 2]! * x + geomMatrix[m + 5]! * y + geomMatrix[m + 8]! * z,
  );
}

function makeContains(mujoco: MainModule, model: MjModel, geom: number): Solid['contains'] {
  const types: Int32Array = model.geom_type;
  const sizes: Float64Array = model.geom_size;
  const [a, b, c] = [sizes[3 * geom]!, sizes[3 * geom + 1]!, sizes[3 * geom + 2]!];
  const kinds = mujoco.mjtGeom;
  switch (types[geom]) {
    case kinds.mjGEOM_PLANE.value:
      return (_x, _y, z) => z < 0;
    case kinds.mjGEOM_HFIELD.value:
      return makeBelowHeights(model, geom);
    case kinds.mjGEOM_SPHERE.value:
      return (x, y, z) => x * x + y * y + z * z < a * a;
    case kinds.mjGEOM_CAPSULE.value:
      return (x, y, z) => {
        const beyond = Math.max(0, Math.abs(z) - b);
        return x * x + y * y + beyond * beyond < a * a;
      };
    case kinds.mjGEOM_CYLINDER.value:
      return (x, y, z) => x * x + y * y < a * a && Math.abs(z) < b;
    case kinds.mjGEOM_BOX.value:
      return (x, y, z) => Math.abs(x) < a && Math.abs(y) < b && Math.abs(z) < c;
    case kinds.mjGEOM_MESH.value:
      return makeInsideHull(model, geom);
    default:
      throw new RangeError(`geom ${geom} is of a type that is not simulated here: ${types[geom]}`);
  }
}

/** The height of the triangle above the point; cells are split from (x, y) to (x + 1, y + 1). */
function makeBelowHeights(model: MjModel, geom: number): Solid['contains'] {
  const ids: Int32Array = model.geom_dataid;
  const id = ids[geom]!;
  const rows: number = model.hfield_nrow[id];
  const columns: number = model.hfield_ncol[id];
  const [halfX, halfY, range] = model.hfield_size.subarray(4 * id, 4 * id + 3) as Float64Array;
  const start: number = model.hfield_adr[id];
  const heights: Float32Array = model.hfield_data.slice(start, start + rows * columns);
  const at = (x: number, y: number) => heights[y * columns + x]! * range!;
  return (x, y, z) => {
    const u = ((x + halfX!) / (2 * halfX!)) * (columns - 1);
    const v = ((y + halfY!) / (2 * halfY!)) * (rows - 1);
    if (u < 0 || v < 0 || u > columns - 1 || v > rows - 1) return false;
    const i = Math.min(columns - 2, Math.floor(u));
    const j = Math.min(rows - 2, Math.floor(v));
    const [s, t] = [u - i, v - j];
    const corner = s > t ? at(i + 1, j) : at(i, j + 1);
    const height =
      s > t
        ? at(i, j) + s * (corner - at(i, j)) + t * (at(i + 1, j + 1) - corner)
        : at(i, j) + t * (corner - at(i, j)) + s * (at(i + 1, j + 1) - corner);
    return z < height;
  };
}

/** Behind every face of the hull that MuJoCo made of the mesh. */
function makeInsideHull(model: MjModel, geom: number): Solid['contains'] {
  const id: number = model.geom_dataid[geom];
  const firstFace: number = model.mesh_faceadr[id];
  const numFaces: number = model.mesh_facenum[id];
  const firstVertex: number = model.mesh_vertadr[id];
  const faces: Int32Array = model.mesh_face;
  const vertices: Float32Array = model.mesh_vert;
  const planes = new Float64Array(4 * numFaces);
  for (let face = 0; face < numFaces; face++) {
    const corner = (k: number, axis: number) =>
      vertices[3 * (firstVertex + faces[3 * (firstFace + face) + k]!) + axis]!;
    const edge = (k: number) => [0, 1, 2].map((axis) => corner(k, axis) - corner(0, axis));
    const [p, q] = [edge(1), edge(2)] as [number[], number[]];
    const normal = [0, 1, 2].map((axis) => {
      const [i, j] = [(axis + 1) % 3, (axis + 2) % 3];
      return p[i]! * q[j]! - p[j]! * q[i]!;
    });
    const offset = normal.reduce((sum, value, axis) => sum + value * corner(0, axis), 0);
    planes.set([...normal, offset], 4 * face);
  }
  return (x, y, z) => {
    for (let k = 0; k < planes.length; k += 4) {
      const height = planes[k]! * x + planes[k + 1]! * y + planes[k + 2]! * z - planes[k + 3]!;
      if (height >= 0) return false;
    }
    return true;
  };
}
