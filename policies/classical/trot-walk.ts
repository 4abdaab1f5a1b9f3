import { writeInverseRotated } from '../../sim/math/quat.ts';
import { clamp, writeCross } from '../../sim/math/vec3.ts';
import type { RobotModel } from '../../sim/robot/model.ts';
import { isAskedToMove } from '../../sim/task/heading.ts';
import type { RobotView } from '../../sim/task/robot-view.ts';
import type { ActionSpec } from '../../sim/task/task.ts';
import type { Controller } from './controller.ts';
import { writeFootPosition } from './leg-kinematics.ts';
import { LegTargets } from './leg-targets.ts';

/** A trot that goes where it is asked to. */
export interface WalkGait {
  /** [s] from one lift of a foot to its next */
  readonly periodS: number;
  /** [-] @range 0.5, 1 (both excluded) share of the period that a foot is meant to be on the floor */
  readonly duty: number;
  /** [m] how far targets lift a foot */
  readonly clearance: number;
  /** [s] in which stepping begins, and ends */
  readonly rampS: number;
  /** [m/s²] and [rad/s²] by which the pace follows the command */
  readonly acceleration: number;
  /** [s] by how far a foot is set down beyond its place for every m/s that the robot is faster than asked */
  readonly capture: number;
  /** [-] share of the tilt that legs are made longer and shorter by */
  readonly levelling: number;
  /** [s] how far ahead of now that tilt is taken, by its rate */
  readonly lead: number;
}

/** Ours, by trial in MuJoCo on flat ground with seeds below 1000. */
export const WALK_GAIT: WalkGait = {
  periodS: 0.36,
  duty: 0.65,
  clearance: 0.08,
  rampS: 0.3,
  acceleration: 2,
  capture: 0.12,
  levelling: 0.9,
  lead: 0.1,
};

/** [s] of the estimated velocity */
const ESTIMATE_S = 0.1;

/**
 * Trots at the velocity that it is asked for. Diagonal pairs of legs step in turn; a foot on the ground moves against
 * the velocity of the base, one in the air swings to where its next stance begins, further out the faster the base is
 * than it should be (M. Raibert, "Legged Robots That Balance", 1986). How fast it is, the feet on the ground tell.
 * Legs are lengthened on the side to which the base tips. Remembers its lap and its estimate from call to call.
 */
export class TrotWalk implements Controller {
  readonly name = 'trot-walk';
  readonly #gait: WalkGait;
  readonly #targets: LegTargets;
  readonly #periodS: number;
  readonly #action: ActionSpec;
  /** [numLegs] lap at time 0: the pairs half a period apart */
  readonly #phase: readonly number[];
  readonly #walkers: Walker[] = [];
  readonly #command: Float64Array;
  readonly #foot = new Float64Array(3);
  readonly #gravityB = new Float64Array(3);
  readonly #turning = new Float64Array(3);
  readonly #rate = new Float64Array(3);

  /** @throws RangeError unless the robot has four legs on position drives */
  constructor(model: RobotModel, action: ActionSpec, periodS: number, gait = WALK_GAIT) {
    this.#gait = gait;
    this.#targets = new LegTargets(model);
    this.#periodS = periodS;
    this.#action = action;
    if (this.#targets.numLegs !== 4) {
      throw new RangeError(`TrotWalk: robot '${model.name}' needs four legs`);
    }
    const feet = this.#targets.homeFeet;
    // Front left and rear right: x and y have the same sign.
    this.#phase = [0, 1, 2, 3].map((leg) => (feet[3 * leg]! * feet[3 * leg + 1]! > 0 ? 0 : 0.5));
    this.#command = new Float64Array(model.actuatedJointNames.length);
  }

  reset(robot: number): void {
    this.#walkers[robot] = makeWalker();
  }

  compute(raw: Float32Array, view: RobotView, robot: number): void {
    this.#walkers[robot] ??= makeWalker();
    const walker = this.#walkers[robot]!;
    this.#estimate(walker, view, robot);
    this.#pace(walker, view, robot);
    this.#tilt(view, robot);
    let shares = 0;
    for (let leg = 0; leg < 4; leg++) shares += this.#computeShare(walker, leg);
    for (let leg = 0; leg < 4; leg++) {
      this.#place(walker, leg);
      const load = (this.#targets.weight * this.#computeShare(walker, leg)) / shares;
      this.#targets.writeLeg(this.#command, leg, this.#foot, 0, load);
    }
    const { scale, offset, clip } = this.#action;
    const n = this.#command.length;
    for (let k = 0; k < n; k++) {
      raw[robot * n + k] = clamp((this.#command[k]! - offset[k]!) / scale[k]!, clip[0], clip[1]);
    }
  }

  /** Base velocity from the feet that the gait has on the ground: they stand, so what moves is the base. */
  #estimate(walker: Walker, view: RobotView, robot: number): void {
    const { state } = view;
    const row = robot * state.numJoints;
    for (let k = 0; k < 3; k++) this.#rate[k] = state.angularVelocityB[3 * robot + k]!;
    let x = 0;
    let y = 0;
    let count = 0;
    this.#targets.geometries.forEach((leg, i) => {
      const q = leg.jointIndices.map((joint) => state.jointPosition[row + joint]!);
      writeFootPosition(this.#foot, 0, leg, q, 0);
      if (walker.isWarm && this.#computeLap(walker, i) < this.#gait.duty) {
        writeCross(this.#turning, 0, this.#rate, 0, this.#foot, 0);
        x -= (this.#foot[0]! - walker.feet[3 * i]!) / this.#periodS + this.#turning[0]!;
        y -= (this.#foot[1]! - walker.feet[3 * i + 1]!) / this.#periodS + this.#turning[1]!;
        count++;
      }
      for (let k = 0; k < 3; k++) walker.feet[3 * i + k] = this.#foot[k]!;
    });
    walker.isWarm = true;
    if (count === 0) return;
    const gain = this.#periodS / ESTIMATE_S;
    walker.velocity[0]! += gain * (x / count - walker.velocity[0]!);
    walker.velocity[1]! += gain * (y / count - walker.velocity[1]!);
  }

  /** Lets the pace follow the command, and the steps grow or fade. */
  #pace(walker: Walker, { reference }: RobotView, robot: number): void {
    const { acceleration, rampS, periodS } = this.#gait;
    for (let k = 0; k < 3; k++) {
      const change = acceleration * this.#periodS;
      const wanted = reference.velocityCommand[3 * robot + k]!;
      walker.pace[k]! += clamp(wanted - walker.pace[k]!, -change, change);
    }
    const isMoving = isAskedToMove(reference, robot) || walker.pace.some((value) => value !== 0);
    const step = this.#periodS / rampS;
    walker.grown = clamp(walker.grown + (isMoving ? step : -step), 0, 1);
    walker.lap += this.#periodS / periodS;
  }

  /** Which way gravity pulls in the body, as it will be in a moment. */
  #tilt({ state }: RobotView, robot: number): void {
    writeInverseRotated(this.#gravityB, 0, state.orientation, 4 * robot, DOWN, 0);
    this.#gravityB[0]! += this.#gait.lead * this.#rate[1]!;
    this.#gravityB[1]! -= this.#gait.lead * this.#rate[0]!;
  }

  /** Writes where the foot of a leg should be. [m] [@frame base_link] */
  #place(walker: Walker, leg: number): void {
    const { duty, periodS, clearance, capture, levelling } = this.#gait;
    const home = this.#targets.homeFeet;
    const lap = this.#computeLap(walker, leg);
    const [x, y] = [home[3 * leg]!, home[3 * leg + 1]!];
    const { pace, velocity, shift } = walker;
    const swing = lap < duty ? 0 : (lap - duty) / (1 - duty);
    const swung = (1 - Math.cos(Math.PI * swing)) / 2;
    // From half a stance ahead to half a stance behind, and back through the air.
    const along = (lap < duty ? 0.5 - lap / duty : swung - 0.5) * duty * periodS;
    if (lap >= duty) {
      for (let axis = 0; axis < 2; axis++) {
        const k = 2 * leg + axis;
        const wanted = capture * (velocity[axis]! - pace[axis]!);
        shift[k]! += swung * (walker.grown * wanted - shift[k]!);
      }
    }
    this.#foot[0] = x + shift[2 * leg]! + along * (pace[0]! - pace[2]! * y);
    this.#foot[1] = y + shift[2 * leg + 1]! + along * (pace[1]! + pace[2]! * x);
    const [gx, gy] = this.#gravityB;
    const lift = walker.grown * clearance * Math.sin(Math.PI * swing) ** 2;
    this.#foot[2] = home[3 * leg + 2]! - levelling * (gx! * x + gy! * y) + lift;
  }

  /** 0 … 1 how much of its full share of the weight a foot carries. */
  #computeShare(walker: Walker, leg: number): number {
    const isStance = this.#computeLap(walker, leg) < this.#gait.duty;
    return isStance ? 1 : 1 - walker.grown;
  }

  /** 0 … 1: on the floor from 0 to the duty, then in the air. */
  #computeLap(walker: Walker, leg: number): number {
    const lap = walker.lap + this.#phase[leg]!;
    return lap - Math.floor(lap);
  }
}

const DOWN = Float64Array.of(0, 0, -1);

/** What one robot's walk remembers. */
interface Walker {
  lap: number;
  /** 0 … 1 how far steps have grown */
  grown: number;
  isWarm: boolean;
  /** m/s ahead, m/s to the left, rad/s */
  readonly pace: Float64Array;
  /** [2] m/s [@frame base_link] estimated */
  readonly velocity: Float64Array;
  /** [numLegs, 2] m by which feet are set down off their places */
  readonly shift: Float64Array;
  /** [numLegs, 3] m [@frame base_link] as last measured */
  readonly feet: Float64Array;
}

function makeWalker(): Walker {
  return {
    lap: 0,
    grown: 0,
    isWarm: false,
    pace: new Float64Array(3),
    velocity: new Float64Array(2),
    shift: new Float64Array(8),
    feet: new Float64Array(12),
  };
}
