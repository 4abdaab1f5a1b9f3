import type { MainModule, MjData, MjModel } from '@mujoco/mujoco';
import type { RigidBody } from '../../robot/rigid-bodies.ts';
import type { RobotScales } from '../engine.ts';
import { computePriorities } from '../mjcf/materials.ts';
import type { Layout } from './layout.ts';

/** [1] numbers that `writeScales` writes */
export const NUM_SCALES = 8;

/** @param out [NUM_SCALES] */
export function writeScales(out: Float64Array, scales: RobotScales): void {
  const { mass, inertia, contactFriction, jointDamping, jointFriction, armature } = scales;
  out.set([mass, ...inertia, contactFriction, jointDamping, jointFriction, armature]);
}

/** Back from `writeScales`. */
export function readScales(row: Float64Array): RobotScales {
  const at = (k: number) => row[k]!;
  return {
    mass: at(0),
    inertia: [at(1), at(2), at(3)],
    contactFriction: at(4),
    jointDamping: at(5),
    jointFriction: at(6),
    armature: at(7),
  };
}

/**
 * Sets the scaled parameters of one copy, and what MuJoCo derives from them, the weights of drives among it:
 * drives must be applied again.
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
  const damping: Float64Array = model.dof_damping;
  const friction: Float64Array = model.dof_frictionloss;
  const armature: Float64Array = model.dof_armature;
  for (const joint of layout.joints) {
    damping[joint.dof] = joint.damping * scales.jointDamping;
    friction[joint.dof] = joint.friction * scales.jointFriction;
    armature[joint.dof] = joint.armature * scales.armature;
  }
  setContactFriction(model, layout, scales.contactFriction);
  mujoco.mj_setConst(model, scratch);
}

/** The scale may change which of two geoms is the more slippery one. */
function setContactFriction(model: MjModel, { geoms, pairs }: Layout, scale: number): void {
  const frictions = geoms.map(({ friction, isRobot }) => (isRobot ? friction * scale : friction));
  const priorities = computePriorities(frictions);
  const geomFriction: Float64Array = model.geom_friction;
  const geomPriority: Int32Array = model.geom_priority;
  for (const [i, { id }] of geoms.entries()) {
    geomFriction[3 * id] = frictions[i]!;
    geomPriority[id] = priorities[i]!;
  }
  const pairFriction: Float64Array = model.pair_friction;
  for (const { id, pair } of pairs) {
    const of = ({ material, owner }: typeof pair.first) =>
      material.friction * (owner === undefined ? 1 : scale);
    pairFriction.fill(Math.min(of(pair.first), of(pair.second)), 5 * id, 5 * id + 2);
  }
}
