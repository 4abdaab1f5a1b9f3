import { expect, it } from 'vitest';
import {
  SIMULATION_MESSAGES,
  SIMULATION_SERVICES,
} from '../../../nodes/ros/interfaces/simulation-interfaces.ts';
import * as codes from '../../../nodes/simulator/codes.ts';

/** `RESULT_NOT_FOUND` → `notFound`, once the prefix is off. */
function readConstants(text: string, prefix = ''): Record<string, number> {
  const found = [...text.matchAll(/^uint8 ([A-Z_]+)=(\d+)$/gm)].map(([, name = '', value]) => [
    name
      .slice(prefix.length)
      .toLowerCase()
      .replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase()),
    Number(value),
  ]);
  return Object.fromEntries(found) as Record<string, number>;
}

const MESSAGES = 'simulation_interfaces/msg';
const SERVICES = 'simulation_interfaces/srv';

it('codes have the numbers that simulation_interfaces gives them', () => {
  const read = (name: string, prefix: string) =>
    readConstants(SIMULATION_MESSAGES[`${MESSAGES}/${name}`]!, prefix);
  const ofService = (name: string) => readConstants(SIMULATION_SERVICES[`${SERVICES}/${name}`]!);
  expect(codes.RESULT).toEqual(read('Result', 'RESULT_'));
  expect(codes.STATE).toEqual(read('SimulationState', 'STATE_'));
  expect(codes.BOUNDS).toEqual({ ...read('Bounds', 'TYPE_') });
  expect(read('TagsFilter', 'FILTER_MODE_')).toEqual(codes.TAGS_MODE);
  expect(read('EntityCategory', 'CATEGORY_')).toMatchObject(codes.CATEGORY);
  expect(read('SimulatorFeatures', '')).toMatchObject(codes.FEATURE);
  expect(ofService('SetSimulationState')).toEqual(codes.STATE_RESULT);
  expect(ofService('SpawnEntity')).toEqual(codes.SPAWN_RESULT);
  expect(ofService('SpawnEntities')).toEqual({ entitiesSpawnFailed: codes.ENTITIES_SPAWN_FAILED });
  expect(ofService('LoadWorld')).toMatchObject(codes.WORLD_RESULT);
  expect(ofService('UnloadWorld')).toEqual({ noWorldLoaded: codes.NO_WORLD_LOADED });
  expect(ofService('GetCurrentWorld')).toEqual({ noWorldLoaded: codes.NO_WORLD_LOADED });
  expect(ofService('SetEntityState')).toEqual({ invalidPose: codes.INVALID_POSE });
  const { default: none, time, state, spawned, all } = codes.SCOPE;
  expect(ofService('ResetSimulation')).toEqual({
    ...{ scopeDefault: none, scopeTime: time, scopeState: state },
    ...{ scopeSpawned: spawned, scopeAll: all },
  });
});
