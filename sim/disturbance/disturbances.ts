import type { Engine } from '../engine/engine.ts';
import type { Rng } from '../math/rng.ts';
import type { Vec3 } from '../math/vec3.ts';
import type { RandomizationConfig } from '../randomize/config.ts';
import type { Context } from '../randomize/draw.ts';
import type { RobotModel } from '../robot/model.ts';
import { type Adversary, makeAdversary } from './adversary.ts';
import { Pushes } from './push.ts';
import { Wind } from './wind.ts';

interface Parts {
  readonly model: RobotModel;
  readonly numRobots: number;
  readonly randomization: RandomizationConfig;
  /** [N] of one robot */
  readonly weight: number;
  /** [s] of a physics step */
  readonly dt: number;
}

/** What acts on robots from outside: gusts, pushes, and an adversary where there is one. */
export class Disturbances {
  /** [numRobots, 3] N [@frame odom] gusts and pushes of the last physics step */
  readonly forceW: Float64Array;
  readonly #numRobots: number;
  readonly #pushes: Pushes;
  readonly #wind: Wind;
  /** Absent where nobody may push. */
  readonly #adversary: Adversary | undefined;

  constructor({ model, numRobots, randomization, weight, dt }: Parts) {
    this.forceW = new Float64Array(numRobots * 3);
    this.#numRobots = numRobots;
    this.#pushes = new Pushes(numRobots, weight, dt);
    this.#wind = new Wind(numRobots, weight, dt);
    this.#adversary = makeAdversary(model, numRobots, randomization, weight);
  }

  /** [numRobots, 6] N, N·m [@frame base_link] what an adversary does to each base; undefined where there is none */
  get adversaryWrenchB(): Float64Array | undefined {
    return this.#adversary?.wrenchB;
  }

  /** An episode begins. */
  reset(robot: number, rng: Rng, context: Context): void {
    this.#pushes.reset(robot, rng.fork('push'), context);
    this.#wind.reset(robot, rng.fork('wind'), context);
    this.#adversary?.reset(robot, context);
    this.forceW.fill(0, 3 * robot, 3 * robot + 3);
  }

  /** What a robot drew has changed during its episode. */
  retune(robot: number, context: Context): void {
    this.#pushes.retune(robot, context);
    this.#wind.retune(robot, context);
    this.#adversary?.retune(robot, context);
  }

  /**
   * Pushes one robot from now on. @param forceW [N] [@frame odom] @param durationS [s]
   * @throws RangeError for a force or a time that is not finite
   */
  push(robot: number, forceW: Vec3, durationS: number): void {
    if (![...forceW, durationS].every(Number.isFinite)) {
      throw new RangeError(`pushRobot: needs finite numbers, got [${forceW}] N for ${durationS} s`);
    }
    this.#pushes.push(robot, forceW, durationS);
  }

  /**
   * Lets the adversary act on one robot's base until it chooses again, within the bounds that the robot drew.
   * @param raw [6] from `offset` on: force, then torque, each at most 1 long [-] [@frame base_link]
   * @throws RangeError where there is none
   */
  choose(robot: number, raw: ArrayLike<number>, offset: number): void {
    if (this.#adversary === undefined) {
      throw new RangeError('setAdversary: adversary of the randomisation leaves it no force');
    }
    this.#adversary.choose(robot, raw, offset);
  }

  /** Writes what gusts and pushes do in the next physics step. */
  writeForces(engine: Engine): void {
    this.forceW.fill(0);
    for (let robot = 0; robot < this.#numRobots; robot++) {
      this.#wind.addForce(this.forceW, robot);
      this.#pushes.addForce(this.forceW, robot);
    }
    engine.externalForceW.set(this.forceW);
  }

  /** Adds what the adversary does, after actuators have written theirs. */
  addAdversary(engine: Engine): void {
    this.#adversary?.addWrenches(engine);
  }
}
