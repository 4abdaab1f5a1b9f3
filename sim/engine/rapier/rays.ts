import { writeInverseRotated } from '../../math/quat.ts';
import { computeLocalRayDistance, computeRayDistance, type Solid } from '../../terrain/ray.ts';
import type { Scene, SceneObject } from '../../terrain/scene.ts';
import type { RayBatch } from '../engine.ts';
import type { BodyStates } from '../kinematics.ts';
import RAPIER from './api.ts';
import { addFixedScene } from './scene.ts';
import { isRound, MANY, readRoundSolid, SolidsInReach } from './solids-in-reach.ts';
import { openWorld } from './world.ts';

/** A collider that can be met, and a ball around it. */
export interface RayTarget {
  readonly collider: RAPIER.Collider;
  /** Row of its body in the engine's states. */
  readonly row: number;
  /** [m] around the body's origin */
  readonly reach: number;
}

/** What rays of a copy can meet besides the scene that stands still. */
export interface RayTargets {
  /** Body by body. */
  readonly own: readonly (readonly RayTarget[])[];
  readonly moving: readonly RAPIER.Collider[];
}

/**
 * Casts rays at what stands still through a world of its own, in which no robots are in the way, and at the few
 * shapes that move one by one. Rapier finds cylinders and capsules by iteration, off by up to 5 mm and with rims that
 * reach 1 mm too far, so those are met by their own formulas. So are objects of the scene that move, a plane,
 * and the boxes of a scene that has few: a scan of 360 rays among four walls and 16 things that move asks Rapier nothing,
 * and looks only at the few in a ray's way.
 */
export class RayCaster {
  readonly #scene: RAPIER.World;
  readonly #ray = new RAPIER.Ray({ x: 0, y: 0, z: 0 }, { x: 1, y: 0, z: 0 });
  readonly #isEmpty: boolean;
  readonly #hasPlane: boolean;
  readonly #roundObjects: readonly { readonly object: SceneObject; readonly reach: number }[];
  /** Of colliders met so far: the formula's solid, or undefined where Rapier's rays are exact. */
  readonly #solids = new WeakMap<RAPIER.Collider, { readonly solid: Solid | undefined }>();
  readonly #vector = { x: 0, y: 0, z: 0 };
  readonly #rotation = { x: 0, y: 0, z: 0, w: 1 };
  readonly #origin: [number, number, number] = [0, 0, 0];
  readonly #direction: [number, number, number] = [0, 0, 0];
  readonly #inReach: SolidsInReach;

  constructor(scene: Scene) {
    this.#scene = openWorld({
      gravityW: [0, 0, 0],
      timestepS: 0.001,
      iterations: 1,
      internalIterations: 1,
      frictionInEverySweep: false,
    });
    this.#roundObjects = scene.objects.flatMap((object) => {
      const { geometry, moves } = object;
      if (moves || !isRound(geometry)) return [];
      return [{ object, reach: geometry.radius + geometry.length / 2 }];
    });
    const plain = scene.objects.filter(({ geometry, moves }) => !moves && !isRound(geometry));
    const isSimple = scene.ground?.kind !== 'height_field' && plain.length <= MANY;
    this.#hasPlane = isSimple && scene.ground?.kind === 'plane';
    this.#inReach = new SolidsInReach(isSimple ? plain : []);
    const rest = isSimple ? { objects: [] } : { ...scene, objects: plain };
    const { fixed } = addFixedScene(this.#scene, rest, 0xffff_ffff);
    this.#isEmpty = fixed.length === 0;
    // Sorts the shapes into the tree that rays go through.
    this.#scene.step();
  }

  cast(
    rays: RayBatch,
    states: BodyStates,
    targets: readonly RayTargets[],
    exceptBody: number | undefined,
  ): void {
    for (let k = 0; k < rays.numRays; k++) {
      this.#aim(rays, k);
      const { own, moving } = targets[rays.robot[k]!]!;
      // Nothing moves between the rays of one call.
      const isAnothers = k === 0 || rays.robot[k] !== rays.robot[k - 1];
      if (isAnothers) this.#inReach.gather(moving);
      if (isAnothers || !beginsLikeLast(rays, k)) {
        const { x, y, z } = this.#ray.origin;
        this.#inReach.lookFrom(x, y, z, rays.maxRange);
      }
      let nearest = this.#castAtRoundObjects(this.#castAtScene(rays.maxRange));
      if (this.#hasPlane) nearest = Math.min(nearest, this.#castAtPlane());
      nearest = this.#inReach.cast(rays, k, nearest);
      if (exceptBody !== undefined) {
        for (let b = 0; b < own.length; b++) {
          if (b !== exceptBody) nearest = this.#castAtBody(own[b]!, states, nearest);
        }
      }
      rays.distance[k] = nearest > rays.maxRange ? Number.POSITIVE_INFINITY : nearest;
    }
  }

  free(): void {
    this.#scene.free();
  }

  #aim(rays: RayBatch, k: number): void {
    const { origin, dir } = this.#ray;
    origin.x = rays.origin[3 * k]!;
    origin.y = rays.origin[3 * k + 1]!;
    origin.z = rays.origin[3 * k + 2]!;
    dir.x = rays.direction[3 * k]!;
    dir.y = rays.direction[3 * k + 1]!;
    dir.z = rays.direction[3 * k + 2]!;
  }

  /** [m] +Infinity for none */
  #castAtScene(maxRange: number): number {
    if (this.#isEmpty) return Number.POSITIVE_INFINITY;
    const hit = this.#scene.castRay(this.#ray, maxRange, true);
    return hit === null ? Number.POSITIVE_INFINITY : hit.timeOfImpact;
  }

  /** z = 0; whatever is under it is inside. [m] */
  #castAtPlane(): number {
    const { origin, dir } = this.#ray;
    if (origin.z <= 0) return 0;
    return dir.z < 0 ? -origin.z / dir.z : Number.POSITIVE_INFINITY;
  }

  #castAtRoundObjects(nearest: number): number {
    let found = nearest;
    const { origin, dir } = this.#ray;
    for (let k = 0; k < this.#roundObjects.length; k++) {
      const { object, reach } = this.#roundObjects[k]!;
      const [x, y, z] = object.odomFromObject.translation;
      if (misses(x - origin.x, y - origin.y, z - origin.z, dir, reach, found)) continue;
      this.#keepRay();
      found = Math.min(found, computeRayDistance(object, this.#origin, this.#direction));
    }
    return found;
  }

  #keepRay(): void {
    const { origin, dir } = this.#ray;
    this.#origin[0] = origin.x;
    this.#origin[1] = origin.y;
    this.#origin[2] = origin.z;
    this.#direction[0] = dir.x;
    this.#direction[1] = dir.y;
    this.#direction[2] = dir.z;
  }

  #castAt(collider: RAPIER.Collider, nearest: number): number {
    const solid = this.#findSolid(collider);
    if (solid !== undefined) return Math.min(nearest, this.#computeDistance(collider, solid));
    const limit = Number.isFinite(nearest) ? nearest : Number.MAX_VALUE;
    const distance = collider.castRay(this.#ray, limit, true);
    return distance < 0 || distance > nearest ? nearest : distance;
  }

  #findSolid(collider: RAPIER.Collider): Solid | undefined {
    let known = this.#solids.get(collider);
    if (known === undefined) {
      known = { solid: readRoundSolid(collider) };
      this.#solids.set(collider, known);
    }
    return known.solid;
  }

  /** In the collider's frame, whose y is the solid's z; what is left of the axes may be exchanged. */
  #computeDistance(collider: RAPIER.Collider, solid: Solid): number {
    const place = collider.translation(this.#vector);
    const { x, y, z, w } = collider.rotation(this.#rotation);
    this.#keepRay();
    const origin = this.#origin;
    const direction = this.#direction;
    origin[0] -= place.x;
    origin[1] -= place.y;
    origin[2] -= place.z;
    const q = [x, y, z, w] as const;
    writeInverseRotated(origin, 0, q, 0, origin, 0);
    writeInverseRotated(direction, 0, q, 0, direction, 0);
    return computeLocalRayDistance(
      solid,
      [origin[0], origin[2], origin[1]],
      [direction[0], direction[2], direction[1]],
    );
  }

  #castAtBody(targets: readonly RayTarget[], states: BodyStates, nearest: number): number {
    let found = nearest;
    for (let t = 0; t < targets.length; t++) {
      const target = targets[t]!;
      if (this.#misses(states, target, found)) continue;
      found = this.#castAt(target.collider, found);
    }
    return found;
  }

  /** Whether the ray passes the ball around a target, or ends before it. */
  #misses(states: BodyStates, { row, reach }: RayTarget, nearest: number): boolean {
    const { origin, dir } = this.#ray;
    const x = states.position[3 * row]! - origin.x;
    const y = states.position[3 * row + 1]! - origin.y;
    const z = states.position[3 * row + 2]! - origin.z;
    return misses(x, y, z, dir, reach, nearest);
  }
}

/** Whether ray `k` begins where the one before it did. @param k [1] from 1 on */
function beginsLikeLast({ origin }: RayBatch, k: number): boolean {
  const [now, last] = [3 * k, 3 * (k - 1)];
  return (
    origin[now] === origin[last] &&
    origin[now + 1] === origin[last + 1] &&
    origin[now + 2] === origin[last + 2]
  );
}

/** Whether a ray passes the ball around a point x, y, z away from its origin, or ends before it. */
function misses(
  x: number,
  y: number,
  z: number,
  dir: RAPIER.Vector,
  reach: number,
  nearest: number,
): boolean {
  const along = x * dir.x + y * dir.y + z * dir.z;
  const square = x * x + y * y + z * z;
  if (along < -reach || along - reach > nearest) return true;
  // A millimetre more than the reach, so that rounding misses nothing.
  return square - along * along > (reach + 1e-3) ** 2;
}
