import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { isMainThread } from 'node:worker_threads';
import type { Rcl, RclLibrary, TakeRaw } from './rcl/api.ts';

/** Where ROS is looked for: the environment of the process unless told. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Whether there is a ROS 2 to join, and if not, why and what to do. */
export type RclSearch =
  | {
      readonly found: true;
      readonly folder: string;
      readonly binary: string;
      readonly distro: string;
    }
  | { readonly found: false; readonly reason: string; readonly remedy: string };

const require = createRequire(import.meta.url);

/**
 * Looks for a sourced ROS 2 and a binary of rclnodejs, and loads nothing. Imported without them,
 * rclnodejs compiles, prints to standard output and throws; from a shell without ROS it even deletes a
 * build that worked. So nobody imports it before this has found all that it needs.
 */
export function findRcl(env: Environment = process.env): RclSearch {
  const distro = env.ROS_DISTRO;
  if (!distro || !env.AMENT_PREFIX_PATH) {
    return no(
      `no ROS 2 is sourced (${distro ? 'AMENT_PREFIX_PATH' : 'ROS_DISTRO'} is not set)`,
      'Source it first: . /opt/ros/<distro>/setup.bash',
    );
  }
  if (!isMainThread) {
    return no(
      'this is a worker thread, in which rclnodejs ends the process',
      'Make ROS nodes on the main thread, and compute in workers.',
    );
  }
  if (env.RCLNODEJS_FORCE_BUILD === '1') {
    return no(
      'RCLNODEJS_FORCE_BUILD=1 makes rclnodejs compile whenever it is imported',
      'Unset RCLNODEJS_FORCE_BUILD.',
    );
  }
  const folder = findPackage(env);
  if (folder === undefined) {
    const { ZEROGAP_RCLNODEJS: told } = env;
    if (told) {
      return no(
        `ZEROGAP_RCLNODEJS names '${told}', where no package lies`,
        'Give it the folder of rclnodejs, with its package.json, or unset it.',
      );
    }
    return no(
      'rclnodejs is not installed',
      'npm install --ignore-scripts rclnodejs, then build it: npm rebuild rclnodejs --ignore-scripts=false --foreground-scripts --yes',
    );
  }
  const binary = findBinary(folder, distro);
  if (binary === undefined) {
    return no(
      `rclnodejs has no binary for ${distro} on this machine`,
      'With ROS sourced: npm rebuild rclnodejs --ignore-scripts=false --foreground-scripts --yes',
    );
  }
  return { found: true, folder, binary, distro };
}

/** rclnodejs itself. @throws Error if its binary does not load, before it can try to compile another */
export async function loadRcl({
  folder,
  binary,
}: RclSearch & { found: true }): Promise<RclLibrary> {
  let addon: { readonly rclTakeRaw: TakeRaw };
  try {
    // Loaded once more by rclnodejs, from the cache.
    addon = require(binary);
  } catch (cause) {
    throw new Error(
      `${binary} does not load: ${cause instanceof Error ? cause.message : cause}. It was built for another ROS 2 or another Node.js; with the right one sourced: npm rebuild rclnodejs --ignore-scripts=false --foreground-scripts --yes`,
      { cause },
    );
  }
  const entry = path.join(folder, 'dist', 'index.js');
  // At run time only the default export carries the API.
  const { default: rcl } = (await import(pathToFileURL(entry).href)) as { default: Rcl };
  // Its handler of SIGINT would end the context before a stop command is out.
  rcl.removeSignalHandlers();
  return { rcl, takeRaw: addon.rclTakeRaw };
}

function no(reason: string, remedy: string): RclSearch {
  return { found: false, reason, remedy };
}

/** Beside us, or where ZEROGAP_RCLNODEJS says: a build for one machine need not lie in the project. */
function findPackage(env: Environment): string | undefined {
  if (env.ZEROGAP_RCLNODEJS) {
    const folder = path.resolve(env.ZEROGAP_RCLNODEJS);
    return existsSync(path.join(folder, 'package.json')) ? folder : undefined;
  }
  try {
    return path.dirname(require.resolve('rclnodejs/package.json'));
  } catch {
    return undefined;
  }
}

/** What rclnodejs would load: a prebuilt binary for exactly this machine, or what was built here. */
function findBinary(folder: string, distro: string): string | undefined {
  const { platform, arch } = process;
  const codename = readUbuntuCodename();
  const prebuilt = `${distro}-${codename}-${arch}-node-rclnodejs.node`;
  const candidates = [
    ...(codename === undefined
      ? []
      : [path.join(folder, 'prebuilds', `${platform}-${arch}`, prebuilt)]),
    path.join(folder, 'build', 'Release', 'rclnodejs.node'),
  ];
  return candidates.find((file) => existsSync(file));
}

function readUbuntuCodename(): string | undefined {
  try {
    const text = readFileSync('/etc/os-release', 'utf8');
    return /^UBUNTU_CODENAME=(\w+)/m.exec(text)?.[1] ?? /^VERSION_CODENAME=(\w+)/m.exec(text)?.[1];
  } catch {
    return undefined;
  }
}
