import type { Joint, RobotModel } from '../../robot/model.ts';
import type { RigidBody } from '../../robot/rigid-bodies.ts';
import { ROBOT_GROUP, type RobotGeom } from './geoms.ts';
import { escapeXml, formatPose, getMjcfName, NO_INERTIAL } from './text.ts';

/**
 * How hard dry friction and coupled joints are, MuJoCo's `solimp` at its largest. At its default of 0.9 a joint that
 * should stick creeps, and the faster the smaller its inertia: 0.5 mrad/s at 0.25 N·m on 0.5 kg·m², 0.1 rad/s at
 * 0.01 N·m on 10⁻⁴ kg·m².
 */
const HARD_SOLIMP = '0.9999 0.9999 0.001 0.5 2';

export interface BodyParts {
  readonly model: RobotModel;
  readonly bodies: readonly RigidBody[];
  readonly geoms: readonly RobotGeom[];
  /** By geom name. */
  readonly priorities: ReadonlyMap<string, number>;
  /** Whether the root body's centre of mass will be moved: MuJoCo may take no short cuts with it then. */
  readonly movesCentre: boolean;
}

/** A body with all that hangs on it. Links that cannot move against one another are one body, rotors included. */
export function makeBody(parts: BodyParts, index: number, indent: number): string[] {
  const { model, bodies } = parts;
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
    body.mass === 0 ? NO_INERTIAL : makeInertial(body),
    ...makeGeoms(parts, index),
  ];
  const pad = ' '.repeat(indent);
  const simple = index === 0 && parts.movesCentre ? ' simple="false"' : '';
  return [
    `${pad}<body name="${name}"${isMocap ? ' mocap="true"' : ''}${simple} ${pose}>`,
    ...inner.map((line) => `${pad}  ${line}`),
    ...children.flatMap((child) => makeBody(parts, child, indent + 2)),
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
  const { type, axis, lower, upper, damping, friction, maxEffort, armature } = joint;
  const attributes = [
    `name="${escapeXml(getMjcfName(model, joint.name))}"`,
    `type="${type === 'prismatic' ? 'slide' : 'hinge'}"`,
    `axis="${axis.join(' ')}"`,
  ];
  if (Number.isFinite(lower) || Number.isFinite(upper)) {
    attributes.push(`limited="true" range="${toFinite(lower)} ${toFinite(upper)}"`);
  }
  if (armature > 0) attributes.push(`armature="${armature}"`);
  if (damping > 0) attributes.push(`damping="${damping}"`);
  if (friction > 0) {
    attributes.push(`frictionloss="${friction}" solimpfriction="${HARD_SOLIMP}"`);
  }
  // MuJoCo takes no empty range; no motor can be added to a joint that bears none.
  if (Number.isFinite(maxEffort) && maxEffort > 0) {
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

/** Robots meet the scene, and themselves only where they are said to. */
function makeGeoms({ model, geoms, priorities }: BodyParts, index: number): string[] {
  const bits = `contype="1" conaffinity="${model.selfCollision.kind === 'none' ? 2 : 3}"`;
  return geoms.flatMap(({ name, owner, attributes, material }) =>
    owner.body !== index
      ? []
      : [
          `<geom name="${escapeXml(name)}" ${attributes} mass="0" group="${ROBOT_GROUP}" ${bits} friction="${material.friction}" priority="${priorities.get(name)!}"/>`,
        ],
  );
}

/** The joints that move on their own, each as a tendon of one joint: where a drive pulls, see mujoco/drives.ts. */
export function makeDriveTendons({ model, bodies }: BodyParts): string[] {
  return listJoints(bodies).flatMap(({ name, mimic }) => {
    if (mimic !== undefined) return [];
    const text = escapeXml(getMjcfName(model, name));
    return [
      `    <fixed name="${text}" solreffriction="-1 -1" solimpfriction="0.5 0.5 0.001 0.5 2"><joint joint="${text}" coef="1"/></fixed>`,
    ];
  });
}

/** Joints that follow others. The shortest time that MuJoCo lets a constraint take is two steps. */
export function makeMimics({ model, bodies }: BodyParts, timestepS: number): string[] {
  const name = (joint: string) => escapeXml(getMjcfName(model, joint));
  return listJoints(bodies).flatMap((joint) => {
    const { mimic } = joint;
    if (mimic === undefined) return [];
    return [
      `    <joint joint1="${name(joint.name)}" joint2="${name(mimic.joint)}" polycoef="${mimic.offset} ${mimic.multiplier} 0 0 0" solref="${2 * timestepS} 1" solimp="${HARD_SOLIMP}"/>`,
    ];
  });
}

function listJoints(bodies: readonly RigidBody[]): Joint[] {
  return bodies.flatMap(({ connection }) => (connection === undefined ? [] : [connection.joint]));
}
