import type { TempContactForceEvent } from '@dimforge/rapier3d-simd-compat';
import RAPIER from './api.ts';
import type { Shard } from './shard.ts';

/**
 * What presses on the shapes of a world's robots in the last step. Rapier's solver reports it pair by pair, for those that
 * press alone; asking the pairs one by one takes ten times as long with go2, whose shapes all are near the ground.
 */
export class ContactForces {
  /** To be given to each step of the world. */
  readonly queue = new RAPIER.EventQueue(true);
  /** By handle of a collider: where the force on its shape is in `out`. */
  readonly #rows = new Map<number, number>();
  #out: Float64Array | undefined;
  #share = 1;

  /**
   * @param shard whose handles stay the same for as long as it is there
   * @param firstRobot its first copy, in the engine
   */
  constructor({ copies }: Shard, firstRobot: number, numShapes: number) {
    for (const [c, { colliders }] of copies.entries()) {
      for (const { handle, shape } of colliders.flat()) {
        this.#rows.set(handle, 3 * ((firstRobot + c) * numShapes + shape));
      }
    }
  }

  /**
   * Adds the forces of the last step, and forgets them.
   * @param out [numRobots, numShapes, 3] N [@frame odom] of all the engine's copies
   * @param share [-] of what is reported that is the last step's
   */
  take(out: Float64Array, share: number): void {
    this.#out = out;
    this.#share = share;
    this.queue.drainContactForceEvents(this.#add);
  }

  free(): void {
    this.queue.free();
  }

  /** The force of a pair is what the first presses on the second with. */
  readonly #add = (event: TempContactForceEvent): void => {
    const out = this.#out!;
    const pushing = this.#rows.get(event.collider1());
    const pushed = this.#rows.get(event.collider2());
    const { x, y, z } = event.totalForce();
    const share = this.#share;
    if (pushing !== undefined) {
      out[pushing]! -= share * x;
      out[pushing + 1]! -= share * y;
      out[pushing + 2]! -= share * z;
    }
    if (pushed !== undefined) {
      out[pushed]! += share * x;
      out[pushed + 1]! += share * y;
      out[pushed + 2]! += share * z;
    }
  };
}

/** One for each shard, whose copies follow one another. */
export function makeContactForces(
  shards: readonly Shard[],
  numShapes: number,
): readonly ContactForces[] {
  let firstRobot = 0;
  return shards.map((shard) => {
    const forces = new ContactForces(shard, firstRobot, numShapes);
    firstRobot += shard.copies.length;
    return forces;
  });
}
