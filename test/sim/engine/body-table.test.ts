import { expect, it } from 'vitest';
import { computeConvexParts } from '../../../sim/engine/convex.ts';
import type { EngineConfig } from '../../../sim/engine/engine.ts';
import { makeBodyStates, makeKinematics } from '../../../sim/engine/kinematics.ts';
import { BodyTable } from '../../../sim/engine/rapier/body-table.ts';
import { makeCollisionRules } from '../../../sim/engine/rapier/collision-rules.ts';
import { listPlaces, makeShards } from '../../../sim/engine/rapier/copies.ts';
import { loadRapier } from '../../../sim/engine/rapier/load.ts';
import { listShapeNames } from '../../../sim/engine/shape-names.ts';
import { STANDARD_GRAVITY } from '../../../sim/math/gravity.ts';
import { loadRobot } from '../../../sim/robot/load.ts';
import { EMPTY_SCENE } from '../../../sim/terrain/scene.ts';

/** Bodies of a cartpole: rail, cart and pole. */
async function openCartpole() {
  await loadRapier();
  const model = loadRobot('cartpole');
  const config: EngineConfig = {
    ...{ model, numRobots: 1, timestepS: 0.005, tileSpacing: 4, scene: EMPTY_SCENE },
    ...{ gravityW: [0, 0, -STANDARD_GRAVITY], solver: model.physics.solver },
  };
  const { bodies } = makeKinematics(model, 1);
  const rules = makeCollisionRules(model, bodies);
  const convexParts = await computeConvexParts(model);
  const shapeNames = listShapeNames(model);
  const shards = makeShards({ config, bodies, rules, convexParts, shapeNames });
  const { world } = shards[0]!;
  return { table: new BodyTable(listPlaces(shards), bodies.length, 'fixed'), world };
}

it('orientations lose what is next to nothing, and nothing else', async () => {
  const { table, world } = await openCartpole();
  const states = makeBodyStates(3);
  table.read(states);
  const pole = [Math.sin(0.05), 0, Math.cos(0.05)];
  states.orientation.set([1e-19, -3e-16, 2e-15, 1], 4);
  states.orientation.set([-1e-27, ...pole], 8);
  for (const row of [1, 2]) table.write(row, states);
  table.read(states);
  expect(table.flushToZero(states)).toBe(true);
  const { orientation } = states;
  expect([...orientation.subarray(4, 8)]).toEqual([0, 0, Math.fround(2e-15), 1]);
  expect(orientation[8]).toBe(0);
  // What 32-bit numbers leave of a unit quaternion.
  pole.forEach((value, i) => {
    expect(Math.abs(orientation[9 + i]! - value)).toBeLessThan(2 ** -23);
  });
  const fresh = makeBodyStates(3);
  table.read(fresh);
  expect(fresh).toEqual(states);
  expect(table.flushToZero(fresh)).toBe(false);
  table.free();
  world.free();
});
