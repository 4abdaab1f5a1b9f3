import type { MjData } from '@mujoco/mujoco';

/** MuJoCo's own numbers of one copy, as views into the WebAssembly heap. */
export interface CopyViews {
  /** Free joint: position, then quaternion w, x, y, z; then one number per joint. */
  readonly qpos: Float64Array;
  /** Free joint: velocity of the origin in the world, then angular velocity in the body. */
  readonly qvel: Float64Array;
  /** Where the solver starts from. */
  readonly warmStart: Float64Array;
  /** [numBodies, 6] force at the body's centre of mass and torque, both in the world */
  readonly xfrc: Float64Array;
  readonly qfrc: Float64Array;
  /** [nv] centrifugal and Coriolis forces and gravity, to be overcome */
  readonly bias: Float64Array;
  /** [numMocaps, 3] a fixed base and all objects that move */
  readonly mocapPosition: Float64Array;
  /** [numMocaps, 4] w, x, y, z */
  readonly mocapQuat: Float64Array;
  /** [3] and [4] of a fixed base, else empty */
  readonly basePosition: Float64Array;
  readonly baseQuat: Float64Array;
  /** [ngeom, 3] and [ngeom, 9] pose of each geom, as of the last first half of a step */
  readonly geomPosition: Float64Array;
  readonly geomMatrix: Float64Array;
  /** The same bytes twice: MuJoCo's scratch memory, which begins with the contacts (contacts.ts). */
  readonly scratchNumbers: Float64Array;
  readonly scratchIntegers: Int32Array;
}

/**
 * Borrows until the heap grows, which any allocation may cause; then all views have length 0.
 * @param baseMocap which of `mocap_pos` a fixed base is; -1 for a floating one
 */
export function makeViews(data: MjData, baseMocap: number): CopyViews {
  const mocapPosition: Float64Array = data.mocap_pos;
  const mocapQuat: Float64Array = data.mocap_quat;
  const { buffer, byteOffset, byteLength }: Uint8Array<ArrayBuffer> = data.arena;
  const base = Math.max(0, baseMocap);
  const numBases = baseMocap < 0 ? 0 : 1;
  return {
    qpos: data.qpos,
    qvel: data.qvel,
    warmStart: data.qacc_warmstart,
    xfrc: data.xfrc_applied,
    qfrc: data.qfrc_applied,
    bias: data.qfrc_bias,
    mocapPosition,
    mocapQuat,
    basePosition: mocapPosition.subarray(3 * base, 3 * (base + numBases)),
    baseQuat: mocapQuat.subarray(4 * base, 4 * (base + numBases)),
    geomPosition: data.geom_xpos,
    geomMatrix: data.geom_xmat,
    scratchNumbers: new Float64Array(buffer, byteOffset, Math.floor(byteLength / 8)),
    scratchIntegers: new Int32Array(buffer, byteOffset, Math.floor(byteLength / 4)),
  };
}
