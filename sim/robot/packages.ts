import { existsSync, readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname, isAbsolute, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Where ROS packages are looked for. */
export interface PackageSearch {
  /** Folders that hold packages, or are packages themselves. */
  readonly packagePaths: readonly string[];
  /** Folder of the file that names a package: its ancestors are searched too. */
  readonly folder: string;
}

/** A path, or the places where it was looked for in vain. */
export type Found =
  | { readonly path: string }
  | { readonly path: undefined; readonly searched: readonly string[]; readonly why: string };

/**
 * Finds the folder of a ROS package: among the search paths first, then in the ancestors of the file that names it,
 * then anywhere in the search paths, as in the `src` of a workspace. What package.xml says is a package's name; a
 * folder without one goes by its own.
 */
export function findPackage(name: string, { packagePaths, folder }: PackageSearch): Found {
  const given = packagePaths.map((path) => resolve(path));
  const ancestors: string[] = [];
  for (let at = resolve(folder); ; at = dirname(at)) {
    ancestors.push(at);
    if (dirname(at) === at) break;
  }
  const near = [...given, ...ancestors].flatMap((place) => [place, join(place, name)]);
  const found = near.find((place) => isPackage(place, name));
  if (found !== undefined) return { path: found };
  for (const place of given) {
    const [inside, ...others] = findInside(place, name);
    if (inside !== undefined && others.length === 0) return { path: inside };
    if (inside === undefined) continue;
    return {
      path: undefined,
      searched: given,
      why: `several folders of package '${name}' in ${place}: ${[inside, ...others].join(', ')}`,
    };
  }
  return {
    path: undefined,
    searched: [...given, `${ancestors[0]!} and the folders above it`],
    why: `no folder of package '${name}'`,
  };
}

/** How far down a workspace holds packages: `src/group/repository/package`. */
const MAX_DEPTH = 4;
/** What builds leave there, and folders that hold too much to be searched. */
const SKIPPED = /^(\.|build$|install$|log$|node_modules$)/;

/** The packages of that name nearest to a folder; packages are not searched for others inside. */
function findInside(place: string, name: string): string[] {
  let level = [place];
  for (let depth = 0; depth < MAX_DEPTH && level.length > 0; depth++) {
    level = level.flatMap(listFolders);
    const found = new Map(
      level.filter((entry) => isPackage(entry, name)).map((entry) => [realpathSync(entry), entry]),
    );
    if (found.size > 0) return [...found.values()];
    level = level.filter((entry) => readPackageName(entry) === undefined);
  }
  return [];
}

/** Finds the file that a URI of a description means: `package://`, `model://`, `file://` or a path. */
export function findResource(uri: string, search: PackageSearch): Found {
  const [, scheme, rest = ''] = /^([a-z][a-z0-9+.-]+):\/\/(.*)$/is.exec(uri) ?? [];
  switch (scheme?.toLowerCase()) {
    case undefined:
      return checkFile(isAbsolute(uri) ? uri : join(resolve(search.folder), uri));
    case 'package':
    case 'model': {
      const slash = rest.indexOf('/');
      const name = slash < 0 ? rest : rest.slice(0, slash);
      const found = findPackage(name, search);
      if (found.path === undefined) return found;
      return checkFile(join(found.path, slash < 0 ? '' : rest.slice(slash + 1)));
    }
    case 'file':
      return checkFile(readFileUri(uri, rest));
    default:
      return {
        path: undefined,
        searched: [],
        why: `'${scheme}://' is not a place on this machine`,
      };
  }
}

/** Descriptions in the wild write `file://` in front of anything that is a path. */
function readFileUri(uri: string, rest: string): string {
  try {
    return fileURLToPath(uri);
  } catch {
    return rest;
  }
}

function checkFile(path: string): Found {
  // A NUL cannot be part of a path, and the file system throws at it.
  const isFile =
    !path.includes('\0') && statSync(path, { throwIfNoEntry: false })?.isFile() === true;
  return isFile ? { path } : { path: undefined, searched: [path], why: 'no such file' };
}

function isFolder(path: string): boolean {
  return !path.includes('\0') && statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

function isPackage(folder: string, name: string): boolean {
  return isFolder(folder) && (readPackageName(folder) ?? basename(folder)) === name;
}

function readPackageName(folder: string): string | undefined {
  const file = join(folder, 'package.xml');
  if (!existsSync(file)) return undefined;
  return /<name>\s*([^<\s]+)\s*<\/name>/.exec(readFileSync(file, 'utf8'))?.[1];
}

/** Sorted. Links are followed, as workspaces are made of them; depth bounds those that lead back. */
function listFolders(path: string): string[] {
  if (!isFolder(path)) return [];
  return readdirSync(path, { withFileTypes: true })
    .filter((entry) => !entry.isFile() && !SKIPPED.test(entry.name))
    .map((entry) => join(path, entry.name))
    .filter(isFolder)
    .sort();
}
