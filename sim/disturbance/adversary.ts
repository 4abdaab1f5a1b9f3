import type { RandomizationConfig } from '../randomize/config.ts';
import { type Context, computeLargest } from '../randomize/draw.ts';
import type { RobotModel } from '../robot/model.ts';
import { computeRootBody } from '../robot/rigid-bodies.ts';

/** What the numbers are called that an adversary chooses per robot, in their order. [-] [@frame base_link] */
export const ADVERSARY_NAMES = ['force', 'torque'].flatMap((part) =>
  ['x', 'y', 'z'].map((axis) => `${part}.${axis}`),
);

/** [1] of them */
export const ADVERSARY_WIDTH = ADVERSARY_NAMES.length;

/** Whether a randomisation leaves an adversary any force. */
export function hasAdversary(randomization: RandomizationConfig): boolean {
  return (['adversary.maxForceScale', 'adversary.maxTorqueScale'] as const).some(
    (key) => computeLargest(randomization, key) > 0,
  );
}

/** Where its wrenches are added up. */
interface WrenchSink {
  /** [numRobots, 3] N [@frame base_link] */
  readonly baseForceB: Float64Array;
  /** [numRobots, 3] N·m [@frame base_link] */
  readonly baseTorqueB: Float64Array;
}

/**
 * Forces and torques on the base that another policy chooses once per control step, so that a robot learns against the
 * worst that it has to expect rather than against chance (L. Pinto et al., "Robust adversarial reinforcement
 * learning", ICML 2017). However much it asks for, neither is longer than its bound.
 */
export class Adversary {
  /** [N], [N·m] what a scale of 1 is */
  readonly #unit: readonly [force: number, torque: number];
  /** [numRobots, 2] N, N·m */
  readonly #bounds: Float64Array;
  /** [numRobots, 6] N, N·m [@frame base_link] as it acts */
  readonly wrenchB: Float64Array;

  /**
   * @param nominalWeight of the robot as described [N]
   * @param radiusOfGyration of its base [m]
   */
  constructor(numRobots: number, nominalWeight: number, radiusOfGyration: number) {
    this.#unit = [nominalWeight, nominalWeight * radiusOfGyration];
    this.#bounds = new Float64Array(2 * numRobots);
    this.wrenchB = new Float64Array(ADVERSARY_WIDTH * numRobots);
  }

  /** Starts an episode: nothing acts yet. */
  reset(robot: number, context: Context): void {
    this.wrenchB.fill(0, ADVERSARY_WIDTH * robot, ADVERSARY_WIDTH * (robot + 1));
    this.retune(robot, context);
  }

  /** Bounds from the next choice on. */
  retune(robot: number, context: Context): void {
    this.#bounds[2 * robot] = context['adversary.maxForceScale'] * this.#unit[0];
    this.#bounds[2 * robot + 1] = context['adversary.maxTorqueScale'] * this.#unit[1];
  }

  /**
   * Acts from now on until the next choice. A length of 1 is the bound, longer ones count as 1; what is not finite
   * counts as nothing.
   * @param raw [6] from `offset` on: force, then torque [-] [@frame base_link]
   */
  choose(robot: number, raw: ArrayLike<number>, offset: number): void {
    for (let part = 0; part < 2; part++) {
      const from = offset + 3 * part;
      const length = Math.hypot(raw[from]!, raw[from + 1]!, raw[from + 2]!);
      const bound = this.#bounds[2 * robot + part]!;
      const factor = Number.isFinite(length) ? bound / Math.max(1, length) : 0;
      for (let k = 0; k < 3; k++) {
        this.wrenchB[ADVERSARY_WIDTH * robot + 3 * part + k] =
          factor === 0 ? 0 : factor * raw[from + k]!;
      }
    }
  }

  /** Adds the wrenches of all robots. */
  addWrenches(out: WrenchSink): void {
    for (let robot = 0; robot < this.#bounds.length / 2; robot++) {
      for (let k = 0; k < 3; k++) {
        out.baseForceB[3 * robot + k]! += this.wrenchB[ADVERSARY_WIDTH * robot + k]!;
        out.baseTorqueB[3 * robot + k]! += this.wrenchB[ADVERSARY_WIDTH * robot + 3 + k]!;
      }
    }
  }
}

/**
 * The adversary of N copies of a robot; undefined where the randomisation leaves it no force.
 * @param nominalWeight of the robot as described [N]
 */
export function makeAdversary(
  model: RobotModel,
  numRobots: number,
  randomization: RandomizationConfig,
  nominalWeight: number,
): Adversary | undefined {
  if (!hasAdversary(randomization)) return undefined;
  const { moments, mass } = computeRootBody(model);
  const mean = (moments[0] + moments[1] + moments[2]) / 3;
  return new Adversary(numRobots, nominalWeight, Math.sqrt(mean / mass));
}
