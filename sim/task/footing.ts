import { writeRotated } from '../math/quat.ts';
import { writeCross } from '../math/vec3.ts';
import { BodyFrames } from '../robot/body-frames.ts';
import type { RobotModel } from '../robot/model.ts';
import { computeRigidBodies, getBodyFromLink } from '../robot/rigid-bodies.ts';
import type { StateBatch } from '../robot/state.ts';
import { transformPoint } from '../robot/transform.ts';

/** [N] from which on a shape counts as touching, as in legged_gym (N. Rudin, legged_robot.py). */
export const TOUCH_FORCE = 1;

/** What the world tells of the ground and of what presses on the robots. */
export interface Ground {
  /** Names of a robot's collision shapes, in the order of `forceW`. */
  readonly shapeNames: readonly string[];
  /** [numRobots, numShapes, 3] N [@frame odom] contact forces of the last physics step; absent for tasks without feet */
  readonly forceW: Float64Array | undefined;
  /** [m] [@frame odom] at x, y; −Infinity where there is none */
  computeHeight(x: number, y: number): number;
}

/**
 * Whether a shape is pressed by more than {@link TOUCH_FORCE}.
 * @param column index in the ground's `shapeNames`
 * @throws RangeError in a task without feet
 */
export function isPressed({ forceW, shapeNames }: Ground, robot: number, column: number): boolean {
  if (forceW === undefined) {
    throw new RangeError(
      'what presses on single shapes is told only in tasks that name the feet of their robot: give the task `feet`',
    );
  }
  const k = 3 * (robot * shapeNames.length + column);
  const squared = forceW[k]! ** 2 + forceW[k + 1]! ** 2 + forceW[k + 2]! ** 2;
  return squared > TOUCH_FORCE * TOUCH_FORCE;
}

/** A robot's collision shapes in the order in which engines tell their forces: links, and shapes in each. */
function listShapes(model: Pick<RobotModel, 'links'>): string[] {
  return model.links.flatMap(({ collisions }) => collisions.map(({ name }) => name));
}

/**
 * Where engines tell the forces on these shapes.
 * @throws RangeError for a shape that the robot does not have
 */
export function findShapeColumns(model: RobotModel, shapes: readonly string[]): Int32Array {
  const names = listShapes(model);
  return Int32Array.from(shapes, (shape) => {
    const column = names.indexOf(shape);
    if (column >= 0) return column;
    throw new RangeError(
      `robot '${model.name}' has no collision shape '${shape}'; it has: ${names.join(', ')}`,
    );
  });
}

/** The shapes that are none of these. */
export function listOtherShapes(model: RobotModel, shapes: readonly string[]): readonly string[] {
  return listShapes(model).filter((shape) => !shapes.includes(shape));
}

/** A ball at the end of a leg. */
interface Foot {
  readonly shape: number;
  readonly body: number;
  /** [m] its centre [@frame body] */
  readonly centre: Float64Array;
  /** [m] */
  readonly radius: number;
}

/**
 * How each robot stands on its feet: which touch, since when, how high the others are, how fast they slip. Looked at
 * once per control step, for rewards, critics and judges. A foot is a ball; what is said of it holds for its lowest
 * point, so that a foot that rolls does not slip.
 */
export class Footing {
  readonly ground: Ground;
  /** Collision shapes. */
  readonly feet: readonly string[];
  /** [numRobots, numFeet] 1 where the foot is pressed by more than {@link TOUCH_FORCE} */
  readonly isTouching: Uint8Array;
  /** [numRobots, numFeet] 1 in the step in which it has come down */
  readonly hasLanded: Uint8Array;
  /** [numRobots, numFeet] s since it left the ground; in the step in which it lands still that of the flight, then 0 */
  readonly airTimeS: Float64Array;
  /** [numRobots, numFeet] s of the last flight and the last stance that are over; 0 before */
  readonly lastAirTimeS: Float64Array;
  readonly lastStanceTimeS: Float64Array;
  /** [numRobots, numFeet] m over the ground below it */
  readonly height: Float64Array;
  /** [numRobots, numFeet] m highest since it left the ground; in the step in which it lands still that of the flight */
  readonly peakHeight: Float64Array;
  /** [numRobots, numFeet, 3] m/s [@frame odom] */
  readonly velocityW: Float64Array;
  readonly #feet: readonly Foot[];
  readonly #frames: BodyFrames;
  readonly #stanceTimeS: Float64Array;
  readonly #arm = new Float64Array(3);
  readonly #turning = new Float64Array(3);

  /** @throws RangeError for a foot that is no ball of the robot */
  constructor(model: RobotModel, numRobots: number, feet: readonly string[], ground: Ground) {
    this.ground = ground;
    this.feet = feet;
    this.#frames = new BodyFrames(computeRigidBodies(model));
    this.#feet = feet.map((name) => findFoot(model, this.#frames, name));
    const size = numRobots * feet.length;
    this.isTouching = new Uint8Array(size);
    this.hasLanded = new Uint8Array(size);
    this.airTimeS = new Float64Array(size);
    this.lastAirTimeS = new Float64Array(size);
    this.lastStanceTimeS = new Float64Array(size);
    this.height = new Float64Array(size);
    this.peakHeight = new Float64Array(size);
    this.velocityW = new Float64Array(size * 3);
    this.#stanceTimeS = new Float64Array(size);
  }

  /** Starts an episode: nothing has touched yet, whatever the ground's forces still say. */
  reset(robot: number, truth: StateBatch): void {
    const numFeet = this.feet.length;
    const { isTouching, hasLanded, airTimeS, lastAirTimeS, lastStanceTimeS } = this;
    const all = [isTouching, hasLanded, airTimeS, lastAirTimeS, lastStanceTimeS];
    for (const array of [...all, this.#stanceTimeS]) {
      array.fill(0, robot * numFeet, (robot + 1) * numFeet);
    }
    // Between the start and the next step nothing presses on anything.
    const { forceW, shapeNames } = this.ground;
    forceW?.fill(0, 3 * robot * shapeNames.length, 3 * (robot + 1) * shapeNames.length);
    this.#locate(robot, truth);
    for (let k = robot * numFeet; k < (robot + 1) * numFeet; k++) {
      this.peakHeight[k] = this.height[k]!;
    }
  }

  /** Looks at one robot after a control step of `dt` seconds; the ground's forces are those of its end. */
  update(robot: number, truth: StateBatch, dt: number): void {
    const numFeet = this.feet.length;
    if (numFeet === 0) return;
    this.#locate(robot, truth);
    for (let f = 0; f < numFeet; f++) {
      this.#note(robot * numFeet + f, isPressed(this.ground, robot, this.#feet[f]!.shape), dt);
    }
  }

  #note(k: number, isPressed: boolean, dt: number): void {
    const { isTouching, airTimeS, peakHeight, height } = this;
    const touched = isTouching[k] === 1;
    this.hasLanded[k] = isPressed && !touched ? 1 : 0;
    if (touched) {
      airTimeS[k] = isPressed ? 0 : dt;
      if (!isPressed) this.lastStanceTimeS[k] = this.#stanceTimeS[k]!;
      peakHeight[k] = height[k]!;
    } else {
      if (isPressed) this.lastAirTimeS[k] = airTimeS[k]!;
      else airTimeS[k]! += dt;
      peakHeight[k] = Math.max(peakHeight[k]!, height[k]!);
    }
    this.#stanceTimeS[k] = isPressed ? (touched ? this.#stanceTimeS[k]! + dt : dt) : 0;
    isTouching[k] = isPressed ? 1 : 0;
  }

  /** Heights and velocities of the lowest points. */
  #locate(robot: number, truth: StateBatch): void {
    const numFeet = this.feet.length;
    if (numFeet === 0) return;
    const { position, linearVelocityW, angularVelocityW } = this.#frames;
    this.#frames.compute(truth, robot);
    for (let f = 0; f < numFeet; f++) {
      const { body, radius } = this.#feet[f]!;
      const k = robot * numFeet + f;
      const b = 3 * body;
      this.#writeArm(this.#feet[f]!);
      const x = position[b]! + this.#arm[0]!;
      const y = position[b + 1]! + this.#arm[1]!;
      this.#arm[2]! -= radius;
      this.height[k] = position[b + 2]! + this.#arm[2]! - this.ground.computeHeight(x, y);
      writeCross(this.#turning, 0, angularVelocityW, b, this.#arm, 0);
      for (let axis = 0; axis < 3; axis++) {
        this.velocityW[3 * k + axis] = linearVelocityW[b + axis]! + this.#turning[axis]!;
      }
    }
  }

  /** From the origin of the foot's body to the middle of the foot. [@frame odom] */
  #writeArm({ body, centre }: Foot): void {
    writeRotated(this.#arm, 0, this.#frames.orientation, 4 * body, centre, 0);
  }
}

function findFoot(model: RobotModel, frames: BodyFrames, name: string): Foot {
  for (const link of model.links) {
    const shape = link.collisions.find((candidate) => candidate.name === name);
    if (shape?.geometry.kind !== 'sphere') continue;
    const body = frames.findBody(link.name);
    const bodyFromLink = getBodyFromLink(frames.bodies[body]!, link.name);
    return {
      shape: findShapeColumns(model, [name])[0]!,
      body,
      centre: Float64Array.from(transformPoint(bodyFromLink, shape.linkFromShape.translation)),
      radius: shape.geometry.radius,
    };
  }
  const balls = model.links.flatMap(({ collisions }) =>
    collisions.filter(({ geometry }) => geometry.kind === 'sphere').map((shape) => shape.name),
  );
  throw new RangeError(
    `robot '${model.name}' has no ball '${name}' for a foot; it has: ${balls.join(', ') || 'none'}`,
  );
}
