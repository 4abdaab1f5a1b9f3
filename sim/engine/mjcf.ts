import { throwIfAny } from '../errors.ts';
import { computeRigidBodies, type RigidBody } from '../robot/rigid-bodies.ts';
import type { SceneObject } from '../terrain/scene.ts';
import type { ConvexParts } from './convex.ts';
import type { EngineConfig } from './engine.ts';
import { makeBody, makeDriveTendons, makeMimics } from './mjcf/bodies.ts';
import { checkFootprints } from './mjcf/footprints.ts';
import {
  type Geom,
  listRobotGeoms,
  listSceneGeoms,
  makeMeshAssets,
  type RobotGeom,
} from './mjcf/geoms.ts';
import {
  computePriorities,
  type ExplicitPair,
  formatPair,
  planContacts,
} from './mjcf/materials.ts';
import { makeHeightFieldAsset, makeSceneGeoms } from './mjcf/scene.ts';
import { escapeXml, getMjcfName } from './mjcf/text.ts';

export type MjcfConfig = Pick<
  EngineConfig,
  'model' | 'numRobots' | 'timestepS' | 'gravityW' | 'scene' | 'solver' | 'varies'
>;

/** A robot in its world as MJCF, and what the text was made from. */
export interface Mjcf {
  readonly text: string;
  readonly bodies: readonly RigidBody[];
  readonly robotGeoms: readonly RobotGeom[];
  readonly sceneGeoms: readonly Geom[];
  readonly objects: readonly SceneObject[];
  readonly pairs: readonly ExplicitPair[];
}

/**
 * [1] steps that a contact takes to stop what strikes it, as few as MuJoCo allows. What lands at v sinks in by about 0.4 v
 * times as long, on a plane and on the edges of a height field alike: with MuJoCo's default of 20 ms a ball at 2.8 m/s by
 * 22 mm, with two steps of 2 ms by 5 mm. It costs no time.
 */
const CONTACT_STEPS = 2;

/**
 * One robot in its world as MJCF, MuJoCo's model language: https://mujoco.readthedocs.io, XML Reference.
 * Frames are those of the URDF, so positions and velocities of joints mean the same; odom is MuJoCo's world.
 * Heights of a height field are not in the text (mjcf/scene.ts).
 *
 * - A floating base hangs on a free joint, a fixed one is a `mocap` body, which can be put anywhere.
 * - `Euler` integrates the joints' damping implicitly, so that stiff joints stay stable; the rest is in
 *   mujoco/motion.ts.
 * - Contacts have elliptic cones: with MuJoCo's default, a pyramid inside the cone, friction across its
 *   edges is lower by up to 1/√2.
 * - `solimp`, how hard contacts and limits are, rises over the first millimetre of depth (or milliradian);
 *   at 0.9 it is MuJoCo's default.
 * - `autoreset` is off: MuJoCo would put a robot whose numbers have exploded back to its start, unasked.
 * @param parts convex solids of the collision meshes, see convex.ts
 * @throws UserError, or UserErrors, for shapes too large for the cells of a height field
 */
export function makeMjcf(config: MjcfConfig, parts: ConvexParts): Mjcf {
  const { model, timestepS, gravityW, scene, solver, varies = [] } = config;
  const { ground } = scene;
  if (ground?.kind === 'height_field') throwIfAny(checkFootprints(model, parts, ground));
  const bodies = computeRigidBodies(model);
  const robotGeoms = listRobotGeoms(model, bodies, parts);
  const sceneGeoms = listSceneGeoms(scene);
  const all: readonly Geom[] = [...robotGeoms, ...sceneGeoms];
  const ranks = computePriorities(all.map(({ material }) => material.friction));
  const priorities = new Map(all.map(({ name }, i) => [name, ranks[i]!]));
  const movesCentre = varies.includes('centreOfMass');
  const bounces = varies.includes('restitution');
  const body = { model, bodies, geoms: robotGeoms, priorities, movesCentre };
  const { pairs, exclusions } = planContacts(
    robotGeoms,
    sceneGeoms,
    bodies,
    model.selfCollision,
    bounces ? 'restitution varies' : 'as described',
  );
  const bodyName = (index: number) => escapeXml(getMjcfName(model, bodies[index]!.rootLink));
  const { iterations, frictionImpedanceRatio, contactImpedance } = solver.mujoco;
  const hardness = `${contactImpedance} ${(contactImpedance + 1) / 2} 0.001 0.5 2`;
  const heightField = ground?.kind === 'height_field' ? [makeHeightFieldAsset(ground)] : [];
  const text = [
    `<mujoco model="${escapeXml(model.name)}">`,
    '  <compiler angle="radian" autolimits="false" inertiafromgeom="false"/>',
    `  <size memory="${computeMemory(config, bodies.length - 1, robotGeoms.length)}"/>`,
    `  <option timestep="${timestepS}" gravity="${gravityW.join(' ')}" integrator="Euler" cone="elliptic" iterations="${iterations}" impratio="${frictionImpedanceRatio}">`,
    '    <flag autoreset="disable"/>',
    '  </option>',
    `  <default><joint solimplimit="${hardness}"/><geom solimp="${hardness}" solref="${CONTACT_STEPS * timestepS} 1"/></default>`,
    ...section('asset', [...heightField, ...makeMeshAssets(robotGeoms)]),
    '  <worldbody>',
    ...makeSceneGeoms(scene, priorities),
    ...makeBody(body, 0, 4),
    '  </worldbody>',
    ...section('contact', [
      // Where it varies, copies are told: here pairs are as they are without bounce.
      ...pairs.map((pair) => formatPair(bounces ? { ...pair, restitution: 0 } : pair, timestepS)),
      ...exclusions.map(
        ({ first, second }) =>
          `    <exclude body1="${bodyName(first)}" body2="${bodyName(second)}"/>`,
      ),
    ]),
    ...section('tendon', makeDriveTendons(body)),
    ...section('equality', makeMimics(body, timestepS)),
    '</mujoco>',
    '',
  ].join('\n');
  return { text, bodies, robotGeoms, sceneGeoms, objects: scene.objects, pairs };
}

function section(name: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : [`  <${name}>`, ...lines, `  </${name}>`];
}

/** [1] points at which two shapes touch at most; a shape and a height field, whose cells are solids of their own */
const MOST_POINTS = { pair: 8, field: 50 } as const;
/** [1] shapes that a shape touches at a time, other than for a moment that no robot survives */
const USUAL_PARTNERS = 3;
/** [byte] of the 2 GB that a WebAssembly heap may have, for the scratch memory of all copies */
const MEMORY_BUDGET = 2 ** 29;

/**
 * [byte] scratch memory of one copy, 13 MB unless told. Where it is too little MuJoCo throws in the middle of a step. So
 * there is room for every shape to touch every other one that it may, as far as the heap suffices for all copies, and
 * at any rate for some contacts of each shape; every joint driven, at a limit and rubbing. The heap's pages that are
 * never used cost nothing.
 */
function computeMemory(
  { model, scene, numRobots }: Pick<MjcfConfig, 'model' | 'scene' | 'numRobots'>,
  numJoints: number,
  numGeoms: number,
): number {
  const numDofs = numJoints + (model.base === 'floating' ? 6 : 0);
  const own = model.selfCollision.kind === 'none' ? 0 : (numGeoms - 1) / 2;
  const onGround = scene.ground?.kind === 'height_field' ? MOST_POINTS.field : MOST_POINTS.pair;
  const computeBytes = (partners: number) => {
    const contacts = numGeoms * (onGround + MOST_POINTS.pair * partners);
    const rows = 3 * contacts + 4 * numJoints;
    return 65536 + 8 * (4 * rows * numDofs + 16 * numDofs * numDofs + 64 * rows);
  };
  const partners = own + scene.objects.length;
  const usual = computeBytes(Math.min(partners, USUAL_PARTNERS));
  return Math.ceil(Math.min(computeBytes(partners), Math.max(usual, MEMORY_BUDGET / numRobots)));
}
