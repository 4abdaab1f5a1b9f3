import type { RobotModel } from '../robot/model.ts';
import type { MirrorSpec } from '../task/mirror.ts';
import type { ActionSpec } from '../task/task.ts';

/** What the go2's tasks share. */

const LEGS = ['FL', 'FR', 'RL', 'RR'];
export const GO2_JOINTS: readonly string[] = LEGS.flatMap((leg) => [
  `${leg}_hip_joint`,
  `${leg}_thigh_joint`,
  `${leg}_calf_joint`,
]);

/** Left legs are right ones in a mirror; only hips turn the other way, about x. */
export const GO2_MIRROR: MirrorSpec = {
  joints: Object.fromEntries(
    GO2_JOINTS.map((name) => {
      const other = name.replace(/^(.)(.)/, (_, end, side) => `${end}${side === 'L' ? 'R' : 'L'}`);
      return [name, [other, name.includes('_hip_') ? -1 : 1]] as const;
    }),
  ),
};

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
