import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { z } from 'zod';
import { throwIfAny, UserError } from '../errors.ts';
import type { RobotModel } from '../robot/model.ts';
import { parseYaml } from '../schema.ts';
import { EMPTY_SCENE, type Scene } from '../terrain/scene.ts';
import { checkRandomization } from './check.ts';
import { RandomizationConfig } from './config.ts';
import { listParts } from './entries.ts';

const REMEDY = 'sim/RANDOMIZATION.md describes every property.';

/**
 * Reads a randomisation from a YAML file.
 * @param model for whom it is meant: what it cannot have is an error then
 * @param scene around it; objects that move have names in it
 * @throws UserError, or UserErrors with every problem, each with file, line and key path
 */
export function readRandomization(
  path: string,
  model?: RobotModel,
  scene: Pick<Scene, 'objects'> = EMPTY_SCENE,
): RandomizationConfig {
  const config = dropReasons(
    parseYaml(RandomizationConfig, readText(path), { where: path, remedy: REMEDY }),
  );
  const robot = model && { model, parts: listParts(model, scene) };
  throwIfAny(checkRandomization(config, path, robot));
  return config;
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new UserError({
      where: path,
      problem: 'the randomisation cannot be read',
      expected: 'a YAML file',
      got: cause instanceof Error ? cause.message : String(cause),
      remedy: REMEDY,
      cause,
    });
  }
}

/** Where the defaults of a robot in the box are. */
export function getDefaultsPath(robot: string): string {
  return fileURLToPath(new URL(`../robots/${robot}/randomization.yaml`, import.meta.url));
}

/**
 * How much one robot of a kind differs from the described one: the ranges of `robots/<name>/randomization.yaml`,
 * where each has its reason. What happens to a robot, weather and pushes, is the task's to say.
 * @param more of the task, beside them or instead
 * @throws UserErrors for a file that cannot be
 */
export function makeRobotRandomization(
  robot: string,
  more: z.input<typeof RandomizationConfig> = {},
): RandomizationConfig {
  const path = getDefaultsPath(robot);
  const own = existsSync(path) ? readRandomization(path) : {};
  return RandomizationConfig.parse({ ...own, ...more });
}

/** Reasons are for whoever reads the file: two configurations that draw the same are the same. */
export function dropReasons(config: RandomizationConfig): RandomizationConfig {
  const drop = (value: unknown): unknown => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
    return Object.fromEntries(
      Object.entries(value).flatMap(([key, inner]) => (key === 'why' ? [] : [[key, drop(inner)]])),
    );
  };
  return drop(config) as RandomizationConfig;
}
