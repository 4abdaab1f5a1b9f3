import { writeFromRollPitchYaw } from '../math/quat.ts';
import type { RandomizationInput } from '../randomize/config.ts';
import { makeRobotRandomization } from '../randomize/file.ts';
import type { RobotModel } from '../robot/model.ts';
import { listOtherShapes } from '../task/footing.ts';
import { makeVelocityJudge } from '../task/judge-velocity.ts';
import { makeActionRateCost, makeAliveReward } from '../task/reward.ts';
import {
  type Gait,
  makeGaitReward,
  makeSlipCost,
  makeSwingCost,
  makeTouchCost,
} from '../task/reward-feet.ts';
import {
  makeEffortCost,
  makeJointAccelerationCost,
  makeJointLimitCost,
  makeJointSpeedCost,
  makePostureCost,
  makePowerCost,
} from '../task/reward-joints.ts';
import {
  makeBounceCost,
  makeLeaningCost,
  makeRockingCost,
  makeVelocityTrackingReward,
  makeYawRateTrackingReward,
} from '../task/reward-velocity.ts';
import type {
  CostTerm,
  ObservationTermSpec,
  Rewards,
  Situation,
  TaskDefinition,
  Terminations,
} from '../task/task.ts';
import {
  makeEdgeTermination,
  makeTiltTermination,
  makeTouchTermination,
} from '../task/termination.ts';
import { makeVelocityCommand } from '../task/velocity-command.ts';
import { GO2_JOINTS, GO2_MIRROR, makeGo2Action } from './go2.ts';

/*
 * Sources
 * [rl_lab]    Unitree Robotics, unitree_rl_lab, locomotion/robots/go2/velocity_env_cfg.py: what Unitree trains the
 *             robot with that its policies then walk.
 * [isaac_lab] Isaac Lab, locomotion/velocity/velocity_env_cfg.py and config/go2/{rough,flat}_env_cfg.py.
 * [mjlab]     mjlab, tasks/velocity/velocity_env_cfg.py.
 * [rl_gym]    Unitree Robotics, unitree_rl_gym, envs/go2/go2_config.py.
 * [rudin]     N. Rudin et al., "Learning to Walk in Minutes Using Massively Parallel Deep Reinforcement Learning", CoRL
 *             2021, and its legged_gym.
 */

const RATE_HZ = 50;
const EPISODE_LENGTH_S = 20;
const FEET = ['FL_foot', 'FR_foot', 'RL_foot', 'RR_foot'] as const;
const TRUNK = ['trunk', 'head_upper', 'head_lower'] as const;

/**
 * [rl_lab]: as fast as the robot was taught to go where it is also let loose. Sideways less than ahead, because hips
 * turn by ±1.05 rad only and feet must not cross.
 */
const COMMANDS = { forward: [-1, 1], left: [-0.4, 0.4], yawRate: [-1, 1] } as const;

/**
 * [rad] where targets stand at raw 0: [rl_gym]. Under its weight the soft robot sags from there into about what home is.
 */
const STANCE: Readonly<Record<string, number>> = {
  FL_hip_joint: 0.1,
  FL_thigh_joint: 0.8,
  FL_calf_joint: -1.5,
  FR_hip_joint: -0.1,
  FR_thigh_joint: 0.8,
  FR_calf_joint: -1.5,
  RL_hip_joint: 0.1,
  RL_thigh_joint: 1,
  RL_calf_joint: -1.5,
  RR_hip_joint: -0.1,
  RR_thigh_joint: 1,
  RR_calf_joint: -1.5,
};

/**
 * A trot of 2.8 strides per second: diagonal pairs of feet in turn. Told by a clock, as Unitree's own policies for legged
 * robots that walk out of the box are ([rl_gym], g1_env.py): a gait that has to be found takes several times the steps.
 */
const GAIT: Gait = { periodS: 0.36, duty: 0.62, phase: [-0.1, 0.4, 0.4, -0.1] };

/** What gyroscope, accelerometer and encoders tell, what is asked, the clock: 47 numbers. Speed over ground is not known. */
const OBSERVATIONS: readonly ObservationTermSpec[] = [
  { name: 'angularVelocityB', width: 3, unit: 'rad/s', frame: 'base_link', clip: [-20, 20] },
  { name: 'projectedGravityB', width: 3, unit: '-', frame: 'base_link' },
  { name: 'linearVelocityCommand', width: 2, unit: 'm/s', frame: 'heading' },
  { name: 'yawRateCommand', width: 1, unit: 'rad/s' },
  { name: 'jointPosition', width: 12, unit: 'rad', jointNames: GO2_JOINTS },
  { name: 'jointVelocity', width: 12, unit: 'rad/s', jointNames: GO2_JOINTS, clip: [-40, 40] },
  { name: 'lastAction', width: 12, unit: '-' },
  { name: 'gaitClock', width: 2, unit: '-', periodS: GAIT.periodS },
];

/**
 * Weights of [rl_lab], per second: like [isaac_lab] it multiplies each by the control period, so that an episode that
 * follows perfectly and at no cost returns 20 s · (1.5 + 0.75 + 2) = 85. Ours are: 2 for being on its feet, without which
 * the costs of a beginner's stumbling outweigh what it earns, and to fall at once is best ([rudin] clips the sum at 0
 * for that); half the price of the action rate, 0.1 a squared number there, a mean of twelve here; half of what [mjlab]
 * asks for low feet, whose target is for the middle of a foot, ours for its lowest point.
 */
function makeRewards(model: RobotModel): Rewards {
  const stance = Float64Array.from(model.jointNames, (name) => STANCE[name] ?? 0);
  const rewards: Rewards = {
    alive: { weight: 1, term: makeAliveReward() },
    velocity: { weight: 1.5, term: makeVelocityTrackingReward(0.5) },
    yawRate: { weight: 0.75, term: makeYawRateTrackingReward(0.5) },
    bounce: { weight: -2, term: makeBounceCost() },
    rocking: { weight: -0.05, term: makeRockingCost() },
    leaning: { weight: -2.5, term: makeLeaningCost() },
    effort: { weight: -2e-4, term: makeEffortCost() },
    power: { weight: -2e-5, term: makePowerCost() },
    jointSpeed: { weight: -1e-3, term: makeJointSpeedCost() },
    jointAcceleration: { weight: -2.5e-7, term: makeJointAccelerationCost(1 / RATE_HZ) },
    jointLimits: { weight: -10, term: makeJointLimitCost(model, 0.9) },
    actionRate: { weight: -0.2, term: makeActionRateCost() },
    posture: { weight: -0.3, term: makePostureCost(stance, 'moving') },
    standStill: { weight: -3.5, term: makePostureCost(stance, 'standing') },
    gait: { weight: 2, term: makeGaitReward(GAIT) },
    swing: { weight: -20, term: makeSwingCost(GAIT, 0.07) },
    slip: { weight: -0.1, term: makeSlipCost() },
    touch: { weight: -1, term: makeTouchCost(model, listOtherShapes(model, FEET)) },
  };
  return Object.fromEntries(
    Object.entries(rewards).map(([name, { weight, term }]) => [
      name,
      { weight: weight / RATE_HZ, term },
    ]),
  );
}

/** Fallen: on its trunk, as in [rl_lab], or tipped so far that the safety filter would have stopped it. */
function makeTerminations(model: RobotModel): Terminations {
  return {
    trunkContact: { kind: 'terminated', term: makeTouchTermination(model, TRUNK) },
    tilt: { kind: 'terminated', term: makeTiltTermination(model.safety.maxTilt ?? Math.PI / 2) },
    // Nothing it did wrong: the field ends there.
    leftGround: { kind: 'truncated', term: makeEdgeTermination(0.6) },
  };
}

/** What should not happen: feet that slip, and anything but feet on the ground. */
function makeCosts(model: RobotModel): Readonly<Record<string, CostTerm>> {
  return { slip: makeSlipCost(), touch: makeTouchCost(model, listOtherShapes(model, FEET)) };
}

/** What a go2 that walks meets besides what every go2 is like. */
export const GO2_VELOCITY_RANGES: RandomizationInput = {
  payload: {
    mass: {
      uniform: [0, 3],
      why: '[rl_lab], [isaac_lab]: up to 3 kg on the trunk',
    },
  },
  centreOfMassOffset: {
    x: {
      uniform: [-0.025, 0.025],
      why: '[mjlab]: a load that is not where it was thought',
    },
    y: { uniform: [-0.025, 0.025], why: '[mjlab]' },
    z: { uniform: [-0.03, 0.03], why: '[mjlab]' },
  },
  contactFrictionScale: {
    uniform: [0.4, 1.5],
    why: '[rl_lab], [mjlab]: friction from 0.3 to 1.2, of feet that have 0.8 on ground that has 1.2',
  },
  stiffnessScale: {
    uniform: [0.9, 1.1],
    why: "Ours: a drive closes its loop by current and counts on its torque constant, which heat and batch change by about 5 %; as much again for what its maker's gain means",
  },
  dampingScale: {
    uniform: [0.8, 1.2],
    why: 'Ours: as stiffness, and twice as far because a drive takes speed from differences of its encoder, filtered in a way that is not published',
  },
  jointFrictionScale: {
    uniform: [0.5, 1.5],
    why: 'Ours: grease thins and gears wear in, half as much is a warm old joint and half as much again a cold new one',
  },
  push: {
    intervalS: { uniform: [5, 10], why: '[rl_lab]: every 5 s to 10 s' },
    durationS: {
      uniform: [0.1, 0.2],
      why: 'Ours: [rl_lab] sets a speed at once; somebody who shoves takes a tenth of a second or two',
    },
    forceScale: {
      schedule: { from: 0, to: { uniform: [0, 0.3] } },
      why: '[rl_lab]: 0.5 m/s along x and y; 0.3 of the weight for 0.2 s are 0.3 · 9.8 · 0.2 = 0.59 m/s',
    },
  },
  start: {
    x: {
      uniform: [-0.5, 0.5],
      why: '[isaac_lab]: half a metre about the middle of a tile, so that feet begin on other ground',
    },
    y: { uniform: [-0.5, 0.5], why: '[isaac_lab], as x' },
    yaw: {
      uniform: [-Math.PI, Math.PI],
      why: '[isaac_lab]: any way, so that slopes are met from every side',
    },
  },
  tile: {
    difficulty: {
      schedule: { from: 0, to: { uniform: [0, 1] } },
      why: '[rudin]: flat first, and easy tiles are not forgotten later',
    },
    column: { uniform: [0, 1], why: '[rudin]: each kind of tile as often as it is there' },
  },
};

export const go2Velocity: TaskDefinition = {
  name: 'go2-velocity',
  robot: 'go2',
  description: 'Walk and turn as asked, on flat and rough ground, through pushes',
  controlRateHz: RATE_HZ,
  episodeLengthS: EPISODE_LENGTH_S,
  feet: FEET,
  // [rl_lab]; [rl_gym] has 20 and 0.5. Soft enough that a foot that lands early gives way.
  gains: { stiffness: GO2_JOINTS.map(() => 25), damping: GO2_JOINTS.map(() => 0.5) },
  /*
   * Tiles, spacing and grade as in [rudin], unevenness as [isaac_lab] has it for the go2: steps of up to 6 cm. The first
   * row of tiles is flat.
   */
  terrain: {
    // Of two surfaces the smaller friction holds: the feet's.
    material: { friction: 1.2 },
    ground: {
      kind: 'grid',
      tiles: [
        { weight: 2, tile: { kind: 'rough', amplitude: [0, 0.03], correlationLength: 0.2 } },
        { weight: 1, tile: { kind: 'slope', grade: [0, 0.3], direction: 'up' } },
        { weight: 1, tile: { kind: 'slope', grade: [0, 0.3], direction: 'down' } },
      ],
      numLevels: 5,
      numColumns: 4,
      margin: 6,
    },
  },
  observations: OBSERVATIONS,
  mirror: GO2_MIRROR,
  // What they do not tell; feet and forces are added because the task names feet.
  critic: [...OBSERVATIONS, { name: 'linearVelocityB', width: 3, unit: 'm/s', frame: 'base_link' }],
  makeAction: (model) => ({
    ...makeGo2Action(model),
    offset: model.actuatedJointNames.map((name) => STANCE[name] ?? 0),
  }),
  makeRewards,
  makeCosts,
  makeTerminations,
  makeReference: (numRobots) =>
    makeVelocityCommand({
      numRobots,
      ...COMMANDS,
      // [mjlab] 3 s to 8 s, [rl_lab] 10 s: two or three changes in an episode.
      holdS: [5, 10],
      // [rl_lab], [mjlab]
      standing: 0.1,
      // [rudin] and [isaac_lab] begin with all of the speeds, [rl_lab] with a tenth. At half of them a robot that only
      // stands is within 0.25 m/s of what it is asked, and earns three quarters of the reward.
      easyShare: 0.75,
    }),
  commandRanges: COMMANDS,
  writeStart(out, robot, model, rng) {
    const within = (half: number) => rng.uniform(-half, half);
    // 2 cm to 4 cm up: a knee that is 0.1 rad straighter reaches 17 mm deeper. It lands first, then it walks.
    out.position[3 * robot + 2] = model.home.position[2] + rng.uniform(0.02, 0.04);
    for (let axis = 0; axis < 3; axis++) out.linearVelocityW[3 * robot + axis] = within(0.3);
    for (let axis = 0; axis < 3; axis++) out.angularVelocityB[3 * robot + axis] = within(0.3);
    writeFromRollPitchYaw(out.orientation, 4 * robot, within(0.05), within(0.05), 0);
    const row = robot * out.numJoints;
    for (let k = 0; k < out.numJoints; k++) out.jointPosition[row + k]! += within(0.1);
  },
  randomization: makeRobotRandomization('go2', GO2_VELOCITY_RANGES),
  // Success: not fallen, and on average within 0.2 m/s of what was asked, from 1 s after each change of it.
  makeJudge: (model, numRobots) =>
    makeVelocityJudge({
      numRobots,
      feet: FEET,
      settleS: 1,
      maxMeanError: 0.2,
      hasFallen: makeFallen(model),
    }),
};

function makeFallen(model: RobotModel) {
  const falls = Object.values(makeTerminations(model)).filter(({ kind }) => kind === 'terminated');
  return (situation: Situation, robot: number) => falls.some(({ term }) => term(situation, robot));
}
