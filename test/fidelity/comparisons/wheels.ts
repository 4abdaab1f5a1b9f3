import { loadRobot } from '../../../sim/robot/load.ts';
import { type Comparison, computeRms } from '../comparison.ts';
import type { Setup } from '../experiment.ts';
import { withWorld } from '../worlds.ts';

/** [m/s] and [rad/s]: two circles of 0.4 m, one to each side, in 25 s */
const SPEED = 0.2;
const TURN_RATE = 0.5;
const LOOP_S = (2 * Math.PI) / TURN_RATE;
const SAMPLES_PER_S = 10;

/** Positions ten times a second. [m] */
function drive(setup: Setup): Promise<readonly (readonly [number, number])[]> {
  const model = loadRobot('turtlebot');
  const { drive: geometry } = model;
  if (geometry === undefined) throw new RangeError('turtlebot has no drive');
  const { wheelRadius, wheelSeparation } = geometry;
  return withWorld(model, setup, {}, ({ world }) => {
    const path: (readonly [number, number])[] = [];
    const command = new Float64Array(model.actuatedJointNames.length);
    while (world.timeS < 2 * LOOP_S) {
      const turn = world.timeS < LOOP_S ? TURN_RATE : -TURN_RATE;
      for (const [i, name] of model.actuatedJointNames.entries()) {
        const side = geometry.left.includes(name) ? -1 : 1;
        command[i] = (SPEED + (side * turn * wheelSeparation) / 2) / wheelRadius;
      }
      world.setCommand(0, command);
      world.advance();
      if (world.timeS * SAMPLES_PER_S >= path.length) {
        path.push([world.truth.position[0]!, world.truth.position[1]!]);
      }
    }
    return path;
  });
}

export const figureEight: Comparison = {
  name: 'turtlebot figure-eight',
  shows:
    'turtlebot drives two circles of 0.4 m radius, left and then right, by wheel speeds alone: 5 m in 25 s, and back where it was.',
  robot: 'turtlebot',
  async run(setups) {
    const rapier = await drive(setups.rapier);
    const mujoco = await drive(setups.mujoco);
    const gaps = rapier.map(([x, y], i) => Math.hypot(x - mujoco[i]![0], y - mujoco[i]![1]));
    const end = (path: typeof rapier) => 1000 * Math.hypot(...path.at(-1)!);
    return [
      {
        quantity: 'path, RMS',
        unit: 'mm',
        difference: 1000 * computeRms(gaps),
        tolerance: 25,
        why: '0.5 % of the way, half of what calibrated wheel odometry is off by',
      },
      {
        quantity: 'end, from the start',
        unit: 'mm',
        rapier: end(rapier),
        mujoco: end(mujoco),
        difference: Math.abs(end(rapier) - end(mujoco)),
        tolerance: 50,
        why: '1 % of the way',
      },
    ];
  },
};
