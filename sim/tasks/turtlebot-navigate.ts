import { writeFromRollPitchYaw } from '../math/quat.ts';
import { makeRobotRandomization } from '../randomize/file.ts';
import type { RobotModel } from '../robot/model.ts';
import { makeTiltExcessCost } from '../task/cost.ts';
import { makePositionGoal } from '../task/goal.ts';
import {
  makeEventReward,
  makeGoalReference,
  makeNavigationJudge,
  makeNearnessCost,
  makeNearTermination,
  makeProgressReward,
  makeReachedTermination,
  makeTurnExcessCost,
} from '../task/navigation.ts';
import { makeActionRateCost, makeAliveReward } from '../task/reward.ts';
import type { ActionSpec, ObservationTermSpec, TaskDefinition } from '../task/task.ts';
import { makeTiltTermination } from '../task/termination.ts';
import {
  FIELD_SIZE,
  NAVIGATION_FIELD,
  NAVIGATION_TERRAIN,
  ROBOT_RADIUS,
} from './navigation-field.ts';

const RATE_HZ = 10;
/** [m] 0.05 m more than Nav2's default tolerance: what is judged is the truth, what it drives by is odometry */
const REACH = 0.3;
/** [m] from the robot's side, at which it counts as touching: physics and geometry agree to a few millimetres */
const TOUCH = 0.01;
/** [m] beside the robot, without which a way is none for it */
const ROOM = 0.05;
/** [m] from the robot's side, below which nearness costs */
const SHY = 0.3;
/** [m/s] of one wheel and [rad/s] of the base in the base's safe mode: TurtleBot 4 User Manual, Features */
const MAX_SPEED = 0.31;
const MAX_TURN_RATE = 1.9;
/** [1] of the lidar's surroundings, 10° each: 36 rays of 360 would miss a post of 6 cm; the least of 10 does not */
const NUM_SECTORS = 36;
/** [m] beyond which nothing is in the way for the next ten seconds */
const HORIZON = 2;

const isReached = makeReachedTermination(REACH);
const isCollision = makeNearTermination(ROBOT_RADIUS + TOUCH);

/**
 * Wheel speeds rather than speed and turn rate: they are what the motors get, what the safety filter limits and
 * what recordings hold, and two wheels span the same motions (differential-drive.ts has the way between).
 */
function makeSafeModeAction({ drive, actuatedJointNames, commandKind }: RobotModel): ActionSpec {
  if (drive === undefined) throw new RangeError('turtlebot-navigate: the robot has no drive');
  return {
    kind: commandKind,
    clip: [-1, 1],
    scale: actuatedJointNames.map(() => MAX_SPEED / drive.wheelRadius),
    offset: actuatedJointNames.map(() => 0),
  };
}

const OBSERVATIONS: readonly ObservationTermSpec[] = [
  {
    name: 'lidarNearness',
    sensor: 'scan',
    width: NUM_SECTORS,
    unit: '1/m',
    frame: 'base_link',
    clip: [1 / HORIZON, 1 / ROBOT_RADIUS],
    scale: ROBOT_RADIUS,
  },
  { name: 'goalDistance', width: 1, unit: 'm', clip: [0, FIELD_SIZE], scale: 1 / FIELD_SIZE },
  { name: 'linearVelocityB', width: 3, unit: 'm/s', frame: 'base_link', scale: 1 / MAX_SPEED },
  {
    name: 'angularVelocityB',
    width: 3,
    unit: 'rad/s',
    frame: 'base_link',
    scale: 1 / MAX_TURN_RATE,
  },
  { name: 'lastAction', width: 2, unit: '-' },
];

const MOTION: ObservationTermSpec = {
  name: 'lidarMotion',
  sensor: 'scan',
  width: NUM_SECTORS,
  unit: '1/m',
  frame: 'base_link',
  clip: [-1 / ROBOT_RADIUS, 1 / ROBOT_RADIUS],
  scale: ROBOT_RADIUS,
  // The lidar turns at 5.5 Hz, what walks does so at 0.1 m/s to 0.4 m/s: over 0.7 s that is more than the lidar's noise.
  history: 4,
};

/**
 * Where a planner would lead it, in place of where the goal is: before what stands in the way, a policy that is told the
 * goal would go left as gladly as right, and stands.
 */
const WAY: ObservationTermSpec = {
  name: 'wayDirectionB',
  sensor: 'scan',
  width: 2,
  unit: '-',
  frame: 'base_link',
  clearance: ROBOT_RADIUS + ROOM,
};

export const turtlebotNavigate: TaskDefinition = {
  name: 'turtlebot-navigate',
  robot: 'turtlebot',
  description: 'Drive to a goal between obstacles that stand and walk, by lidar and wheel odometry',
  controlRateHz: RATE_HZ,
  // 120 Hz: the robot's own 125 Hz are no whole number of steps in a tenth of a second.
  substeps: 12,
  episodeLengthS: 40,
  terrain: NAVIGATION_TERRAIN,
  field: NAVIGATION_FIELD,
  observations: [...OBSERVATIONS, MOTION, WAY],
  // A critic is told the way, and who walks, as they are.
  critic: [...OBSERVATIONS, { name: 'goalDirectionB', width: 2, unit: '-', frame: 'base_link' }],
  mirror: {
    joints: {
      left_wheel_joint: ['right_wheel_joint', 1],
      right_wheel_joint: ['left_wheel_joint', 1],
    },
  },
  goal: makePositionGoal({ axes: ['x', 'y'], width: 1, reach: REACH }),
  makeAction: makeSafeModeAction,
  makeRewards: () => ({
    // 5 per metre of the way.
    progress: { weight: 5 / RATE_HZ, term: makeProgressReward(1 / RATE_HZ) },
    reached: { weight: 10, term: makeEventReward(isReached) },
    collision: { weight: -40, term: makeEventReward(isCollision) },
    nearness: {
      weight: -2 / RATE_HZ,
      term: makeNearnessCost(ROBOT_RADIUS + TOUCH, ROBOT_RADIUS + SHY),
    },
    turnExcess: { weight: -0.5 / RATE_HZ, term: makeTurnExcessCost(MAX_TURN_RATE) },
    actionRate: { weight: -0.2 / RATE_HZ, term: makeActionRateCost() },
    time: { weight: -0.2 / RATE_HZ, term: makeAliveReward() },
  }),
  makeCosts: (model) => ({
    collision: makeEventReward(isCollision),
    nearness: makeNearnessCost(ROBOT_RADIUS + TOUCH, ROBOT_RADIUS + SHY),
    turnExcess: makeTurnExcessCost(MAX_TURN_RATE),
    tilt: makeTiltExcessCost((model.safety.maxTilt ?? Math.PI / 2) / 2),
  }),
  // A collision comes first: what touches on the line has not arrived.
  makeTerminations: (model) => ({
    collision: { kind: 'terminated', term: isCollision },
    tilt: { kind: 'terminated', term: makeTiltTermination(model.safety.maxTilt ?? Math.PI / 2) },
    reached: { kind: 'terminated', term: isReached, isSuccess: true },
  }),
  makeReference: makeGoalReference,
  writeStart(out, robot, _model, _rng, field) {
    const { x, y, yaw } = field!.start;
    out.position[3 * robot] = x;
    out.position[3 * robot + 1] = y;
    writeFromRollPitchYaw(out.orientation, 4 * robot, 0, 0, yaw);
  },
  randomization: makeRobotRandomization('turtlebot'),
  makeJudge: (_model, numRobots) =>
    makeNavigationJudge({ numRobots, isReached, isCollision, robotRadius: ROBOT_RADIUS }),
};
