import type RAPIER from '@dimforge/rapier3d-simd-compat';
import type { QuatXYZW } from '../../math/quat.ts';
import type { Vec3 } from '../../math/vec3.ts';
import { toRotation, toVector } from './colliders.ts';
import type { BuiltCopy } from './shard.ts';

/** [m, quaternion, m/s] position, orientation, velocity of an object */
const WIDTH = 10;

/** Objects of the scene that move, one of each per copy. */
export class MovingObjects {
  readonly #perCopy: number;
  /** Slot among the moving ones, by index in the scene's objects. */
  readonly #slots: ReadonlyMap<number, number>;
  /** [numRobots × numMoving, 10] where each was put last. Part of snapshots. */
  readonly placed: Float64Array;
  /** [numRobots × numMoving] 1: moves in the next step. Part of snapshots. */
  readonly isOnItsWay: Uint8Array;
  #anyOnItsWay = false;

  constructor(copies: readonly BuiltCopy[]) {
    const moving = copies[0]?.moving ?? [];
    this.#perCopy = moving.length;
    this.#slots = new Map(moving.map(({ object }, slot) => [object, slot]));
    this.placed = new Float64Array(copies.length * moving.length * WIDTH);
    this.isOnItsWay = new Uint8Array(copies.length * moving.length);
  }

  place(
    body: RAPIER.RigidBody,
    robot: number,
    object: number,
    pose: { readonly position: Vec3; readonly orientation: QuatXYZW; readonly velocityW: Vec3 },
  ): void {
    const k = robot * this.#perCopy + this.#slots.get(object)!;
    this.placed.set([...pose.position, ...pose.orientation, ...pose.velocityW], WIDTH * k);
    this.isOnItsWay[k] = 1;
    this.#anyOnItsWay = true;
    body.setTranslation(toVector(pose.position), true);
    body.setRotation(toRotation(pose.orientation), true);
    body.setLinvel(toVector(pose.velocityW), true);
  }

  /**
   * After a step: an object pushes while it is on its way, and is then where it was put until it is put elsewhere.
   * @returns whether any was moved
   */
  settle(bodyOf: (robot: number, slot: number) => RAPIER.RigidBody): boolean {
    if (!this.#anyOnItsWay) return false;
    for (let k = 0; k < this.isOnItsWay.length; k++) {
      if (this.isOnItsWay[k] === 0) continue;
      this.isOnItsWay[k] = 0;
      const body = bodyOf(Math.floor(k / this.#perCopy), k % this.#perCopy);
      const [x, y, z] = this.placed.subarray(WIDTH * k, WIDTH * k + 3) as unknown as Vec3;
      body.setTranslation({ x, y, z }, true);
      body.setLinvel({ x: 0, y: 0, z: 0 }, true);
    }
    this.#anyOnItsWay = false;
    return true;
  }

  /** The slot among the moving objects. */
  getSlot(object: number): number {
    return this.#slots.get(object)!;
  }

  /** After a snapshot was restored. */
  reconnect(): void {
    this.#anyOnItsWay = this.isOnItsWay.some((flag) => flag === 1);
  }
}
