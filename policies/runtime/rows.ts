import type { StateBatch } from '../../sim/robot/state.ts';
import type { ReferenceBatch } from '../../sim/task/robot-view.ts';

/**
 * How robot states, references and commands lie in a mailbox. Written and read by these functions
 * alone, so that no offset is known anywhere else.
 */

/** Numbers in a state row: stamp, number of resets, pose, twist, joint position, velocity, effort. */
export function computeStateRowWidth(numJoints: number): number {
  return 15 + 3 * numJoints;
}

/**
 * @param stampS [s] when it was measured
 * @param numResets how often this robot has been reset; a change clears the policy's memory of it
 */
export function writeStateRow(
  out: Float64Array,
  source: StateBatch,
  robot: number,
  stampS: number,
  numResets: number,
): void {
  const n = source.numJoints;
  out[0] = stampS;
  out[1] = numResets;
  copy(out, 2, source.position, 3 * robot, 3);
  copy(out, 5, source.orientation, 4 * robot, 4);
  copy(out, 9, source.linearVelocityW, 3 * robot, 3);
  copy(out, 12, source.angularVelocityB, 3 * robot, 3);
  copy(out, 15, source.jointPosition, n * robot, n);
  copy(out, 15 + n, source.jointVelocity, n * robot, n);
  copy(out, 15 + 2 * n, source.jointEffort, n * robot, n);
}

export function readStateRow(out: StateBatch, robot: number, row: Float64Array): void {
  const n = out.numJoints;
  copy(out.position, 3 * robot, row, 2, 3);
  copy(out.orientation, 4 * robot, row, 5, 4);
  copy(out.linearVelocityW, 3 * robot, row, 9, 3);
  copy(out.angularVelocityB, 3 * robot, row, 12, 3);
  copy(out.jointPosition, n * robot, row, 15, n);
  copy(out.jointVelocity, n * robot, row, 15 + n, n);
  copy(out.jointEffort, n * robot, row, 15 + 2 * n, n);
}

/** Index of the stamp in a state row. [s] */
export const STATE_STAMP = 0;
/** Index of the number of resets in a state row. */
export const STATE_RESETS = 1;

/** Stamp, position, velocity, yaw, velocity command. */
export const REFERENCE_ROW_WIDTH = 11;
/** Index of the stamp in a reference row. [s] */
export const REFERENCE_STAMP = 0;

/** @param stampS [s] when it was asked for */
export function writeReferenceRow(
  out: Float64Array,
  source: ReferenceBatch,
  robot: number,
  stampS: number,
): void {
  out[0] = stampS;
  copy(out, 1, source.position, 3 * robot, 3);
  copy(out, 4, source.linearVelocityW, 3 * robot, 3);
  out[7] = source.yaw[robot]!;
  copy(out, 8, source.velocityCommand, 3 * robot, 3);
}

export function readReferenceRow(out: ReferenceBatch, robot: number, row: Float64Array): void {
  copy(out.position, 3 * robot, row, 1, 3);
  copy(out.linearVelocityW, 3 * robot, row, 4, 3);
  out.yaw[robot] = row[7]!;
  copy(out.velocityCommand, 3 * robot, row, 8, 3);
}

/** Places at the head of a command row; then come the joint commands, then the actions. */
export const COMMAND = { stampS: 0, tick: 1, observationAgeS: 2, isFinite: 3 } as const;
const COMMAND_HEADER = 4;

export function computeCommandRowWidth(numActions: number): number {
  return COMMAND_HEADER + 2 * numActions;
}

/** What the policy made of one observation. */
export interface PolicyCommand {
  /** [s] of the tick */
  stampS: number;
  /** Ticks before this one, since the thread's start. */
  tick: number;
  /** [s] of the measurement that it was made from, at the tick */
  observationAgeS: number;
  /** False where the network or the command said NaN or infinity. */
  isFinite: boolean;
  /** [numActuatedJoints] in actuated joint order and command unit */
  readonly joint: Float64Array;
  /** [numActions] clipped network output, in the policy's order */
  readonly action: Float64Array;
}

export function makePolicyCommand(numActions: number): PolicyCommand {
  return {
    stampS: Number.NaN,
    // Not 0: a field that starts as a small integer may become a box per store.
    tick: Number.NaN,
    observationAgeS: Number.NaN,
    isFinite: false,
    joint: new Float64Array(numActions),
    action: new Float64Array(numActions),
  };
}

/** Copies one row of the batch's commands and actions into a command row. */
export function writeCommandBody(
  out: Float64Array,
  command: Float64Array,
  action: Float32Array,
  robot: number,
  numActions: number,
): void {
  for (let k = 0; k < numActions; k++) {
    out[COMMAND_HEADER + k] = command[robot * numActions + k]!;
    out[COMMAND_HEADER + numActions + k] = action[robot * numActions + k]!;
  }
}

export function readCommandRow(out: PolicyCommand, row: Float64Array): void {
  const n = out.joint.length;
  out.stampS = row[COMMAND.stampS]!;
  out.tick = row[COMMAND.tick]!;
  out.observationAgeS = row[COMMAND.observationAgeS]!;
  out.isFinite = row[COMMAND.isFinite] === 1;
  copy(out.joint, 0, row, COMMAND_HEADER, n);
  copy(out.action, 0, row, COMMAND_HEADER + n, n);
}

function copy(
  out: Float64Array,
  to: number,
  source: Float64Array,
  from: number,
  width: number,
): void {
  for (let k = 0; k < width; k++) out[to + k] = source[from + k]!;
}
