import type { Surroundings } from './sensor.ts';

/** The forces on collision shapes in the last step: asked of the engine once, however many sensors feel them. */
export class ContactForces {
  readonly shapeNames: readonly string[];
  /** [numRobots, shapeNames, 3] N [@frame odom]; of shapes that nobody feels, anything */
  readonly forceW: Float64Array;
  readonly #surroundings: Surroundings;
  /** [shapeNames] 1 where somebody does */
  readonly #isFelt: Uint8Array;

  constructor(numRobots: number, surroundings: Surroundings) {
    this.#surroundings = surroundings;
    this.shapeNames = surroundings.shapeNames;
    this.forceW = new Float64Array(numRobots * this.shapeNames.length * 3);
    this.#isFelt = new Uint8Array(this.shapeNames.length);
  }

  /** The force on a shape is wanted from now on. @param shape index in `shapeNames` */
  feel(shape: number): void {
    this.#isFelt[shape] = 1;
  }

  /** Call once per physics tick. */
  update(): void {
    this.#surroundings.writeContactForces(this.forceW, this.#isFelt);
  }
}
