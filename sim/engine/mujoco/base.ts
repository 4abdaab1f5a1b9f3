import { writeNormalized, writeRotated } from '../../math/quat.ts';
import { writeCross } from '../../math/vec3.ts';
import type { StateBatch } from '../../robot/state.ts';
import type { EngineInputs } from '../wrenches.ts';
import type { CopyViews } from './views.ts';

/**
 * The root body of one copy between our arrays and MuJoCo's: the door where quaternions change from
 * x, y, z, w to MuJoCo's w, x, y, z and back. Of a free joint MuJoCo keeps what a StateBatch keeps: the
 * velocity of the origin in the world, the angular velocity in the body.
 */
export interface BaseDoor {
  read(out: StateBatch, robot: number, views: CopyViews): void;
  write(views: CopyViews, state: StateBatch, row: number): void;
  /**
   * Puts the base's wrenches, as inputs of the next step, into `views.xfrc`.
   * @param centreShift [3] m [@frame base_link] from where they act to the centre of mass, where MuJoCo has them act
   */
  push(views: CopyViews, inputs: EngineInputs, robot: number, centreShift: Float64Array): void;
}

/** @param bodyId of the root body */
export function makeFloatingBase(bodyId: number): BaseDoor {
  const orientation = new Float64Array(4);
  const arm = new Float64Array(3);
  const wrench = 6 * bodyId;
  return {
    read(out, robot, { qpos, qvel }) {
      for (let k = 0; k < 3; k++) {
        out.position[3 * robot + k] = qpos[k]!;
        out.linearVelocityW[3 * robot + k] = qvel[k]!;
        out.angularVelocityB[3 * robot + k] = qvel[3 + k]!;
      }
      readQuat(out.orientation, 4 * robot, qpos, 3);
    },
    write({ qpos, qvel }, state, row) {
      for (let k = 0; k < 3; k++) {
        qpos[k] = state.position[3 * row + k]!;
        qvel[k] = state.linearVelocityW[3 * row + k]!;
        qvel[3 + k] = state.angularVelocityB[3 * row + k]!;
      }
      writeNormalized(orientation, 0, state.orientation, 4 * row);
      writeQuat(qpos, 3, orientation);
    },
    push({ qpos, xfrc }, inputs, robot, centreShift) {
      readQuat(orientation, 0, qpos, 3);
      writeRotated(xfrc, wrench, orientation, 0, inputs.baseForceB, 3 * robot);
      writeRotated(xfrc, wrench + 3, orientation, 0, inputs.baseTorqueB, 3 * robot);
      for (let k = 0; k < 3; k++) xfrc[wrench + k]! += inputs.externalForceW[3 * robot + k]!;
      if (centreShift[0] === 0 && centreShift[1] === 0 && centreShift[2] === 0) return;
      writeRotated(arm, 0, orientation, 0, centreShift, 0);
      writeCross(arm, 0, arm, 0, xfrc, wrench);
      for (let k = 0; k < 3; k++) xfrc[wrench + 3 + k]! -= arm[k]!;
    },
  };
}

export function makeFixedBase(): BaseDoor {
  const orientation = new Float64Array(4);
  return {
    read(out, robot, { basePosition, baseQuat }) {
      for (let k = 0; k < 3; k++) {
        out.position[3 * robot + k] = basePosition[k]!;
        out.linearVelocityW[3 * robot + k] = 0;
        out.angularVelocityB[3 * robot + k] = 0;
      }
      readQuat(out.orientation, 4 * robot, baseQuat, 0);
    },
    write({ basePosition, baseQuat }, state, row) {
      for (let k = 0; k < 3; k++) basePosition[k] = state.position[3 * row + k]!;
      writeNormalized(orientation, 0, state.orientation, 4 * row);
      writeQuat(baseQuat, 0, orientation);
    },
    push() {},
  };
}

function readQuat(out: Float64Array, o: number, source: Float64Array, at: number): void {
  out[o] = source[at + 1]!;
  out[o + 1] = source[at + 2]!;
  out[o + 2] = source[at + 3]!;
  out[o + 3] = source[at]!;
}

/** x, y, z, w into MuJoCo's w, x, y, z. */
export function writeQuat(target: Float64Array, at: number, q: ArrayLike<number>): void {
  target[at] = q[3]!;
  target[at + 1] = q[0]!;
  target[at + 2] = q[1]!;
  target[at + 3] = q[2]!;
}
