import { makeRobotRandomization } from '../randomize/file.ts';
import { makeHoldReference } from '../task/command.ts';
import { makeHoverJudge } from '../task/judge.ts';
import type { TaskDefinition } from '../task/task.ts';
import {
  CRAZYFLIE_CRITIC,
  CRAZYFLIE_OBSERVATIONS,
  INDOOR_RANGES,
  makeCrazyflieAction,
  makeCrazyflieCosts,
  makeCrazyflieGoal,
  makeCrazyflieRewards,
  makeCrazyflieTerminations,
  WIDE_START,
  writeCrazyflieStart,
} from './crazyflie.ts';

const EPISODE_LENGTH_S = 8;
/** [m] home, one metre up */
const HOVER_POINT = [0, 0, 1] as const;
/** [m] the robot's width from rotor to rotor */
const MAX_MEAN_ERROR = 0.1;
const START = {
  position: [0.5, 0.5, 0.4],
  tilt: 0.3,
  yaw: 0.5,
  velocity: 0.5,
  angularVelocity: 1,
} as const;

export const crazyflieHover: TaskDefinition = {
  name: 'crazyflie-hover',
  robot: 'crazyflie',
  description: 'Fly to a point from nearby, tipped and moving, and stay there',
  controlRateHz: 100,
  substeps: 5,
  episodeLengthS: EPISODE_LENGTH_S,
  observations: CRAZYFLIE_OBSERVATIONS,
  critic: CRAZYFLIE_CRITIC,
  goal: makeCrazyflieGoal(MAX_MEAN_ERROR),
  makeAction: makeCrazyflieAction,
  makeRewards: makeCrazyflieRewards,
  makeCosts: makeCrazyflieCosts,
  makeTerminations: makeCrazyflieTerminations,
  makeReference: () => makeHoldReference(HOVER_POINT),
  writeStart: (out, robot, model, rng) => writeCrazyflieStart(out, robot, model, rng, START),
  writeWideStart: (out, robot, model, rng) =>
    writeCrazyflieStart(out, robot, model, rng, WIDE_START),
  randomization: makeRobotRandomization('crazyflie', INDOOR_RANGES),
  // Success: on average within MAX_MEAN_ERROR over the last 2 s.
  makeJudge: (_model, numRobots) =>
    makeHoverJudge({
      numRobots,
      episodeLengthS: EPISODE_LENGTH_S,
      windowS: 2,
      maxMeanError: MAX_MEAN_ERROR,
    }),
};
