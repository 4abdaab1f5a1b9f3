import { writeInverseRotated } from '../../math/quat.ts';
import { computeReach } from '../../robot/shape-extent.ts';
import { computeLocalRayDistance, type Solid } from '../../terrain/ray.ts';
import type { SceneObject } from '../../terrain/scene.ts';
import type { RayBatch } from '../engine.ts';
import RAPIER from './api.ts';

/** [m, quaternion, m] position, orientation, radius of a ball around it */
const PLACE = 8;

/** [1] boxes and balls that stand, from which on Rapier's tree finds them sooner than looking at each */
export const MANY = 32;

/** What rays of one copy may meet and a formula knows: a few things that stand, and those that move, where they are now. */
export class SolidsInReach {
  readonly #known = new WeakMap<RAPIER.Collider, Solid>();
  readonly #solids: Solid[] = [];
  readonly #numStanding: number;
  /** [solids, 8]; those that stand first */
  #places: Float64Array;
  readonly #vector = { x: 0, y: 0, z: 0 };
  readonly #rotation = { x: 0, y: 0, z: 0, w: 1 };
  readonly #origin = new Float64Array(3);
  readonly #direction = new Float64Array(3);

  /** @param standing boxes and balls */
  constructor(standing: readonly SceneObject[]) {
    this.#numStanding = standing.length;
    this.#places = new Float64Array(PLACE * standing.length);
    standing.forEach(({ geometry, odomFromObject: { translation, rotation } }, k) => {
      this.#solids.push(geometry);
      this.#places.set([...translation, ...rotation, computeReach(geometry)], PLACE * k);
    });
  }

  /** Looks where those that move are. */
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

  /** @returns the nearest hit of ray `k`, `nearest` if that is nearer [m] */
  cast({ origin, direction }: RayBatch, k: number, nearest: number): number {
    let found = nearest;
    const i = 3 * k;
    const [dx, dy, dz] = [direction[i]!, direction[i + 1]!, direction[i + 2]!];
    for (let m = 0; m < this.#solids.length; m++) {
      const at = PLACE * m;
      const x = this.#places[at]! - origin[i]!;
      const y = this.#places[at + 1]! - origin[i + 1]!;
      const z = this.#places[at + 2]! - origin[i + 2]!;
      const reach = this.#places[at + 7]!;
      const along = x * dx + y * dy + z * dz;
      if (along < -reach || along - reach > found) continue;
      // A millimetre more than the reach, so that rounding misses nothing.
      if (x * x + y * y + z * z - along * along > (reach + 1e-3) ** 2) continue;
      found = Math.min(found, this.#computeDistance(m, -x, -y, -z, direction, i));
    }
    return found;
  }

  /** @param x, y, z of the ray's origin from the solid's, in the copy's axes */
  #computeDistance(
    m: number,
    x: number,
    y: number,
    z: number,
    direction: Float64Array,
    i: number,
  ): number {
    const o = this.#origin;
    const d = this.#direction;
    o[0] = x;
    o[1] = y;
    o[2] = z;
    writeInverseRotated(o, 0, this.#places, PLACE * m + 3, o, 0);
    writeInverseRotated(d, 0, this.#places, PLACE * m + 3, direction, i);
    const solid = this.#solids[m]!;
    // Rapier's round shapes stand along y; what is left of the axes may be exchanged.
    const [b, c] = isRound(solid) ? [2, 1] : [1, 2];
    return computeLocalRayDistance(solid, [o[0]!, o[b]!, o[c]!], [d[0]!, d[b]!, d[c]!]);
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
