import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { throwIfAny, UserError } from '../errors.ts';
import { checkDrive } from './check-drive.ts';
import type { MeshAsset } from './geometry.ts';
import {
  computeRobotSha256,
  findRobotFiles,
  isXacro,
  type RobotFiles,
  readCollisionBytes,
  readConfigFile,
  readDescriptionFile,
} from './load.ts';
import { isNeeded, listMeshUses, type MeshResult, type MeshUse } from './mesh/mesh-uses.ts';
import type { Link, RobotModel } from './model.ts';
import { readNetworkFiles } from './networks.ts';
import { findPackage, findResource, type PackageSearch } from './packages.ts';
import { parseRobot } from './parse.ts';
import { parseUrdf } from './urdf.ts';
import type { XacroFiles } from './xacro/evaluator.ts';
import { expandXacro } from './xacro/expand.ts';
import { describeUnknownArgument } from './xacro/unknown-argument.ts';
import { formatXml, type XmlElement } from './xml.ts';

/** How to find what a description names. */
export interface OpenOptions {
  /** Folders that hold ROS packages, or are packages themselves; ancestors of the description are searched too. */
  readonly packagePaths?: readonly string[] | undefined;
  /** Values of `$(arg name)` of a xacro. */
  readonly xacroArguments?: Readonly<Record<string, string>> | undefined;
  /** Path of a robot.yaml that does not stand beside the description. */
  readonly config?: string | undefined;
  /** `collision`: leave out meshes that are only for the eye. `all` unless given. */
  readonly meshes?: 'all' | 'collision' | undefined;
  /** Told of what is odd but does no harm, such as a visual mesh that is missing. */
  readonly onWarning?: ((message: string) => void) | undefined;
}

/**
 * Opens a robot with its meshes, as an engine and the page need it: by the name of a folder in sim/robots, or by
 * the path of a folder, a .urdf or a .xacro file.
 * @throws UserError, or UserErrors with every problem found; a collision mesh that is missing is one
 */
export async function openRobot(
  nameOrPath: string,
  options: OpenOptions = {},
): Promise<RobotModel> {
  const files = findFiles(nameOrPath, options);
  const source = readDescription(files.urdf, options);
  const { links, warnings } = parseUrdf(source.urdf, files.urdf);
  for (const warning of warnings) options.onWarning?.(warning);
  const meshes = await readMeshes(links, files.urdf, options);
  throwIfAny(meshes.flatMap((mesh) => (isNeeded(mesh) && mesh.error ? [mesh.error] : [])));
  for (const { error } of meshes) if (error !== undefined) options.onWarning?.(error.message);
  const model = assembleRobot(files, source, { links, meshes, packagePaths: options.packagePaths });
  for (const error of checkDrive(model, files.yaml).warnings) options.onWarning?.(error.message);
  return model;
}

/**
 * Puts what was read from a description together with its robot.yaml.
 * @throws UserError, or UserErrors with every problem found
 */
export function assembleRobot(
  files: RobotFiles,
  { urdf, identity }: DescriptionSource,
  parts: {
    readonly links: readonly Link[];
    readonly meshes: readonly MeshResult[];
    readonly packagePaths?: readonly string[] | undefined;
  },
): RobotModel {
  const yaml = readConfigFile(files.yaml);
  const bytes = readCollisionBytes(parts.links, files.urdf, parts.packagePaths);
  const networks = readNetworkFiles(yaml, files.yaml);
  return parseRobot({
    urdf,
    yaml,
    where: files,
    sha256: computeRobotSha256(identity, yaml, [...bytes, ...networks.bytes]),
    networks: networks.layers,
    meshes: collectMeshes(parts.meshes),
  });
}

/** Triangles by URI, of the files that could be read. */
export function collectMeshes(meshes: readonly MeshResult[]): ReadonlyMap<string, MeshAsset> {
  return new Map(meshes.flatMap(({ uri, asset }) => (asset ? [[uri, asset] as const] : [])));
}

/** The files of a robot, with a robot.yaml from elsewhere if one is given. */
export function findFiles(nameOrPath: string, { config }: OpenOptions): RobotFiles {
  const files = findRobotFiles(nameOrPath);
  return config === undefined ? files : { ...files, yaml: config };
}

/** A description as elements, and as the text of a URDF. */
export interface DescriptionSource {
  /** The text of a URDF, or the elements of an expanded xacro, which know their files and lines. */
  readonly urdf: string | XmlElement;
  readonly text: string;
  /** The text without the folders of this machine, which `$(find …)` puts into it: the same robot anywhere. */
  readonly identity: string;
}

/**
 * Reads a URDF, or expands a xacro, which some call .urdf.
 * @throws UserError
 */
export function readDescription(path: string, options: OpenOptions): DescriptionSource {
  const written = readDescriptionFile(path);
  const { packagePaths = [], xacroArguments = {}, onWarning } = options;
  if (!isXacro(path, written)) {
    const given = Object.keys(xacroArguments);
    throwIfAny(given.map((name) => describeUnknownArgument(name, [], path)));
    return { urdf: written, text: written, identity: written };
  }
  const folders = new Map<string, string>();
  const files: XacroFiles = {
    readText: (file) => {
      try {
        return readFileSync(file, 'utf8');
      } catch {
        return undefined;
      }
    },
    resolve: (file, fromFile) => resolve(dirname(fromFile), file),
    findPackage: (name, fromFile) => {
      const found = findPackage(name, { packagePaths, folder: dirname(fromFile) });
      if (found.path !== undefined) folders.set(found.path, `$(find ${name})`);
      return found;
    },
    folderOf: (file) => {
      folders.set(dirname(file), '$(dirname)');
      return dirname(file);
    },
    readEnvironment: (name) => process.env[name],
  };
  const urdf = expandXacro(resolve(path), files, { arguments: xacroArguments, onWarning });
  const text = formatXml(urdf);
  return { urdf, text, identity: withoutFolders(text, folders) };
}

/** Deeper folders first: one may lie in another. */
function withoutFolders(text: string, folders: ReadonlyMap<string, string>): string {
  const deepestFirst = [...folders].sort(([a], [b]) => b.length - a.length);
  return deepestFirst.reduce((left, [folder, name]) => left.replaceAll(folder, name), text);
}

/** Reads the mesh files that links name; what cannot be found or read comes back as an error. */
export async function readMeshes(
  links: readonly Link[],
  descriptionFile: string,
  { packagePaths = [], meshes = 'all' }: OpenOptions,
): Promise<MeshResult[]> {
  const uses = listMeshUses(links).filter((use) => meshes === 'all' || isNeeded(use));
  if (uses.length === 0) return [];
  // The readers are heavy, and many robots have no mesh.
  const { readMesh } = await import('./mesh/read-mesh.ts');
  const search: PackageSearch = { packagePaths, folder: dirname(descriptionFile) };
  return uses.map((use) => {
    const found = findResource(use.uri, search);
    if (found.path === undefined) {
      return { ...use, error: describeMissing(use, found.searched, found.why) };
    }
    try {
      return { ...use, asset: readMesh(readFileSync(found.path), found.path) };
    } catch (error) {
      if (error instanceof UserError) return { ...use, error };
      throw error;
    }
  });
}

function describeMissing(use: MeshUse, searched: readonly string[], why: string): UserError {
  const kind = isNeeded(use) ? 'collision' : 'visual';
  const links = isNeeded(use) ? use.collisionLinks : use.visualLinks;
  return new UserError({
    where: `${kind} mesh '${use.uri}' of link ${links.map((link) => `'${link}'`).join(', ')}`,
    problem: why,
    expected: `a file there; searched ${searched.join(', ') || 'nowhere'}`,
    got: 'none',
    remedy: 'Give the folder that holds the package as a package path (--package-path).',
  });
}
