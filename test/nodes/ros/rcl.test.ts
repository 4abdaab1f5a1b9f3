import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { describe, expect, it } from 'vitest';
import { chooseContext } from '../../../nodes/ros/context.ts';
import { findRcl, loadRcl } from '../../../nodes/ros/rcl.ts';
import { makeQuickFolder } from '../../kit/folders.ts';

/** A package that says so if anybody imports it: what that does with the real one is the trap. */
function makePackage({ binary }: { binary: string | undefined }): string {
  const folder = makeQuickFolder();
  mkdirSync(join(folder, 'dist'));
  writeFileSync(join(folder, 'package.json'), '{ "name": "rclnodejs", "type": "module" }');
  writeFileSync(
    join(folder, 'dist', 'index.js'),
    'globalThis.rclnodejsImported = true; export default { removeSignalHandlers() { globalThis.handlersRemoved = true; } };',
  );
  if (binary !== undefined) {
    mkdirSync(join(folder, 'build', 'Release'), { recursive: true });
    writeFileSync(join(folder, 'build', 'Release', 'rclnodejs.node'), binary);
  }
  return folder;
}

const SOURCED = { ROS_DISTRO: 'humble', AMENT_PREFIX_PATH: '/opt/ros/humble' };
const flags = globalThis as { rclnodejsImported?: boolean; handlersRemoved?: boolean };

describe('looking for ROS 2', () => {
  it.each([
    ['nothing is sourced', {}, /no ROS 2 is sourced \(ROS_DISTRO is not set\)/],
    ['half of it is', { ROS_DISTRO: 'humble' }, /AMENT_PREFIX_PATH is not set/],
    ['import would compile', { ...SOURCED, RCLNODEJS_FORCE_BUILD: '1' }, /compile whenever/],
    [
      'the folder that is named holds none',
      { ...SOURCED, ZEROGAP_RCLNODEJS: '/nowhere' },
      /ZEROGAP_RCLNODEJS names '.nowhere'/,
    ],
  ])('says what is missing when %s', (_, env, reason) => {
    const search = findRcl(env);
    expect(search).toMatchObject({ found: false, reason: expect.stringMatching(reason) });
    expect(search.found || search.remedy).not.toBe('');
  });

  it('imports nothing of a package without a binary', async () => {
    const folder = makePackage({ binary: undefined });
    const search = findRcl({ ...SOURCED, ZEROGAP_RCLNODEJS: folder });
    expect(search).toMatchObject({
      found: false,
      reason: 'rclnodejs has no binary for humble on this machine',
      remedy: expect.stringMatching(/npm rebuild rclnodejs/),
    });
    expect(flags.rclnodejsImported).toBeUndefined();
  });

  it('imports nothing of a package whose binary does not load, for that would compile anew', async () => {
    const folder = makePackage({ binary: 'no machine code' });
    const search = findRcl({ ...SOURCED, ZEROGAP_RCLNODEJS: folder });
    if (!search.found) throw new Error(search.reason);
    await expect(loadRcl(search)).rejects.toThrow(/does not load.*npm rebuild rclnodejs/s);
    expect(flags.rclnodejsImported).toBeUndefined();
  });

  it('finds none in a worker thread, where it would end the process', async () => {
    const code = `
      import('tsx/esm/api').then(async ({ register }) => {
        register();
        const { findRcl } = await import(${JSON.stringify(new URL('../../../nodes/ros/rcl.ts', import.meta.url).href)});
        require('node:worker_threads').parentPort.postMessage(findRcl(${JSON.stringify(SOURCED)}));
      });`;
    const worker = new Worker(code, { eval: true, execArgv: [] });
    const found = await new Promise((resolve, reject) => {
      worker.once('message', resolve);
      worker.once('error', reject);
    });
    await worker.terminate();
    expect(found).toMatchObject({ found: false, reason: expect.stringMatching(/worker thread/) });
  });
});

describe('choosing a middleware', () => {
  const log = () => {};

  it('takes the embedded one without ROS 2, and says why', async () => {
    const { context, reason } = await chooseContext({ log, env: {} });
    expect(context.backend).toBe('embedded');
    expect(reason).toBe('embedded: no ROS 2 is sourced (ROS_DISTRO is not set)');
    await context.shutdown();
  });

  it('refuses ros2 where it cannot be had, with the remedy', async () => {
    await expect(chooseContext({ middleware: 'ros2', log, env: {} })).rejects.toThrow(
      /middleware ros2: no ROS 2 is sourced .* Source it first/,
    );
  });

  it('takes the embedded one where it is asked for, whatever is there', async () => {
    const { context, reason } = await chooseContext({ middleware: 'embedded', log, env: SOURCED });
    expect([context.backend, reason]).toEqual(['embedded', 'embedded, as asked for']);
    await context.shutdown();
  });

  it('does not go on alone where ROS 2 is sourced but broken', async () => {
    const env = { ...SOURCED, ZEROGAP_RCLNODEJS: makePackage({ binary: 'no machine code' }) };
    await expect(chooseContext({ log, env })).rejects.toThrow(/ask for --middleware embedded/);
  });
});
