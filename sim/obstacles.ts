import type { Engine } from './engine/engine.ts';
import { listMovingObjects, type MovingObject, writeMotion } from './terrain/motion.ts';
import type { Scene } from './terrain/scene.ts';

/** Moves the obstacles of a scene around every robot, each robot's by the time of its own episode. */
export class Obstacles {
  readonly #engine: Pick<Engine, 'config' | 'placeObject'>;
  readonly #scene: Scene;
  readonly #moving: readonly MovingObject[];
  readonly #rateHz: number;
  /** [numRobots] physics step at which the episode began */
  readonly #startTick: Float64Array;
  /** [numRobots] s that the obstacles were on their ways at the start */
  readonly #offsetS: Float64Array;
  /** x, y and their derivatives. */
  readonly #motion = new Float64Array(4);
  readonly #position: [number, number, number] = [0, 0, 0];
  readonly #velocityW: [number, number, number] = [0, 0, 0];

  /** @param rateHz physics steps per second */
  constructor(engine: Pick<Engine, 'config' | 'placeObject'>, rateHz: number) {
    const { scene, numRobots } = engine.config;
    this.#engine = engine;
    this.#scene = scene;
    this.#moving = listMovingObjects(scene);
    this.#rateHz = rateHz;
    this.#startTick = new Float64Array(numRobots);
    this.#offsetS = new Float64Array(numRobots);
  }

  /** Starts an episode of one robot: its obstacles are where they are at `offsetS`. */
  reset(robot: number, tick: number, offsetS: number): void {
    this.#startTick[robot] = tick;
    this.#offsetS[robot] = offsetS;
    this.#place(robot, tick);
  }

  /** Puts every obstacle where it is at `tick`, the end of the step that comes. */
  place(tick: number): void {
    if (this.#moving.length === 0) return;
    for (let robot = 0; robot < this.#startTick.length; robot++) this.#place(robot, tick);
  }

  #place(robot: number, tick: number): void {
    const timeS = (tick - this.#startTick[robot]!) / this.#rateHz + this.#offsetS[robot]!;
    for (const { index, motion } of this.#moving) {
      writeMotion(this.#motion, 0, motion, timeS);
      const { odomFromObject } = this.#scene.objects[index]!;
      this.#position[0] = this.#motion[0]!;
      this.#position[1] = this.#motion[1]!;
      this.#position[2] = odomFromObject.translation[2];
      this.#velocityW[0] = this.#motion[2]!;
      this.#velocityW[1] = this.#motion[3]!;
      this.#engine.placeObject(
        robot,
        index,
        this.#position,
        odomFromObject.rotation,
        this.#velocityW,
      );
    }
  }
}
