import type { RobotModel } from '../robot/model.ts';
import type { ActionSpec } from '../task/task.ts';

/** What the go2's tasks share. */

const LEGS = ['FL', 'FR', 'RL', 'RR'];
export const GO2_JOINTS: readonly string[] = LEGS.flatMap((leg) => [
  `${leg}_hip_joint`,
  `${leg}_thigh_joint`,
  `${leg}_calf_joint`,
]);

/** Raw 0 is home; 0.25 rad per unit as in Unitree's unitree_rl_gym, go2_config.py. */
export function makeGo2Action(model: RobotModel): ActionSpec {
  const home = (name: string) => model.home.jointPosition[model.jointNames.indexOf(name)]!;
  return {
    kind: 'position',
    clip: [-4, 4],
    scale: model.actuatedJointNames.map(() => 0.25),
    offset: model.actuatedJointNames.map(home),
  };
}
