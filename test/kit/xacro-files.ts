import { posix } from 'node:path';
import type { XacroFiles } from '../../sim/robot/xacro/evaluator.ts';

/** A file system of a few texts; packages are the folders of `/packages`, and one variable, SIDE, is set. */
export function makeXacroFiles(texts: Readonly<Record<string, string>>): XacroFiles {
  return {
    readText: (path) => texts[path],
    resolve: (path, fromFile) => posix.resolve(posix.dirname(fromFile), path),
    findPackage: (name) => {
      const path = `/packages/${name}`;
      const exists = Object.keys(texts).some((file) => file.startsWith(`${path}/`));
      return exists
        ? { path }
        : { path: undefined, searched: ['/packages'], why: `no folder of package '${name}'` };
    },
    folderOf: (path) => posix.dirname(path),
    readEnvironment: (name) => (name === 'SIDE' ? 'left' : undefined),
  };
}
