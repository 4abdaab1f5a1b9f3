import type { EventQueue, TempContactForceEvent } from '@dimforge/rapier3d-simd-compat';
import RAPIER from './api.ts';
import type { Shard } from './shard.ts';

/**
 * What pressed on the shapes of all copies in the last step, on average, once somebody watches. Rapier's solver reports it pair by pair,
 * for those that press alone; asking the pairs one by one takes ten times as long with go2, whose shapes all are near the
 * ground.
 */
export class ContactForces {
  /** [numRobots, numShapes, 3] N [@frame odom] as last taken */
  readonly forceW: Float64Array;
  readonly #reports: readonly ForceReports[];
  #isWatched = false;
  #isTaken = true;
  #rapierSteps = 1;

  constructor(shards: readonly Shard[], numShapes: number) {
    let numRobots = 0;
    this.#reports = shards.map((shard) => {
      const reports = new ForceReports(shard, numRobots, numShapes);
      numRobots += shard.copies.length;
      return reports;
    });
    this.forceW = new Float64Array(3 * numRobots * numShapes);
  }

  get isWatched(): boolean {
    return this.#isWatched;
  }

  watch(): void {
    this.#isWatched = true;
  }

  /** What Rapier reports to; undefined where nobody watches. */
  getQueue(shard: number): EventQueue | undefined {
    return this.#isWatched ? this.#reports[shard]!.queue : undefined;
  }

  /** Call before a step: Rapier 0.20 never empties a queue by itself, whatever it was told. */
  beginStep(): void {
    if (this.#isWatched) this.take();
  }

  /** @param rapierSteps [1] that the step was made of */
  endStep(rapierSteps: number): void {
    this.#rapierSteps = rapierSteps;
    this.#isTaken = false;
  }

  /** Brings `forceW` up to date. */
  take(): Float64Array {
    if (this.#isTaken) return this.forceW;
    this.forceW.fill(0);
    for (const reports of this.#reports) reports.take(this.forceW, this.#rapierSteps);
    this.#isTaken = true;
    return this.forceW;
  }

  free(): void {
    for (const { queue } of this.#reports) queue.free();
  }
}

/** Of one world. */
class ForceReports {
  readonly queue = new RAPIER.EventQueue(true);
  readonly #shard: Shard;
  /** By handle of a collider: where the force on its shape is in `out`. */
  readonly #rows = new Map<number, number>();
  #out: Float64Array | undefined;
  #share = 1;

  /**
   * @param shard whose handles stay the same for as long as it is there
   * @param firstRobot its first copy, in the engine
   */
  constructor(shard: Shard, firstRobot: number, numShapes: number) {
    this.#shard = shard;
    for (const [c, { colliders }] of shard.copies.entries()) {
      for (const { handle, shape } of colliders.flat()) {
        this.#rows.set(handle, 3 * ((firstRobot + c) * numShapes + shape));
      }
    }
  }

  /** Adds the forces that were reported, and forgets them. @param out [numRobots, numShapes, 3] N [@frame odom] */
  take(out: Float64Array, rapierSteps: number): void {
    this.#out = out;
    // What Rapier 0.20 tells as impulses holds the last substep of the step before once more, of each of its steps.
    const iterations = this.#shard.world.numSolverIterations;
    this.#share = iterations / (iterations + 1) / rapierSteps;
    this.queue.drainContactForceEvents(this.#add);
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
