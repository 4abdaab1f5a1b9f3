import { writeInverseRotated } from '../../math/quat.ts';
import type { Vec3 } from '../../math/vec3.ts';
import { computeReach } from '../../robot/shape-extent.ts';
import { computeLocalRayDistance, type Solid } from '../../terrain/ray.ts';
import type { SceneObject } from '../../terrain/scene.ts';
import type { RayBatch } from '../engine.ts';
import RAPIER from './api.ts';

/** [m, quaternion, m] position, orientation, radius of a ball around it */
const PLACE = 8;

/**
 * [m, m², m, m, m] of a solid as seen from the rays' origin: its middle in the copy's axes, that squared, the radius of the
 * ball around it, the origin in the solid's axes, and what a ray goes at least until it meets it
 */
const SEEN = 9;
const NEAREST = 8;

interface View {
  /** In `order`, the nearest first: all that rays can reach. */
  numSolids: number;
  order: Int32Array;
  /** [solids, 9] */
  rows: Float64Array;
}

/** [1] boxes and balls that stand, from which on Rapier's tree finds them sooner than looking at each */
export const MANY = 32;

/** [m] more than a bound says, so that rounding misses nothing */
const SLACK = 1e-3;

/**
 * What rays of one copy may meet and a formula knows: a few things that stand, and those that move, where they are now.
 * Rays of a scan begin at one point: what is near it is looked at first, and what is further off than a hit not at all.
 */
export class SolidsInReach {
  readonly #known = new WeakMap<RAPIER.Collider, Solid>();
  readonly #solids: Solid[] = [];
  readonly #numStanding: number;
  /** [solids, 8]; those that stand first */
  #places: Float64Array;
  readonly #view: View = { numSolids: 0, order: new Int32Array(), rows: new Float64Array() };
  readonly #origin: [number, number, number] = [0, 0, 0];
  readonly #direction: [number, number, number] = [0, 0, 0];
  readonly #vector = { x: 0, y: 0, z: 0 };
  readonly #rotation = { x: 0, y: 0, z: 0, w: 1 };

  /** @param standing boxes and balls */
  constructor(standing: readonly SceneObject[]) {
    this.#numStanding = standing.length;
    this.#places = new Float64Array(PLACE * standing.length);
    standing.forEach(({ geometry, odomFromObject: { translation, rotation } }, k) => {
      this.#solids.push(geometry);
      this.#places.set([...translation, ...rotation, computeReach(geometry)], PLACE * k);
    });
  }

  /** Looks where those that move are. The rays after it need `lookFrom` first. */
  gather(colliders: readonly RAPIER.Collider[]): void {
    this.#solids.length = this.#numStanding;
    const needed = PLACE * (this.#numStanding + colliders.length);
    if (this.#places.length < needed) {
      const longer = new Float64Array(needed);
      longer.set(this.#places);
      this.#places = longer;
    }
    for (let m = 0; m < colliders.length; m++) this.#gatherOne(colliders[m]!);
  }

  #gatherOne(collider: RAPIER.Collider): void {
    const at = PLACE * this.#solids.length;
    const solid = this.#read(collider);
    this.#solids.push(solid);
    const { x, y, z } = collider.translation(this.#vector);
    const turn = collider.rotation(this.#rotation);
    this.#places[at] = x;
    this.#places[at + 1] = y;
    this.#places[at + 2] = z;
    this.#places[at + 3] = turn.x;
    this.#places[at + 4] = turn.y;
    this.#places[at + 5] = turn.z;
    this.#places[at + 6] = turn.w;
    this.#places[at + 7] = computeReach(solid);
  }

  /** Says where the rays that follow begin. @param x, y, z [m] in the copy's axes @param maxRange [m] of the rays */
  lookFrom(x: number, y: number, z: number, maxRange: number): void {
    const view = this.#view;
    const count = this.#solids.length;
    if (view.order.length < count) {
      view.order = new Int32Array(count);
      view.rows = new Float64Array(SEEN * count);
    }
    const { order, rows } = view;
    view.numSolids = 0;
    for (let m = 0; m < count; m++) {
      const nearest = this.#see(m, x, y, z);
      if (nearest > maxRange) continue;
      let k = view.numSolids++;
      for (; k > 0 && rows[SEEN * order[k - 1]! + NEAREST]! > nearest; k--)
        order[k] = order[k - 1]!;
      order[k] = m;
    }
  }

  /** Writes the solid's row. @returns the least that a ray from there can go until it meets it [m] */
  #see(m: number, x: number, y: number, z: number): number {
    const { rows } = this.#view;
    const places = this.#places;
    const at = SEEN * m;
    const place = PLACE * m;
    const [dx, dy, dz] = [places[place]! - x, places[place + 1]! - y, places[place + 2]! - z];
    const reach = places[place + 7]!;
    rows[at] = dx;
    rows[at + 1] = dy;
    rows[at + 2] = dz;
    rows[at + 3] = dx * dx + dy * dy + dz * dz;
    rows[at + 4] = reach;
    rows[at + 5] = -dx;
    rows[at + 6] = -dy;
    rows[at + 7] = -dz;
    writeInverseRotated(rows, at + 5, places, place + 3, rows, at + 5);
    const solid = this.#solids[m]!;
    const nearest =
      solid.kind === 'box'
        ? computeDistanceToBox(solid.size, rows, at + 5)
        : Math.sqrt(rows[at + 3]!) - reach;
    rows[at + NEAREST] = nearest - SLACK;
    return nearest - SLACK;
  }

  /** @returns the nearest hit of ray `k`, `nearest` if that is nearer [m] */
  cast({ direction }: RayBatch, k: number, nearest: number): number {
    const { numSolids, order, rows } = this.#view;
    const [dx, dy, dz] = [direction[3 * k]!, direction[3 * k + 1]!, direction[3 * k + 2]!];
    let found = nearest;
    for (let n = 0; n < numSolids; n++) {
      const m = order[n]!;
      const at = SEEN * m;
      if (rows[at + NEAREST]! > found) break;
      const along = rows[at]! * dx + rows[at + 1]! * dy + rows[at + 2]! * dz;
      const reach = rows[at + 4]!;
      if (along < -reach) continue;
      if (rows[at + 3]! - along * along > (reach + SLACK) ** 2) continue;
      found = Math.min(found, this.#computeDistance(m, direction, 3 * k));
    }
    return found;
  }

  #computeDistance(m: number, direction: Float64Array, i: number): number {
    const { rows } = this.#view;
    const at = SEEN * m + 5;
    const o = this.#origin;
    const d = this.#direction;
    writeInverseRotated(d, 0, this.#places, PLACE * m + 3, direction, i);
    const solid = this.#solids[m]!;
    // Rapier's round shapes stand along y; what is left of the axes may be exchanged.
    const [b, c] = isRound(solid) ? [2, 1] : [1, 2];
    o[0] = rows[at]!;
    o[1] = rows[at + b]!;
    o[2] = rows[at + c]!;
    if (b === 2) [d[1], d[2]] = [d[2], d[1]];
    return computeLocalRayDistance(solid, o, d);
  }

  #read(collider: RAPIER.Collider): Solid {
    let solid = this.#known.get(collider);
    if (solid === undefined) {
      solid = readRoundSolid(collider) ?? readPlainSolid(collider);
      this.#known.set(collider, solid);
    }
    return solid;
  }
}

/** From a point in the box's own axes; 0 inside. [m] */
function computeDistanceToBox(size: Vec3, point: Float64Array, at: number): number {
  const x = Math.max(0, Math.abs(point[at]!) - size[0] / 2);
  const y = Math.max(0, Math.abs(point[at + 1]!) - size[1] / 2);
  const z = Math.max(0, Math.abs(point[at + 2]!) - size[2] / 2);
  return Math.sqrt(x * x + y * y + z * z);
}

/** A box or a ball, which objects of a scene are if they are not round along an axis. */
function readPlainSolid(collider: RAPIER.Collider): Solid {
  if (collider.shapeType() === RAPIER.ShapeType.Ball) {
    return { kind: 'sphere', radius: collider.radius() };
  }
  const half = collider.halfExtents();
  if (half === null)
    throw new RangeError('RayCaster: an object of the scene is no box and no ball');
  return { kind: 'box', size: [2 * half.x, 2 * half.y, 2 * half.z] };
}

export function readRoundSolid(collider: RAPIER.Collider): Solid | undefined {
  const type = collider.shapeType();
  if (type !== RAPIER.ShapeType.Cylinder && type !== RAPIER.ShapeType.Capsule) return undefined;
  const kind = type === RAPIER.ShapeType.Cylinder ? 'cylinder' : 'capsule';
  return { kind, radius: collider.radius(), length: 2 * collider.halfHeight() };
}

export function isRound(
  geometry: Solid,
): geometry is Extract<Solid, { readonly kind: 'cylinder' | 'capsule' }> {
  return geometry.kind === 'cylinder' || geometry.kind === 'capsule';
}
