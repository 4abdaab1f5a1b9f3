import type { Rng } from '../math/rng.ts';
import { makeRobotRandomization } from '../randomize/file.ts';
import { makeCourseReference } from '../task/command.ts';
import type { CourseInput } from '../task/course.ts';
import { makeTrackJudge } from '../task/judge.ts';
import type { TaskDefinition } from '../task/task.ts';
import {
  CRAZYFLIE_CRITIC,
  CRAZYFLIE_OBSERVATIONS,
  GUSTY_RANGES,
  makeCrazyflieAction,
  makeCrazyflieCosts,
  makeCrazyflieGoal,
  makeCrazyflieRewards,
  makeCrazyflieTerminations,
  WIDE_START,
  writeCrazyflieStart,
} from './crazyflie.ts';

const START = {
  position: [0.2, 0.2, 0.2],
  tilt: 0.2,
  yaw: 0.5,
  velocity: 0.3,
  angularVelocity: 0.5,
} as const;

/** [m/s] */
const MAX_SPEED = 1;
/** [m] */
const MAX_RMSE = 0.25;

/** Waypoints or a figure-eight, half and half, from home on, at 0.3 m/s to 1 m/s. */
function drawCourse(rng: Rng): CourseInput {
  const speed = rng.uniform(0.3, MAX_SPEED);
  const yaw = rng.uniform(-0.5, 0.5);
  if (rng.bernoulli(0.5)) {
    return {
      kind: 'figure_eight',
      centre: [0, 0, 1],
      halfLength: rng.uniform(0.8, 1.5),
      halfWidth: rng.uniform(0.8, 1.5),
      rise: rng.uniform(-0.3, 0.3),
      speed,
      yaw,
    };
  }
  const point = (): [number, number, number] => [
    rng.uniform(-1.5, 1.5),
    rng.uniform(-1.5, 1.5),
    rng.uniform(0.6, 1.6),
  ];
  const points: [number, number, number][] = [[0, 0, 1], point(), point(), point(), point()];
  return { kind: 'waypoints', points, speed, acceleration: rng.uniform(0.5, 1.5), dwellS: 1, yaw };
}

export const crazyflieTrack: TaskDefinition = {
  name: 'crazyflie-track',
  robot: 'crazyflie',
  description: 'Follow waypoints or a figure-eight through gusts and pushes',
  controlRateHz: 100,
  substeps: 5,
  episodeLengthS: 16,
  observations: CRAZYFLIE_OBSERVATIONS,
  critic: CRAZYFLIE_CRITIC,
  goal: makeCrazyflieGoal(MAX_RMSE),
  makeAction: makeCrazyflieAction,
  makeRewards: makeCrazyflieRewards,
  makeCosts: makeCrazyflieCosts,
  makeTerminations: makeCrazyflieTerminations,
  makeReference: (numRobots) => makeCourseReference(numRobots, drawCourse),
  commandRanges: { speed: [0, MAX_SPEED], yaw: [-0.5, 0.5] },
  writeStart: (out, robot, model, rng) => writeCrazyflieStart(out, robot, model, rng, START),
  writeWideStart: (out, robot, model, rng) =>
    writeCrazyflieStart(out, robot, model, rng, WIDE_START),
  randomization: makeRobotRandomization('crazyflie', GUSTY_RANGES),
  // Success: no crash, on average within MAX_RMSE of a reference that moves at up to 1 m/s, pushes
  // included, and every waypoint passed within 0.15 m while the reference pauses there.
  makeJudge: (_model, numRobots) =>
    makeTrackJudge({ numRobots, settleS: 2, maxRmse: MAX_RMSE, reach: 0.15 }),
};
