import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
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
 * Finds the folder of a ROS package: among the search paths first, then in the ancestors of the file that
 * names it. A folder is a package if it has the package's name, or its package.xml says so.
 */
export function findPackage(name: string, { packagePaths, folder }: PackageSearch): Found {
  const given = packagePaths.map((path) => resolve(path));
  const ancestors: string[] = [];
  for (let at = resolve(folder); ; at = dirname(at)) {
    ancestors.push(at);
    if (dirname(at) === at) break;
  }
  for (const place of [...given, ...ancestors]) {
    if (isPackage(place, name)) return { path: place };
    if (isFolder(join(place, name))) return { path: join(place, name) };
  }
  for (const place of given) {
    const inside = listFolders(place).find((entry) => readPackageName(entry) === name);
    if (inside !== undefined) return { path: inside };
  }
  return {
    path: undefined,
    searched: [...given, `${ancestors[0]!} and the folders above it`],
    why: `no folder of package '${name}'`,
  };
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
  return isFolder(folder) && (basename(folder) === name || readPackageName(folder) === name);
}

function readPackageName(folder: string): string | undefined {
  const file = join(folder, 'package.xml');
  if (!existsSync(file)) return undefined;
  return /<name>\s*([^<\s]+)\s*<\/name>/.exec(readFileSync(file, 'utf8'))?.[1];
}

function listFolders(path: string): string[] {
  if (!isFolder(path)) return [];
  return readdirSync(path, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => join(path, entry.name));
}
