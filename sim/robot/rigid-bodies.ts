import type { QuatXYZW } from '../math/quat.ts';
import type { Vec3 } from '../math/vec3.ts';
import type { Transform } from './geometry.ts';
import {
  computePrincipalInertia,
  type InertiaTensor,
  rotateInertia,
  shiftInertia,
} from './inertia.ts';
import type { Joint, RobotModel } from './model.ts';
import { composeTransforms, TRANSFORM_IDENTITY } from './transform.ts';

/** How a rigid body hangs on the one before it in the tree. */
export interface BodyConnection {
  /** Index of the parent in the list of bodies; parents come first. */
  readonly parent: number;
  readonly joint: Joint;
  /** Index in the robot's joint order. */
  readonly jointIndex: number;
  /** The joint's frame in the parent body. The child body's frame coincides with it at joint zero. */
  readonly parentBodyFromJoint: Transform;
}

/**
 * One or more links that cannot move against one another, as one body. Its frame is that of its
 * first link. Rotors count as part of the body that carries them.
 */
export interface RigidBody {
  readonly rootLink: string;
  readonly links: readonly { readonly name: string; readonly bodyFromLink: Transform }[];
  /** [kg] 0 only for a fixed base without inertial */
  readonly mass: number;
  /** [m] [@frame body] */
  readonly centreOfMass: Vec3;
  /** [kg·m²] principal moments about the centre of mass */
  readonly moments: Vec3;
  readonly bodyFromPrincipal: QuatXYZW;
  /** Absent for the root body. */
  readonly connection?: BodyConnection;
}

/** What of a robot decides its bodies; a description without robot.yaml has as much. */
export type BodySource = Pick<
  RobotModel,
  'name' | 'rootLink' | 'links' | 'joints' | 'jointNames' | 'actuators'
>;

/** The rigid bodies of a robot, the root body first, the others in joint order. */
export function computeRigidBodies(model: BodySource): readonly RigidBody[] {
  const rotorJoints = new Set(
    model.actuators.flatMap((actuator) => (actuator.kind === 'rotor' ? [actuator.joint] : [])),
  );
  const moves = (joint: Joint) => joint.type !== 'fixed' && !rotorJoints.has(joint.name);
  const bodies: RigidBody[] = [lumpLinks(model, model.rootLink, moves)];
  const waiting = model.joints.filter(moves);
  while (waiting.length > 0) {
    const next = waiting.findIndex((joint) => findBody(bodies, joint.parent) >= 0);
    const joint = waiting[next];
    if (joint === undefined) throw new RangeError(`robot '${model.name}' is not one tree`);
    waiting.splice(next, 1);
    const parent = findBody(bodies, joint.parent);
    const bodyFromParentLink = bodies[parent]!.links.find((l) => l.name === joint.parent)!;
    bodies.push({
      ...lumpLinks(model, joint.child, moves),
      connection: {
        parent,
        joint,
        jointIndex: model.jointNames.indexOf(joint.name),
        parentBodyFromJoint: composeTransforms(
          bodyFromParentLink.bodyFromLink,
          joint.parentFromJoint,
        ),
      },
    });
  }
  return bodies;
}

/** The body that base_link belongs to: where rotor wrenches and outside forces act. */
export function computeRootBody(model: BodySource): RigidBody {
  return computeRigidBodies(model)[0]!;
}

function findBody(bodies: readonly RigidBody[], link: string): number {
  return bodies.findIndex((body) => body.links.some((candidate) => candidate.name === link));
}

function lumpLinks(
  model: BodySource,
  rootLink: string,
  moves: (joint: Joint) => boolean,
): RigidBody {
  const links = [{ name: rootLink, bodyFromLink: TRANSFORM_IDENTITY }];
  for (const { name, bodyFromLink } of links) {
    for (const joint of model.joints) {
      if (joint.parent !== name || moves(joint)) continue;
      links.push({
        name: joint.child,
        bodyFromLink: composeTransforms(bodyFromLink, joint.parentFromJoint),
      });
    }
  }
  return { rootLink, links, ...lumpMass(model, links) };
}

function lumpMass(model: BodySource, links: RigidBody['links']) {
  const parts = links.flatMap(({ name, bodyFromLink }) => {
    const inertial = model.links.find((link) => link.name === name)?.inertial;
    if (inertial === undefined) return [];
    const { translation, rotation } = composeTransforms(bodyFromLink, inertial.linkFromInertia);
    const inertia = rotateInertia(inertial.inertia, rotation);
    return [{ mass: inertial.mass, centre: translation, inertia }];
  });
  const mass = parts.reduce((sum, part) => sum + part.mass, 0);
  const average = (axis: 0 | 1 | 2) =>
    mass === 0 ? 0 : parts.reduce((sum, part) => sum + part.mass * part.centre[axis], 0) / mass;
  const centreOfMass: Vec3 = [average(0), average(1), average(2)];
  const total: InertiaTensor = parts.reduce<InertiaTensor>(
    (sum, part) => {
      const offset: Vec3 = [
        part.centre[0] - centreOfMass[0],
        part.centre[1] - centreOfMass[1],
        part.centre[2] - centreOfMass[2],
      ];
      const shifted = shiftInertia(part.inertia, part.mass, offset);
      return sum.map((value, k) => value + shifted[k]!) as unknown as InertiaTensor;
    },
    [0, 0, 0, 0, 0, 0],
  );
  return { mass, centreOfMass, ...computePrincipalInertia(total) };
}

/** Where a link sits in the body that carries it. @throws RangeError if the body has no such link */
export function getBodyFromLink(body: RigidBody, link: string): Transform {
  const found = body.links.find((candidate) => candidate.name === link);
  if (found === undefined) {
    throw new RangeError(
      `body '${body.rootLink}' has no link '${link}'; it has: ${body.links.map((l) => l.name).join(', ')}`,
    );
  }
  return found.bodyFromLink;
}
