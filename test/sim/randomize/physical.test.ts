import { expect, it } from 'vitest';
import type { Engine, RobotScales } from '../../../sim/engine/engine.ts';
import { UNIT_SCALES } from '../../../sim/engine/engine.ts';
import { Rng } from '../../../sim/math/rng.ts';
import { RandomizationConfig } from '../../../sim/randomize/config.ts';
import { RandomizationPlan } from '../../../sim/randomize/draw.ts';
import { listParts } from '../../../sim/randomize/entries.ts';
import { applyPhysical } from '../../../sim/randomize/physical.ts';
import { EMPTY_SCENE } from '../../../sim/terrain/scene.ts';
import { makeTestRobot } from '../../kit/robots.ts';

const model = makeTestRobot('crane');

function apply(randomization: object, gravityW = [0, 0, -10]): Partial<RobotScales> | undefined {
  let given: Partial<RobotScales> | undefined;
  const engine = {
    config: { model, gravityW } as unknown as Engine['config'],
    setScales: (_robot: number, scales: Partial<RobotScales>) => {
      given = scales;
    },
  };
  const config = RandomizationConfig.parse(randomization);
  const plan = new RandomizationPlan(config, listParts(model, EMPTY_SCENE));
  applyPhysical(engine, 0, plan.draw(new Rng(1)), plan);
  return given;
}

it('leaves a robot as described where nothing is randomised', () => {
  expect(apply({})).toEqual(UNIT_SCALES);
});

it('hands each drawn number to what it is for', () => {
  const scales = apply({
    ...{ massScale: 2, inertiaScale: 3, contactFrictionScale: 4 },
    ...{ jointDampingScale: 5, jointFrictionScale: 6, armatureScale: 7, restitutionOffset: 0.5 },
    payload: { mass: 8, x: 0.1, y: 0.2, z: 0.3 },
    centreOfMassOffset: { x: 0.4, y: 0.5, z: 0.6 },
  });
  expect(scales).toEqual({
    ...{ mass: 2, inertia: [3, 3, 3], contactFriction: 4, restitutionOffset: 0.5 },
    ...{ jointDamping: 5, jointFriction: 6, armature: 7 },
    payload: { mass: 8, position: [0.1, 0.2, 0.3] },
    centreOfMassOffset: [0.4, 0.5, 0.6],
    gravityOffsetW: [0, 0, 0],
  });
});

it('gives each joint the product of what all drew and what it drew for itself', () => {
  const scales = apply({
    jointDampingScale: { choice: [2], perJoint: { choice: [3] } },
    jointFrictionScale: { choice: [4], perJoint: true },
  });
  expect(scales?.jointDamping).toEqual([6, 6]);
  expect(scales?.jointFriction).toEqual([4, 4]);
});

it('scales and turns gravity, about x towards +y, about y towards −x', () => {
  // 10 m/s² down becomes 8 with 30° about x: (0, 4, −6.93); about y: (−4, 0, −6.93).
  const down = -8 * Math.cos(Math.PI / 6);
  const aboutX = apply({ gravityScale: 0.8, gravityTilt: { x: Math.PI / 6 } })!.gravityOffsetW!;
  const aboutY = apply({ gravityScale: 0.8, gravityTilt: { y: Math.PI / 6 } })!.gravityOffsetW!;
  for (const [offset, wanted] of [
    [aboutX, [0, 4, down + 10]],
    [aboutY, [-4, 0, down + 10]],
  ] as const) {
    for (let k = 0; k < 3; k++) expect(offset[k]).toBeCloseTo(wanted[k]!, 12);
  }
});

it('turns gravity that is not vertical about both axes, x first', () => {
  // About x by 30°: y = 2 cos 30° + 10 sin 30° = √3 + 5, z = 2 sin 30° − 10 cos 30° = 1 − 5√3. About y by 60°:
  // x = 1 cos 60° + (1 − 5√3) sin 60° = √3/2 − 7, z = (1 − 5√3) cos 60° − 1 sin 60° = 1/2 − 3√3.
  const tilt = { gravityTilt: { x: Math.PI / 6, y: Math.PI / 3 } };
  const offset = apply(tilt, [1, 2, -10])!.gravityOffsetW!;
  const root = Math.sqrt(3);
  [root / 2 - 7 - 1, root + 5 - 2, 1 / 2 - 3 * root + 10].forEach((wanted, axis) => {
    expect(offset[axis]).toBeCloseTo(wanted, 12);
  });
});
