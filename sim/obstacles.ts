import type { Engine } from './engine/engine.ts';
import { writeQuatProduct } from './math/quat.ts';
import type { Context } from './randomize/draw.ts';
import { writeMotion } from './terrain/motion.ts';
import type { Scene, SceneObject } from './terrain/scene.ts';

/** An object of the scene that moves, or stands elsewhere in every episode. */
interface Movable {
  /** In the scene's objects. */
  readonly index: number;
  readonly object: SceneObject;
  /** Of those that are variants of one another: which it is, and how many there are. */
  readonly variant: { readonly place: number; readonly count: number } | undefined;
}

/** [m] above where it belongs that a variant is kept which is not there: beyond any sensor and any robot */
const OUT_OF_REACH = 1000;
/** Numbers of a movable object of one robot: shift x, y, z [m] and yaw [rad]. */
const WIDTH = 4;

/** Moves the obstacles of a scene around every robot, each robot's by the time of its own episode. */
export class Obstacles {
  readonly #engine: Pick<Engine, 'config' | 'placeObject'>;
  readonly #movable: readonly Movable[];
  readonly #hasMotion: boolean;
  readonly #rateHz: number;
  /** [numRobots] physics step at which the episode began */
  readonly #startTick: Float64Array;
  /** [numRobots] s that the obstacles were on their ways at the start */
  readonly #offsetS: Float64Array;
  /** [numRobots, numMovable, 4] by which they are elsewhere than the scene has them */
  readonly #shift: Float64Array;
  /** x, y and their derivatives. */
  readonly #motion = new Float64Array(4);
  readonly #position: [number, number, number] = [0, 0, 0];
  readonly #velocityW: [number, number, number] = [0, 0, 0];
  readonly #turn: [number, number, number, number] = [0, 0, 0, 1];
  readonly #orientation: [number, number, number, number] = [0, 0, 0, 1];

  /** @param rateHz physics steps per second */
  constructor(engine: Pick<Engine, 'config' | 'placeObject'>, rateHz: number) {
    const { scene, numRobots } = engine.config;
    this.#engine = engine;
    this.#movable = listMovable(scene);
    this.#hasMotion = this.#movable.some(({ object }) => object.motion !== undefined);
    this.#rateHz = rateHz;
    this.#startTick = new Float64Array(numRobots);
    this.#offsetS = new Float64Array(numRobots);
    this.#shift = new Float64Array(numRobots * this.#movable.length * WIDTH);
  }

  /**
   * Starts an episode of one robot: its obstacles are where they are at `offsetS`, and where else than the scene has
   * them its draw says.
   */
  reset(robot: number, tick: number, offsetS: number, context?: Context): void {
    this.#startTick[robot] = tick;
    this.#offsetS[robot] = offsetS;
    for (let m = 0; m < this.#movable.length; m++) {
      if (context !== undefined) this.#shiftOne(robot, m, context);
      this.#place(robot, m, tick);
    }
  }

  /** Puts every obstacle on a way where it is at `tick`, the end of the step that comes. */
  place(tick: number): void {
    if (!this.#hasMotion) return;
    for (let robot = 0; robot < this.#startTick.length; robot++) {
      for (let m = 0; m < this.#movable.length; m++) {
        if (this.#movable[m]!.object.motion !== undefined) this.#place(robot, m, tick);
      }
    }
  }

  #shiftOne(robot: number, m: number, context: Context): void {
    const { object, variant } = this.#movable[m]!;
    const at = WIDTH * (robot * this.#movable.length + m);
    const read = (axis: 'x' | 'y' | 'yaw') =>
      context[`obstacleOffset.${axis}`] + (context[`obstacleOffset.${axis}.${object.name}`] ?? 0);
    const isThere =
      variant === undefined ||
      variant.place === Math.round(context.obstacleVariant * (variant.count - 1));
    this.#shift.set([read('x'), read('y'), isThere ? 0 : OUT_OF_REACH, read('yaw')], at);
  }

  #place(robot: number, m: number, tick: number): void {
    const { index, object } = this.#movable[m]!;
    const { translation, rotation } = object.odomFromObject;
    const at = WIDTH * (robot * this.#movable.length + m);
    if (object.motion === undefined) {
      this.#motion[0] = translation[0];
      this.#motion[1] = translation[1];
      this.#motion.fill(0, 2);
    } else {
      const timeS = (tick - this.#startTick[robot]!) / this.#rateHz + this.#offsetS[robot]!;
      writeMotion(this.#motion, 0, object.motion, timeS);
    }
    this.#position[0] = this.#motion[0]! + this.#shift[at]!;
    this.#position[1] = this.#motion[1]! + this.#shift[at + 1]!;
    this.#position[2] = translation[2] + this.#shift[at + 2]!;
    this.#velocityW[0] = this.#motion[2]!;
    this.#velocityW[1] = this.#motion[3]!;
    const yaw = this.#shift[at + 3]!;
    if (yaw !== 0) {
      this.#turn[2] = Math.sin(yaw / 2);
      this.#turn[3] = Math.cos(yaw / 2);
      writeQuatProduct(this.#orientation, 0, this.#turn, 0, rotation, 0);
    }
    this.#engine.placeObject(
      robot,
      index,
      this.#position,
      yaw === 0 ? rotation : this.#orientation,
      this.#velocityW,
    );
  }
}

function listMovable({ objects }: Scene): readonly Movable[] {
  return objects.flatMap((object, index): readonly Movable[] => {
    if (!object.moves) return [];
    if (object.variantOf === undefined) return [{ index, object, variant: undefined }];
    const variants = objects.filter(({ variantOf }) => variantOf === object.variantOf);
    return [
      { index, object, variant: { place: variants.indexOf(object), count: variants.length } },
    ];
  });
}
