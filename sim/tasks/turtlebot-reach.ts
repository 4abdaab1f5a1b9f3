import { writeFromRollPitchYaw } from '../math/quat.ts';
import { makeRobotRandomization } from '../randomize/file.ts';
import type { RobotModel } from '../robot/model.ts';
import { makeTiltExcessCost } from '../task/cost.ts';
import {
  makeGoalReward,
  makePlaceReference,
  makeReachGoal,
  makeReachJudge,
} from '../task/reach.ts';
import type { ActionSpec, ObservationTermSpec, TaskDefinition } from '../task/task.ts';
import { makeOutOfBoundsTermination, makeTiltTermination } from '../task/termination.ts';

const EPISODE_LENGTH_S = 12;
/** [m] */
const REACH = 0.1;
/** [m] from the middle of odom, along x and y, where robots start and are sent */
const AREA = 0.75;
/** [m] from there, where an episode is cut short: nobody is sent there */
const BOUND = 1.5;
/** [rad/s] of the base in its safe mode: TurtleBot 4 User Manual, Features */
const MAX_TURN_RATE = 1.9;

/** Each wheel as fast as makes the base turn on the spot at its limit: straight ahead that is 0.22 m/s of 0.31 m/s. */
function makeCalmAction({ drive, actuatedJointNames, commandKind }: RobotModel): ActionSpec {
  if (drive === undefined) throw new RangeError('turtlebot-reach: the robot has no drive');
  const { wheelSeparation, wheelRadius } = drive;
  return {
    kind: commandKind,
    clip: [-1, 1],
    scale: actuatedJointNames.map(() => (MAX_TURN_RATE * wheelSeparation) / 2 / wheelRadius),
    offset: actuatedJointNames.map(() => 0),
  };
}

/** Robot and goal in one frame, each by itself, so that another goal can be put in the place of the one that was told. */
const OBSERVATIONS: readonly ObservationTermSpec[] = [
  { name: 'placeW', width: 2, unit: 'm', frame: 'odom' },
  { name: 'headingW', width: 2, unit: '-', frame: 'odom' },
  { name: 'goalPlaceW', width: 2, unit: 'm', frame: 'odom' },
  {
    name: 'jointVelocity',
    width: 2,
    unit: 'rad/s',
    jointNames: ['left_wheel_joint', 'right_wheel_joint'],
  },
  { name: 'lastAction', width: 2, unit: '-' },
];

const goal = makeReachGoal(REACH, OBSERVATIONS);

/**
 * A task for hindsight, in the manner of the Fetch tasks of M. Plappert et al. (2018): only that a robot is there counts,
 * not how near it is. Being there does not end an episode, so that it has to stay, and nothing else in an episode hangs on
 * the goal. Nor is anything to be gained by an end: where every step costs 1, one after which nothing is counted would be
 * worth more than most ways to the goal, so that whoever leaves or tips over is cut short, and fails.
 */
export const turtlebotReach: TaskDefinition = {
  name: 'turtlebot-reach',
  robot: 'turtlebot',
  description: 'Drive to a place by wheel odometry, and stay there',
  controlRateHz: 10,
  // 120 Hz: the robot's own 125 Hz are no whole number of steps in a tenth of a second.
  substeps: 12,
  episodeLengthS: EPISODE_LENGTH_S,
  observations: OBSERVATIONS,
  mirror: {
    joints: {
      left_wheel_joint: ['right_wheel_joint', 1],
      right_wheel_joint: ['left_wheel_joint', 1],
    },
  },
  goal,
  makeAction: makeCalmAction,
  // Nothing besides: what an episode that is told again is worth, the goal alone must say.
  makeRewards: () => ({ goal: { weight: 1, term: makeGoalReward(goal) } }),
  // Half as far as ends the episode.
  makeCosts: (model) => ({
    tilt: makeTiltExcessCost((model.safety.maxTilt ?? Math.PI / 2) / 2),
  }),
  makeTerminations: (model) => ({
    tilt: { kind: 'truncated', term: makeTiltTermination(model.safety.maxTilt ?? Math.PI / 2) },
    outOfBounds: {
      kind: 'truncated',
      term: makeOutOfBoundsTermination([-BOUND, -BOUND, -0.1], [BOUND, BOUND, 0.1]),
    },
  }),
  makeReference: () =>
    makePlaceReference((rng) => [rng.uniform(-AREA, AREA), rng.uniform(-AREA, AREA), 0]),
  writeStart(out, robot, _model, rng) {
    out.position[3 * robot] = rng.uniform(-AREA, AREA);
    out.position[3 * robot + 1] = rng.uniform(-AREA, AREA);
    writeFromRollPitchYaw(out.orientation, 4 * robot, 0, 0, rng.uniform(-Math.PI, Math.PI));
  },
  randomization: makeRobotRandomization('turtlebot'),
  // Success: during the last second within REACH of a place that only odometry knows. Who turns there has stayed, too.
  makeJudge: (_model, numRobots) =>
    makeReachJudge({ numRobots, episodeLengthS: EPISODE_LENGTH_S, windowS: 1, reach: REACH }),
};
