import type RAPIER from '@dimforge/rapier3d-simd-compat';
import type { BodyStates } from '../kinematics.ts';
import { ignoreScene } from './collision-rules.ts';
import { type CopyPlace, touchesOneThing } from './copies.ts';
import type { CopyParts } from './shard.ts';

/**
 * [m] Shapes that may be nearer to the plane than the first are looked at, those that cannot be nearer than the second
 * are not. Contacts begin within millimetres.
 */
const NEAR = 0.05;
const FAR = 0.1;

/**
 * Whether Rapier looks at all if a shape touches the plane under it. A plane has no end, so to Rapier everything over it
 * might touch it, however high: that took drones in the air more than half of a step. Looked at afresh before every step,
 * nothing that touches is ever missed; what is not looked at would have been found not to touch, so motions are the
 * same to the last bit. Not so where a body has several shapes or things to touch: then the order in which contacts are
 * solved hangs on what was looked at before (rapier/copies.ts), and go2 would gain 4 %. So those have no gates.
 */
export class PlaneGates {
  /** [gates] 1: it looks. Part of snapshots. */
  readonly isOpen: Uint8Array;
  readonly #places: readonly CopyPlace[];
  readonly #colliders: RAPIER.Collider[] = [];
  /** [gates] of the shape's body in the engine's states */
  readonly #row: Int32Array;
  /** [gates] m */
  readonly #reach: Float64Array;
  /** [gates] as the collision rules have them */
  readonly #groups: Uint32Array;
  /** [copies + 1] first gate of each copy */
  readonly #first: Int32Array;

  constructor(parts: CopyParts, places: readonly CopyPlace[]) {
    this.#places = places;
    const isOverPlane = parts.config.scene.ground?.kind === 'plane';
    const numBodies = parts.bodies.length;
    const gates = places.flatMap(({ copy }, robot) =>
      isOverPlane && touchesOneThing(parts)
        ? copy.colliders.flatMap((colliders, body) =>
            colliders.map(({ reach, groups }) => ({
              robot,
              row: robot * numBodies + body,
              reach,
              groups,
            })),
          )
        : [],
    );
    this.isOpen = new Uint8Array(gates.length).fill(1);
    this.#row = Int32Array.from(gates, ({ row }) => row);
    this.#reach = Float64Array.from(gates, ({ reach }) => reach);
    this.#groups = Uint32Array.from(gates, ({ groups }) => groups);
    const perCopy = gates.length / Math.max(1, places.length);
    this.#first = Int32Array.from({ length: places.length + 1 }, (_, robot) => robot * perCopy);
    for (let robot = 0; robot < places.length; robot++) this.connect(robot);
  }

  /** Finds the shapes of a copy in the world that it is in now. */
  connect(robot: number): void {
    const { shard, copy } = this.#places[robot]!;
    let gate = this.#first[robot]!;
    if (gate === this.#first[robot + 1]) return;
    for (const { handle } of copy.colliders.flat()) {
      this.#colliders[gate++] = shard.world.getCollider(handle);
    }
  }

  /** After the world of a copy was put back to what it was when it was built. */
  reset(robot: number): void {
    this.isOpen.fill(1, this.#first[robot], this.#first[robot + 1]);
  }

  /** Before a step of Rapier. */
  update(states: BodyStates): void {
    for (let gate = 0; gate < this.isOpen.length; gate++) {
      // However the shape is turned.
      const gap = states.position[3 * this.#row[gate]! + 2]! - this.#reach[gate]!;
      if (this.isOpen[gate] === 1) {
        if (gap > FAR) this.#set(gate, 0);
      } else if (!(gap >= NEAR)) this.#set(gate, 1);
    }
  }

  #set(gate: number, isOpen: 0 | 1): void {
    this.isOpen[gate] = isOpen;
    const groups = this.#groups[gate]!;
    this.#colliders[gate]!.setCollisionGroups(isOpen === 1 ? groups : ignoreScene(groups));
  }
}
