import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RunningCli, readJsonLine, runCli, startCli } from '../kit/cli.ts';
import { connectEnvClient, encodeFrame, KIND } from '../kit/env-client.ts';

const BIN = fileURLToPath(new URL('../../launch/bin.js', import.meta.url));
const SERVE = ['episodes', '--task', 'cartpole-balance', '--env-server'];

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'zg-'));
});

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

async function waitForAddress(cli: RunningCli): Promise<string> {
  const output = await cli.waitFor(/listening on \S+\n/);
  return /listening on (\S+)\n/.exec(output)![1]!;
}

describe('zerogap episodes --env-server', () => {
  it('serves a client, makes what it asks for, and ends with a signal', async () => {
    const cli = startCli([...SERVE, '--num-envs', '3', '--json']);
    const address = await waitForAddress(cli);
    const path = /^unix:(.+)$/.exec(address)![1]!;
    const [first, second] = [await connectEnvClient(address), await connectEnvClient(address)];
    const welcome = await first.hello();
    expect(welcome.server).toMatch(/^zerogap \d/);
    expect(welcome.env).toMatchObject({ task: 'cartpole-balance', numEnvs: 3, numWorkers: 0 });
    const asked = await second.hello({ numEnvs: 70, autoreset: 'disabled' });
    expect(asked.env).toMatchObject({ numEnvs: 70, autoreset: 'disabled' });
    const other = await connectEnvClient(address);
    await expect(other.hello({ task: 'go2-stand' })).rejects.toThrow(
      "this server serves another task (expected 'cartpole-balance'",
    );
    const third = await connectEnvClient(address);
    const schedule = { from: 1, to: { uniform: [0.5, 1.5] } };
    const randomization = { massScale: { schedule }, curriculum: {} };
    await expect(third.hello({ difficulty: 0.5 })).rejects.toThrow('depends on the difficulty');
    await third.hello({ numEnvs: 2, randomization, difficulty: 0 });
    const { tail } = await third.reset(1);
    const mass = third.welcome.env.contextNames.indexOf('massScale');
    expect(tail.map(({ context }) => context![mass])).toEqual([1, 1]);
    await first.reset(1);
    await first.step([0, 0, 0]);
    await second.reset(1);
    const { arrays } = await second.step(new Float32Array(70));
    expect(arrays.observation!.length).toBe(70 * asked.env.spaces.observation.shape[0]!);
    cli.child.kill('SIGTERM');
    const { code, stdout } = await cli.result;
    expect(code).toBe(0);
    // One step of 3 environments and one of 70.
    expect(readJsonLine(stdout)).toEqual({
      ...{ task: 'cartpole-balance', address, clients: 4, steps: 73 },
    });
    expect(existsSync(path)).toBe(false);
    await first.waitForEnd();
  });

  it('leaves an address behind when it is killed, which the next server takes over', async () => {
    const address = `unix:${join(folder, 'again.sock')}`;
    const killed = startCli([...SERVE, address, '--num-envs', '64']);
    await waitForAddress(killed);
    const client = await connectEnvClient(address);
    await client.hello();
    await client.reset(1);
    const block = client.encodeAction(new Float32Array(64));
    client.socket.write(encodeFrame(KIND.step, 9, { block }));
    killed.child.kill('SIGKILL');
    await killed.result;
    // Whether the reply to the step was still sent is chance; that the connection then ends is not.
    await client.waitForEnd();
    const next = startCli([...SERVE, address]);
    expect(await waitForAddress(next)).toBe(address);
    const again = await connectEnvClient(address);
    await again.hello({ numEnvs: 2 });
    await again.reset(1);
    next.child.kill('SIGINT');
    expect((await next.result).code).toBe(0);
  });

  it('ends with its standard input where it was asked to', async () => {
    const child = spawn(process.execPath, [BIN, ...SERVE, '--exit-with-stdin'], { stdio: 'pipe' });
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
    while (!output.includes('listening on')) await once(child.stdout, 'data');
    child.stdin.end();
    const [code] = await once(child, 'close');
    expect(code).toBe(0);
  });

  it('refuses bad input at once, with everything that is wrong', async () => {
    const bad = [
      ...['episodes', '--task', 'cartpole', '--engine', 'rapid', '--env-server', 'nowhere'],
    ];
    const { code, stderr } = await runCli(bad);
    expect(code).toBe(2);
    for (const hint of ['cartpole-balance', 'rapier', "'nowhere'"]) expect(stderr).toContain(hint);
    const idle = await runCli([...SERVE, '--out', folder, '--policy', 'random']);
    expect(idle.code).toBe(2);
    expect(idle.stderr).toContain('--out');
    expect(idle.stderr).toContain('seeds and actions come from the client');
    expect(idle.stderr).toContain('2 problems');
    const alone = await runCli(['episodes', '--task', 'cartpole-balance', '--num-envs', '3']);
    expect(alone.code).toBe(2);
    expect(alone.stderr).toContain('--num-envs: the option has no effect without --env-server');
    const open = await runCli([...SERVE, 'tcp:0.0.0.0:0']);
    expect(open.code).toBe(2);
    expect(open.stderr).toContain('ZEROGAP_ENV_TOKEN');
  });
});
