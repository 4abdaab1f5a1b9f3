import type { RobotModel } from '../robot/model.ts';
import { computeRigidBodies, type RigidBody } from '../robot/rigid-bodies.ts';
import type { SceneObject } from '../terrain/scene.ts';
import type { ConvexParts } from './convex.ts';
import type { EngineConfig } from './engine.ts';
import { makeBody, makeDriveTendons, makeMimics } from './mjcf/bodies.ts';
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
  'model' | 'timestepS' | 'gravityW' | 'scene' | 'solver'
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
 * One robot in its world as MJCF, MuJoCo's model language: https://mujoco.readthedocs.io, XML Reference.
 * Frames are those of the URDF, so positions and velocities of joints mean the same; odom is MuJoCo's world.
 * Heights of a height field are not in the text (mjcf/scene.ts).
 *
 * - A floating base hangs on a free joint, a fixed one is a `mocap` body, which can be put anywhere.
 * - `implicitfast` integrates the joints' damping implicitly, so that stiff joints stay stable, and needs no
 *   more than `Euler` for the rest.
 * - Contacts have elliptic cones: with MuJoCo's default, a pyramid inside the cone, friction across its
 *   edges is lower by up to 1/√2.
 * - `solimp`, how hard contacts are, rises over the first millimetre of depth; at 0.9 it is MuJoCo's default.
 * - `autoreset` is off: MuJoCo would put a robot whose numbers have exploded back to its start, unasked.
 * @param parts convex solids of the collision meshes, see convex.ts
 */
export function makeMjcf(config: MjcfConfig, parts: ConvexParts): Mjcf {
  const { model, timestepS, gravityW, scene, solver } = config;
  const bodies = computeRigidBodies(model);
  const robotGeoms = listRobotGeoms(model, bodies, parts);
  const sceneGeoms = listSceneGeoms(scene);
  const all: readonly Geom[] = [...robotGeoms, ...sceneGeoms];
  const ranks = computePriorities(all.map(({ material }) => material.friction));
  const priorities = new Map(all.map(({ name }, i) => [name, ranks[i]!]));
  const body = { model, bodies, geoms: robotGeoms, priorities };
  const { pairs, exclusions } = planContacts(robotGeoms, sceneGeoms, bodies, model.selfCollision);
  const bodyName = (index: number) => escapeXml(getMjcfName(model, bodies[index]!.rootLink));
  const { iterations, frictionImpedanceRatio, contactImpedance } = solver.mujoco;
  const heightField =
    scene.ground?.kind === 'height_field' ? [makeHeightFieldAsset(scene.ground)] : [];
  const text = [
    `<mujoco model="${escapeXml(model.name)}">`,
    '  <compiler angle="radian" autolimits="false" inertiafromgeom="false"/>',
    `  <size memory="${computeMemory(config, bodies.length - 1, robotGeoms.length)}"/>`,
    `  <option timestep="${timestepS}" gravity="${gravityW.join(' ')}" integrator="implicitfast" cone="elliptic" iterations="${iterations}" impratio="${frictionImpedanceRatio}">`,
    '    <flag autoreset="disable"/>',
    '  </option>',
    `  <default><geom solimp="${contactImpedance} ${(contactImpedance + 1) / 2} 0.001 0.5 2"/></default>`,
    ...section('asset', [...heightField, ...makeMeshAssets(robotGeoms)]),
    '  <worldbody>',
    ...makeSceneGeoms(scene, priorities),
    ...makeBody(body, 0, 4),
    '  </worldbody>',
    ...section('contact', [
      ...pairs.map((pair) => formatPair(pair, timestepS)),
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

/**
 * [byte] scratch memory of one copy; MuJoCo's default is 13 MB. Every shape on the ground at four
 * points of three rows, four times as many on a height field, whose cells are solids of their own, and twice as
 * many where links touch one another; every joint driven, at a limit and rubbing. The factors leave at least twice
 * what was used by robots of 1 to 61 boxes that lay on the ground.
 */
function computeMemory(
  { model, scene }: Pick<MjcfConfig, 'model' | 'scene'>,
  numJoints: number,
  numGeoms: number,
): number {
  const numDofs = numJoints + (model.base === 'floating' ? 6 : 0);
  const points = scene.ground?.kind === 'height_field' ? 16 : 4;
  const rows = 3 * points * numGeoms * touchFactor(model) + 4 * numJoints;
  return 65536 + 8 * (4 * rows * numDofs + 16 * numDofs * numDofs + 64 * rows);
}

function touchFactor({ selfCollision }: RobotModel): number {
  return selfCollision.kind === 'none' ? 1 : 2;
}
