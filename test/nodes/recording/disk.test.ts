import type * as fs from 'node:fs';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { makeRecorderNode, type RecorderNode } from '../../../nodes/recorder-node.ts';
import { makeEmbeddedContext } from '../../../nodes/ros/embedded.ts';
import type { RosContext } from '../../../nodes/ros/port.ts';

/** What the disk answers from now on; undefined: it does what it is asked. */
const disk = vi.hoisted(() => ({ onWrite: undefined, onClose: undefined }) as DiskFaults);
interface DiskFaults {
  onWrite: string | undefined;
  onClose: string | undefined;
}

vi.mock('node:fs', async (importOriginal) => {
  const real = await importOriginal<typeof fs>();
  const failWith = (code: string | undefined) => {
    if (code !== undefined) throw Object.assign(new Error(`${code}: refused`), { code });
  };
  return {
    ...real,
    writeSync: (descriptor: number, ...rest: [Uint8Array, number, number, number]) => {
      failWith(disk.onWrite);
      return real.writeSync(descriptor, ...rest);
    },
    closeSync: (descriptor: number) => {
      real.closeSync(descriptor);
      failWith(disk.onClose);
    },
  };
});

let folder: string;
let context: RosContext;
let errors: string[];
let recorder: RecorderNode;

beforeEach(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'zerogap-disk-'));
  errors = [];
  context = makeEmbeddedContext({ log: () => {} });
  recorder = await makeRecorderNode(context, {
    // A bag folder: metadata.yaml is one more thing that can go wrong on the same disk.
    path: path.join(folder, 'run'),
    onError: ({ message }) => errors.push(message),
  });
  context.createNode('talker').createPublisher('std_msgs/msg/Empty', '/x').publish({});
  await context.settled();
});

afterEach(async () => {
  disk.onWrite = undefined;
  disk.onClose = undefined;
  await context.shutdown();
  rmSync(folder, { recursive: true, force: true });
});

describe('a recorder whose disk refuses', () => {
  it('every write and the end says so once, with the reason in its statistics', async () => {
    expect(recorder.stats()).not.toHaveProperty('failure');
    disk.onWrite = 'ENOSPC';
    disk.onClose = 'EIO';
    await recorder.close();
    expect(errors).toEqual([
      expect.stringMatching(/run_0\.mcap: cannot be written .*got ENOSPC: refused/),
    ]);
    expect(recorder.stats()).toMatchObject({ hasFailed: true, failure: errors[0] });
  });

  it('only at the end says that, too', async () => {
    disk.onClose = 'EIO';
    await recorder.close();
    expect(errors).toEqual([expect.stringMatching(/run_0\.mcap: cannot be closed .*EIO/)]);
    expect(recorder.stats()).toMatchObject({ hasFailed: true, failure: errors[0] });
  });
});
