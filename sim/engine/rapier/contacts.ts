import type RAPIER from '@dimforge/rapier3d-simd-compat';
import { writeRotated } from '../../math/quat.ts';
import { computeDot } from '../../math/vec3.ts';
import type { BodyStates } from '../kinematics.ts';
import type { BuiltCollider } from './shard.ts';

/** Gap up to which a shape counts as touching, and overlap at which contacts rest. [m] */
const TOUCH_DISTANCE = 1e-3;

/** One copy's solids and what they can touch, in the world that they are in now. */
export interface ContactView {
  readonly world: RAPIER.World;
  /** Body by body. */
  readonly colliders: readonly (readonly BuiltCollider[])[];
  /** Row of the copy's root body in the engine's states. */
  readonly firstRow: number;
  /** The plane z = 0, where that is all there is around the robot. */
  readonly onlyPlane: number | undefined;
  /** Handles of everything else around it. */
  readonly scene: ReadonlySet<number>;
  /** The shape that was found to touch the plane last: most likely it still does. */
  lastTouch: number | undefined;
}

/** What a copy touched in the last step, as Rapier's collision detection found it at the step's beginning. */
export class ContactReader {
  readonly #normal = { x: 0, y: 0, z: 0 };
  readonly #along = new Float64Array(3);
  readonly #from = new Float64Array(3);
  readonly #to = new Float64Array(3);
  #view: ContactView | undefined;
  #collider = 0;
  #touches = false;
  #partner = 0;
  #deepest = 0;

  touchesScene(view: ContactView, states: BodyStates): boolean {
    this.#view = view;
    this.#touches = false;
    if (view.lastTouch !== undefined && view.onlyPlane !== undefined) {
      this.#readPair(view, view.lastTouch, view.onlyPlane, this.#noteTouch);
      if (this.#touches) return true;
    }
    for (let b = 0; b < view.colliders.length; b++) {
      const height = states.position[3 * (view.firstRow + b) + 2]!;
      for (const { handle, reach } of view.colliders[b]!) {
        if (view.onlyPlane === undefined) {
          this.#collider = handle;
          view.world.narrowPhase.contactPairsWith(handle, this.#notePartner);
        } else if (height <= reach + TOUCH_DISTANCE) {
          // Most shapes are too high above the plane z = 0, and need not be asked about.
          this.#readPair(view, handle, view.onlyPlane, this.#noteTouch);
        }
        if (!this.#touches) continue;
        view.lastTouch = handle;
        return true;
      }
    }
    return false;
  }

  /** [m] 0 or more, of the deepest contact: where shapes are now, among those that were near in the last step */
  computePenetration(view: ContactView): number {
    this.#view = view;
    this.#deepest = 0;
    for (const colliders of view.colliders) {
      for (const { handle } of colliders) {
        this.#collider = handle;
        view.world.narrowPhase.contactPairsWith(handle, this.#noteDepths);
      }
    }
    return this.#deepest;
  }

  #readPair(
    view: ContactView,
    first: number,
    second: number,
    note: (manifold: RAPIER.TempContactManifold, flipped: boolean) => void,
  ): void {
    view.world.narrowPhase.contactPair(first, second, view.world.bodies, note);
  }

  readonly #notePartner = (partner: number): void => {
    const view = this.#view!;
    if (this.#touches || !view.scene.has(partner)) return;
    this.#readPair(view, this.#collider, partner, this.#noteTouch);
  };

  readonly #noteTouch = (manifold: RAPIER.TempContactManifold): void => {
    for (let k = 0; k < manifold.numContacts(); k++) {
      if (manifold.contactDist(k) <= TOUCH_DISTANCE) this.#touches = true;
    }
  };

  readonly #noteDepths = (partner: number): void => {
    this.#partner = partner;
    this.#readPair(this.#view!, this.#collider, partner, this.#noteDepth);
  };

  /** Contacts are points and a normal fixed to their shapes, which have moved on since they were found. */
  readonly #noteDepth = (manifold: RAPIER.TempContactManifold, flipped: boolean): void => {
    const count = manifold.numContacts();
    if (count === 0) return;
    const { world } = this.#view!;
    const first = world.getCollider(flipped ? this.#partner : this.#collider);
    const second = world.getCollider(flipped ? this.#collider : this.#partner);
    writeTurned(this.#along, first, manifold.localNormal1(this.#normal));
    for (let k = 0; k < count; k++) {
      writePoint(this.#from, first, manifold.localContactPoint1(k, this.#normal)!);
      writePoint(this.#to, second, manifold.localContactPoint2(k, this.#normal)!);
      for (let c = 0; c < 3; c++) this.#to[c]! -= this.#from[c]!;
      this.#deepest = Math.max(this.#deepest, -computeDot(this.#to, 0, this.#along, 0));
    }
  };
}

/** A direction of a collider's frame in the world. */
function writeTurned(
  out: Float64Array,
  collider: RAPIER.Collider,
  { x, y, z }: RAPIER.Vector,
): void {
  const q = collider.rotation();
  writeRotated(out, 0, [q.x, q.y, q.z, q.w], 0, [x, y, z], 0);
}

/** A point of a collider's frame in the world. */
function writePoint(out: Float64Array, collider: RAPIER.Collider, point: RAPIER.Vector): void {
  writeTurned(out, collider, point);
  const at = collider.translation();
  out[0]! += at.x;
  out[1]! += at.y;
  out[2]! += at.z;
}
