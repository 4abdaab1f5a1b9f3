import { writeFromRollPitchYaw } from '../math/quat.ts';
import type { RandomizationInput } from '../randomize/config.ts';
import { makeRobotRandomization } from '../randomize/file.ts';
import { makeHoldReference } from '../task/command.ts';
import { makeTiltExcessCost } from '../task/cost.ts';
import { makeHoverJudge } from '../task/judge.ts';
import {
  makeActionRateCost,
  makeAliveReward,
  makeAngularVelocityCost,
  makePositionReward,
  makeTiltCost,
} from '../task/reward.ts';
import type { ObservationTermSpec, TaskDefinition } from '../task/task.ts';
import { makeOutOfBoundsTermination, makeTiltTermination } from '../task/termination.ts';
import { GO2_JOINTS, makeGo2Action } from './go2.ts';

const EPISODE_LENGTH_S = 10;
/** [m] base_link of the go2 at home, sim/robots/go2/robot.yaml */
const HOME_HEIGHT = 0.2884;
/** What an IMU and encoders tell: neither place nor height. */
const OBSERVATIONS: readonly ObservationTermSpec[] = [
  { name: 'projectedGravityB', width: 3, unit: '-', frame: 'base_link' },
  { name: 'angularVelocityB', width: 3, unit: 'rad/s', frame: 'base_link', clip: [-20, 20] },
  { name: 'jointPosition', width: 12, unit: 'rad', jointNames: GO2_JOINTS },
  { name: 'jointVelocity', width: 12, unit: 'rad/s', jointNames: GO2_JOINTS, clip: [-40, 40] },
  { name: 'lastAction', width: 12, unit: '-' },
];

/** Nudges. */
export const GO2_STAND_RANGES: RandomizationInput = {
  push: {
    intervalS: {
      uniform: [2, 4],
      why: 'Ours: two to four nudges in an episode of 10 s',
    },
    durationS: { uniform: [0.1, 0.1], why: 'Ours: the tap of a hand' },
    forceScale: {
      uniform: [0, 0.15],
      why: 'Ours: 15 % of the weight for 0.1 s are 0.15 · 9.8 · 0.1 = 0.15 m/s, a nudge rather than a shove',
    },
  },
};

export const go2Stand: TaskDefinition = {
  name: 'go2-stand',
  robot: 'go2',
  description: 'Land on four feet and stand through nudges',
  controlRateHz: 50,
  episodeLengthS: EPISODE_LENGTH_S,
  observations: OBSERVATIONS,
  // What they do not tell.
  critic: [
    ...OBSERVATIONS,
    { name: 'positionErrorB', width: 3, unit: 'm', frame: 'base_link' },
    { name: 'linearVelocityB', width: 3, unit: 'm/s', frame: 'base_link' },
  ],
  makeAction: makeGo2Action,
  makeRewards: () => ({
    alive: { weight: 0.2, term: makeAliveReward() },
    position: { weight: 1, term: makePositionReward(0.1) },
    tilt: { weight: -1, term: makeTiltCost() },
    spin: { weight: -0.01, term: makeAngularVelocityCost() },
    actionRate: { weight: -0.05, term: makeActionRateCost() },
  }),
  // Half as far as ends the episode.
  makeCosts: (model) => ({
    tilt: makeTiltExcessCost((model.safety.maxTilt ?? Math.PI / 2) / 2),
  }),
  makeTerminations: (model) => ({
    tilt: { kind: 'terminated', term: makeTiltTermination(model.safety.maxTilt ?? Math.PI / 2) },
    // Below half its height it lies rather than stands.
    outOfBounds: {
      kind: 'terminated',
      term: makeOutOfBoundsTermination([-1, -1, HOME_HEIGHT / 2], [1, 1, 2 * HOME_HEIGHT]),
    },
  }),
  makeReference: () => makeHoldReference([0, 0, HOME_HEIGHT]),
  // 4 cm to 6 cm up, which is above the floor for any of these poses: a knee that is 0.1 rad straighter reaches
  // 17 mm deeper, a hip 0.1 rad further out 10 mm, 0.05 rad of tilt over 0.24 m 12 mm.
  writeStart(out, robot, model, rng) {
    const within = (half: number) => rng.uniform(-half, half);
    out.position[3 * robot + 2] = model.home.position[2] + rng.uniform(0.04, 0.06);
    for (let axis = 0; axis < 3; axis++) out.linearVelocityW[3 * robot + axis] = within(0.1);
    for (let axis = 0; axis < 3; axis++) out.angularVelocityB[3 * robot + axis] = within(0.2);
    writeFromRollPitchYaw(out.orientation, 4 * robot, within(0.05), within(0.05), within(0.1));
    const row = robot * out.numJoints;
    for (let k = 0; k < out.numJoints; k++) out.jointPosition[row + k]! += within(0.1);
  },
  randomization: makeRobotRandomization('go2', GO2_STAND_RANGES),
  // Success: never fallen, and over the last 2 s on average within 5 cm of where it should stand.
  makeJudge: (_model, numRobots) =>
    makeHoverJudge({
      numRobots,
      episodeLengthS: EPISODE_LENGTH_S,
      windowS: 2,
      maxMeanError: 0.05,
    }),
};
