import { computeTilt } from '../math/quat.ts';
import type { Vec3 } from '../math/vec3.ts';
import { getJointIndex, type RobotModel } from '../robot/model.ts';
import { findShapeColumns, isPressed } from './footing.ts';
import type { TerminationTerm } from './task.ts';

/** Each term is true when the episode must end; NaN anywhere counts as having failed. */

/** Any collision shape touches the world. */
export function makeContactTermination(): TerminationTerm {
  return ({ contact }, robot) => contact[robot] === 1;
}

/** base_link tilts by more than `maxTilt`. [rad] */
export function makeTiltTermination(maxTilt: number): TerminationTerm {
  return ({ truth }, robot) => !(computeTilt(truth.orientation, 4 * robot) <= maxTilt);
}

/** base_link leaves a box. [m] [@frame odom] */
export function makeOutOfBoundsTermination(lower: Vec3, upper: Vec3): TerminationTerm {
  return ({ truth }, robot) => {
    for (let axis = 0; axis < 3; axis++) {
      const p = truth.position[3 * robot + axis]!;
      if (!(p >= lower[axis]! && p <= upper[axis]!)) return true;
    }
    return false;
  };
}

/** A joint leaves a range. [rad] or [m] */
export function makeJointRangeTermination(
  model: RobotModel,
  jointName: string,
  range: readonly [lower: number, upper: number],
): TerminationTerm {
  const index = getJointIndex(model, jointName);
  return ({ truth }, robot) => {
    const q = truth.jointPosition[robot * truth.numJoints + index]!;
    return !(q >= range[0] && q <= range[1]);
  };
}

/**
 * One of these collision shapes is pressed, by the ground or by another of the robot's own; for tasks that name feet.
 * @throws RangeError for a shape that the robot does not have
 */
export function makeTouchTermination(
  model: RobotModel,
  shapes: readonly string[],
): TerminationTerm {
  const columns = findShapeColumns(model, shapes);
  return ({ footing }, robot) => {
    for (let k = 0; k < columns.length; k++) {
      if (isPressed(footing.ground, robot, columns[k]!)) return true;
    }
    return false;
  };
}

/** Ahead, behind, to the left or right there is no ground within `margin`: the end of a height field. [m] */
export function makeEdgeTermination(margin: number): TerminationTerm {
  return ({ truth, footing }, robot) => {
    const { ground } = footing;
    const x = truth.position[3 * robot]!;
    const y = truth.position[3 * robot + 1]!;
    return !(
      ground.computeHeight(x + margin, y) > Number.NEGATIVE_INFINITY &&
      ground.computeHeight(x - margin, y) > Number.NEGATIVE_INFINITY &&
      ground.computeHeight(x, y + margin) > Number.NEGATIVE_INFINITY &&
      ground.computeHeight(x, y - margin) > Number.NEGATIVE_INFINITY
    );
  };
}
