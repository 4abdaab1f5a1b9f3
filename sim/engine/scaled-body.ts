import type { Vec3 } from '../math/vec3.ts';
import { computePrincipalInertia, rotateInertia, shiftInertia } from '../robot/inertia.ts';
import type { RigidBody } from '../robot/rigid-bodies.ts';
import type { RobotScales } from './engine.ts';

/** What of a body its mass decides, in the body's frame. */
export type MassProperties = Pick<
  RigidBody,
  'mass' | 'centreOfMass' | 'moments' | 'bodyFromPrincipal'
>;

/**
 * Mass and moments scaled; of the root body also the centre of mass moved, its moments about it staying what they
 * are, and then a payload added as a point: masses add up, and each part turns about the common centre (Steiner).
 */
export function scaleBody(body: RigidBody, scales: RobotScales, isRoot: boolean): MassProperties {
  const [sx, sy, sz] = scales.inertia;
  const [x, y, z] = body.moments;
  const mass = body.mass * scales.mass;
  const moments: Vec3 = [x * sx, y * sy, z * sz];
  const { bodyFromPrincipal } = body;
  if (!isRoot || !movesCentre(scales)) {
    return { mass, centreOfMass: body.centreOfMass, moments, bodyFromPrincipal };
  }
  const { payload, centreOfMassOffset } = scales;
  const own = add(body.centreOfMass, centreOfMassOffset, 1);
  if (payload.mass === 0) return { mass, centreOfMass: own, moments, bodyFromPrincipal };
  const total = mass + payload.mass;
  const centreOfMass = add(own, add(payload.position, own, -1), payload.mass / total);
  const turned = rotateInertia([...moments, 0, 0, 0], bodyFromPrincipal);
  const apart = shiftInertia(turned, mass, add(own, centreOfMass, -1));
  const inertia = shiftInertia(apart, payload.mass, add(payload.position, centreOfMass, -1));
  return { mass: total, centreOfMass, ...computePrincipalInertia(inertia) };
}

/** Whether the root body's centre of mass is elsewhere than described. */
export function movesCentre({ payload, centreOfMassOffset }: RobotScales): boolean {
  return payload.mass > 0 || centreOfMassOffset.some((shift) => shift !== 0);
}

function add(a: Vec3, b: Vec3, factor: number): Vec3 {
  return [a[0] + factor * b[0], a[1] + factor * b[1], a[2] + factor * b[2]];
}
