import type { MutableNumbers } from '../../sim/math/vec3.ts';
import type { RobotModel } from '../../sim/robot/model.ts';
import { LegTargets } from './leg-targets.ts';

/** A trot on the spot: diagonal pairs of legs step in turn. */
export interface TrotGait {
  /** [s] from one lift of a foot to its next */
  readonly periodS: number;
  /** [-] @range 0.5, 1 (both excluded) share of the period that a foot is meant to be on the floor */
  readonly duty: number;
  /** [m] how far targets lift a foot */
  readonly clearance: number;
  /** [s] in which a foot takes up its load, and in which it gives it up */
  readonly transferS: number;
  /** [s] in which the first steps grow from nothing */
  readonly rampS: number;
}

/**
 * Ours. Over the diagonal of two feet a robot falls like a pendulum of length h, e-fold in √(h / g) = 0.17 s for h = 0.29 m;
 * 0.45 · 0.6 s = 0.27 s are about as long as the go2 can be left there without feedback (at 0.45 s it tilts by 0.13 rad). Its drives lag, by damping /
 * stiffness = 83 ms, so feet come up to two thirds of the clearance.
 */
export const TROT_GAIT: TrotGait = {
  periodS: 0.6,
  duty: 0.55,
  clearance: 0.06,
  transferS: 0.03,
  rampS: 1,
};

/**
 * Open-loop trot on the spot: joint targets as a function of time alone. Feet rise and sink above their places at
 * home; each target leads its joint by what the foot's share of the weight asks of its drive.
 */
export class TrotInPlace {
  readonly gait: TrotGait;
  readonly targets: LegTargets;
  /** [numLegs] lap of the gait at time 0: the pairs half a period apart */
  readonly #offset: readonly number[];
  /** [numLegs] 0 … 1 how much of its full share each foot carries */
  readonly #share: Float64Array;
  readonly #foot = new Float64Array(3);

  /** @throws RangeError unless the robot has four legs, on position drives, and the pairs' times on the floor overlap */
  constructor(model: RobotModel, gait: TrotGait = TROT_GAIT) {
    if (!(gait.duty > 0.5 && gait.duty < 1)) {
      throw new RangeError(`TrotInPlace: duty must lie between 0.5 and 1, got ${gait.duty}`);
    }
    this.gait = gait;
    this.targets = new LegTargets(model);
    if (this.targets.numLegs !== 4) {
      throw new RangeError(`TrotInPlace: robot '${model.name}' needs four legs`);
    }
    const feet = this.targets.homeFeet;
    // Front left and rear right: x and y have the same sign.
    this.#offset = [0, 1, 2, 3].map((leg) => (feet[3 * leg]! * feet[3 * leg + 1]! > 0 ? 0 : 0.5));
    this.#share = new Float64Array(4);
  }

  /** Whether the gait wants the foot of a leg on the floor. */
  isStance(leg: number, timeS: number): boolean {
    return this.#computeLap(leg, timeS) < this.gait.duty;
  }

  /** @param command [numActuatedJoints] rad, actuated joint order @param timeS since the trot began */
  writeCommand(command: MutableNumbers, timeS: number): void {
    const { targets } = this;
    const grown = Math.min(1, Math.max(0, timeS / this.gait.rampS));
    let sum = 0;
    for (let leg = 0; leg < 4; leg++) {
      // What has not grown yet is standing.
      const share = 1 - grown * (1 - this.#computeShare(leg, timeS));
      this.#share[leg] = share * targets.homeLoads[leg]!;
      sum += this.#share[leg]!;
    }
    for (let leg = 0; leg < 4; leg++) {
      for (let axis = 0; axis < 3; axis++) this.#foot[axis] = targets.homeFeet[3 * leg + axis]!;
      this.#foot[2]! += grown * this.#computeLift(leg, timeS);
      targets.writeLeg(command, leg, this.#foot, 0, (targets.weight * this.#share[leg]!) / sum);
    }
  }

  /** 0 … 1: on the floor from 0 to the duty, then in the air. */
  #computeLap(leg: number, timeS: number): number {
    const lap = timeS / this.gait.periodS + this.#offset[leg]!;
    return lap - Math.floor(lap);
  }

  /** [m] smooth at both ends */
  #computeLift(leg: number, timeS: number): number {
    const { duty, clearance } = this.gait;
    const lap = this.#computeLap(leg, timeS);
    return lap < duty ? 0 : clearance * Math.sin((Math.PI * (lap - duty)) / (1 - duty)) ** 2;
  }

  /** 0 … 1: full share in the middle of stance, none in the air. */
  #computeShare(leg: number, timeS: number): number {
    const { duty, periodS, transferS } = this.gait;
    const lap = this.#computeLap(leg, timeS);
    if (lap >= duty) return 0;
    const edgeS = Math.min(lap, duty - lap) * periodS;
    const t = Math.min(1, edgeS / transferS);
    return t * t * (3 - 2 * t);
  }
}
