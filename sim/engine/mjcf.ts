import { UserError } from '../errors.ts';
import type { QuatXYZW } from '../math/quat.ts';
import type { Geometry, Transform } from '../robot/geometry.ts';
import type { Joint, RobotModel } from '../robot/model.ts';
import { computeRigidBodies, type RigidBody } from '../robot/rigid-bodies.ts';
import { composeTransforms } from '../robot/transform.ts';
import type { EngineConfig } from './engine.ts';

/** [-] URDF has no contact friction; the figure is the one of the other engine. */
const CONTACT_FRICTION = 0.5;
/** Contact bits: robots meet the world, and neither themselves nor one another. */
const ROBOT_BITS = 'contype="1" conaffinity="2"';
const WORLD_BITS = 'contype="2" conaffinity="1"';
/**
 * How hard dry friction is, MuJoCo's `solimp` at its largest. At its default of 0.9 a joint that should stick
 * creeps, and the faster the smaller its inertia: 0.5 mrad/s at 0.25 N·m on 0.5 kg·m², 0.1 rad/s at
 * 0.01 N·m on 10⁻⁴ kg·m².
 */
const FRICTION_SOLIMP = '0.9999 0.9999 0.001 0.5 2';

export type MjcfConfig = Pick<EngineConfig, 'model' | 'timestepS' | 'gravityW' | 'scene'>;

/**
 * One robot in its world as MJCF, MuJoCo's model language: https://mujoco.readthedocs.io, XML Reference.
 * Links that cannot move against one another are one body, rotors included. Frames are those of
 * the URDF, so positions and velocities of joints mean the same; odom is MuJoCo's world.
 *
 * - A floating base hangs on a free joint, a fixed one is a `mocap` body, which can be put anywhere.
 * - `implicitfast` integrates the joints' damping implicitly, so that stiff joints stay stable, and needs no
 *   more than `Euler` for the rest.
 * - Contacts have elliptic cones: with MuJoCo's default, a pyramid inside the cone, friction across its
 *   edges is lower by up to 1/√2.
 * - `autoreset` is off: MuJoCo would put a robot whose numbers have exploded back to its start, unasked.
 * @throws UserError for a collision mesh
 */
export function makeMjcf(config: MjcfConfig): string {
  const { model, timestepS, gravityW, scene } = config;
  const bodies = computeRigidBodies(model);
  const plane = `    <geom name="ground" type="plane" size="0 0 1" ${WORLD_BITS} friction="${CONTACT_FRICTION}"/>`;
  return [
    `<mujoco model="${escapeXml(model.name)}">`,
    '  <compiler angle="radian" autolimits="false" inertiafromgeom="false"/>',
    `  <size memory="${computeMemory(model, bodies)}"/>`,
    `  <option timestep="${timestepS}" gravity="${gravityW.join(' ')}" integrator="implicitfast" cone="elliptic">`,
    '    <flag autoreset="disable"/>',
    '  </option>',
    '  <worldbody>',
    ...(scene.ground !== undefined ? [plane] : []),
    ...makeBody(model, bodies, 0, 4),
    '  </worldbody>',
    '</mujoco>',
    '',
  ].join('\n');
}

/**
 * What a link or joint is called in MJCF: behind the robot's name and a slash, as in MuJoCo's own
 * composed models, so that a link may be called `world`, a name that MuJoCo keeps for itself.
 */
export function getMjcfName(model: RobotModel, name: string): string {
  return `${model.name}/${name}`;
}

function makeBody(
  model: RobotModel,
  bodies: readonly RigidBody[],
  index: number,
  indent: number,
): string[] {
  const body = bodies[index]!;
  const name = escapeXml(getMjcfName(model, body.rootLink));
  const { connection } = body;
  const children = bodies.flatMap(({ connection: link }, i) => (link?.parent === index ? [i] : []));
  const pose =
    connection === undefined
      ? formatPose({ translation: model.home.position, rotation: model.home.orientation })
      : formatPose(connection.parentBodyFromJoint);
  const isMocap = connection === undefined && model.base === 'fixed';
  const inner = [
    ...(connection === undefined ? makeRootJoint(model) : [makeJoint(model, connection.joint)]),
    ...(body.mass === 0 ? [] : [makeInertial(body)]),
    ...makeGeometries(model, body),
  ];
  const pad = ' '.repeat(indent);
  return [
    `${pad}<body name="${name}"${isMocap ? ' mocap="true"' : ''} ${pose}>`,
    ...inner.map((line) => `${pad}  ${line}`),
    ...children.flatMap((child) => makeBody(model, bodies, child, indent + 2)),
    `${pad}</body>`,
  ];
}

/** Without `align`, which would turn the base's axes into principal ones and move its origin. */
function makeRootJoint(model: RobotModel): string[] {
  if (model.base === 'fixed') return [];
  return [`<freejoint name="${escapeXml(model.name)}" align="false"/>`];
}

/** The joint's frame is that of its body, as in URDF. `actuatorfrcrange` holds for motors added to the file. */
function makeJoint(model: RobotModel, joint: Joint): string {
  const { type, axis, lower, upper, damping, friction, maxEffort } = joint;
  const attributes = [
    `name="${escapeXml(getMjcfName(model, joint.name))}"`,
    `type="${type === 'prismatic' ? 'slide' : 'hinge'}"`,
    `axis="${axis.join(' ')}"`,
  ];
  if (Number.isFinite(lower) || Number.isFinite(upper)) {
    attributes.push(`limited="true" range="${toFinite(lower)} ${toFinite(upper)}"`);
  }
  if (damping > 0) attributes.push(`damping="${damping}"`);
  if (friction > 0) {
    attributes.push(`frictionloss="${friction}" solimpfriction="${FRICTION_SOLIMP}"`);
  }
  if (Number.isFinite(maxEffort)) {
    attributes.push(`actuatorfrclimited="true" actuatorfrcrange="${-maxEffort} ${maxEffort}"`);
  }
  return `<joint ${attributes.join(' ')}/>`;
}

/** A limit that is open to one side: farther than any joint gets. [rad] or [m] */
function toFinite(limit: number): number {
  return Math.max(-1e9, Math.min(1e9, limit));
}

function makeInertial({ mass, centreOfMass, moments, bodyFromPrincipal }: RigidBody): string {
  const pose = formatPose({ translation: centreOfMass, rotation: bodyFromPrincipal });
  // MuJoCo's compiler refuses a moment above the sum of the others by any amount; published figures are
  // rounded, and up to 0.1 % has been let through (findInertiaFault). The engine then sets the true ones.
  const [x, y, z] = moments;
  const diagonal = [Math.min(x, y + z), Math.min(y, x + z), Math.min(z, x + y)];
  return `<inertial ${pose} mass="${mass}" diaginertia="${diagonal.join(' ')}"/>`;
}

function makeGeometries(model: RobotModel, body: RigidBody): string[] {
  return body.links.flatMap(({ name, bodyFromLink }) => {
    const link = model.links.find((candidate) => candidate.name === name)!;
    return link.collisions.map((shape) => {
      const where = `robot '${model.name}', link '${name}', collision '${shape.name}'`;
      const pose = formatPose(composeTransforms(bodyFromLink, shape.linkFromShape));
      return `<geom ${formatShape(shape.geometry, where)} ${pose} mass="0" ${ROBOT_BITS} friction="${CONTACT_FRICTION}"/>`;
    });
  });
}

/** MuJoCo's sizes are halves. */
function formatShape(geometry: Geometry, where: string): string {
  switch (geometry.kind) {
    case 'box':
      return `type="box" size="${geometry.size.map((extent) => extent / 2).join(' ')}"`;
    case 'sphere':
      return `type="sphere" size="${geometry.radius}"`;
    case 'cylinder':
      return `type="cylinder" size="${geometry.radius} ${geometry.length / 2}"`;
    case 'capsule':
      return `type="capsule" size="${geometry.radius} ${geometry.length / 2}"`;
    case 'mesh':
      throw new UserError({
        where,
        problem: 'the mujoco engine does not load collision meshes',
        expected: 'a box, sphere or cylinder',
        got: `mesh '${geometry.uri}'`,
        remedy: 'Replace the collision mesh by primitives around it; visual meshes are fine.',
      });
  }
}

function formatPose({ translation, rotation }: Transform): string {
  return `pos="${translation.join(' ')}" quat="${formatQuat(rotation)}"`;
}

/** The door between x, y, z, w and MuJoCo's w, x, y, z in text. */
function formatQuat([x, y, z, w]: QuatXYZW): string {
  return `${w} ${x} ${y} ${z}`;
}

/**
 * [byte] scratch memory of one copy; MuJoCo's default is 13 MB. Every shape on the ground at four
 * points of three rows, every joint at a limit and rubbing; the factors leave at least twice what was
 * used by robots of 1 to 61 boxes that lay on the ground.
 */
function computeMemory(model: RobotModel, bodies: readonly RigidBody[]): number {
  const numJoints = bodies.length - 1;
  const numDofs = numJoints + (model.base === 'floating' ? 6 : 0);
  const numShapes = model.links.reduce((sum, link) => sum + link.collisions.length, 0);
  const rows = 12 * numShapes + 2 * numJoints;
  return 65536 + 8 * (4 * rows * numDofs + 16 * numDofs * numDofs + 64 * rows);
}

function escapeXml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
