import type { MainModule, MjData, MjModel } from '@mujoco/mujoco';
import type { RobotModel } from '../../robot/model.ts';
import type { RigidBody } from '../../robot/rigid-bodies.ts';
import type { RobotScales } from '../engine.ts';
import { getMjcfName } from '../mjcf.ts';

/** Where MuJoCo keeps what, the same for all copies. Its bodies are in another order than ours. */
export interface Layout {
  /** Id of each rigid body, the root first. */
  readonly bodyIds: readonly number[];
  /** One per rigid body after the root. */
  readonly joints: readonly JointAddress[];
}

export interface JointAddress {
  /** Index in the robot's joint order. */
  readonly jointIndex: number;
  /** Index in `qpos`. */
  readonly qpos: number;
  /** Index in `qvel` and `qfrc`. */
  readonly dof: number;
  readonly isContinuous: boolean;
}

export function computeLayout(
  mujoco: MainModule,
  compiled: MjModel,
  model: RobotModel,
  bodies: readonly RigidBody[],
): Layout {
  const { mjOBJ_BODY, mjOBJ_JOINT } = mujoco.mjtObj;
  const find = (kind: number, name: string) =>
    mujoco.mj_name2id(compiled, kind, getMjcfName(model, name));
  return {
    bodyIds: bodies.map(({ rootLink }) => find(mjOBJ_BODY.value, rootLink)),
    joints: bodies.slice(1).map(({ connection }) => {
      const { joint, jointIndex } = connection!;
      const id = find(mjOBJ_JOINT.value, joint.name);
      return {
        jointIndex,
        qpos: compiled.jnt_qposadr[id],
        dof: compiled.jnt_dofadr[id],
        isContinuous: joint.type === 'continuous',
      };
    }),
  };
}

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
  /** [3] of a fixed base, else empty */
  readonly mocapPosition: Float64Array;
  /** [4] w, x, y, z of a fixed base, else empty */
  readonly mocapQuat: Float64Array;
}

/** One copy of the robot: a model and its data, both in WebAssembly memory until they are deleted. */
export interface RobotCopy {
  readonly model: MjModel;
  readonly data: MjData;
  views: CopyViews;
}

export function makeCopy(mujoco: MainModule, compiled: MjModel): RobotCopy {
  const model = new mujoco.MjModel(compiled);
  const data = new mujoco.MjData(model);
  return { model, data, views: viewCopy(data) };
}

/** Borrows until the heap grows, which any allocation may cause; then all views have length 0. */
export function viewCopy(data: MjData): CopyViews {
  return {
    qpos: data.qpos,
    qvel: data.qvel,
    warmStart: data.qacc_warmstart,
    xfrc: data.xfrc_applied,
    qfrc: data.qfrc_applied,
    mocapPosition: data.mocap_pos,
    mocapQuat: data.mocap_quat,
  };
}

export function deleteCopy({ model, data }: RobotCopy): void {
  data.delete();
  model.delete();
}

/**
 * Sets masses and principal moments, scaled, and what MuJoCo derives from them.
 * @param scratch data of the same robot whose state may be lost
 */
export function setCopyScales(
  mujoco: MainModule,
  { model, scratch }: { readonly model: MjModel; readonly scratch: MjData },
  { layout, bodies }: { readonly layout: Layout; readonly bodies: readonly RigidBody[] },
  scales: RobotScales,
): void {
  const masses: Float64Array = model.body_mass;
  const moments: Float64Array = model.body_inertia;
  for (const [i, body] of bodies.entries()) {
    if (body.mass === 0) continue;
    const id = layout.bodyIds[i]!;
    masses[id] = body.mass * scales.mass;
    for (let k = 0; k < 3; k++) moments[3 * id + k] = body.moments[k]! * scales.inertia[k]!;
  }
  mujoco.mj_setConst(model, scratch);
}
