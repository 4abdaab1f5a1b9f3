import { CartpoleLqr } from './cartpole-lqr.ts';
import { CascadedPid } from './cascaded-pid.ts';
import type { ControllerMaker } from './controller.ts';
import { DynamicWindow } from './dynamic-window.ts';
import { LegStand } from './leg-stand.ts';
import { TrotWalk } from './trot-walk.ts';
import { WheelTracker } from './wheel-tracker.ts';

const flown: ControllerMaker = (model, action) => new CascadedPid(model, action);
const balanced: ControllerMaker = (model, action, periodS) =>
  new CartpoleLqr(model, action, periodS);
const stood: ControllerMaker = (model, action, periodS) => new LegStand(model, action, periodS);
const walked: ControllerMaker = (model, action, periodS) => new TrotWalk(model, action, periodS);
const driven: ControllerMaker = (model, action, periodS) =>
  new WheelTracker(model, action, periodS);

const navigated: ControllerMaker = (model, action, periodS) =>
  new DynamicWindow(model, action, periodS);

const CONTROLLERS: Readonly<Record<string, ControllerMaker>> = {
  'cartpole-balance': balanced,
  'crazyflie-hover': flown,
  'crazyflie-track': flown,
  'go2-stand': stood,
  'go2-velocity': walked,
  'turtlebot-navigate': navigated,
  'turtlebot-reach': driven,
  'turtlebot-track': driven,
};

/** Tasks that have a hand-made baseline. */
export const CLASSICAL_TASKS: readonly string[] = Object.keys(CONTROLLERS);

/** The hand-made baseline of a task. @throws RangeError listing the tasks that have one */
export function getClassicalController(taskName: string): ControllerMaker {
  const maker = Object.hasOwn(CONTROLLERS, taskName) ? CONTROLLERS[taskName] : undefined;
  if (maker === undefined) {
    throw new RangeError(
      `task '${taskName}' has no classical controller; these have: ${CLASSICAL_TASKS.join(', ')}`,
    );
  }
  return maker;
}
