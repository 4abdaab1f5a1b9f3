import type { MainModule, MjData, MjModel } from '@mujoco/mujoco';
import { getFactor } from '../../math/factor.ts';
import { clamp } from '../../math/vec3.ts';
import type { RigidBody } from '../../robot/rigid-bodies.ts';
import type { EngineConfig, RobotScales } from '../engine.ts';
import { computeBounce, computePriorities, type ExplicitPair } from '../mjcf/materials.ts';
import { movesCentre, scaleBody } from '../scaled-body.ts';
import { writeQuat } from './base.ts';
import type { Layout } from './layout.ts';

/** [1] numbers that are not per joint */
const NUM_COMMON = 16;

/** [1] numbers that `writeScales` writes */
export function countScales(numJoints: number): number {
  return NUM_COMMON + 3 * numJoints;
}

/** @param out [countScales(numJoints)] */
export function writeScales(out: Float64Array, scales: RobotScales, numJoints: number): void {
  const { mass, inertia, centreOfMassOffset, payload, contactFriction } = scales;
  out.set([mass, ...inertia, ...centreOfMassOffset, payload.mass, ...payload.position]);
  out.set([contactFriction, scales.restitutionOffset, ...scales.gravityOffsetW], 11);
  for (let j = 0; j < numJoints; j++) {
    out[NUM_COMMON + j] = getFactor(scales.jointDamping, j);
    out[NUM_COMMON + numJoints + j] = getFactor(scales.jointFriction, j);
    out[NUM_COMMON + 2 * numJoints + j] = getFactor(scales.armature, j);
  }
}

/** Back from `writeScales`. */
export function readScales(row: Float64Array, numJoints: number): RobotScales {
  const at = (k: number) => row[k]!;
  const list = (place: number) =>
    row.slice(NUM_COMMON + place * numJoints, NUM_COMMON + (place + 1) * numJoints);
  return {
    mass: at(0),
    inertia: [at(1), at(2), at(3)],
    centreOfMassOffset: [at(4), at(5), at(6)],
    payload: { mass: at(7), position: [at(8), at(9), at(10)] },
    contactFriction: at(11),
    restitutionOffset: at(12),
    gravityOffsetW: [at(13), at(14), at(15)],
    jointDamping: list(0),
    jointFriction: list(1),
    armature: list(2),
  };
}

/** [3] m/s² of what `writeScales` wrote, borrowed */
export function readGravityOffset(row: Float64Array): Float64Array {
  return row.subarray(13, 16);
}

/** What all copies of a world have in common. */
interface CopyParts extends Pick<EngineConfig, 'gravityW' | 'timestepS' | 'varies'> {
  readonly layout: Layout;
  readonly bodies: readonly RigidBody[];
}

/**
 * Makes one copy differ from the model, and what MuJoCo derives from it, the weights of drives among it:
 * drives must be applied again.
 * @param scratch data of the same robot whose state may be lost
 */
export function setCopyScales(
  mujoco: MainModule,
  { model, scratch }: { readonly model: MjModel; readonly scratch: MjData },
  parts: CopyParts,
  scales: RobotScales,
): void {
  const { layout } = parts;
  setMasses(model, parts, scales);
  const damping: Float64Array = model.dof_damping;
  const friction: Float64Array = model.dof_frictionloss;
  const armature: Float64Array = model.dof_armature;
  for (const joint of layout.joints) {
    const { dof, jointIndex } = joint;
    damping[dof] = joint.damping * getFactor(scales.jointDamping, jointIndex);
    friction[dof] = joint.friction * getFactor(scales.jointFriction, jointIndex);
    armature[dof] = joint.armature * getFactor(scales.armature, jointIndex);
  }
  setContactFriction(model, layout, scales.contactFriction);
  if (parts.varies?.includes('restitution')) setBounce(model, parts, scales.restitutionOffset);
  const option = model.opt;
  const gravity: Float64Array = option.gravity;
  for (let k = 0; k < 3; k++) gravity[k] = parts.gravityW[k]! + scales.gravityOffsetW[k]!;
  option.delete();
  mujoco.mj_setConst(model, scratch);
}

function setMasses(model: MjModel, { layout, bodies, varies }: CopyParts, scales: RobotScales) {
  const masses: Float64Array = model.body_mass;
  const moments: Float64Array = model.body_inertia;
  for (const [i, body] of bodies.entries()) {
    if (body.mass === 0) continue;
    const id = layout.bodyIds[i]!;
    const scaled = scaleBody(body, scales, i === 0);
    masses[id] = scaled.mass;
    for (let k = 0; k < 3; k++) moments[3 * id + k] = scaled.moments[k]!;
    if (i > 0 || !varies?.includes('centreOfMass')) continue;
    const centre: Float64Array = model.body_ipos;
    const axes: Float64Array = model.body_iquat;
    if (movesCentre(scales)) {
      centre.set(scaled.centreOfMass, 3 * id);
      writeQuat(axes, 4 * id, scaled.bodyFromPrincipal);
    } else {
      centre.set(layout.compiled.centre.subarray(3 * id, 3 * id + 3), 3 * id);
      axes.set(layout.compiled.axes.subarray(4 * id, 4 * id + 4), 4 * id);
    }
  }
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

const BOUNCE_WIDTHS = { solref: 2, solreffriction: 2, solimp: 5 } as const;

/** Of two surfaces the larger restitution holds. */
function setBounce(model: MjModel, { layout, timestepS }: CopyParts, offset: number): void {
  const tables: Readonly<Record<keyof typeof BOUNCE_WIDTHS, Float64Array>> = {
    solref: model.pair_solref,
    solreffriction: model.pair_solreffriction,
    solimp: model.pair_solimp,
  };
  for (const { id, pair } of layout.pairs) {
    const restitution = computePairRestitution(pair, offset);
    const bounce = restitution > 0 ? computeBounce(restitution, timestepS) : undefined;
    for (const name of ['solref', 'solreffriction', 'solimp'] as const) {
      const width = BOUNCE_WIDTHS[name];
      const dry = layout.compiled[name].subarray(width * id, width * (id + 1));
      tables[name].set(bounce?.[name] ?? dry, width * id);
    }
  }
}

function computePairRestitution({ first, second }: ExplicitPair, offset: number): number {
  const of = ({ material, owner }: ExplicitPair['first']) =>
    owner === undefined ? material.restitution : clamp(material.restitution + offset, 0, 1);
  return Math.max(of(first), of(second));
}
