import type { StateBatch } from '../robot/state.ts';

/**
 * What a robot knows about itself and what is asked of it: the only inputs of observation terms.
 * In training the arrays come from simulated sensors, on the robot from real ones.
 */
export interface RobotView {
  /** Measured, not true, state. */
  readonly state: StateBatch;
  readonly reference: ReferenceBatch;
  readonly memory: ObservationMemory;
}

/** Where each robot should be. Cartpoles use `position[0]` only, as the cart's set point. */
export interface ReferenceBatch {
  /** [numRobots, 3] m [@frame odom] */
  readonly position: Float64Array;
  /** [numRobots, 3] m/s [@frame odom] */
  readonly linearVelocityW: Float64Array;
  /** [numRobots] rad */
  readonly yaw: Float64Array;
}

export function makeReferenceBatch(numRobots: number): ReferenceBatch {
  return {
    position: new Float64Array(numRobots * 3),
    linearVelocityW: new Float64Array(numRobots * 3),
    yaw: new Float64Array(numRobots),
  };
}

/** What an observation remembers from tick to tick. Cleared at reset. */
export interface ObservationMemory {
  /** [numRobots, numActions] the policy's last output, after clipping, before scale and offset */
  readonly lastAction: Float32Array;
  /**
   * [numRobots, numActions] past actions through the nominal first-order lag of their actuators: what
   * the rotors are believed to do now, on robots that do not measure it. No lag: the last action.
   */
  readonly laggedAction: Float32Array;
  /** [numRobots, 3] m·s [@frame odom] bounded integral of the position error */
  readonly positionErrorIntegralW: Float64Array;
}
