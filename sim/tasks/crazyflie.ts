import { STANDARD_GRAVITY } from '../math/gravity.ts';
import { writeFromRollPitchYaw } from '../math/quat.ts';
import type { Rng } from '../math/rng.ts';
import type { Vec3 } from '../math/vec3.ts';
import type { RandomizationInput } from '../randomize/config.ts';
import type { RobotModel } from '../robot/model.ts';
import { computeHoverSpeed } from '../robot/quadrotor.ts';
import type { StateBatch } from '../robot/state.ts';
import { makeContactCost, makeTiltExcessCost } from '../task/cost.ts';
import { makePositionGoal } from '../task/goal.ts';
import {
  makeActionRateCost,
  makeAliveReward,
  makeAngularVelocityCost,
  makePositionReward,
  makeVelocityReward,
} from '../task/reward.ts';
import type {
  ActionSpec,
  CostTerm,
  GoalSpec,
  ObservationTermSpec,
  Rewards,
  Terminations,
} from '../task/task.ts';
import {
  makeContactTermination,
  makeOutOfBoundsTermination,
  makeTiltTermination,
} from '../task/termination.ts';

/** What the flying tasks share, so that one policy flies them all. */

/**
 * Everything in the body's frame, so that where the robot is and which way it looks make no
 * difference. Clips lie far outside normal flight.
 */
export const CRAZYFLIE_OBSERVATIONS: readonly ObservationTermSpec[] = [
  { name: 'positionErrorB', width: 3, unit: 'm', frame: 'base_link', clip: [-2, 2] },
  { name: 'positionErrorIntegralB', width: 3, unit: 'm·s', frame: 'base_link' },
  { name: 'velocityErrorB', width: 3, unit: 'm/s', frame: 'base_link', clip: [-4, 4] },
  { name: 'projectedGravityB', width: 3, unit: '-', frame: 'base_link' },
  { name: 'yawError', width: 1, unit: 'rad', clip: [-1, 1] },
  { name: 'angularVelocityB', width: 3, unit: 'rad/s', frame: 'base_link', clip: [-15, 15] },
  { name: 'laggedAction', width: 4, unit: '-' },
];

/** What no sensor of it tells besides: how fast it really goes, and its rotors turn. */
export const CRAZYFLIE_CRITIC: readonly ObservationTermSpec[] = [
  ...CRAZYFLIE_OBSERVATIONS,
  { name: 'linearVelocityB', width: 3, unit: 'm/s', frame: 'base_link' },
  {
    name: 'jointVelocity',
    width: 4,
    unit: 'rad/s',
    jointNames: ['m1_joint', 'm2_joint', 'm3_joint', 'm4_joint'],
    // Rotors turn at up to 2500 rad/s.
    scale: 1 / 2500,
  },
];

/** Raw 0 hovers, raw 1 is full speed; the clip ends where the slowest command does. */
export function makeCrazyflieAction(model: RobotModel): ActionSpec {
  const hover = computeHoverSpeed(model, STANDARD_GRAVITY);
  const top = Math.min(...model.commandUpper);
  const bottom = Math.max(...model.commandLower);
  const scale = top - hover;
  return {
    kind: 'velocity',
    clip: [(bottom - hover) / scale, 1],
    scale: model.actuatedJointNames.map(() => scale),
    offset: model.actuatedJointNames.map(() => hover),
  };
}

/** [m] */
const POSITION_WIDTH = 0.3;

export function makeCrazyflieRewards(): Rewards {
  return {
    alive: { weight: 0.1, term: makeAliveReward() },
    position: { weight: 1, term: makePositionReward(POSITION_WIDTH) },
    velocity: { weight: 0.3, term: makeVelocityReward(0.5) },
    spin: { weight: -0.005, term: makeAngularVelocityCost() },
    actionRate: { weight: -0.1, term: makeActionRateCost() },
  };
}

/** To touch anything, and to tip more than half as far as ends the episode. */
export function makeCrazyflieCosts(model: RobotModel): Readonly<Record<string, CostTerm>> {
  return {
    contact: makeContactCost(),
    tilt: makeTiltExcessCost((model.safety.maxTilt ?? Math.PI / 2) / 2),
  };
}

/** @param reach [m] what the task's judge asks for */
export function makeCrazyflieGoal(reach: number): GoalSpec {
  return makePositionGoal({ axes: ['x', 'y', 'z'], width: POSITION_WIDTH, reach });
}

/** [m] [@frame odom] The safety filter's box lies inside it. */
const FLIGHT_SPACE = { lower: [-4, -4, -1], upper: [4, 4, 4] } as const;

/** A crash: anything touched, tipped beyond where thrust could carry the weight, or flown away. */
export function makeCrazyflieTerminations(model: RobotModel): Terminations {
  return {
    contact: { kind: 'terminated', term: makeContactTermination() },
    tilt: { kind: 'terminated', term: makeTiltTermination(model.safety.maxTilt ?? Math.PI / 2) },
    outOfBounds: {
      kind: 'terminated',
      term: makeOutOfBoundsTermination(FLIGHT_SPACE.lower, FLIGHT_SPACE.upper),
    },
  };
}

export interface StartSpread {
  /** [m] half-width of a box around home */
  readonly position: Vec3;
  /** [rad] of roll and pitch */
  readonly tilt: number;
  /** [rad] */
  readonly yaw: number;
  /** [m/s] each axis */
  readonly velocity: number;
  /** [rad/s] each axis */
  readonly angularVelocity: number;
}

/**
 * What a push or a bad moment can leave behind, and more: metres off, tipped by up to 40° about each
 * axis, at 1.5 m/s and spinning.
 */
export const WIDE_START: StartSpread = {
  position: [2, 2, 0.7],
  tilt: 0.7,
  yaw: 1.2,
  velocity: 1.5,
  angularVelocity: 4,
};

/** Starts in the air around home; the actuators start at hover speed by themselves. */
export function writeCrazyflieStart(
  out: StateBatch,
  robot: number,
  model: RobotModel,
  rng: Rng,
  spread: StartSpread,
): void {
  const within = (half: number) => rng.uniform(-half, half);
  for (let axis = 0; axis < 3; axis++) {
    const i = 3 * robot + axis;
    out.position[i] = model.home.position[axis]! + within(spread.position[axis]!);
    out.linearVelocityW[i] = within(spread.velocity);
    out.angularVelocityB[i] = within(spread.angularVelocity);
  }
  writeFromRollPitchYaw(
    out.orientation,
    4 * robot,
    within(spread.tilt),
    within(spread.tilt),
    within(spread.yaw),
  );
}

const GUST_TIME: RandomizationInput['wind'] = {
  timeConstantS: {
    uniform: [0.5, 2],
    why: 'Ours: eddies as wide as a door, 1 m, that drift by at 0.5 m/s to 2 m/s',
  },
};

/** A still room. */
export const INDOOR_RANGES: RandomizationInput = {
  wind: {
    ...GUST_TIME,
    forceScale: {
      uniform: [0, 0.02],
      why: 'Rotor drag at airspeed v is 9.2e-7 · 4 · 1727 · v = 6.3e-3 N·s/m · v (Förster), 2.4 % of the weight per m/s; ours: others fly by, doors open, up to 0.8 m/s',
    },
  },
};

/** A fan in the room, and every few seconds a push like the nudge of a hand. */
export const GUSTY_RANGES: RandomizationInput = {
  wind: {
    ...GUST_TIME,
    forceScale: {
      uniform: [0, 0.05],
      why: 'Ours: a fan of 2 m/s is 5 % of the weight, at 2.4 % per m/s (Förster)',
    },
  },
  push: {
    intervalS: {
      uniform: [3, 6],
      why: 'Ours: two to five in an episode of 16 s',
    },
    durationS: { uniform: [0.1, 0.2], why: 'Ours: the nudge of a hand' },
    forceScale: {
      uniform: [0, 0.5],
      why: 'Ours: half the weight for 0.2 s is 0.5 · 9.8 · 0.2 = 1 m/s, the fastest that the task flies',
    },
  },
};
