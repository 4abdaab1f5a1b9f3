import type RAPIER from '@dimforge/rapier3d-simd-compat';
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
}

/** What a copy touched in the last step, as Rapier's collision detection found it at the step's beginning. */
export class ContactReader {
  readonly #normal = { x: 0, y: 0, z: 0 };
  readonly #force = new Float64Array(3);
  #view: ContactView | undefined;
  #collider = 0;
  #touches = false;
  #deepest = 0;

  touchesScene(view: ContactView, states: BodyStates): boolean {
    this.#view = view;
    this.#touches = false;
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
        if (this.#touches) return true;
      }
    }
    return false;
  }

  /** [m] 0 or more, of the deepest contact */
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

  /**
   * Adds what presses on each shape.
   * @param out [numShapes, 3] N [@frame odom]
   * @param perImpulse [1/s] force per impulse that Rapier tells
   */
  addNormalForces(out: Float64Array, offset: number, view: ContactView, perImpulse: number): void {
    this.#view = view;
    for (const colliders of view.colliders) {
      for (const { handle, shape } of colliders) {
        this.#collider = handle;
        this.#force.fill(0);
        view.world.narrowPhase.contactPairsWith(handle, this.#addPartner);
        for (let k = 0; k < 3; k++) {
          out[offset + 3 * shape + k]! += perImpulse * this.#force[k]!;
        }
      }
    }
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
    this.#readPair(this.#view!, this.#collider, partner, this.#noteDepth);
  };

  readonly #noteDepth = (manifold: RAPIER.TempContactManifold): void => {
    for (let k = 0; k < manifold.numContacts(); k++) {
      this.#deepest = Math.max(this.#deepest, -manifold.contactDist(k));
    }
  };

  readonly #addPartner = (partner: number): void => {
    this.#readPair(this.#view!, this.#collider, partner, this.#addManifold);
  };

  /** A manifold's normal points away from its first shape, which is ours unless it is flipped. */
  readonly #addManifold = (manifold: RAPIER.TempContactManifold, flipped: boolean): void => {
    let impulse = 0;
    for (let k = 0; k < manifold.numContacts(); k++) impulse += manifold.contactImpulse(k);
    if (impulse === 0) return;
    const signed = flipped ? impulse : -impulse;
    manifold.normal(this.#normal);
    this.#force[0]! += signed * this.#normal.x;
    this.#force[1]! += signed * this.#normal.y;
    this.#force[2]! += signed * this.#normal.z;
  };
}
