import type { Rng } from '../math/rng.ts';
import { clamp, computeDistance, computeNorm, type Vec3 } from '../math/vec3.ts';
import { makePositionChannel } from './goal.ts';
import type {
  GoalSpec,
  Judge,
  ObservationTermSpec,
  ReferenceGenerator,
  RetellableGoal,
  RewardTerm,
} from './task.ts';

/* Terms of tasks that are told a place to be at, and nothing of how near they are. All allocate nothing in a step. */

/** What tells a robot the place, see place-terms.ts. */
const GOAL_TERM = 'goalPlaceW';

/** Another place for every robot and episode, drawn at reset. @param drawPlace [m] [@frame odom] */
export function makePlaceReference(drawPlace: (rng: Rng) => Vec3): ReferenceGenerator {
  return {
    reset(robot, out, rng) {
      const place = drawPlace(rng);
      for (let axis = 0; axis < 3; axis++) {
        out.position[3 * robot + axis] = place[axis]!;
        out.linearVelocityW[3 * robot + axis] = 0;
      }
      out.yaw[robot] = 0;
    },
    advance() {},
  };
}

/**
 * Makes the goal channel of a task that asks for a place in the horizontal plane: 0 where base_link truly is nearer to it
 * than `reach`, −1 elsewhere, as M. Plappert et al., "Multi-Goal Reinforcement Learning" (2018), have it. The place must be
 * the same for as long as an episode lasts: then observations that are late or of the past tell it, too.
 * @param reach [m]
 * @param observations of the task, of which the term `goalPlaceW` alone may hang on the place
 * @throws RangeError where no such term, two, or one with a history tells the place
 */
export function makeReachGoal(
  reach: number,
  observations: readonly ObservationTermSpec[],
): RetellableGoal {
  const channel = makePositionChannel({ axes: ['x', 'y'], reach });
  const { width, offset, scale, clip } = findGoalColumns(observations);
  const [lower, upper] = clip;
  return {
    ...channel,
    computeReward: (achieved, a, desired, d) =>
      channel.isReached(achieved, a, desired, d) ? 0 : -1,
    retell(seen, row, desired) {
      for (let k = 0; k < 2; k++) {
        seen[row * width + offset + k] = clamp(desired[2 * row + k]!, lower, upper) * scale;
      }
    },
  };
}

/** Where in an observation the place is told, and how its numbers got there. */
function findGoalColumns(observations: readonly ObservationTermSpec[]) {
  const telling = observations.filter(({ name }) => name === GOAL_TERM);
  const [term] = telling;
  if (telling.length !== 1 || term === undefined || (term.history ?? 1) > 1) {
    throw new RangeError(`makeReachGoal: '${GOAL_TERM}' must be observed once, without history`);
  }
  const count = (terms: readonly ObservationTermSpec[]) =>
    terms.reduce((sum, { width, history = 1 }) => sum + width * history, 0);
  return {
    width: count(observations),
    offset: count(observations.slice(0, observations.indexOf(term))),
    scale: term.scale ?? 1,
    clip: term.clip ?? ([Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY] as const),
  };
}

/** What a goal channel says a step is worth: to the last bit what it says when an episode is told again. */
export function makeGoalReward(goal: GoalSpec): RewardTerm {
  const achieved = new Float32Array(goal.names.length);
  const desired = new Float32Array(goal.names.length);
  return (situation, robot) => {
    goal.writeAchieved(achieved, 0, situation, robot);
    goal.writeDesired(desired, 0, situation, robot);
    return goal.computeReward(achieved, 0, desired, 0);
  };
}

export interface ReachJudgeOptions {
  readonly numRobots: number;
  readonly episodeLengthS: number;
  /** [s] the end of the episode, which is judged */
  readonly windowS: number;
  /** [m] largest distance from the reference in that window */
  readonly reach: number;
}

/**
 * Judges whether a robot came to the reference and stayed: `finalError` [m] is the largest distance at the end of the
 * episode, `finalSpeed` [m/s] the mean speed there; `timeToGoal` [s] is of episodes in which it came near enough.
 */
export function makeReachJudge(options: ReachJudgeOptions): Judge {
  const { numRobots, episodeLengthS, windowS, reach } = options;
  const farthest = new Float64Array(numRobots);
  const way = new Float64Array(numRobots);
  const count = new Float64Array(numRobots);
  const endS = new Float64Array(numRobots);
  const arrivalS = new Float64Array(numRobots);
  return {
    reset(robot) {
      for (const numbers of [farthest, way, count, endS]) numbers[robot] = 0;
      arrivalS[robot] = Number.POSITIVE_INFINITY;
    },
    observe({ truth, reference, timeS }, robot) {
      const i = 3 * robot;
      const t = timeS[robot]!;
      const error = computeDistance(truth.position, i, reference.position, i);
      endS[robot] = t;
      if (error < reach) arrivalS[robot] = Math.min(arrivalS[robot]!, t);
      if (t < episodeLengthS - windowS) return;
      farthest[robot] = Math.max(farthest[robot]!, error);
      way[robot]! += computeNorm(truth.linearVelocityW, i);
      count[robot]!++;
    },
    judge(robot) {
      const metrics: Record<string, number> = {};
      if (Number.isFinite(arrivalS[robot]!)) metrics.timeToGoal = arrivalS[robot]!;
      // An episode that never came to the window has not stayed anywhere.
      if (count[robot] === 0) return { success: false, metrics };
      const finalError = farthest[robot]!;
      const finalSpeed = way[robot]! / count[robot]!;
      Object.assign(metrics, { finalError, finalSpeed });
      // One that was cut short in it has not either.
      const isWhole = endS[robot]! > episodeLengthS - 1e-6;
      return { success: isWhole && finalError < reach, metrics };
    },
  };
}
