import { UserError } from '../errors.ts';
import { findInertiaFault } from './inertia.ts';
import type { RigidBody } from './rigid-bodies.ts';

/**
 * Why a body that moves cannot be simulated, if so: it has no mass, or no inertia, or one that no body can have.
 * @param where file, line and element of its first link
 */
export function findBodyFaults(body: RigidBody, where: string): UserError[] {
  const names = body.links.map((link) => link.name).join(', ');
  if (!(body.mass > 0)) {
    return [
      new UserError({
        where,
        problem: 'a link that moves has no mass',
        expected: `<inertial> in one of ${names}`,
        got: 'none',
        remedy: 'Add the mass and inertia of the link.',
      }),
    ];
  }
  const fault = findInertiaFault([...body.moments, 0, 0, 0]);
  if (fault === undefined) return [];
  return [
    new UserError({
      where,
      problem: 'a link that moves has an inertia that no body can have',
      expected: `${fault.expected} of ${names} together`,
      got: fault.got,
      remedy: 'Correct the <inertia> of these links.',
    }),
  ];
}
