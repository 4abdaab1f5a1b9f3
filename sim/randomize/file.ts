import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parse, parseDocument } from 'yaml';
import { throwIfAny, UserError, UserErrors } from '../errors.ts';
import type { RobotModel } from '../robot/model.ts';
import { parseYaml } from '../schema.ts';
import { EMPTY_SCENE, type Scene } from '../terrain/scene.ts';
import { checkRandomization } from './check.ts';
import { RandomizationConfig, type RandomizationInput } from './config.ts';
import { listParts } from './entries.ts';
import { checkNeeds } from './needs.ts';

const REMEDY = 'sim/RANDOMIZATION.md describes every property.';

/**
 * Reads a randomisation from a YAML file.
 * @param model for whom it is meant: what it cannot have is an error then
 * @param scene around it, where it is known: objects that move have names in it, and what needs something there is an
 *   error without it
 * @throws UserError, or UserErrors with every problem, each with file, line and key path
 */
export function readRandomization(
  path: string,
  model?: RobotModel,
  scene?: Pick<Scene, 'ground' | 'objects'>,
): RandomizationConfig {
  const text = readText(path);
  const robot = model && { model, parts: listParts(model, scene ?? EMPTY_SCENE) };
  const check = (config: RandomizationConfig) => [
    ...checkRandomization(config, path, robot),
    ...(model === undefined ? [] : checkNeeds(config, path, { model, scene })),
  ];
  const config = parseOrCheckRest(text, path, check);
  if ((parse(text) ?? undefined) === undefined) throw refuseEmpty(path);
  throwIfAny(check(config));
  return config;
}

/** Where entries are of a wrong form, what the others say is looked at all the same, so that one look is enough. */
function parseOrCheckRest(
  text: string,
  path: string,
  check: (config: RandomizationConfig) => readonly UserError[],
): RandomizationConfig {
  try {
    return dropReasons(parseYaml(RandomizationConfig, text, { where: path, remedy: REMEDY }));
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    const found = error instanceof UserErrors ? error.errors : [error];
    const rest = keepSound(text);
    throwIfAny([...found, ...(rest === undefined ? [] : check(rest))]);
    throw error;
  }
}

/** The entries without those that are of a wrong form, and without what is said of them elsewhere. */
function keepSound(text: string): RandomizationConfig | undefined {
  const document = parseDocument(text);
  const value: unknown = document.errors.length > 0 ? undefined : document.toJS();
  if (typeof value !== 'object' || value === null) return undefined;
  const wrong = listWrongKeys(value);
  const speaksOf = (name: unknown) =>
    wrong.some((key) => name === key || `${name}`.startsWith(`${key}.`));
  const entries = Object.entries(value).flatMap(([key, inner]) => {
    if (wrong.includes(key)) return [];
    if (key === 'fixed') {
      return [[key, Object.fromEntries(Object.entries(inner).filter(([name]) => !speaksOf(name)))]];
    }
    if (key !== 'correlations') return [[key, inner]];
    return [[key, (inner as { of: unknown[] }[]).filter(({ of }) => !of.some(speaksOf))]];
  });
  return RandomizationConfig.safeParse(Object.fromEntries(entries)).data;
}

function listWrongKeys(value: object): readonly string[] {
  const issues = RandomizationConfig.safeParse(value).error?.issues ?? [];
  return issues.flatMap((issue) => {
    const [key] = issue.path;
    if (key !== undefined) return [String(key)];
    return issue.code === 'unrecognized_keys' ? issue.keys : [];
  });
}

/** Somebody who emptied a file, or gave the wrong one, hardly means a world without any difference. */
function refuseEmpty(path: string): UserError {
  return new UserError({
    where: path,
    problem: 'the randomisation is empty',
    expected: 'what is randomised',
    got: 'nothing',
    remedy: `Write {} where nothing is to be. ${REMEDY}`,
  });
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
 * @param more of the task, beside them or instead, each with its reason
 * @throws UserErrors for a file that cannot be
 */
export function makeRobotRandomization(
  robot: string,
  more: RandomizationInput = {},
): RandomizationConfig {
  const path = getDefaultsPath(robot);
  const own = existsSync(path) ? readRandomization(path) : {};
  return dropReasons(RandomizationConfig.parse({ ...own, ...more }));
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
