import { writeFromRollPitchYaw } from '../math/quat.ts';
import type { Rng } from '../math/rng.ts';
import { makeRobotRandomization } from '../randomize/file.ts';
import { makeFullRangeAction } from '../task/action.ts';
import { makeCourseReference } from '../task/command.ts';
import { makeTiltExcessCost } from '../task/cost.ts';
import type { CourseInput } from '../task/course.ts';
import { makePositionGoal } from '../task/goal.ts';
import { makeTrackJudge } from '../task/judge.ts';
import { makeActionRateCost, makePositionReward, makeVelocityReward } from '../task/reward.ts';
import type { TaskDefinition } from '../task/task.ts';
import { makeOutOfBoundsTermination, makeTiltTermination } from '../task/termination.ts';

/** [m/s] below the 0.31 m/s of the base's safe mode, so that it can catch up */
const MAX_SPEED = 0.28;
/** [m] of the reward for being near the reference */
const POSITION_WIDTH = 0.1;
/** [m] */
const MAX_RMSE = 0.1;

/** A figure-eight around home, a lap in 20 s to 50 s. Heading is the robot's own business. */
function drawCourse(rng: Rng): CourseInput {
  return {
    kind: 'figure_eight',
    centre: [0, 0, 0],
    halfLength: rng.uniform(0.6, 1.2),
    halfWidth: rng.uniform(0.6, 1.2),
    speed: rng.uniform(0.2, MAX_SPEED),
  };
}

/** [rad] between x and the way an eight leaves its crossing, for one as wide as it is long */
const LEAVING = Math.PI / 4;

export const turtlebotTrack: TaskDefinition = {
  name: 'turtlebot-track',
  robot: 'turtlebot',
  description: 'Drive a figure-eight by wheel odometry',
  controlRateHz: 25,
  episodeLengthS: 30,
  observations: [
    { name: 'positionErrorB', width: 3, unit: 'm', frame: 'base_link', clip: [-1, 1] },
    { name: 'referenceVelocityB', width: 3, unit: 'm/s', frame: 'base_link' },
    { name: 'linearVelocityB', width: 3, unit: 'm/s', frame: 'base_link' },
    { name: 'angularVelocityB', width: 3, unit: 'rad/s', frame: 'base_link' },
    { name: 'lastAction', width: 2, unit: '-' },
  ],
  goal: makePositionGoal({ axes: ['x', 'y'], width: POSITION_WIDTH, reach: MAX_RMSE }),
  makeAction: makeFullRangeAction,
  makeRewards: () => ({
    position: { weight: 1, term: makePositionReward(POSITION_WIDTH) },
    velocity: { weight: 0.3, term: makeVelocityReward(0.15) },
    actionRate: { weight: -0.1, term: makeActionRateCost() },
  }),
  // Half as far as ends the episode.
  makeCosts: (model) => ({
    tilt: makeTiltExcessCost((model.safety.maxTilt ?? Math.PI / 2) / 2),
  }),
  makeTerminations: (model) => ({
    tilt: { kind: 'terminated', term: makeTiltTermination(model.safety.maxTilt ?? Math.PI / 2) },
    outOfBounds: {
      kind: 'terminated',
      term: makeOutOfBoundsTermination([-3, -3, -0.1], [3, 3, 0.1]),
    },
  }),
  makeReference: (numRobots) => makeCourseReference(numRobots, drawCourse),
  commandRanges: { speed: [0, MAX_SPEED] },
  writeStart(out, robot, _model, rng) {
    out.position[3 * robot] = rng.uniform(-0.1, 0.1);
    out.position[3 * robot + 1] = rng.uniform(-0.1, 0.1);
    const yaw = LEAVING + rng.uniform(-0.6, 0.6);
    writeFromRollPitchYaw(out.orientation, 4 * robot, 0, 0, yaw);
  },
  randomization: makeRobotRandomization('turtlebot'),
  // Success: not tipped, not gone, and after 4 s on average within MAX_RMSE of a reference that only odometry knows.
  makeJudge: (_model, numRobots) =>
    makeTrackJudge({ numRobots, settleS: 4, maxRmse: MAX_RMSE, reach: 0.15 }),
};
