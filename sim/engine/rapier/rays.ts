import RAPIER from '@dimforge/rapier3d-simd-compat';
import type { Scene } from '../../terrain/scene.ts';
import type { RayBatch } from '../engine.ts';
import type { BodyStates } from '../kinematics.ts';
import { addFixedScene } from './scene.ts';
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
 * shapes that move one by one.
 */
export class RayCaster {
  readonly #scene: RAPIER.World;
  readonly #ray = new RAPIER.Ray({ x: 0, y: 0, z: 0 }, { x: 1, y: 0, z: 0 });
  readonly #isEmpty: boolean;

  constructor(scene: Scene) {
    this.#scene = openWorld({
      gravityW: [0, 0, 0],
      timestepS: 0.001,
      iterations: 1,
      internalIterations: 1,
    });
    const { fixed } = addFixedScene(this.#scene, scene, 0xffff_ffff);
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
      let nearest = this.#castAtScene(rays.maxRange);
      const { own, moving } = targets[rays.robot[k]!]!;
      for (let m = 0; m < moving.length; m++) {
        nearest = this.#castAt(moving[m]!, nearest);
      }
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

  #castAt(collider: RAPIER.Collider, nearest: number): number {
    const limit = Number.isFinite(nearest) ? nearest : Number.MAX_VALUE;
    const distance = collider.castRay(this.#ray, limit, true);
    return distance < 0 || distance > nearest ? nearest : distance;
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
    const along = x * dir.x + y * dir.y + z * dir.z;
    const square = x * x + y * y + z * z;
    if (along < -reach || along - reach > nearest) return true;
    // A millimetre more than the reach, so that rounding misses nothing.
    return square - along * along > (reach + 1e-3) ** 2;
  }
}
