import type { DoubleBuffer, IntBuffer, MainModule, MjModel } from '@mujoco/mujoco';
import { computeFieldRayDistance } from '../../terrain/field-ray.ts';
import type { HeightField, Scene } from '../../terrain/scene.ts';
import type { RayBatch } from '../engine.ts';
import type { RobotCopy } from './copy.ts';
import type { Layout } from './layout.ts';
import { isInsideSolid, listSolids, type Solid } from './solids.ts';
import type { CopyViews } from './views.ts';

/** Robot geoms are in group 1, see mjcf/geoms.ts. */
const SCENE_ONLY = [1, 0, 0, 0, 0, 0];
const ALL_GROUPS = [1, 1, 0, 0, 0, 0];
const UNSEEN_GROUP = 5;
const NO_BODY = -1;

interface Buffers {
  readonly distance: DoubleBuffer;
  readonly geom: IntBuffer;
}

/**
 * Batches of rays. Those in a row that share a copy and an origin, as the rays of a lidar do, cross into
 * WebAssembly in one call. MuJoCo's rays visit every triangle of a height field, half a millisecond each over 100 by 100
 * cells; here they walk over its cells.
 */
export class RayCaster {
  readonly #mujoco: MainModule;
  readonly #model: MjModel;
  readonly #solids: readonly Solid[];
  readonly #isRobot: readonly boolean[];
  readonly #bodyOfGeom: Int32Array;
  readonly #field: HeightField | undefined;
  /** By number of rays: MuJoCo wants buffers of the very size. */
  readonly #buffers = new Map<number, Buffers>();

  /**
   * @param model of a copy, for rays alone, whose bounding volumes are taken away: in MuJoCo 3.14 `mj_multiRay` puts a
   *   body's without turning them with the body, and so misses shapes beside the centre of mass of a turned one.
   *   `mj_ray` sees them, at a call per ray.
   */
  constructor(mujoco: MainModule, model: MjModel, { geomShape }: Layout, { ground }: Scene) {
    this.#mujoco = mujoco;
    this.#model = model;
    model.body_bvhadr.fill(-1);
    this.#solids = listSolids(mujoco, model);
    this.#isRobot = Array.from(geomShape, (shape) => shape >= 0);
    this.#bodyOfGeom = model.geom_bodyid.slice();
    this.#field = ground?.kind === 'height_field' ? ground : undefined;
    const { mjGEOM_HFIELD } = mujoco.mjtGeom;
    for (let geom = 0; geom < model.ngeom; geom++) {
      if (model.geom_type[geom] === mjGEOM_HFIELD.value) model.geom_group[geom] = UNSEEN_GROUP;
    }
  }

  /**
   * @param exceptBody id of the body that rays pass through; undefined where they meet the scene alone
   */
  cast(rays: RayBatch, copies: readonly RobotCopy[], exceptBody?: number): void {
    const { numRays, robot, origin } = rays;
    let first = 0;
    while (first < numRays) {
      let end = first + 1;
      while (end < numRays && robot[end] === robot[first] && isSamePoint(origin, first, end)) end++;
      this.#castBundle(rays, { first, end }, copies, exceptBody);
      first = end;
    }
  }

  free(): void {
    for (const { distance, geom } of this.#buffers.values()) {
      distance.delete();
      geom.delete();
    }
    this.#buffers.clear();
  }

  /** Rays from `first` up to `end`, all from one point. */
  #castBundle(
    { robot, origin, direction, distance, maxRange }: RayBatch,
    { first, end }: { readonly first: number; readonly end: number },
    copies: readonly RobotCopy[],
    exceptBody: number | undefined,
  ): void {
    const buffers = this.#getBuffers(end - first);
    const copy = copies[robot[first]!]!;
    copy.refresh();
    if (this.#isInside(copy.views, origin, 3 * first, exceptBody)) {
      distance.fill(0, first, end);
      return;
    }
    this.#mujoco.mj_multiRay(
      this.#model,
      copy.data,
      origin.subarray(3 * first, 3 * first + 3) as unknown as number[],
      direction.subarray(3 * first, 3 * end) as unknown as number[],
      exceptBody === undefined ? SCENE_ONLY : ALL_GROUPS,
      true,
      exceptBody ?? NO_BODY,
      buffers.geom,
      buffers.distance,
      null,
      end - first,
      maxRange,
    );
    const found: Float64Array = buffers.distance.GetView();
    for (let i = first; i < end; i++) {
      const range = found[i - first]!;
      distance[i] = range >= 0 && range <= maxRange ? range : Number.POSITIVE_INFINITY;
    }
    const field = this.#field;
    if (field === undefined) return;
    for (let i = first; i < end; i++) {
      const limit = Math.min(maxRange, distance[i]!);
      const range = computeFieldRayDistance(field, origin, 3 * i, direction, 3 * i, limit);
      distance[i] = Math.min(distance[i]!, range);
    }
  }

  #isInside(
    views: CopyViews,
    origin: Float64Array,
    o: number,
    exceptBody: number | undefined,
  ): boolean {
    for (const solid of this.#solids) {
      const isSeen = this.#isRobot[solid.geom]
        ? exceptBody !== undefined && this.#bodyOfGeom[solid.geom] !== exceptBody
        : true;
      if (isSeen && isInsideSolid(solid, views, origin, o)) return true;
    }
    return false;
  }

  #getBuffers(numRays: number): Buffers {
    let buffers = this.#buffers.get(numRays);
    if (buffers === undefined) {
      buffers = {
        distance: new this.#mujoco.DoubleBuffer(numRays),
        geom: new this.#mujoco.IntBuffer(numRays),
      };
      this.#buffers.set(numRays, buffers);
    }
    return buffers;
  }
}

function isSamePoint(points: Float64Array, i: number, j: number): boolean {
  return (
    points[3 * i] === points[3 * j] &&
    points[3 * i + 1] === points[3 * j + 1] &&
    points[3 * i + 2] === points[3 * j + 2]
  );
}
