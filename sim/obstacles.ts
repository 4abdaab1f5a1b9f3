import type { Engine } from './engine/engine.ts';
import { computeYaw, writeQuatProduct } from './math/quat.ts';
import type { Vec3 } from './math/vec3.ts';
import type { Context } from './randomize/draw.ts';
import type { Transform } from './robot/geometry.ts';
import type { Field } from './task/field.ts';
import { writeMotion } from './terrain/motion.ts';
import type { Motion, Scene, SceneObject } from './terrain/scene.ts';

/** An object of the scene that moves, or stands elsewhere in every episode. */
interface Movable {
  /** In the scene's objects. */
  readonly index: number;
  readonly object: SceneObject;
  /** Of those that are variants of one another: which it is, and how many there are. */
  readonly variant: { readonly place: number; readonly count: number } | undefined;
  /** [m] half its extents along its own x and y; equal for a round one */
  readonly half: readonly [number, number];
  readonly isRound: boolean;
}

/** Of an object around one robot. */
export interface ObstacleState {
  readonly odomFromObject: Transform;
  /** [m/s] [@frame odom] */
  readonly linearVelocityW: Vec3;
  /** Whether it stands around this robot at all, or is a variant that was not drawn. */
  readonly isThere: boolean;
}

/** [m] above where it belongs that a variant is kept which is not there: beyond any sensor and any robot */
const OUT_OF_REACH = 1000;
/** Numbers of a movable object of one robot: shift x, y, z [m] and yaw [rad]. */
const WIDTH = 4;

/** Moves the obstacles of a scene around every robot, each robot's by the time of its own episode. */
export class Obstacles {
  readonly #engine: Pick<Engine, 'config' | 'placeObject'>;
  readonly #movable: readonly Movable[];
  readonly #rateHz: number;
  /** [numRobots] physics step at which the episode began */
  readonly #startTick: Float64Array;
  /** [numRobots] s that the obstacles were on their ways at the start */
  readonly #offsetS: Float64Array;
  /** [numRobots, numMovable, 4] by which they are elsewhere than the scene has them */
  readonly #shift: Float64Array;
  /** [numRobots, numMovable] the way of each; undefined where it stands */
  readonly #ways: (Motion | undefined)[];
  /** [numRobots] 1 where anything has a way */
  readonly #hasWay: Uint8Array;
  /** [numRobots, numMovable, 4] x, y, z [m] and yaw [rad] where each is */
  readonly #at: Float64Array;
  /** [numRobots, numMovable, 2] m/s [@frame odom] */
  readonly #speed: Float64Array;
  /** Physics step at which obstacles were placed last. */
  #tick = 0;
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
    this.#rateHz = rateHz;
    this.#startTick = new Float64Array(numRobots);
    this.#offsetS = new Float64Array(numRobots);
    const rows = numRobots * this.#movable.length;
    this.#shift = new Float64Array(rows * WIDTH);
    this.#at = new Float64Array(rows * WIDTH);
    this.#speed = new Float64Array(rows * 2);
    this.#ways = new Array<Motion | undefined>(rows).fill(undefined);
    this.#hasWay = new Uint8Array(numRobots);
  }

  /** Names of the objects of the scene that move, in the order of {@link places}. */
  get names(): readonly string[] {
    return this.#movable.map(({ object }) => object.name);
  }

  /** [numRobots, numMovable, 4] x, y, z [m] and yaw [rad] [@frame odom] where each is; borrowed */
  get places(): Float64Array {
    return this.#at;
  }

  /** [numRobots, numMovable, 2] m/s [@frame odom] along x and y; borrowed */
  get velocities(): Float64Array {
    return this.#speed;
  }

  /** Whether one of {@link names} stands around this robot at all, or is one that was not drawn. */
  isThere(robot: number, m: number): boolean {
    const z = this.#at[WIDTH * (robot * this.#movable.length + m) + 2]!;
    return z - this.#movable[m]!.object.odomFromObject.translation[2] < OUT_OF_REACH;
  }

  /**
   * Starts an episode of one robot: its obstacles are where they are at `offsetS`, and where else than the scene has
   * them its draw says.
   * @param field instead of the places and ways that the scene has
   */
  reset(robot: number, tick: number, offsetS: number, context?: Context, field?: Field): void {
    this.#startTick[robot] = tick;
    this.#offsetS[robot] = offsetS;
    this.#hasWay[robot] = 0;
    for (let m = 0; m < this.#movable.length; m++) {
      this.#chooseWay(robot, m, field);
      if (context !== undefined) this.#shiftOne(robot, m, context, field);
      this.#place(robot, m, tick);
    }
  }

  /** Puts every obstacle on a way where it is at `tick`, the end of the step that comes. */
  place(tick: number): void {
    const count = this.#movable.length;
    for (let robot = 0; robot < this.#startTick.length; robot++) {
      if (this.#hasWay[robot] === 0) continue;
      for (let m = 0; m < count; m++) {
        if (this.#ways[robot * count + m] !== undefined) this.#place(robot, m, tick);
      }
    }
  }

  /** From a point to the nearest obstacle that is there, seen from above; 0 inside, +Infinity where there is none. [m] */
  computeDistance(robot: number, x: number, y: number): number {
    let nearest = Number.POSITIVE_INFINITY;
    const count = this.#movable.length;
    for (let m = 0; m < count; m++) {
      const at = WIDTH * (robot * count + m);
      const { half, isRound } = this.#movable[m]!;
      if (!this.isThere(robot, m)) continue;
      const [dx, dy] = [x - this.#at[at]!, y - this.#at[at + 1]!];
      if (isRound) {
        nearest = Math.min(nearest, Math.sqrt(dx * dx + dy * dy) - half[0]);
        continue;
      }
      const [cos, sin] = [Math.cos(this.#at[at + 3]!), Math.sin(this.#at[at + 3]!)];
      const outX = Math.max(0, Math.abs(cos * dx + sin * dy) - half[0]);
      const outY = Math.max(0, Math.abs(cos * dy - sin * dx) - half[1]);
      nearest = Math.min(nearest, Math.sqrt(outX * outX + outY * outY));
    }
    return Math.max(0, nearest);
  }

  /**
   * Where an object of the scene is now that moves, or may stand elsewhere; undefined for one that stands for ever.
   * @param index in the scene's objects
   */
  copyState(robot: number, index: number): ObstacleState | undefined {
    const m = this.#movable.findIndex((movable) => movable.index === index);
    if (m < 0) return undefined;
    const { object } = this.#movable[m]!;
    const row = robot * this.#movable.length + m;
    const at = WIDTH * row;
    const [x, y, z, yaw] = this.#at.subarray(at, at + WIDTH);
    const turn = yaw! - computeYaw(object.odomFromObject.rotation);
    const rotation: [number, number, number, number] = [0, 0, 0, 1];
    const own = [0, 0, Math.sin(turn / 2), Math.cos(turn / 2)];
    writeQuatProduct(rotation, 0, own, 0, object.odomFromObject.rotation, 0);
    return {
      odomFromObject: { translation: [x!, y!, z!], rotation },
      linearVelocityW: [this.#speed[2 * row]!, this.#speed[2 * row + 1]!, 0],
      isThere: this.isThere(robot, m),
    };
  }

  /** [s] on the ways of one robot's obstacles, as placed last */
  #computeTimeS(robot: number): number {
    return (this.#tick - this.#startTick[robot]!) / this.#rateHz + this.#offsetS[robot]!;
  }

  #chooseWay(robot: number, m: number, field: Field | undefined): void {
    const { object } = this.#movable[m]!;
    const way = field === undefined ? object.motion : field.objects[object.name]?.motion;
    this.#ways[robot * this.#movable.length + m] = way;
    if (way !== undefined) this.#hasWay[robot] = 1;
  }

  #shiftOne(robot: number, m: number, context: Context, field: Field | undefined): void {
    const { object, variant } = this.#movable[m]!;
    const at = WIDTH * (robot * this.#movable.length + m);
    const read = (axis: 'x' | 'y' | 'yaw') =>
      context[`obstacleOffset.${axis}`] + (context[`obstacleOffset.${axis}.${object.name}`] ?? 0);
    const isThere =
      variant === undefined ||
      variant.place === Math.round(context.obstacleVariant * (variant.count - 1));
    this.#shift.set([read('x'), read('y'), isThere ? 0 : OUT_OF_REACH, read('yaw')], at);
    if (field === undefined) return;
    const place = field.objects[object.name];
    if (place === undefined) {
      this.#shift[at + 2] = OUT_OF_REACH;
      return;
    }
    const [x, y] = object.odomFromObject.translation;
    // A way says by itself where it is; what stands is moved there from where the scene has it.
    if (place.motion === undefined) {
      this.#shift[at]! += place.x - x;
      this.#shift[at + 1]! += place.y - y;
    }
    this.#shift[at + 3]! += place.yaw;
  }

  #place(robot: number, m: number, tick: number): void {
    this.#tick = tick;
    const { index, object } = this.#movable[m]!;
    const { translation, rotation } = object.odomFromObject;
    const row = robot * this.#movable.length + m;
    const at = WIDTH * row;
    const way = this.#ways[row];
    if (way === undefined) {
      this.#motion[0] = translation[0];
      this.#motion[1] = translation[1];
      this.#motion.fill(0, 2);
    } else {
      writeMotion(this.#motion, 0, way, this.#computeTimeS(robot));
    }
    this.#position[0] = this.#motion[0]! + this.#shift[at]!;
    this.#position[1] = this.#motion[1]! + this.#shift[at + 1]!;
    this.#position[2] = translation[2] + this.#shift[at + 2]!;
    this.#velocityW[0] = this.#motion[2]!;
    this.#velocityW[1] = this.#motion[3]!;
    this.#speed[2 * row] = this.#motion[2]!;
    this.#speed[2 * row + 1] = this.#motion[3]!;
    const yaw = this.#shift[at + 3]!;
    for (let k = 0; k < 3; k++) this.#at[at + k] = this.#position[k]!;
    this.#at[at + 3] = computeYaw(rotation) + yaw;
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
    const size = measure(object);
    if (object.variantOf === undefined) return [{ index, object, variant: undefined, ...size }];
    const variants = objects.filter(({ variantOf }) => variantOf === object.variantOf);
    return [
      {
        index,
        object,
        variant: { place: variants.indexOf(object), count: variants.length },
        ...size,
      },
    ];
  });
}

/** What an upright object covers, seen from above. */
function measure({ geometry }: SceneObject): Pick<Movable, 'half' | 'isRound'> {
  if (geometry.kind === 'box') {
    return { half: [geometry.size[0] / 2, geometry.size[1] / 2], isRound: false };
  }
  return { half: [geometry.radius, geometry.radius], isRound: true };
}
