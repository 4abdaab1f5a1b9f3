import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makePlainEnvironment, readJsonLine, runCli, startCli } from '../../kit/cli.ts';

const BIN = fileURLToPath(new URL('../../../launch/bin.js', import.meta.url));
let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'zerogap-episodes-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Four shards of 64. */
const FLIGHTS = ['episodes', '--task', 'crazyflie-hover', '--episodes', '256'];

/** [ms] for a handful of processes one after the other, on a machine that is busy with other tests */
const SEVERAL_PROCESSES_MS = 180_000;

/** Every file of a folder, by its path. */
function readAll(of: string): Map<string, string> {
  return new Map(
    readdirSync(of, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => {
        const path = join(entry.parentPath, entry.name);
        return [path.slice(of.length), readFileSync(path).toString('base64')] as const;
      })
      .sort(),
  );
}

function countShards(of: string): number {
  try {
    return readFileSync(join(of, 'meta/zerogap/shards.jsonl'), 'utf8').split('\n').length - 1;
  } catch {
    return 0;
  }
}

/** Sends a signal as soon as a dataset has so many shards, and a moment later. */
async function interrupt(
  args: readonly string[],
  out: string,
  signal: NodeJS.Signals,
  at: { readonly shards: number; readonly afterMs: number },
) {
  const cli = startCli([...args, '--out', out]);
  let isOver = false;
  void cli.result.then(() => {
    isOver = true;
  });
  while (!isOver && countShards(out) < at.shards) await wait(1);
  await wait(at.afterMs);
  cli.child.kill(signal);
  return cli.result;
}

const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

describe('zerogap episodes', () => {
  it(
    'goes on after kill -9, whenever it comes, to the bytes of a run that was left alone',
    async () => {
      const whole = join(folder, 'whole');
      const alone = await runCli([...FLIGHTS, '--workers', '1', '--out', whole, '--json']);
      expect(alone.code).toBe(0);
      const killed = join(folder, 'killed');
      const moments = [
        { shards: 0, afterMs: 1500 },
        { shards: 1, afterMs: 20 },
      ];
      for (const at of moments)
        await interrupt([...FLIGHTS, '--workers', '2', '--resume'], killed, 'SIGKILL', at);
      const resumed = await runCli([
        ...[...FLIGHTS, '--workers', '1'],
        ...['--out', killed, '--resume', '--json'],
      ]);
      expect(resumed.code).toBe(0);
      const summary = readJsonLine(resumed.stdout);
      const expected = readJsonLine(alone.stdout);
      for (const key of ['episodes', 'steps', 'successRate', 'meanReturn', 'ends', 'digest']) {
        expect(summary[key], key).toEqual(expected[key]);
      }
      expect(summary).toMatchObject({ complete: true, episodes: 256, out: killed });
      expect([...readAll(killed).keys()]).toEqual([...readAll(whole).keys()]);
      expect(readAll(killed)).toEqual(readAll(whole));
    },
    SEVERAL_PROCESSES_MS,
  );

  it(
    'ends in good order at Ctrl-C: what is complete is kept, and the exit code says that it is not all',
    async () => {
      const out = join(folder, 'data');
      const { code, stdout } = await interrupt(
        [...FLIGHTS, '--workers', '1', '--json'],
        out,
        'SIGINT',
        {
          shards: 2,
          afterMs: 0,
        },
      );
      const summary = readJsonLine(stdout);
      expect(summary).toMatchObject({ complete: false, episodesWanted: 256 });
      expect(summary.episodes).toBe(64 * countShards(out));
      expect(code).toBe(130);
      const { stderr, ...again } = await runCli([
        ...FLIGHTS,
        '--workers',
        '1',
        '--out',
        out,
        '--resume',
        '--json',
      ]);
      expect(again.code).toBe(0);
      expect(stderr).toMatch(/256 of 256/);
    },
    SEVERAL_PROCESSES_MS,
  );

  it(
    'fails with exit code 1 where the disk refuses in the middle: the input was right',
    async () => {
      const out = join(folder, 'data');
      // No file above 256 kB: the episodes of a shard take more. With the signal ignored, write(2) fails half way.
      const limit = "trap '' XFSZ; ulimit -f 256; exec";
      const args = [...FLIGHTS, '--workers', '1', '--out', out].join(' ');
      const limited = spawn('bash', ['-c', `${limit} ${process.execPath} ${BIN} ${args}`], {
        env: makePlainEnvironment(),
        stdio: ['ignore', 'ignore', 'pipe'],
      });
      let stderr = '';
      limited.stderr.setEncoding('utf8').on('data', (text: string) => {
        stderr += text;
      });
      const [code] = await once(limited, 'close');
      expect(stderr).toMatch(/failed: .*cannot be written .*got EFBIG: .*--resume/);
      expect(code).toBe(1);
    },
    SEVERAL_PROCESSES_MS,
  );

  it('finds everything that is wrong before it begins, and says it at once', async () => {
    writeFileSync(join(folder, 'friction.yaml'), 'massScale: { uniform: [2, 1] }\nfrictoin: 1\n');
    const { code, stderr, stdout } = await runCli([
      ...['episodes', '--task', 'fly', '--engine', 'bullet', '--policy', 'nobody'],
      ...['--randomize', join(folder, 'friction.yaml'), '--out', folder, '--format', 'csv'],
    ]);
    for (const words of [
      /--engine: no such engine .*rapier, mujoco.*'bullet'/,
      /--format: no such format .*lerobot, parquet, mcap.*'csv'/,
      /task: there is no such task .*crazyflie-track.*'fly'/,
      /--policy: no such policy .*random, classical, .*crazyflie-track.*'nobody'/,
      /friction\.yaml:1/,
      /friction\.yaml:2: frictoin/,
    ]) {
      expect(stderr).toMatch(words);
    }
    expect(stdout).toBe('');
    expect(code).toBe(2);
  });

  it('refuses a policy that does not fit the task, and a difficulty that changes nothing', async () => {
    const { code, stderr } = await runCli([
      ...['episodes', '--task', 'go2-stand', '--policy', 'crazyflie-track'],
      ...['--difficulty', '0.5'],
    ]);
    expect(stderr).toMatch(/crazyflie-track\.onnx.*m1_joint/s);
    expect(stderr).toMatch(/--difficulty: nothing in the randomisation depends on the difficulty/);
    expect(code).toBe(2);
  });

  it('refuses a folder that cannot be written, or holds something else', async () => {
    const file = join(folder, 'file');
    writeFileSync(file, 'mine');
    for (const out of [folder, join(file, 'data')]) {
      const { code, stderr } = await runCli(['episodes', '-t', 'cartpole-balance', '--out', out]);
      expect(stderr).toMatch(/expected .*got /);
      expect(code).toBe(2);
    }
    expect(readdirSync(folder)).toEqual(['file']);
    expect(readFileSync(file, 'utf8')).toBe('mine');
  });
});
