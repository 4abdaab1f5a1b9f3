import { describe, expect, it } from 'vitest';
import { type BodyStates, makeBodyStates, makeKinematics } from '../../../sim/engine/kinematics.ts';
import { Articulation } from '../../../sim/engine/rapier/articulation.ts';
import { makeWrenches } from '../../../sim/engine/wrenches.ts';
import type { RobotModel } from '../../../sim/robot/model.ts';
import { makeStateBatch } from '../../../sim/robot/state.ts';
import { makeTinyRobot } from '../../kit/tiny-robot.ts';

const STEP_S = 0.01;

/** Sums in double precision over a few bodies. */
const ROUNDING = 1e-12;

/** A trunk with two legs of two links about different axes, and a drawer. */
const CRAWLER = makeTinyRobot({
  links: [
    { name: 'trunk', mass: 3, moment: 0.05, centre: [0.01, 0, 0.02] },
    { name: 'hip', mass: 0.5, moment: 0.002, centre: [0, 0.05, 0] },
    { name: 'leg', mass: 0.2, moment: 0.001, centre: [0, 0, -0.1] },
    { name: 'drawer', mass: 0.4, moment: 0.003, centre: [0.1, 0, 0] },
  ],
  joints: [
    { name: 'roll', parent: 'trunk', child: 'hip', at: [0.2, 0.1, 0], axis: [1, 0, 0] },
    { name: 'pitch', parent: 'hip', child: 'leg', at: [0, 0.1, 0], axis: [0, 1, 0] },
    { name: 'rail', type: 'prismatic', parent: 'trunk', child: 'drawer', at: [-0.2, 0, 0] },
  ],
});

function make(model: RobotModel, gravityW: readonly [number, number, number]) {
  const kinematics = makeKinematics(model, 1);
  const { bodies } = kinematics;
  const articulation = new Articulation(model, kinematics, 1, STEP_S, gravityW);
  const wrenches = makeWrenches(model, kinematics, 1);
  const states = makeBodyStates(bodies.length);
  const row = makeStateBatch(1, model.jointNames.length);
  row.orientation.set([0, 0, 0, 1]);
  for (const [b, body] of bodies.entries()) articulation.setBody(0, b, body, 0);
  return { kinematics, bodies, articulation, wrenches, states, row };
}

const makeLaw = (numJoints: number) => ({
  constant: new Float64Array(numJoints),
  slope: new Float64Array(numJoints),
});

/** Linear momentum, and angular momentum about the origin, of bodies that turn without change of place. */
function computeMomentum(
  { bodies, articulation }: ReturnType<typeof make>,
  states: BodyStates,
  velocity: Float64Array,
  spin: Float64Array,
): number[] {
  const sum = [0, 0, 0, 0, 0, 0];
  for (const [b, body] of bodies.entries()) {
    const c = [0, 1, 2].map((k) => articulation.tree.arm[3 * b + k]! + states.position[k]!);
    const p = [0, 1, 2].map((k) => body.mass * velocity[3 * b + k]!);
    for (let k = 0; k < 3; k++) {
      const [i, j] = [(k + 1) % 3, (k + 2) % 3] as const;
      // Tiny robots' bodies are spheres: the moment is the same about all axes.
      const own = body.moments[0] * spin[3 * b + k]!;
      sum[k]! += p[k]!;
      sum[3 + k]! += c[i]! * p[j]! - c[j]! * p[i]! + own;
    }
  }
  return sum;
}

describe('the motion that Rapier starts a step from', () => {
  it('has the momentum that the robot had, whatever its joints do', () => {
    const made = make(CRAWLER, [0, 0, 0]);
    const { kinematics, articulation, wrenches, states, row } = made;
    row.linearVelocityW.set([1, -2, 0.5]);
    row.angularVelocityB.set([3, -1, 2]);
    row.jointPosition.set([0.4, -0.7, 0.05]);
    row.jointVelocity.set([5, -8, 0.6]);
    kinematics.writeBodies(states, 0, row, 0);
    articulation.begin(0, states, wrenches);
    articulation.launch(0, Float64Array.of(3, -2, 7));
    const before = computeMomentum(made, states, states.centreVelocityW, states.angularVelocityW);
    const after = computeMomentum(made, states, articulation.startVelocity, articulation.startSpin);
    for (const [k, value] of before.entries()) expect(after[k]).toBeCloseTo(value, 12);
  });

  it('keeps the joints together: bodies move against one another along their axes alone', () => {
    const { kinematics, articulation, wrenches, states, row } = make(CRAWLER, [0, 0, -9.81]);
    row.angularVelocityB.set([3, -1, 2]);
    row.jointPosition.set([0.4, -0.7, 0.05]);
    row.jointVelocity.set([5, -8, 0.6]);
    kinematics.writeBodies(states, 0, row, 0);
    articulation.begin(0, states, wrenches);
    const law = makeLaw(3);
    law.constant.set([3, -2, 7]);
    articulation.solve(0, law);
    articulation.launch(0, law.constant);
    // The same rates, as the bodies of a robot with those joint velocities would have them.
    const found = makeStateBatch(1, 3);
    found.orientation.set([0, 0, 0, 1]);
    found.angularVelocityB.set(articulation.startSpin.subarray(0, 3));
    found.jointPosition.set(row.jointPosition);
    found.jointVelocity.set(articulation.rate);
    const wanted = makeBodyStates(4);
    kinematics.writeBodies(wanted, 0, found, 0);
    for (let k = 0; k < 12; k++) {
      expect(Math.abs(articulation.startSpin[k]! - wanted.angularVelocityW[k]!)).toBeLessThan(
        1e3 * ROUNDING,
      );
    }
  });

  it('is slower by what a joint resists: I·Δω = h·(τ − d·ω), solved for the ω at the end', () => {
    const wheel = makeTinyRobot({
      base: 'fixed',
      links: [
        { name: 'base', mass: 0 },
        { name: 'wheel', moment: 0.5 },
      ],
      joints: [{ name: 'axle', parent: 'base', child: 'wheel', axis: [0, 0, 1] }],
    });
    const { kinematics, articulation, wrenches, states, row } = make(wheel, [0, 0, 0]);
    row.jointVelocity.set([2]);
    kinematics.writeBodies(states, 0, row, 0);
    articulation.begin(0, states, wrenches);
    articulation.solve(0, { constant: Float64Array.of(4), slope: Float64Array.of(30) });
    // (0.5 · 2 + 0.01 · 4) / (0.5 + 0.01 · 30) = 1.04 / 0.8 = 1.3 rad/s
    expect(articulation.rate[0]).toBeCloseTo(1.3, 12);
    articulation.launch(0, Float64Array.of(4 - 30 * 1.3));
    expect(articulation.startSpin[5]).toBeCloseTo(1.3, 12);
  });

  it('counts on contacts for half of what they did in the last step, and for the rest on those before', () => {
    const block = makeTinyRobot({ links: [{ name: 'block', mass: 2 }], joints: [] });
    const { kinematics, articulation, wrenches, states, row } = make(block, [0, 0, -10]);
    kinematics.writeBodies(states, 0, row, 0);
    for (const share of [0, 0.5, 0.75]) {
      articulation.begin(0, states, wrenches);
      articulation.solve(0, makeLaw(0));
      // At rest on the ground, which takes up 2 kg · 10 m/s² · 0.01 s = 0.2 N·s in each step.
      expect(articulation.rootAnswer[5]).toBeCloseTo(0.2 * share, 12);
      articulation.launch(0, new Float64Array(0));
      articulation.measure(0, states);
    }
    articulation.reset(0);
    expect([...articulation.rootAnswer]).toEqual([0, 0, 0, 0, 0, 0]);
  });
});
