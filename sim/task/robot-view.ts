import type { RobotModel } from '../robot/model.ts';
import type { StateBatch } from '../robot/state.ts';
import { countRays, listLidars } from './lidar-sectors.ts';

/**
 * What a robot knows about itself and what is asked of it: the only inputs of observation terms.
 * In training the arrays come from simulated sensors, on the robot from real ones.
 */
export interface RobotView {
  /** Measured, not true, state. */
  readonly state: StateBatch;
  readonly reference: ReferenceBatch;
  readonly memory: ObservationMemory;
  readonly scans: ScanBatch;
}

/**
 * The newest scan of each lidar, by the name of the sensor: [numRobots, numRays] m, infinities as in REP-117; NaN
 * before the first. Empty where a robot has no lidar.
 */
export type ScanBatch = ReadonlyMap<string, Float64Array>;

/** Scans of nobody yet. */
export function makeScanBatch(model: Pick<RobotModel, 'sensors'>, numRobots: number): ScanBatch {
  return new Map(
    listLidars(model).map((lidar) => [
      lidar.name,
      new Float64Array(numRobots * countRays(lidar)).fill(Number.NaN),
    ]),
  );
}

/** Where each robot should be, or how fast it should go. Cartpoles use `position[0]` only, as the cart's set point. */
export interface ReferenceBatch {
  /** [numRobots, 3] m [@frame odom] */
  readonly position: Float64Array;
  /** [numRobots, 3] m/s [@frame odom] */
  readonly linearVelocityW: Float64Array;
  /** [numRobots] rad */
  readonly yaw: Float64Array;
  /**
   * [numRobots, 3] m/s ahead, m/s to the left, rad/s counterclockwise from above [@frame heading]: what `cmd_vel` asks of
   * robots that need no place for it. The heading frame has base_link's yaw, but is level.
   */
  readonly velocityCommand: Float64Array;
}

export function makeReferenceBatch(numRobots: number): ReferenceBatch {
  return {
    position: new Float64Array(numRobots * 3),
    linearVelocityW: new Float64Array(numRobots * 3),
    yaw: new Float64Array(numRobots),
    velocityCommand: new Float64Array(numRobots * 3),
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
  /** [numRobots] s from the first observation after a reset to this one */
  readonly timeS: Float64Array;
  /** [numRobots, 3] m·s [@frame odom] bounded integral of the position error */
  readonly positionErrorIntegralW: Float64Array;
}
