// Imported first by what Node starts as plain JavaScript: processes and threads.
import module from 'node:module';

/** Where a bundle cannot be written; ENOENT is what mkdir says of several folders that a disk without writing lacks. */
const REFUSALS = [
  ...['EACCES', 'EPERM', 'EROFS', 'ENOENT', 'ENOTDIR', 'EEXIST'],
  ...['ENOSPC', 'EDQUOT', 'EFBIG', 'EIO'],
];

/**
 * Imports a TypeScript module, as fast as can be. From 22.18 on Node reads it by itself, but not that of an installed
 * package; then, and by an older Node, modules of this project are read from a bundle. All else takes a loader, which needs
 * about a second for a few hundred modules.
 * @param {URL} url
 * @returns {Promise<Record<string, any>>} the module
 */
export async function importTypeScript(url) {
  if (process.features.typescript && !url.pathname.includes('/node_modules/')) {
    module.enableCompileCache();
    return import(url.href);
  }
  const bundle = await findBundle(url);
  if (bundle === undefined) (await import('tsx/esm/api')).register();
  else process.setSourceMapsEnabled(true);
  return import((bundle ?? url).href);
}

async function findBundle(url) {
  const { bundleTypeScript, isOurs } = await import('./bundle-typescript.js');
  if (!isOurs(url)) return undefined;
  try {
    return await bundleTypeScript(url);
  } catch (error) {
    if (REFUSALS.includes(error?.code)) return undefined;
    throw error;
  }
}
