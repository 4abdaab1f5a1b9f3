import type { MainModule, MjData } from '@mujoco/mujoco';
import { UserError } from '../../errors.ts';
import type { Numbers } from '../../math/vec3.ts';
import type { Layout } from './layout.ts';
import type { CopyViews } from './views.ts';

/** Of a copy, what contacts are read from. */
interface Copy {
  readonly data: MjData;
  readonly views: CopyViews;
  readonly numContacts: number;
}

/**
 * Contacts where MuJoCo itself keeps them, at the beginning of its scratch memory: `struct mjContact` of mjdata.h.
 * The JavaScript interface copies all of them into objects at every look, 1 µs and more, which is as long as a step
 * of a small robot. `checkContactMemory` compares the two once.
 */
const STRIDE_BYTES = 584;
const STRIDE_NUMBERS = STRIDE_BYTES / 8;
const STRIDE_INTEGERS = STRIDE_BYTES / 4;
/** In 64-bit numbers from the beginning of a contact. */
const DISTANCE = 0;
/** [3, 3] rows: normal from the first geom to the second, two tangents; in the world */
const FRAME = 4;
/** [-] along the first tangent, as along the second */
const FRICTION = 14;
/** Not zero where friction has a time constant of its own, as it has in contacts that bounce. */
const FRICTION_SOLREF = 21;
/** In 32-bit integers from the beginning of a contact. */
const DIMENSION = 132;
const FIRST_GEOM = 135;
const SECOND_GEOM = 136;
/** First of its rows among the constraints; -1 if it has none. */
const FIRST_ROW = 144;

/** Whether the copy touches the scene. */
export function touchesScene({ views, numContacts }: Copy, { geomShape }: Layout): boolean {
  for (let c = 0; c < numContacts; c++) {
    const at = c * STRIDE_INTEGERS;
    const first = geomShape[views.scratchIntegers[at + FIRST_GEOM]!]!;
    const second = geomShape[views.scratchIntegers[at + SECOND_GEOM]!]!;
    if (first < 0 || second < 0) return true;
  }
  return false;
}

/** [m] 0 or more */
export function computeDeepest({ views, numContacts }: Copy): number {
  let deepest = 0;
  for (let c = 0; c < numContacts; c++) {
    deepest = Math.max(deepest, -views.scratchNumbers[c * STRIDE_NUMBERS + DISTANCE]!);
  }
  return deepest;
}

/**
 * Sums the contact forces of the second half of the step on every shape; before the next first half.
 * @param out [numShapes, 3] N [@frame odom] added to
 */
export function writeShapeForces(
  out: Float64Array,
  { data, views, numContacts }: Copy,
  { geomShape }: Layout,
): void {
  const forces: Float64Array = data.efc_force;
  for (let c = 0; c < numContacts; c++) {
    const at = c * STRIDE_INTEGERS;
    const row = views.scratchIntegers[at + FIRST_ROW]!;
    if (row < 0) continue;
    const dimension = views.scratchIntegers[at + DIMENSION]!;
    const presser = geomShape[views.scratchIntegers[at + FIRST_GEOM]!]!;
    const pressed = geomShape[views.scratchIntegers[at + SECOND_GEOM]!]!;
    for (let axis = 0; axis < 3; axis++) {
      const force = computeForceAlong(views, c, axis, forces, row, dimension);
      // The normal points from the first geom to the second, which it pushes away.
      if (pressed >= 0) out[3 * pressed + axis]! += force;
      if (presser >= 0) out[3 * presser + axis]! -= force;
    }
  }
}

/** Component of a contact's force on its second geom along an axis of the world. [N] */
function computeForceAlong(
  views: CopyViews,
  contact: number,
  axis: number,
  forces: Float64Array,
  row: number,
  dimension: number,
): number {
  const frame = contact * STRIDE_NUMBERS + FRAME + axis;
  let force = 0;
  for (let k = 0; k < Math.min(3, dimension); k++) {
    force += views.scratchNumbers[frame + 3 * k]! * forces[row + k]!;
  }
  return force;
}

/**
 * Between the halves of a step: makes contacts with moving objects strive for the objects' velocities. For MuJoCo
 * a `mocap` body stands still wherever it is put.
 * @param velocities [numObjects, 3] m/s [@frame odom]
 */
export function addMovers(
  { data, views, numContacts }: Copy,
  { geomMover }: Layout,
  velocities: Float64Array,
): void {
  const references: Float64Array = data.efc_aref;
  // Per row: stiffness, damping, impedance and its slope.
  const damping: Float64Array = data.efc_KBIP;
  for (let c = 0; c < numContacts; c++) {
    const at = c * STRIDE_INTEGERS;
    const row = views.scratchIntegers[at + FIRST_ROW]!;
    if (row < 0) continue;
    for (const [geom, sign] of [
      [FIRST_GEOM, 1],
      [SECOND_GEOM, -1],
    ] as const) {
      const mover = geomMover[views.scratchIntegers[at + geom]!]!;
      if (mover < 0) continue;
      // Wanted is −damping · relative velocity, of the second geom against the first.
      for (let k = 0; k < views.scratchIntegers[at + DIMENSION]!; k++) {
        const frame = c * STRIDE_NUMBERS + FRAME + 3 * k;
        let along = 0;
        for (let axis = 0; axis < 3; axis++) {
          along += views.scratchNumbers[frame + axis]! * velocities[3 * mover + axis]!;
        }
        references[row + k]! += sign * damping[4 * (row + k) + 1]! * along;
      }
    }
  }
}

/**
 * Between the halves of a step, after `addMovers`: what contacts strive for is put right where MuJoCo's own rule would
 * lift what slides, and hold what bounces up for the length of a step.
 * @param gravityW [m/s²]
 */
export function correctContacts(
  copy: Copy,
  layout: Layout,
  { gravityW, timestepS }: { readonly gravityW: Numbers; readonly timestepS: number },
): void {
  const { data, views, numContacts } = copy;
  const references: Float64Array = data.efc_aref;
  for (let c = 0; c < numContacts; c++) {
    const row = views.scratchIntegers[c * STRIDE_INTEGERS + FIRST_ROW]!;
    if (row < 0) continue;
    if (views.scratchNumbers[c * STRIDE_NUMBERS + FRICTION_SOLREF] === 0) {
      pressSlider(references, row, views, c);
    } else if (references[row]! > 0) {
      const weight = computePress(views, c, layout, gravityW);
      references[row] = computeBounce(copy, c, row, { weight, timestepS });
    }
  }
}

/**
 * MuJoCo notices an impact up to a step after it happened, when the thing has sunk in by d, and holds gravity g off
 * while it turns it round. Wanted is e times the speed with which it touched, where it touched: v there was
 * √(v² − 2·g·d), and on the way back it loses as much again. What hardly bounces out is to rest.
 * @param weight [m/s²] g along the normal
 * @returns what the normal is to strive for [m/s²]
 */
function computeBounce(
  { data, views }: Copy,
  contact: number,
  row: number,
  { weight, timestepS }: { readonly weight: number; readonly timestepS: number },
): number {
  const references: Float64Array = data.efc_aref;
  const parameters: Float64Array = data.efc_KBIP;
  const depth = Math.max(0, -views.scratchNumbers[contact * STRIDE_NUMBERS + DISTANCE]!);
  const [stiffness, damping, impedance] = parameters.subarray(4 * row, 4 * row + 3);
  const approach = (references[row]! - stiffness! * impedance! * depth) / damping!;
  const restitution = damping! * timestepS - 1;
  const departure = restitution * Math.max(0, approach);
  const climb = 2 * weight * depth;
  if (departure ** 2 <= climb) {
    return references[row]! - Math.max(0, Math.min(departure / timestepS, weight));
  }
  const wanted = Math.sqrt(departure ** 2 + climb * (1 - restitution ** 2));
  return (approach + wanted) / timestepS - weight;
}

/**
 * MuJoCo solves friction and normal force as one convex problem, in which a contact that slips at v strives for μ·v
 * upwards, too: a box at 0.4 m/s hops by 5 mm. Taken off what the normal strives for, Coulomb's law is left. The slip
 * that counts is what friction leaves of it, and where the normal strives for an acceleration a, friction strives for
 * up to μ·a. That holds for a point; a ball, whose surface stops sooner than it, sinks in deeper while it slips.
 *
 * De Saxcé and Feng, "The bipotential method", Math. Comput. Modelling 28 (1998), 225–245, have this change of
 * variables; here it is made with the slip at the beginning of the step. A contact that bounces is left as it is: it
 * strives for rest within one step, at whose beginning nobody knows how much slip friction will leave.
 */
function pressSlider(
  references: Float64Array,
  row: number,
  { scratchNumbers, scratchIntegers }: CopyViews,
  contact: number,
): void {
  if (scratchIntegers[contact * STRIDE_INTEGERS + DIMENSION]! < 3) return;
  const friction = scratchNumbers[contact * STRIDE_NUMBERS + FRICTION]!;
  const slip = Math.hypot(references[row + 1]!, references[row + 2]!);
  const stopped = friction * Math.max(0, references[row]!);
  references[row]! -= friction * Math.max(0, slip - stopped);
}

/** Gravity along the normal, where it presses the robot against the scene; links fall together. [m/s²] */
function computePress(
  { scratchNumbers, scratchIntegers }: CopyViews,
  contact: number,
  { geomShape }: Layout,
  gravityW: Numbers,
): number {
  const at = contact * STRIDE_INTEGERS;
  const isFirst = geomShape[scratchIntegers[at + FIRST_GEOM]!]! >= 0;
  const isSecond = geomShape[scratchIntegers[at + SECOND_GEOM]!]! >= 0;
  if (isFirst === isSecond) return 0;
  const frame = contact * STRIDE_NUMBERS + FRAME;
  let along = 0;
  for (let axis = 0; axis < 3; axis++) along += scratchNumbers[frame + axis]! * gravityW[axis]!;
  // The normal points from the first geom to the second.
  return isFirst ? along : -along;
}

const RESTING_BOX = `<mujoco><option cone="elliptic"/><worldbody><geom name="floor" type="plane" size="0 0 1"/>
  <body pos="0 0 0.99"><freejoint/><geom name="box" type="box" size="1 2 1"/></body></worldbody>
  <contact><pair geom1="floor" geom2="box" friction="0.3 0.3" solreffriction="0.04 1"/></contact></mujoco>`;

/**
 * @param getArena where the scratch memory lies, for tests
 * @throws UserError where this version of MuJoCo keeps contacts otherwise than this file reads them
 */
export function checkContactMemory(
  mujoco: MainModule,
  getArena: (data: MjData) => Uint8Array<ArrayBuffer> = (data) => data.arena,
): void {
  const model = mujoco.MjModel.from_xml_string(RESTING_BOX);
  const data = new mujoco.MjData(model);
  mujoco.mj_forward(model, data);
  const { buffer, byteOffset, byteLength } = getArena(data);
  const numbers = new Float64Array(buffer, byteOffset, Math.floor(byteLength / 8));
  const integers = new Int32Array(buffer, byteOffset, Math.floor(byteLength / 4));
  const contacts = data.contact;
  let isAsRead = data.ncon === 4;
  for (let c = 0; c < contacts.size(); c++) {
    const contact = contacts.get(c)!;
    const at = c * STRIDE_INTEGERS;
    const frame = c * STRIDE_NUMBERS + FRAME;
    isAsRead &&=
      numbers[c * STRIDE_NUMBERS + DISTANCE] === contact.dist &&
      [...contact.frame].every((value, k) => numbers[frame + k] === value) &&
      numbers[c * STRIDE_NUMBERS + FRICTION] === contact.friction[0] &&
      numbers[c * STRIDE_NUMBERS + FRICTION_SOLREF] === contact.solreffriction[0] &&
      integers[at + DIMENSION] === contact.dim &&
      integers[at + FIRST_GEOM] === contact.geom1 &&
      integers[at + SECOND_GEOM] === contact.geom2 &&
      integers[at + FIRST_ROW] === contact.efc_address;
    contact.delete();
  }
  contacts.delete();
  data.delete();
  model.delete();
  if (isAsRead) return;
  throw new UserError({
    where: "engine 'mujoco'",
    problem: 'this version of MuJoCo keeps contacts otherwise than they are read here',
    expected: '@mujoco/mujoco 3.14',
    got: `version ${mujoco.mj_versionString()}`,
    remedy: "Install the version in package.json, or choose engine 'rapier'.",
  });
}
