/**
 * The state of N robots as preallocated arrays. Row i belongs to robot i.
 * Poses are in each robot's own `odom` frame (REP-105); where that frame lies in the
 * world is the business of whoever placed the robots.
 */
export interface StateBatch {
  readonly numRobots: number;
  readonly numJoints: number;
  /** [numRobots, 3] m [@frame odom] origin of base_link */
  readonly position: Float64Array;
  /** [numRobots, 4] unit quaternion x, y, z, w, odom from base_link */
  readonly orientation: Float64Array;
  /** [numRobots, 3] m/s [@frame odom] velocity of base_link's origin */
  readonly linearVelocityW: Float64Array;
  /** [numRobots, 3] rad/s [@frame base_link] */
  readonly angularVelocityB: Float64Array;
  /** [numRobots, numJoints] rad or m, the robot's joint order */
  readonly jointPosition: Float64Array;
  /** [numRobots, numJoints] rad/s or m/s */
  readonly jointVelocity: Float64Array;
  /** [numRobots, numJoints] N·m or N, as last applied */
  readonly jointEffort: Float64Array;
}

/** Allocates a batch at the origin, upright and at rest. */
export function makeStateBatch(numRobots: number, numJoints: number): StateBatch {
  const orientation = new Float64Array(numRobots * 4);
  for (let i = 0; i < numRobots; i++) orientation[4 * i + 3] = 1;
  return {
    numRobots,
    numJoints,
    position: new Float64Array(numRobots * 3),
    orientation,
    linearVelocityW: new Float64Array(numRobots * 3),
    angularVelocityB: new Float64Array(numRobots * 3),
    jointPosition: new Float64Array(numRobots * numJoints),
    jointVelocity: new Float64Array(numRobots * numJoints),
    jointEffort: new Float64Array(numRobots * numJoints),
  };
}

/** Copies row `from` of one batch into row `to` of another of the same robot. */
export function copyStateRow(out: StateBatch, to: number, source: StateBatch, from: number): void {
  copyRow(out.position, to, source.position, from, 3);
  copyRow(out.orientation, to, source.orientation, from, 4);
  copyRow(out.linearVelocityW, to, source.linearVelocityW, from, 3);
  copyRow(out.angularVelocityB, to, source.angularVelocityB, from, 3);
  copyRow(out.jointPosition, to, source.jointPosition, from, out.numJoints);
  copyRow(out.jointVelocity, to, source.jointVelocity, from, out.numJoints);
  copyRow(out.jointEffort, to, source.jointEffort, from, out.numJoints);
}

function copyRow(
  out: Float64Array,
  to: number,
  source: Float64Array,
  from: number,
  width: number,
): void {
  for (let k = 0; k < width; k++) out[to * width + k] = source[from * width + k]!;
}

/** Whether row `row` of an array of rows of `width` numbers holds neither NaN nor an infinity. */
export function isRowFinite(
  values: Float64Array | Float32Array,
  row: number,
  width: number,
): boolean {
  for (let k = row * width; k < (row + 1) * width; k++) {
    if (!Number.isFinite(values[k]!)) return false;
  }
  return true;
}
