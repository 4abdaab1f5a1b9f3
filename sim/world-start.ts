import type { Rng } from './math/rng.ts';
import type { RobotModel } from './robot/model.ts';
import type { StateBatch } from './robot/state.ts';

/** Writes the start state of one robot into its row; the row holds the model's home beforehand. */
export type StartWriter = (out: StateBatch, robot: number, model: RobotModel, rng: Rng) => void;

/** Writes the model's home, at rest, into one row. */
export function writeHome(out: StateBatch, robot: number, model: RobotModel): void {
  const { home } = model;
  for (let k = 0; k < 3; k++) {
    out.position[3 * robot + k] = home.position[k]!;
    out.linearVelocityW[3 * robot + k] = 0;
    out.angularVelocityB[3 * robot + k] = 0;
  }
  for (let k = 0; k < 4; k++) out.orientation[4 * robot + k] = home.orientation[k]!;
  for (let j = 0; j < out.numJoints; j++) {
    out.jointPosition[robot * out.numJoints + j] = home.jointPosition[j]!;
    out.jointVelocity[robot * out.numJoints + j] = 0;
    out.jointEffort[robot * out.numJoints + j] = 0;
  }
}
