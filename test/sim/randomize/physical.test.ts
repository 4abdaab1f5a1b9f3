import { expect, it } from 'vitest';
import type { Engine, RobotScales } from '../../../sim/engine/engine.ts';
import { UNIT_SCALES } from '../../../sim/engine/engine.ts';
import { Rng } from '../../../sim/math/rng.ts';
import { RandomizationConfig } from '../../../sim/randomize/config.ts';
import { drawContext } from '../../../sim/randomize/draw.ts';
import { applyPhysical } from '../../../sim/randomize/physical.ts';

function apply(randomization: object): Partial<RobotScales> | undefined {
  let given: Partial<RobotScales> | undefined;
  const engine = {
    setScales: (_robot: number, scales: Partial<RobotScales>) => {
      given = scales;
    },
  } as Engine;
  applyPhysical(engine, 0, drawContext(RandomizationConfig.parse(randomization), new Rng(1)));
  return given;
}

it('leaves a robot as described where nothing is randomised', () => {
  expect(apply({})).toEqual(UNIT_SCALES);
});

it('hands each drawn factor to what it is a factor of', () => {
  const scales = apply({
    ...{ massScale: 2, inertiaScale: 3, contactFrictionScale: 4 },
    ...{ jointDampingScale: 5, jointFrictionScale: 6, armatureScale: 7 },
  });
  expect(scales).toEqual({
    ...{ mass: 2, inertia: [3, 3, 3], contactFriction: 4 },
    ...{ jointDamping: 5, jointFriction: 6, armature: 7 },
  });
});
