import type { RobotModel } from '../../sim/robot/model.ts';
import type { RobotView } from '../../sim/task/robot-view.ts';
import type { ActionSpec } from '../../sim/task/task.ts';

/**
 * A hand-made controller that sees what a policy sees and says what a policy says, so that it can
 * stand in its place and teach it.
 */
export interface Controller {
  readonly name: string;
  /** Forgets what it knows of one robot, where it remembers anything; an episode begins. */
  reset?(robot: number): void;
  /**
   * Writes the raw action of one robot into its row; a function of the view alone, and of those it was shown since the
   * robot's last reset. Once per control step.
   * @param raw [numRobots, numActions] before clip, scale and offset
   */
  compute(raw: Float32Array, view: RobotView, robot: number): void;
}

/** Knows the robot as described, never as randomised. */
export type ControllerMaker = (
  model: RobotModel,
  action: ActionSpec,
  /** [s] between calls */
  periodS: number,
) => Controller;
