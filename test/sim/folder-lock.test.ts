import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { openDataset } from '../../sim/dataset/dataset.ts';
import { lockFolder } from '../../sim/folder-lock.ts';
import { makeQuickFolder } from '../kit/folders.ts';
import { LAYOUT } from '../kit/made-up-episodes.ts';

const CHILD = path.join(import.meta.dirname, '../kit/dataset-child.ts');
/** More than a process could record before it is killed. */
const MANY = 100_000;
/** [ms] for a handful of processes, on a machine that is busy with other tests */
const SEVERAL_PROCESSES_MS = 60_000;

let folder: string;
let lock: string;
const children: ChildProcess[] = [];

beforeEach(() => {
  folder = makeQuickFolder();
  lock = path.join(folder, 'meta/zerogap/lock');
});

afterEach(async () => {
  for (const child of children.splice(0)) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
  rmSync(folder, { recursive: true, force: true });
});

/** A process that records into the folder, and the first that it says: `committed N` or `error …`. */
async function record(): Promise<{ readonly child: ChildProcess; readonly says: string }> {
  const args = ['--import', 'tsx', CHILD, folder, 'lerobot', `${MANY}`, '1'];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  children.push(child);
  const lines = createInterface({ input: child.stdout! });
  const [says] = (await once(lines, 'line')) as [string];
  lines.resume();
  return { child, says };
}

const lockIt = (of: string) =>
  lockFolder({ folder: of, lockFile: 'meta/zerogap/lock', what: 'dataset' });

const open = (resume = true) =>
  openDataset({ folder, format: 'lerobot', layout: LAYOUT, config: { seed: 1 }, resume });

function writeLock(holder: object): void {
  mkdirSync(path.dirname(lock), { recursive: true });
  writeFileSync(lock, JSON.stringify(holder));
}

describe('a dataset that a process writes to', () => {
  it(
    'is refused to any other, by the number of the process, until that is killed',
    async () => {
      const first = await record();
      expect(first.says).toBe('committed 0');
      const second = await record();
      expect(second.says).toMatch(
        new RegExp(`somebody else is writing .*got process ${first.child.pid}, since 20.*remove`),
      );
      first.child.kill('SIGKILL');
      await once(first.child, 'exit');
      expect(existsSync(lock)).toBe(true);
      const third = await record();
      expect(third.says).toMatch(/^committed \d+/);
      third.child.kill('SIGKILL');
    },
    SEVERAL_PROCESSES_MS,
  );

  it.each([
    ['a new folder', () => {}],
    // No process has a number as large as this.
    ['a folder whose last writer was killed', () => writeLock({ pid: 2 ** 30, host: hostname() })],
  ])(
    'is that of one alone of several that begin at once in %s',
    async (_, prepare) => {
      prepare();
      const says = (await Promise.all([record(), record(), record()])).map((one) => one.says);
      expect(says.filter((line) => line === 'committed 0')).toHaveLength(1);
      expect(says.filter((line) => /somebody else is writing/.test(line))).toHaveLength(2);
    },
    SEVERAL_PROCESSES_MS,
  );

  it('is free once it is closed, or could not be opened', () => {
    open().close();
    expect(existsSync(lock)).toBe(false);
    expect(() => open(false)).toThrow(/there is a dataset in it already/);
    expect(existsSync(lock)).toBe(false);
    open().close();
  });
});

describe('the lock of a dataset', () => {
  it('counts for nothing where the process is gone, its number is another’s now, or it never said who it was', () => {
    const host = hostname();
    for (const holder of [
      { pid: 2 ** 30, host },
      // This process began later than one tick after the machine.
      { pid: process.pid, host, started: '1' },
    ]) {
      writeLock(holder);
      lockIt(folder).release();
    }
    writeFileSync(lock, '');
    lockIt(folder).release();
    expect(existsSync(lock)).toBe(false);
  });

  it('holds in this process too, and on other machines, of which nothing is known', () => {
    const held = lockIt(folder);
    expect(() => lockIt(folder)).toThrow(new RegExp(`got process ${process.pid}, since`));
    expect(JSON.parse(readFileSync(lock, 'utf8'))).toMatchObject({ pid: process.pid });
    held.release();
    writeLock({ pid: process.pid, host: 'elsewhere' });
    expect(() => lockIt(folder)).toThrow(/got process \d+ of machine 'elsewhere'/);
  });

  it.runIf(existsSync('/proc/self/stat'))(
    'counts for nothing where the process has ended and nobody has asked about it, as in a container without an init',
    async () => {
      // Its parent becomes a program that has no children to ask about.
      const parent = spawn('sh', ['-c', 'sleep 0.3 & echo $!; exec sleep 600'], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      children.push(parent);
      const [says] = (await once(createInterface({ input: parent.stdout! }), 'line')) as [string];
      const pid = Number(says);
      const readStat = () => readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ')[1]!.split(' ');
      writeLock({ pid, host: hostname(), started: readStat()[19] });
      expect(() => lockIt(folder)).toThrow(/somebody else is writing/);
      await vi.waitUntil(() => readStat()[0] === 'Z', { timeout: SEVERAL_PROCESSES_MS });
      lockIt(folder).release();
      expect(existsSync(lock)).toBe(false);
    },
    SEVERAL_PROCESSES_MS,
  );

  it('is left to whoever is taking it over', () => {
    writeLock({ pid: 2 ** 30, host: hostname() });
    writeFileSync(`${lock}.taking-over`, JSON.stringify({ pid: process.pid, host: hostname() }));
    expect(() => lockIt(folder)).toThrow(/somebody else is writing/);
    writeFileSync(`${lock}.taking-over`, JSON.stringify({ pid: 2 ** 30, host: hostname() }));
    expect(() => lockIt(folder)).toThrow(/ended while it took .*remove .*lock\.taking-over/);
  });
});
