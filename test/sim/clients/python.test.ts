import { execFileSync, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EnvRequest } from '../../../sim/env-server/requests.ts';
import type { ServedEnv } from '../../../sim/env-server/served-env.ts';
import { type EnvServer, startEnvServer } from '../../../sim/env-server/server.ts';
import { makeTaskEnv } from '../../../sim/env-server/task-env.ts';
import { UserError } from '../../../sim/errors.ts';
import { makeVecEnv } from '../../../sim/vec-env/vec-env.ts';
import { connectEnvClient, KIND } from '../../kit/env-client.ts';
import { FakeServedEnv } from '../../kit/fake-served-env.ts';

const CLIENT = fileURLToPath(new URL('../../../sim/clients/python/', import.meta.url));
const ENVIRONMENT = { ...process.env, PYTHONDONTWRITEBYTECODE: '1' };

/** What the Python of this machine can do; the names of the tests below say what was run with it. */
function probePython():
  | { readonly version: string; readonly modules: readonly string[] }
  | undefined {
  const script = [
    'import sys, importlib.util as u',
    'assert sys.version_info >= (3, 9)',
    'names = [n for n in ("numpy", "gymnasium") if u.find_spec(n)]',
    'print(sys.version.split()[0], *names)',
  ].join('\n');
  try {
    const output = execFileSync('python3', ['-c', script], { stdio: 'pipe' }).toString();
    const [version, ...modules] = output.trim().split(' ');
    return { version: version!, modules };
  } catch {
    return undefined;
  }
}

const python = probePython();
const hasNumpy = python?.modules.includes('numpy') === true;

async function runPython(args: readonly string[], env: object) {
  const child = spawn('python3', args, {
    cwd: CLIENT,
    env: { ...ENVIRONMENT, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
  return { code, stdout, stderr };
}

let folder: string;
const servers: EnvServer[] = [];

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'zg-'));
});

afterAll(async () => {
  await Promise.all(servers.map((server) => server.close()));
  rmSync(folder, { recursive: true, force: true });
});

async function serve(makeEnv: (request: EnvRequest) => Promise<ServedEnv>): Promise<string> {
  const path = join(folder, `${servers.length}.sock`);
  const server = await startEnvServer({
    address: { kind: 'unix', path },
    name: 'test',
    maxSessions: 8,
    makeEnv,
  });
  servers.push(server);
  return server.address;
}

function serveTask(task: string, numEnvs: number): Promise<string> {
  return serve(async ({ task: wanted = task, autoreset = 'same_step', randomization }) => {
    if (wanted !== task) {
      const parts = { where: 'hello', problem: 'this is another task', remedy: 'Ask for it' };
      throw new UserError({ ...parts, expected: task, got: wanted });
    }
    const drawn = randomization && { randomization };
    return makeTaskEnv({ task, numEnvs, autoreset, numWorkers: 0, ...drawn });
  });
}

const NUM_ENVS = 5;
const NUM_STEPS = 150;

/** Exact in 32 bits, so that every language computes the same. */
function actionOf(step: number, env: number, k: number): number {
  return ((7 * env + 3 * k + step) % 9) / 4 - 1;
}

/** The run of `run.py` below in this process, without server and socket. */
async function hashInProcess(task: string): Promise<string> {
  const vec = await makeVecEnv({ task, numEnvs: NUM_ENVS, numWorkers: 0 });
  const hash = createHash('sha256');
  await vec.reset({ seed: 11 });
  const { arrays } = vec;
  const add = (array: Float32Array | Float64Array | Uint8Array) =>
    hash.update(new Uint8Array(array.buffer, array.byteOffset, array.byteLength));
  add(arrays.observation);
  for (let step = 0; step < NUM_STEPS; step++) {
    for (let i = 0; i < vec.action.length; i++) {
      vec.action[i] = actionOf(step, Math.floor(i / vec.numActions), i % vec.numActions);
    }
    await vec.step();
    add(arrays.observation);
    add(arrays.reward);
    add(arrays.terminated);
    add(arrays.truncated);
    add(arrays.critic);
  }
  await vec.close();
  return hash.digest('hex');
}

const HASH_SCRIPT = `
import array, hashlib, os
from zerogap_env import Client
with Client(os.environ["ZEROGAP_ENV_ADDRESS"]) as client:
    numbers = client.hello().env["spaces"]["action"]["shape"][0]
    digest = hashlib.sha256(client.reset(11).arrays()["observation"].tobytes())
    for step in range(${NUM_STEPS}):
        action = array.array("f", [
            ((7 * env + 3 * k + step) % 9) / 4 - 1 for env in range(${NUM_ENVS}) for k in range(numbers)
        ])
        arrays = client.step(action).arrays()
        for name in ("observation", "reward", "terminated", "truncated", "critic"):
            digest.update(arrays[name].tobytes())
    print(digest.hexdigest())
`;

const SPAWN_SCRIPT = `
import os, signal
from zerogap_env import Client, ServerProcess
options = ["--task", "cartpole-balance", "--num-envs", "2"]
with ServerProcess(options) as server, Client(server.address) as client:
    env = client.hello().env
    client.reset(1)
    print(server.address)
    print(env["task"], env["numEnvs"])
second = ServerProcess(options)
print(second.address, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
`;

describe('environments over a socket', () => {
  it.each(['crazyflie-track', 'cartpole-balance'])(
    'are those of this process, bit by bit: %s',
    async (task) => {
      const client = await connectEnvClient(await serveTask(task, NUM_ENVS));
      const { layout, env } = await client.hello();
      const hash = createHash('sha256');
      const first = await client.ask(KIND.reset, { text: { seed: 11 } });
      const add = (block: Buffer, name: string) => {
        const { offset, shape, dtype } = layout.step.arrays.find((a) => a.name === name)!;
        const width = dtype === 'uint8' ? 1 : 4;
        const size = shape.reduce((product, n) => product * n, width);
        hash.update(block.subarray(offset, offset + size));
      };
      add(first.block, 'observation');
      const numActions = env.spaces.action.shape[0]!;
      for (let step = 0; step < NUM_STEPS; step++) {
        const action = Array.from({ length: NUM_ENVS * numActions }, (_, i) =>
          actionOf(step, Math.floor(i / numActions), i % numActions),
        );
        const { block } = await client.ask(KIND.step, { block: client.encodeAction(action) });
        for (const name of ['observation', 'reward', 'terminated', 'truncated', 'critic']) {
          add(block, name);
        }
      }
      client.socket.destroy();
      expect(hash.digest('hex')).toBe(await hashInProcess(task));
    },
  );
});

const found = python === undefined ? 'no Python 3.9 on this machine' : `Python ${python.version}`;

describe(`the Python client, ${found}`, () => {
  it.skipIf(python === undefined)('passes its own tests of the stdlib core', async () => {
    const address = await serve(async (request) => new FakeServedEnv(request));
    const { code, stderr } = await runPython(['-m', 'unittest', '-q', 'tests.test_core'], {
      ZEROGAP_ENV_ADDRESS: address,
    });
    expect(stderr).toMatch(/Ran \d+ tests[\s\S]*OK/);
    expect(code).toBe(0);
  });

  it.skipIf(python === undefined)('gets the bits of this process', async () => {
    const address = await serveTask('crazyflie-track', NUM_ENVS);
    const { stdout, stderr } = await runPython(['-c', HASH_SCRIPT], {
      ZEROGAP_ENV_ADDRESS: address,
    });
    expect(stderr).toBe('');
    expect(stdout.trim()).toBe(await hashInProcess('crazyflie-track'));
  });

  it.skipIf(python === undefined)(
    'starts a server, which ends with it, even if it is killed',
    async () => {
      const { stdout, stderr } = await runPython(['-c', SPAWN_SCRIPT], {});
      expect(stderr).toBe('');
      const [closed, seen, killed] = stdout.trim().split('\n');
      expect(seen).toBe('cartpole-balance 2');
      expect(closed).not.toBe(killed);
      for (const address of [closed!, killed!]) {
        const path = address.replace(/^unix:/, '');
        while (existsSync(path)) await new Promise((resolve) => setTimeout(resolve, 50));
      }
    },
  );

  it.skipIf(python === undefined)('is Python throughout', async () => {
    const compile = ['-c', 'import ast,sys; [ast.parse(open(f).read()) for f in sys.argv[1:]]'];
    const files = ['zerogap_env/vector_env.py', 'zerogap_env/spaces.py'];
    expect(await runPython([...compile, ...files], {})).toMatchObject({ code: 0, stderr: '' });
  });

  it.skipIf(!hasNumpy)(
    `passes its own tests of the vector environment with ${python?.modules.join(' and ')}`,
    async () => {
      const { code, stderr } = await runPython(['-m', 'unittest', '-q', 'tests.test_vector_env'], {
        ZEROGAP_ENV_ADDRESS: await serveTask('cartpole-balance', 4),
        ZEROGAP_FLYING_ADDRESS: await serveTask('crazyflie-hover', 4),
      });
      expect(stderr).toMatch(/Ran \d+ tests[\s\S]*OK/);
      expect(code).toBe(0);
    },
  );
});
