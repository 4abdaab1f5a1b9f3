import { clamp } from '../../sim/math/vec3.ts';
import type { RobotModel } from '../../sim/robot/model.ts';
import type { RobotView } from '../../sim/task/robot-view.ts';
import type { ActionSpec } from '../../sim/task/task.ts';
import type { Controller } from './controller.ts';
import { LegTargets } from './leg-targets.ts';

/**
 * Stands at home: targets that lead the home position by what carries the weight, held by the joints' own drives.
 * It moves from its last targets towards them no faster than `maxSpeed`, so it takes over softly from whoever commanded
 * before; beyond that it needs no feedback.
 */
export class LegStand implements Controller {
  readonly name = 'leg-stand';
  /** [numActions] raw actions that stand */
  readonly #goal: Float64Array;
  /** [numActions] largest change of each raw action per call */
  readonly #step: Float64Array;

  /**
   * @param maxSpeed [rad/s] of the targets; from lying folded, calves at −2.65 rad, 1 rad/s takes the go2 0.85 s
   * @throws RangeError unless the robot has legs on position drives
   */
  constructor(model: RobotModel, action: ActionSpec, periodS: number, maxSpeed = 1) {
    const targets = new LegTargets(model);
    const command = Float64Array.from(model.actuatedJointNames, (name) => {
      return model.home.jointPosition[model.jointNames.indexOf(name)]!;
    });
    for (let leg = 0; leg < targets.numLegs; leg++) {
      targets.writeLeg(command, leg, targets.homeFeet, 3 * leg, targets.homeLoads[leg]!);
    }
    const { scale, offset, clip } = action;
    this.#goal = command.map((target, k) => {
      return clamp((target - offset[k]!) / scale[k]!, clip[0], clip[1]);
    });
    this.#step = Float64Array.from(scale, (factor) => (maxSpeed * periodS) / Math.abs(factor));
  }

  compute(raw: Float32Array, view: RobotView, robot: number): void {
    const n = this.#goal.length;
    for (let k = 0; k < n; k++) {
      const last = view.memory.lastAction[robot * n + k]!;
      const step = this.#step[k]!;
      raw[robot * n + k] = last + clamp(this.#goal[k]! - last, -step, step);
    }
  }
}
