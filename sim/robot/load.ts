import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { UserError } from '../errors.ts';
import type { RobotModel } from './model.ts';
import { parseRobot } from './parse.ts';

const ROBOTS_FOLDER = fileURLToPath(new URL('../robots', import.meta.url));
const CONFIG_FILE = 'robot.yaml';

/**
 * Loads a robot by the name of a folder in sim/robots, or by the path of a folder with one .urdf, or
 * of a .urdf file, with robot.yaml beside it.
 * @throws UserError, or UserErrors with every problem found
 */
export function loadRobot(nameOrPath: string): RobotModel {
  const files = findFiles(nameOrPath);
  const urdf = readText(files.urdf, 'the URDF');
  const yaml = readText(files.yaml, 'what the URDF lacks: actuators, sensors, safety limits');
  const sha256 = createHash('sha256').update(urdf).update('\0').update(yaml).digest('hex');
  return parseRobot({ urdf, yaml, where: files, sha256 });
}

/** Names of the robots in the box. */
export function listRobots(): string[] {
  return readdirSync(ROBOTS_FOLDER, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort();
}

/** The URDF text of a robot, as published on `robot_description`. */
export function readRobotDescription(nameOrPath: string): string {
  return readText(findFiles(nameOrPath).urdf, 'the URDF');
}

/** The robot.yaml text of a robot, to be kept beside its URDF in a recording. */
export function readRobotConfig(nameOrPath: string): string {
  return readText(findFiles(nameOrPath).yaml, 'what the URDF lacks');
}

function findFiles(nameOrPath: string): { readonly urdf: string; readonly yaml: string } {
  const robots = listRobots();
  const path = robots.includes(nameOrPath) ? join(ROBOTS_FOLDER, nameOrPath) : nameOrPath;
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined) {
    throw new UserError({
      where: `robot '${nameOrPath}'`,
      problem: 'there is no such robot',
      expected: `one of ${robots.join(', ')}, or the path of a folder or of a .urdf file`,
      got: `'${nameOrPath}'`,
      remedy: 'Correct the name or the path.',
    });
  }
  if (!stat.isDirectory()) return { urdf: path, yaml: join(dirname(path), CONFIG_FILE) };
  const candidates = readdirSync(path).filter((file) => file.endsWith('.urdf'));
  const only = candidates.length === 1 ? candidates[0] : undefined;
  if (only === undefined) {
    throw new UserError({
      where: path,
      problem: 'it is not clear which file describes the robot',
      expected: 'exactly one .urdf file in the folder',
      got: candidates.join(', ') || 'none',
      remedy: 'Give the path of the .urdf file itself.',
    });
  }
  return { urdf: join(path, only), yaml: join(path, CONFIG_FILE) };
}

function readText(path: string, meaning: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new UserError({
      where: path,
      problem: `${basename(path)} cannot be read`,
      expected: `a file with ${meaning}`,
      got: cause instanceof Error ? cause.message : String(cause),
      remedy: 'Put the file there and make it readable.',
      cause,
    });
  }
}
