import { computeTilt } from '../math/quat.ts';
import { computeDistance, computeNorm } from '../math/vec3.ts';
import { getJointIndex, type RobotModel } from '../robot/model.ts';
import type { Judge } from './task.ts';

export interface HoverJudgeOptions {
  readonly numRobots: number;
  readonly episodeLengthS: number;
  /** [s] the end of the episode, which is judged */
  readonly windowS: number;
  /** [m] largest mean distance from the reference in that window */
  readonly maxMeanError: number;
}

/**
 * Judges how well the end of an episode held the reference position: `finalError` and `finalRmse` [m] are the mean and the
 * root of the mean square of the distance there.
 */
export function makeHoverJudge(options: HoverJudgeOptions): Judge {
  const { numRobots, episodeLengthS, windowS, maxMeanError } = options;
  const sum = new Float64Array(numRobots);
  const squares = new Float64Array(numRobots);
  const count = new Float64Array(numRobots);
  const maxTilt = new Float64Array(numRobots);
  return {
    reset(robot) {
      sum[robot] = 0;
      squares[robot] = 0;
      count[robot] = 0;
      maxTilt[robot] = 0;
    },
    observe({ truth, reference, timeS }, robot) {
      maxTilt[robot] = Math.max(maxTilt[robot]!, computeTilt(truth.orientation, 4 * robot));
      if (timeS[robot]! < episodeLengthS - windowS) return;
      const i = 3 * robot;
      const error = computeDistance(truth.position, i, reference.position, i);
      sum[robot]! += error;
      squares[robot]! += error * error;
      count[robot]!++;
    },
    judge(robot) {
      const metrics: Record<string, number> = { maxTilt: maxTilt[robot]! };
      // An episode that never came to the window has not held anything.
      if (count[robot] === 0) return { success: false, metrics };
      const finalError = sum[robot]! / count[robot]!;
      metrics.finalError = finalError;
      metrics.finalRmse = Math.sqrt(squares[robot]! / count[robot]!);
      return { success: finalError < maxMeanError, metrics };
    },
  };
}

export interface TrackJudgeOptions {
  readonly numRobots: number;
  /** [s] in which the robot may get onto the course */
  readonly settleS: number;
  /** [m] */
  readonly maxRmse: number;
  /** [m] how near to a waypoint the robot must come while the reference pauses there */
  readonly reach: number;
}

/** Judges how well a moving reference was followed, and whether every pause of it was reached. */
export function makeTrackJudge(options: TrackJudgeOptions): Judge {
  const { numRobots, settleS, maxRmse, reach } = options;
  const sum = new Float64Array(numRobots);
  const count = new Float64Array(numRobots);
  const maxError = new Float64Array(numRobots);
  const pauses = new Float64Array(numRobots);
  const reached = new Float64Array(numRobots);
  const nearest = new Float64Array(numRobots);
  const pausing = new Uint8Array(numRobots);
  const closePause = (robot: number) => {
    if (pausing[robot] === 1) {
      pauses[robot]!++;
      if (nearest[robot]! < reach) reached[robot]!++;
    }
    pausing[robot] = 0;
  };
  return {
    reset(robot) {
      for (const array of [sum, count, maxError, pauses, reached]) array[robot] = 0;
      pausing[robot] = 0;
    },
    observe({ truth, reference, timeS }, robot) {
      if (timeS[robot]! < settleS) return;
      const i = 3 * robot;
      const error = computeDistance(truth.position, i, reference.position, i);
      sum[robot]! += error * error;
      count[robot]!++;
      maxError[robot] = Math.max(maxError[robot]!, error);
      if (computeNorm(reference.linearVelocityW, i) > 0) return closePause(robot);
      nearest[robot] = pausing[robot] === 1 ? Math.min(nearest[robot]!, error) : error;
      pausing[robot] = 1;
    },
    judge(robot) {
      // A pause that the end of the episode cuts short counts only if it was reached.
      const cut = pausing[robot] === 1;
      const extra = cut && nearest[robot]! < reach ? 1 : 0;
      const waypoints = pauses[robot]! + extra;
      const hits = reached[robot]! + extra;
      const metrics: Record<string, number> = { waypoints, waypointsReached: hits };
      // An episode that ended while the robot was still settling has no error, rather than one of 0.
      if (count[robot] === 0) return { success: false, metrics };
      const rmse = Math.sqrt(sum[robot]! / count[robot]!);
      metrics.maxError = maxError[robot]!;
      metrics.rmse = rmse;
      return { success: rmse < maxRmse && hits === waypoints, metrics };
    },
  };
}

export interface BalanceJudgeOptions {
  readonly model: RobotModel;
  readonly numRobots: number;
  readonly cartJoint: string;
  readonly poleJoint: string;
  readonly episodeLengthS: number;
  /** [s] the end of the episode, which is judged */
  readonly windowS: number;
  /** [m] largest mean distance of the cart from its set point in that window */
  readonly maxMeanError: number;
}

/** Judges how near to its set point a balanced cart ended. */
export function makeBalanceJudge(options: BalanceJudgeOptions): Judge {
  const { model, numRobots, episodeLengthS, windowS, maxMeanError } = options;
  const cart = getJointIndex(model, options.cartJoint);
  const pole = getJointIndex(model, options.poleJoint);
  const sum = new Float64Array(numRobots);
  const count = new Float64Array(numRobots);
  const maxAngle = new Float64Array(numRobots);
  return {
    reset(robot) {
      sum[robot] = 0;
      count[robot] = 0;
      maxAngle[robot] = 0;
    },
    observe({ truth, reference, timeS }, robot) {
      const row = robot * truth.numJoints;
      maxAngle[robot] = Math.max(maxAngle[robot]!, Math.abs(truth.jointPosition[row + pole]!));
      if (timeS[robot]! < episodeLengthS - windowS) return;
      sum[robot]! += Math.abs(truth.jointPosition[row + cart]! - reference.position[3 * robot]!);
      count[robot]!++;
    },
    judge(robot) {
      const metrics: Record<string, number> = { maxAngle: maxAngle[robot]! };
      if (count[robot] === 0) return { success: false, metrics };
      const finalError = sum[robot]! / count[robot]!;
      metrics.finalError = finalError;
      return { success: finalError < maxMeanError, metrics };
    },
  };
}
