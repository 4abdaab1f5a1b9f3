import type { JointActuator } from '../robot/actuator-model.ts';
import { getTransmissionRow } from '../robot/command-range.ts';
import { getJointIndex, type RobotModel } from '../robot/model.ts';

/**
 * One row of the transmission matrix: the motor's coordinate is Σ c_j q_j, its speed Σ c_j q̇_j, and its effort τ acts on
 * joint j as c_j τ, so that power is the same on both sides whatever the row: τ Σ c_j q̇_j = Σ (c_j τ) q̇_j.
 */
export interface TransmissionRow {
  readonly jointIndex: Int32Array;
  readonly factor: Float64Array;
}

export function makeTransmissionRow(model: RobotModel, actuator: JointActuator): TransmissionRow {
  const entries = Object.entries(getTransmissionRow(actuator));
  return {
    jointIndex: Int32Array.from(entries, ([name]) => getJointIndex(model, name)),
    factor: Float64Array.from(entries, ([, factor]) => factor),
  };
}

/** Σ c_j · values[offset + j]: position or speed of the motor. */
export function computeMotorCoordinate(
  row: TransmissionRow,
  values: Float64Array,
  offset: number,
): number {
  const { jointIndex, factor } = row;
  let sum = 0;
  for (let k = 0; k < factor.length; k++) sum += factor[k]! * values[offset + jointIndex[k]!]!;
  return sum;
}

/** out[offset + j] += c_j · effort. */
export function addJointEfforts(
  out: Float64Array,
  offset: number,
  row: TransmissionRow,
  effort: number,
): void {
  const { jointIndex, factor } = row;
  for (let k = 0; k < factor.length; k++) out[offset + jointIndex[k]!]! += factor[k]! * effort;
}
