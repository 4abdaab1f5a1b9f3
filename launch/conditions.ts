import { ENGINE_NAMES, type EngineName } from '../sim/engine/engine.ts';
import { UserError } from '../sim/errors.ts';
import { Rng } from '../sim/math/rng.ts';
import { RandomizationConfig } from '../sim/randomize/config.ts';
import { readRandomization } from '../sim/randomize/file.ts';
import type { RobotModel } from '../sim/robot/model.ts';
import { TerrainConfig } from '../sim/terrain/config.ts';
import { makeScene } from '../sim/terrain/make-scene.ts';
import { readConfigFile } from './config-file.ts';

/** @throws UserError listing the engines */
export function checkEngine(name: string): EngineName {
  const engine = ENGINE_NAMES.find((candidate) => candidate === name);
  if (engine !== undefined) return engine;
  throw new UserError({
    where: '--engine',
    problem: 'no such engine',
    expected: `one of ${ENGINE_NAMES.join(', ')}`,
    got: `'${name}'`,
    remedy: 'Correct the name; rapier trains, mujoco judges',
  });
}

/**
 * What `--randomize` says: a file, or `none`.
 * @throws UserErrors for a file that cannot be, or that the robot cannot have
 */
export function readRandomizeOption(given: string, model?: RobotModel): RandomizationConfig {
  return given === 'none' ? RandomizationConfig.parse({}) : readRandomization(given, model);
}

/** @throws UserErrors for a file that cannot be, or a terrain that cannot be built */
export function readTerrainOption(path: string): TerrainConfig {
  const terrain = readConfigFile(path, TerrainConfig, 'sim/terrain/config.ts');
  makeScene(terrain, new Rng(0, 'terrain'), path);
  return terrain;
}
