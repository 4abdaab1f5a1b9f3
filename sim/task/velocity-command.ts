import type { Rng } from '../math/rng.ts';
import type { ReferenceGenerator } from './task.ts';

type Range = readonly [lower: number, upper: number];

/** What velocities are asked for, and for how long. */
export interface VelocityCommandOptions {
  readonly numRobots: number;
  /** [m/s] ahead */
  readonly forward: Range;
  /** [m/s] to the left */
  readonly left: Range;
  /** [rad/s] counterclockwise from above */
  readonly yawRate: Range;
  /** [s] a command holds for as long as it draws from here */
  readonly holdS: Range;
  /** [-] share of the commands that ask to stand */
  readonly standing: number;
  /** [-] @range 0, 1 share of the ranges at difficulty 0; all of them at 1 */
  readonly easyShare: number;
}

/**
 * Velocity commands that jump from one to the next, as somebody's hand on a joystick at its worst: each number is uniform,
 * and now and then all are 0. Positions and yaw of the reference stay 0: nobody is asked to be anywhere.
 */
export function makeVelocityCommand(options: VelocityCommandOptions): ReferenceGenerator {
  const { numRobots, forward, left, yawRate, holdS, standing, easyShare } = options;
  const streams = new Array<Rng | undefined>(numRobots).fill(undefined);
  /** [numRobots] s since reset */
  const nextS = new Float64Array(numRobots);
  const share = new Float64Array(numRobots);
  const draw = (robot: number, out: Float64Array, rng: Rng): void => {
    const isStanding = rng.bernoulli(standing);
    const scale = isStanding ? 0 : share[robot]!;
    // All are drawn whatever comes of them, so that a share more or less changes no other command.
    out[3 * robot] = scale * rng.uniform(...forward);
    out[3 * robot + 1] = scale * rng.uniform(...left);
    out[3 * robot + 2] = scale * rng.uniform(...yawRate);
    nextS[robot]! += rng.uniform(...holdS);
  };
  return {
    reset(robot, out, rng, _field, difficulty = 1) {
      out.position.fill(0, 3 * robot, 3 * robot + 3);
      out.linearVelocityW.fill(0, 3 * robot, 3 * robot + 3);
      out.yaw[robot] = 0;
      streams[robot] = rng;
      nextS[robot] = 0;
      share[robot] = easyShare + (1 - easyShare) * difficulty;
      draw(robot, out.velocityCommand, rng);
    },
    advance(robot, out, _state, timeS) {
      const rng = streams[robot];
      if (rng !== undefined && timeS >= nextS[robot]!) draw(robot, out.velocityCommand, rng);
    },
  };
}
