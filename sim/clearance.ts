import type { Obstacles } from './obstacles.ts';
import type { StateBatch } from './robot/state.ts';
import { computeDistanceTo, computeFootprint, type Footprint } from './terrain/footprint.ts';
import type { Scene, SceneObject } from './terrain/scene.ts';

/**
 * How far robots truly are from what stands and moves around them, seen from above: a matter of geometry, the same in
 * every engine. The ground does not count, nor what is on another storey: whatever its height, an object is in the way.
 */
export class Clearance {
  readonly #obstacles: Obstacles;
  readonly #standing: readonly Footprint[];
  readonly #round: readonly { readonly x: number; readonly y: number; readonly radius: number }[];

  constructor({ objects }: Scene, obstacles: Obstacles) {
    this.#obstacles = obstacles;
    const standing = objects.filter(({ moves }) => !moves);
    this.#standing = standing.filter(isBox).map(computeFootprint);
    this.#round = standing.flatMap(({ geometry, odomFromObject }) => {
      const [x, y] = odomFromObject.translation;
      return geometry.kind === 'box' ? [] : [{ x, y, radius: geometry.radius }];
    });
  }

  /** From base_link to the nearest surface; 0 inside, +Infinity where there is nothing. [m] */
  compute(truth: StateBatch, robot: number): number {
    const x = truth.position[3 * robot]!;
    const y = truth.position[3 * robot + 1]!;
    let nearest = this.#obstacles.computeDistance(robot, x, y);
    for (let k = 0; k < this.#standing.length; k++) {
      nearest = Math.min(nearest, computeDistanceTo(this.#standing[k]!, x, y));
    }
    for (let k = 0; k < this.#round.length; k++) {
      const { x: middleX, y: middleY, radius } = this.#round[k]!;
      const distance = Math.sqrt((x - middleX) ** 2 + (y - middleY) ** 2) - radius;
      nearest = Math.min(nearest, Math.max(0, distance));
    }
    return nearest;
  }
}

function isBox({ geometry }: SceneObject): boolean {
  return geometry.kind === 'box';
}
