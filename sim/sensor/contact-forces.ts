import type { Surroundings } from './sensor.ts';

/** The forces on collision shapes in the last step: asked of the engine once, however many sensors feel them. */
export class ContactForces {
  readonly shapeNames: readonly string[];
  /** [numRobots, shapeNames, 3] N [@frame odom] */
  readonly forceW: Float64Array;
  readonly #surroundings: Surroundings;

  constructor(numRobots: number, surroundings: Surroundings) {
    this.#surroundings = surroundings;
    this.shapeNames = surroundings.shapeNames;
    this.forceW = new Float64Array(numRobots * this.shapeNames.length * 3);
  }

  /** Call once per physics tick. */
  update(): void {
    this.#surroundings.writeContactForces(this.forceW);
  }
}
