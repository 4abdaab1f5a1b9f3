import { computeDistance } from '../math/vec3.ts';
import type { Field } from './field.ts';
import type { CostTerm, Judge, ReferenceGenerator, RewardTerm, TerminationTerm } from './task.ts';
import { computeWayLeft } from './ways.ts';

/* Terms of tasks that go to a place between obstacles. All look at the truth and allocate nothing. */

/** The goal of the episode's field, for as long as it lasts. */
export function makeGoalReference(): ReferenceGenerator {
  return {
    reset(robot, out, _rng, field) {
      if (field === undefined) throw new RangeError('makeGoalReference: the task draws no field');
      out.position[3 * robot] = field.goal.x;
      out.position[3 * robot + 1] = field.goal.y;
      out.position[3 * robot + 2] = 0;
      out.linearVelocityW.fill(0, 3 * robot, 3 * robot + 3);
      out.yaw[robot] = 0;
    },
    advance() {},
  };
}

/**
 * By how much the way that is left to the goal becomes shorter, around what stands: a potential, so that no way round
 * and round pays (A. Ng et al., "Policy invariance under reward transformations", ICML 1999). [m/s]
 * @param dt [s] control period
 */
export function makeProgressReward(dt: number): RewardTerm {
  return ({ truth, getField }, robot) => {
    const field = getField(robot);
    // Where no episode has begun yet there is no way.
    if (field === undefined) return 0;
    const { ways } = field;
    const i = 3 * robot;
    const x = truth.position[i]!;
    const y = truth.position[i + 1]!;
    const [vx, vy] = [truth.linearVelocityW[i]!, truth.linearVelocityW[i + 1]!];
    return (computeWayLeft(ways, x - vx * dt, y - vy * dt) - computeWayLeft(ways, x, y)) / dt;
  };
}

/** base_link is nearer than `reach` to the reference position. [m] */
export function makeReachedTermination(reach: number): TerminationTerm {
  return ({ truth, reference }, robot) =>
    computeDistance(truth.position, 3 * robot, reference.position, 3 * robot) < reach;
}

/** An object of the scene is nearer to base_link than `distance`, seen from above. [m] */
export function makeNearTermination(distance: number): TerminationTerm {
  return (situation, robot) => !(situation.computeClearance(robot) >= distance);
}

/** 1 in a step in which a termination is true: to reward or punish what ends an episode. */
export function makeEventReward(isTrue: TerminationTerm): RewardTerm {
  return (situation, robot) => (isTrue(situation, robot) ? 1 : 0);
}

/** From 0 at `far` to 1 at `near`, linear in base_link's distance from the nearest object of the scene. [-] */
export function makeNearnessCost(near: number, far: number): CostTerm {
  return (situation, robot) => {
    const share = (far - situation.computeClearance(robot)) / (far - near);
    return Math.min(1, Math.max(0, share));
  };
}

/** By how much base_link turns faster than `limit`. [rad/s] */
export function makeTurnExcessCost(limit: number): CostTerm {
  return ({ truth }, robot) =>
    Math.max(0, Math.abs(truth.angularVelocityB[3 * robot + 2]!) - limit);
}

export interface NavigationJudgeOptions {
  readonly numRobots: number;
  /** What ends the episode well, and badly. */
  readonly isReached: TerminationTerm;
  readonly isCollision: TerminationTerm;
  /** [m] radius of the robot around base_link */
  readonly robotRadius: number;
}

/**
 * Judges whether the goal was reached, and how. `timeToGoal`, `pathLength` and `pathEfficiency` are of episodes that
 * reached it: the last is the length of the shortest way that the field's grid knows over that of the way taken, at
 * most 1, as in SPL (P. Anderson et al., "On Evaluation of Embodied Navigation Agents", 2018).
 */
export function makeNavigationJudge(options: NavigationJudgeOptions): Judge {
  const { numRobots, isReached, isCollision, robotRadius } = options;
  const shortest = new Float64Array(numRobots);
  const travelled = new Float64Array(numRobots);
  const nearest = new Float64Array(numRobots);
  const timeS = new Float64Array(numRobots);
  const left = new Float64Array(numRobots);
  const reached = new Uint8Array(numRobots);
  const collided = new Uint8Array(numRobots);
  /** [numRobots, 2] m [@frame odom] where it was last */
  const last = new Float64Array(2 * numRobots);
  return {
    reset(robot, field?: Field) {
      for (const array of [travelled, timeS, reached, collided]) array[robot] = 0;
      nearest[robot] = Number.POSITIVE_INFINITY;
      shortest[robot] = field?.pathLength ?? 0;
      left[robot] = shortest[robot]!;
      last[2 * robot] = field?.start.x ?? 0;
      last[2 * robot + 1] = field?.start.y ?? 0;
    },
    observe(situation, robot) {
      const { truth, reference } = situation;
      const i = 3 * robot;
      const [x, y] = [truth.position[i]!, truth.position[i + 1]!];
      travelled[robot]! += Math.hypot(x - last[2 * robot]!, y - last[2 * robot + 1]!);
      last[2 * robot] = x;
      last[2 * robot + 1] = y;
      timeS[robot] = situation.timeS[robot]!;
      left[robot] = computeDistance(truth.position, i, reference.position, i);
      const clearance = situation.computeClearance(robot) - robotRadius;
      nearest[robot] = Math.min(nearest[robot]!, Math.max(0, clearance));
      if (isCollision(situation, robot)) collided[robot] = 1;
      else if (isReached(situation, robot)) reached[robot] = 1;
    },
    judge(robot) {
      const isSuccess = reached[robot] === 1 && collided[robot] === 0;
      const metrics: Record<string, number> = {
        reached: isSuccess ? 1 : 0,
        collided: collided[robot]!,
        minClearance: nearest[robot]!,
        distanceLeft: left[robot]!,
      };
      if (isSuccess) {
        metrics.timeToGoal = timeS[robot]!;
        metrics.pathLength = travelled[robot]!;
        metrics.pathEfficiency = shortest[robot]! / Math.max(shortest[robot]!, travelled[robot]!);
      }
      return { success: isSuccess, metrics };
    },
  };
}
