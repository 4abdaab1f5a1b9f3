import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { UserError } from '../errors.ts';
import { isNeeded, listMeshUses } from './mesh/mesh-uses.ts';
import type { Link, RobotModel } from './model.ts';
import { readNetworkFiles } from './networks.ts';
import { findResource } from './packages.ts';
import { parseRobot } from './parse.ts';
import { parseUrdf } from './urdf.ts';

const ROBOTS_FOLDER = fileURLToPath(new URL('../robots', import.meta.url));
const CONFIG_FILE = 'robot.yaml';
const DESCRIPTION = /\.(urdf|xacro)$/i;

/** The two files that describe a robot. */
export interface RobotFiles {
  /** A URDF or xacro file. */
  readonly urdf: string;
  readonly yaml: string;
}

/**
 * Loads a robot by the name of a folder in sim/robots, or by the path of a folder with one .urdf, or
 * of a .urdf file, with robot.yaml beside it. Its `meshes` are empty, which is all that a robot's control computer
 * needs; for an engine or the page, or for a xacro, see {@link openRobot} in open.ts.
 * @throws UserError, or UserErrors with every problem found
 */
export function loadRobot(nameOrPath: string): RobotModel {
  const files = findRobotFiles(nameOrPath);
  const urdf = readDescriptionFile(files.urdf);
  if (isXacro(files.urdf, urdf)) {
    throw new UserError({
      where: files.urdf,
      problem: 'a xacro has to be expanded first',
      expected: 'a plain URDF',
      got: basename(files.urdf),
      remedy: 'Expand it (`zerogap inspect FILE.xacro --urdf robot.urdf`).',
    });
  }
  const yaml = readConfigFile(files.yaml);
  const networks = readNetworkFiles(yaml, files.yaml);
  const meshes = readCollisionBytes(parseUrdf(urdf, files.urdf).links, files.urdf);
  const sha256 = computeRobotSha256(urdf, yaml, [...meshes, ...networks.bytes]);
  return parseRobot({ urdf, yaml, where: files, sha256, networks: networks.layers });
}

/**
 * sha256, in hex, of what a robot is simulated from.
 * @param urdf text of the URDF, for a xacro the expanded one
 * @param files bytes of what else shapes its motion, in document order: collision meshes, then learned actuators
 */
export function computeRobotSha256(
  urdf: string,
  yaml: string,
  files: readonly Uint8Array[],
): string {
  const hash = createHash('sha256').update(urdf).update('\0').update(yaml);
  for (const bytes of files) hash.update('\0').update(bytes);
  return hash.digest('hex');
}

/**
 * Bytes of the collision meshes that links name, in document order. One that is not found is left out: the hash
 * of a robot says then that it is not the same robot.
 */
export function readCollisionBytes(
  links: readonly Link[],
  descriptionFile: string,
  packagePaths: readonly string[] = [],
): Uint8Array[] {
  const search = { packagePaths, folder: dirname(descriptionFile) };
  return listMeshUses(links)
    .filter(isNeeded)
    .flatMap(({ uri }) => {
      const { path } = findResource(uri, search);
      return path === undefined ? [] : [readFileSync(path)];
    });
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
  return readDescriptionFile(findRobotFiles(nameOrPath).urdf);
}

/** The robot.yaml text of a robot, to be kept beside its URDF in a recording. */
export function readRobotConfig(nameOrPath: string): string {
  return readConfigFile(findRobotFiles(nameOrPath).yaml);
}

/** Whether a description has to be expanded, whatever its file is called. */
export function isXacro(path: string, text: string): boolean {
  return /\.xacro$/i.test(path) || text.includes('<xacro:');
}

export function readDescriptionFile(path: string): string {
  return readText(path, 'the URDF');
}

export function readConfigFile(path: string): string {
  return readText(path, 'what the URDF lacks: actuators, sensors, safety limits');
}

/**
 * The files of a robot given by name, folder or description file; robot.yaml may be missing.
 * @throws UserError that lists the robots in the box, or the files of which none or more than one could be meant
 */
export function findRobotFiles(nameOrPath: string): RobotFiles {
  const robots = listRobots();
  const path = robots.includes(nameOrPath) ? join(ROBOTS_FOLDER, nameOrPath) : nameOrPath;
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined) {
    throw new UserError({
      where: `robot '${nameOrPath}'`,
      problem: 'there is no such robot',
      expected: `one of ${robots.join(', ')}, or the path of a folder or of a .urdf or .xacro file`,
      got: `'${nameOrPath}'`,
      remedy: 'Correct the name or the path.',
    });
  }
  if (!stat.isDirectory()) return { urdf: path, yaml: join(dirname(path), CONFIG_FILE) };
  const all = readdirSync(path).filter((file) => DESCRIPTION.test(file));
  const plain = all.filter((file) => /\.urdf$/i.test(file));
  const candidates = plain.length > 0 ? plain : all;
  const only = candidates.length === 1 ? candidates[0] : undefined;
  if (only === undefined) {
    throw new UserError({
      where: path,
      problem: 'it is not clear which file describes the robot',
      expected: 'exactly one .urdf file in the folder, or exactly one .xacro file',
      got: candidates.join(', ') || 'none',
      remedy: 'Give the path of the file itself.',
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
