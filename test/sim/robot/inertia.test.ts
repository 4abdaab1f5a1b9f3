import { describe, expect, it } from 'vitest';
import { writeFromRollPitchYaw } from '../../../sim/math/quat.ts';
import {
  computePrincipalInertia,
  findInertiaFault,
  rotateInertia,
  shiftInertia,
} from '../../../sim/robot/inertia.ts';
import type { RobotModel } from '../../../sim/robot/model.ts';
import { computeRigidBodies, computeRootBody } from '../../../sim/robot/rigid-bodies.ts';
import { makeTestRobot } from '../../kit/robots.ts';

function expectClose(got: readonly number[], wanted: readonly number[], digits = 12): void {
  expect(got.length).toBe(wanted.length);
  for (const [i, value] of got.entries()) expect(value).toBeCloseTo(wanted[i]!, digits);
}

describe('computePrincipalInertia', () => {
  it('keeps the axes of a diagonal tensor, whatever the order of its moments', () => {
    const { moments, bodyFromPrincipal } = computePrincipalInertia([3, 1, 2, 0, 0, 0]);
    expectClose(moments, [3, 1, 2]);
    expectClose(bodyFromPrincipal, [0, 0, 0, 1]);
  });

  it('finds moments and axes again that a rotation has hidden', () => {
    const q: [number, number, number, number] = [0, 0, 0, 1];
    writeFromRollPitchYaw(q, 0, 0.3, -0.2, 0.4);
    const hidden = rotateInertia([1, 2, 2.5, 0, 0, 0], q);
    const { moments, bodyFromPrincipal } = computePrincipalInertia(hidden);
    expectClose(moments, [1, 2, 2.5]);
    expectClose(rotateInertia([...moments, 0, 0, 0], bodyFromPrincipal), hidden);
  });
});

describe('shiftInertia', () => {
  it('adds m·d² about the axes that the offset is at right angles to', () => {
    // 2 kg, 3 m along x: 2·9 = 18 about y and z, nothing about x.
    expect(shiftInertia([1, 1, 1, 0, 0, 0], 2, [3, 0, 0])).toEqual([1, 19, 19, 0, 0, 0]);
  });
});

describe('findInertiaFault', () => {
  it('accepts a thin rod, whose small moment is almost the difference of the others', () => {
    expect(findInertiaFault([0.1, 0.1, 1e-6, 0, 0, 0])).toBeUndefined();
  });
});

describe('computeRigidBodies', () => {
  it('lumps fixed links into one body with their joint mass, centre and inertia', () => {
    // Two balls of 1 kg and moment 0.1 kg·m², 2 m apart on x, base in the first one's centre.
    const body = computeRootBody(makeTestRobot('dumbbell'));
    expect(body.mass).toBe(2);
    expectClose(body.centreOfMass, [1, 0, 0]);
    // Along the rod 2·0.1; across 2·(0.1 + 1 kg·(1 m)²).
    expectClose(body.moments, [0.2, 2.2, 2.2]);
  });

  it('lists parents before children, in joint order, with the joint seen from the parent body', () => {
    const model = makeTestRobot('crane');
    const bodies = computeRigidBodies(model);
    expect(bodies.map((body) => body.rootLink)).toEqual(['base', 'boom', 'trolley']);
    expect(bodies.map((body) => body.connection?.parent)).toEqual([undefined, 0, 1]);
    expect(bodies.map((body) => body.connection?.jointIndex)).toEqual([undefined, 0, 1]);
    // The trolley hangs on the boom's tip, which is fixed 0.5 m along the boom, 0.25 m beyond that.
    expectClose(bodies[2]!.connection!.parentBodyFromJoint.translation, [0.75, 0, 0]);
  });

  it('counts rotors as part of the body that carries them', () => {
    const model: RobotModel = makeTestRobot('twin-rotor');
    expect(computeRigidBodies(model)).toHaveLength(1);
    // 0.8 kg hull and two propellers of 0.1 kg.
    expect(computeRootBody(model).mass).toBeCloseTo(1, 12);
  });
});
