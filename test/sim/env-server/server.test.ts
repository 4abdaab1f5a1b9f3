import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { NonFiniteError } from '../../../sim/env-guard.ts';
import { parseAddress } from '../../../sim/env-server/address.ts';
import { FrameReader, makeFrame } from '../../../sim/env-server/frame.ts';
import type { EnvRequest } from '../../../sim/env-server/requests.ts';
import {
  type EnvServer,
  type EnvServerOptions,
  type SessionEvent,
  startEnvServer,
} from '../../../sim/env-server/server.ts';
import { connectEnvClient, type EnvClient, encodeFrame, KIND } from '../../kit/env-client.ts';
import { FakeServedEnv, fakeLength } from '../../kit/fake-served-env.ts';

let folder: string;
let servers: EnvServer[];
let clients: EnvClient[];
let made: FakeServedEnv[];
let requests: EnvRequest[];
let events: SessionEvent[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'zg-'));
  servers = [];
  clients = [];
  made = [];
  requests = [];
  events = [];
});

afterEach(async () => {
  for (const { socket } of clients) socket.destroy();
  await Promise.all(servers.map((server) => server.close()));
  rmSync(folder, { recursive: true, force: true });
});

async function serve(more: Partial<EnvServerOptions> = {}): Promise<EnvServer> {
  const server = await startEnvServer({
    address: { kind: 'unix', path: join(folder, 'env.sock') },
    name: 'test 1',
    maxSessions: 4,
    makeEnv: async (request) => {
      requests.push(request);
      const env = new FakeServedEnv(request);
      made.push(env);
      return env;
    },
    onSession: (event) => events.push(event),
    ...more,
  });
  servers.push(server);
  return server;
}

async function meet(server: EnvServer): Promise<EnvClient> {
  const client = await connectEnvClient(server.address);
  clients.push(client);
  return client;
}

/** A client that has said hello and been reset with seed 7. */
async function play(server: EnvServer): Promise<EnvClient> {
  const client = await meet(server);
  await client.hello();
  await client.reset(7);
  return client;
}

/** Lets the sockets' events arrive until something is so. */
async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 2));
}

const ZEROS = [0, 0, 0, 0, 0, 0];

describe('the environment server', () => {
  it('tells spaces and layouts in its welcome, bounds that are not there as null', async () => {
    const client = await meet(await serve());
    const { server, env, layout } = await client.hello();
    expect(server).toBe('test 1');
    expect(env.spaces.observation).toEqual({
      dtype: 'float32',
      shape: [3],
      names: ['seed', 'episode', 'step'],
      low: [null, null, null],
      high: [null, null, null],
    });
    expect(env.spaces.action).toMatchObject({ low: [-1, -1], high: [1, 1] });
    // [3, 3] float32 = 36 bytes → 40; 3 flags → 8; 3 float32 = 12 → 16.
    expect(layout.step).toEqual({
      bytes: 64,
      arrays: [
        { name: 'observation', dtype: 'float32', shape: [3, 3], offset: 0 },
        { name: 'terminated', dtype: 'uint8', shape: [3], offset: 40 },
        { name: 'reward', dtype: 'float32', shape: [3], offset: 48 },
      ],
    });
    // A record of the tail: 1 float64, 1 float64, 3 float32 = 12 → 16.
    expect(layout.tail.bytes).toBe(32);
    expect(layout.tail.arrays.map(({ offset }) => offset)).toEqual([0, 8, 16]);
    expect(layout.action.bytes).toBe(24);
  });

  it('hands on what a client asks of its environments', async () => {
    const client = await meet(await serve());
    const { env } = await client.hello({ numEnvs: 5, autoreset: 'disabled' });
    expect(env.numEnvs).toBe(5);
    expect(requests).toEqual([{ numEnvs: 5, autoreset: 'disabled' }]);
  });

  it('resets from a seed, from one per environment, and goes on without one', async () => {
    const client = await meet(await serve());
    await client.hello();
    const first = await client.reset(7);
    expect(first.arrays.observation).toEqual([7, 0, 0, 7, 0, 0, 7, 0, 0]);
    expect(first.tail.map(({ row, context }) => [row, context])).toEqual([
      [[0], [1]],
      [[1], [1]],
      [[2], [1]],
    ]);
    const own = await client.reset([1, 2, -3]);
    expect(own.arrays.observation).toEqual([1, 0, 0, 2, 0, 0, -3, 0, 0]);
    const next = await client.reset();
    expect(next.arrays.observation).toEqual([1, 1, 0, 2, 1, 0, -3, 1, 0]);
    const one = await client.reset(undefined, [0, 1, 0]);
    expect(one.arrays.observation).toEqual([1, 1, 0, 2, 2, 0, -3, 1, 0]);
    expect(one.tail).toMatchObject([{ row: [1], context: [1.2] }]);
  });

  it('steps with the actions it was sent, and tells of ends in tail and text', async () => {
    const client = await play(await serve());
    // Env 0 lasts 3 steps.
    for (let step = 1; step <= 2; step++) {
      const { arrays, tail, episodes } = await client.step([1, 2, 3, 4, 0.5, -0.25]);
      expect(arrays.observation).toEqual([7, 0, step, 7, 0, step, 7, 0, step]);
      expect(arrays.reward).toEqual([3, 7, 0.25]);
      expect([tail, episodes]).toEqual([[], []]);
    }
    const { arrays, tail, episodes } = await client.step(ZEROS);
    expect(fakeLength(0)).toBe(3);
    expect(arrays.terminated).toEqual([1, 0, 0]);
    expect(arrays.observation).toEqual([7, 1, 0, 7, 0, 3, 7, 0, 3]);
    expect(tail).toEqual([{ row: [0], context: [1.1], finalObservation: [7, 0, 3] }]);
    expect(episodes).toMatchObject([{ env: 0, seed: 7, episode: 0, steps: 3, reason: 'counted' }]);
  });

  it('lets a client act as the adversary where the randomisation leaves one some force', async () => {
    const client = await meet(await serve());
    const randomization = { adversary: { maxForceScale: 0.1 } };
    const { env, layout } = await client.hello({ numEnvs: 1, randomization });
    expect(env.spaces.adversary).toMatchObject({
      names: ['force.x', 'force.y', 'force.z', 'torque.x', 'torque.y', 'torque.z'],
      low: [-1, -1, -1, -1, -1, -1],
      high: [1, 1, 1, 1, 1, 1],
    });
    // 2 float32 = 8; 6 float32 = 24.
    expect(layout.action).toEqual({
      bytes: 32,
      arrays: [
        { name: 'action', dtype: 'float32', shape: [1, 2], offset: 0 },
        { name: 'adversary', dtype: 'float32', shape: [1, 6], offset: 8 },
      ],
    });
    await client.reset(7);
    // 1 + 2, less 0.25 + 0.5.
    const { arrays } = await client.step([1, 2], [0.25, 0, 0, 0, 0, 0.5]);
    expect(arrays.reward).toEqual([2.25]);
    const without = await client.askInVain(KIND.step, { block: client.encodeAction([1, 2]) });
    expect(without.errors[0]).toMatchObject({
      expected: 'action [1, 2] float32, adversary [1, 6] float32, 32 bytes',
      got: '8 bytes',
    });
    const numbers = [client.encodeAction([1, 2]), client.encodeAction([0, Number.NaN, 0, 0, 0, 0])];
    const bad = await client.askInVain(KIND.step, { block: Buffer.concat(numbers) });
    expect(bad.message).toContain('adversary of environment 0, force.y');
  });

  it('has no adversary elsewhere', async () => {
    const client = await meet(await serve());
    const { env, layout } = await client.hello();
    expect(env.spaces.adversary).toMatchObject({ shape: [0], names: [] });
    expect(layout.action.arrays.map(({ name }) => name)).toEqual(['action']);
  });

  it('answers pings, reads and sets attributes, and says bye', async () => {
    const server = await serve();
    const client = await play(server);
    expect((await client.ask(KIND.ping)).kind).toBe(KIND.pong);
    const read = await client.ask(KIND.get, { text: { name: 'episode' } });
    expect(read).toMatchObject({ kind: KIND.value, text: { name: 'episode', value: [0, 0, 0] } });
    const set = await client.ask(KIND.set, { text: { name: 'difficulty', value: 0.5 } });
    expect(set.text).toEqual({ name: 'difficulty', value: 0.5 });
    expect((await client.ask(KIND.close)).kind).toBe(KIND.bye);
    await client.waitForEnd();
    await until(() => made[0]!.isFree);
    expect(events.map(({ what }) => what)).toEqual(['began', 'ended']);
    expect(events[1]).toEqual({ what: 'ended', numEnvs: 3, numSteps: 0, error: undefined });
  });

  it('answers requests that were sent without waiting, in order', async () => {
    const client = await play(await serve());
    const action = { block: client.encodeAction(ZEROS) };
    client.socket.write(
      Buffer.concat([
        encodeFrame(KIND.step, 101, action),
        encodeFrame(KIND.ping, 102),
        encodeFrame(KIND.step, 103, action),
      ]),
    );
    const replies = [await client.readReply(), await client.readReply(), await client.readReply()];
    expect(replies.map(({ request }) => request)).toEqual([101, 102, 103]);
    // The third number of the observation counts steps: the first reply was not overwritten by the third.
    expect(replies[0]!.block.readFloatLE(8)).toBe(1);
    expect(replies[2]!.block.readFloatLE(8)).toBe(2);
  });

  it('puts a frame together however the stream has cut it', () => {
    const parts = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 30 });
    const sizes = fc.array(fc.tuple(fc.nat(6), fc.nat(20)), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(parts, sizes, (cuts, frames) => {
        const sent = frames.map(([block, text], k) => ({
          kind: 'step' as const,
          request: k,
          block: Uint8Array.from({ length: 8 * block }, (_, i) => i + k),
          text: 'é'.repeat(text),
        }));
        const stream = Buffer.concat(sent.map(makeFrame));
        const reader = new FrameReader({ block: 48, text: 40 });
        const got = [];
        for (let at = 0, cut = 0; at < stream.length; cut++) {
          const length = cuts[cut % cuts.length]!;
          for (const frame of reader.read(stream.subarray(at, at + length))) {
            got.push({ ...frame, block: Uint8Array.from(frame.block) });
          }
          at += length;
        }
        expect(got).toEqual(sent);
      }),
    );
  });

  it('keeps several clients apart, and turns away one too many', async () => {
    const server = await serve({ maxSessions: 2 });
    const [a, b] = [await play(server), await play(server)];
    await a.step(ZEROS);
    expect((await b.step(ZEROS)).arrays.observation).toEqual([7, 0, 1, 7, 0, 1, 7, 0, 1]);
    const third = await meet(server);
    const reply = await third.readReply();
    expect(reply).toMatchObject({ kind: KIND.error, request: 0, text: { code: 'protocol' } });
    expect(JSON.stringify(reply.text)).toContain('at most 2');
    await third.waitForEnd();
    expect((await a.step(ZEROS)).episodes).toEqual([]);
  });
});

describe('what the environment server refuses and goes on from', () => {
  it('actions of another shape, with both shapes', async () => {
    const client = await play(await serve());
    const block = Buffer.alloc(16);
    const error = await client.askInVain(KIND.step, { block });
    expect(error).toMatchObject({ code: 'input', isFatal: false });
    expect(error.errors).toEqual([
      {
        where: 'step',
        problem: 'what was sent does not have the shape of the spaces',
        expected: 'action [3, 2] float32, 24 bytes',
        got: '16 bytes',
        remedy: expect.stringContaining('One row'.slice(1)),
      },
    ]);
    const more = await client.askInVain(KIND.step, { block: Buffer.alloc(4096) });
    expect(more.errors[0]).toMatchObject({ got: '4096 bytes' });
    expect((await client.step(ZEROS)).arrays.observation!.slice(0, 3)).toEqual([7, 0, 1]);
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY])(
    'an action of %s, by environment and name, before anything has moved',
    async (bad) => {
      const client = await play(await serve());
      const block = client.encodeAction([0, 0, 0, 0, 0, bad]);
      const error = await client.askInVain(KIND.step, { block });
      expect(error.code).toBe('input');
      expect(error.message).toContain('action of environment 2, right');
      expect((await client.step(ZEROS)).arrays.observation!.slice(0, 3)).toEqual([7, 0, 1]);
    },
  );

  it('a step before the first reset, and a first reset without a seed', async () => {
    const client = await meet(await serve());
    await client.hello();
    const block = client.encodeAction(ZEROS);
    expect((await client.askInVain(KIND.step, { block })).message).toContain('reset first');
    expect((await client.askInVain(KIND.reset)).message).toContain('a seed in the first reset');
    await client.reset(7);
  });

  it('anything before hello, and a second hello', async () => {
    const client = await meet(await serve());
    expect((await client.askInVain(KIND.get, { text: { name: 'x' } })).message).toContain(
      'hello first',
    );
    await client.hello();
    await expect(client.hello()).rejects.toThrow('one hello per connection');
    await client.reset(7);
  });

  it.each([
    [{ seed: 1.5 }, 'seed'],
    [{ seed: 2 ** 53 }, 'seed'],
    [{ seed: [1, 2] }, '3 seeds'],
    [{ seeds: 1 }, 'one of seed'],
    [[], 'object'],
  ])('a reset with %j', async (text, hint) => {
    const client = await play(await serve());
    expect((await client.askInVain(KIND.reset, { text })).message).toContain(hint);
    await client.step(ZEROS);
  });

  it('a mask of another length, or beside a seed', async () => {
    const client = await play(await serve());
    const long = await client.askInVain(KIND.reset, { block: Buffer.alloc(16), text: {} });
    expect(long.message).toContain('3 bytes, padded');
    const both = await client.askInVain(KIND.reset, { block: Buffer.alloc(8), text: { seed: 1 } });
    expect(both.message).toContain('a seed or a mask');
    const block = Buffer.from([0, 255, 0, 0, 0, 0, 0, 0]);
    const odd = await client.askInVain(KIND.reset, { block, text: {} });
    expect(odd.message).toContain('255 for environment 1');
    await client.step(ZEROS);
  });

  it('a text that is no JSON', async () => {
    const client = await play(await serve());
    const frame = encodeFrame(KIND.reset, 55, { text: 'xx' });
    frame.write('{"s}', 16, 'latin1');
    client.socket.write(frame);
    expect(await client.readReply()).toMatchObject({
      kind: KIND.error,
      request: 55,
      text: { code: 'input', isFatal: false },
    });
    await client.step(ZEROS);
  });

  it('a hello with several mistakes, all at once', async () => {
    const client = await meet(await serve());
    const text = { protocol: 'zerogap', client: 'x', env: { numEnvs: 0, autorest: 'same_step' } };
    const { errors } = await client.askInVain(KIND.hello, { text });
    expect(errors.map(({ where }) => where)).toEqual([
      'hello: protocol',
      'hello: env.numEnvs',
      'hello: env.autorest',
    ]);
    expect(errors[2]!.expected).toBe('one of task, numEnvs, autoreset, randomization, difficulty');
    await client.hello();
  });

  it('attributes that are not there, are not to be set, or do not fit', async () => {
    const client = await play(await serve());
    const ask = (kind: number, text: object) => client.askInVain(kind, { text });
    expect((await ask(KIND.get, { name: 'toString' })).message).toContain('episode, difficulty');
    expect((await ask(KIND.set, { name: 'episode', value: 1 })).message).toContain(
      'one of difficulty',
    );
    expect((await ask(KIND.set, { name: 'difficulty', value: 2 })).message).toContain(
      'from 0 to 1',
    );
  });

  it('a frame that only servers send', async () => {
    const client = await play(await serve());
    expect((await client.askInVain(KIND.pong)).message).toContain('only servers send');
  });

  it('a step in which the simulation broke off, until it is reset with a seed', async () => {
    const client = await play(await serve());
    made[0]!.failure = new NonFiniteError({
      ...{ env: 1, seed: 7, episode: 0, step: 3, quantity: 'true position' },
      ...{ action: [], truth: {}, measured: {}, context: {} as never },
    });
    const block = client.encodeAction(ZEROS);
    const error = await client.askInVain(KIND.step, { block });
    expect(error).toMatchObject({ code: 'environment', isFatal: false });
    expect(error.message).toContain('env 1: true position is not finite in step 3');
    made[0]!.failure = undefined;
    expect((await client.askInVain(KIND.step, { block })).message).toContain('reset first');
    expect((await client.askInVain(KIND.reset)).message).toContain('a seed');
    await client.reset(8);
    await client.step(ZEROS);
  });
});

describe('what ends a connection to the environment server', () => {
  async function expectEnd(client: EnvClient, hint: string): Promise<void> {
    const reply = await client.readReply();
    expect(reply).toMatchObject({ kind: KIND.error, version: 1, request: 0 });
    expect(reply.text).toMatchObject({ code: 'protocol', isFatal: true });
    expect((reply.text as { message: string }).message).toContain(hint);
    await client.waitForEnd();
  }

  it('what is no frame, as from a browser', async () => {
    const client = await meet(await serve());
    client.socket.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');
    await expectEnd(client, "begins with 'ZG'");
  });

  it('another version, named with ours', async () => {
    const client = await meet(await serve());
    const frame = encodeFrame(KIND.hello, 1, { text: {} });
    frame.writeUInt8(2, 2);
    client.socket.write(frame);
    await expectEnd(client, 'expected version 1, got version 2');
  });

  it('an unknown kind', async () => {
    const client = await meet(await serve());
    client.socket.write(encodeFrame(99, 1));
    await expectEnd(client, '3 step');
  });

  it('a block or a text beyond the limit, before it is read', async () => {
    const server = await serve();
    const block = await play(server);
    const tooMuch = encodeFrame(KIND.step, 9);
    tooMuch.writeUInt32LE(2 ** 32 - 8, 8);
    block.socket.write(tooMuch);
    await expectEnd(block, 'at most 1048576 bytes, got 4294967288 bytes');
    const text = await meet(server);
    const tooLong = encodeFrame(KIND.hello, 9);
    tooLong.writeUInt32LE(256 * 1024 + 1, 12);
    text.socket.write(tooLong);
    await expectEnd(text, 'at most 262144 bytes');
    await until(() => made[0]!.isFree);
  });

  it('a block before hello', async () => {
    const client = await meet(await serve());
    client.socket.write(encodeFrame(KIND.hello, 1, { block: Buffer.alloc(8), text: {} }));
    await expectEnd(client, 'at most 0 bytes');
  });

  it('a fault of the server', async () => {
    const client = await play(await serve());
    made[0]!.failure = new TypeError('a bug');
    const error = await client.askInVain(KIND.step, { block: client.encodeAction(ZEROS) });
    expect(error).toEqual({ code: 'internal', isFatal: true, message: 'a bug', errors: [] });
    await client.waitForEnd();
  });

  it('a missing or wrong token, where one is wanted', async () => {
    const token = 'sixteen-letters-';
    const server = await serve({ token });
    for (const more of [{}, { token: 'sixteen-letters_' }]) {
      const client = await meet(server);
      await expect(client.hello({}, more)).rejects.toThrow('ZEROGAP_ENV_TOKEN');
      await client.waitForEnd();
    }
    expect(made).toEqual([]);
    await (await meet(server)).hello({}, { token });
  });

  it('a client that is killed in the middle of a step: its environments are freed, others go on', async () => {
    const server = await serve();
    const [victim, other] = [await play(server), await play(server)];
    let open = () => {};
    made[0]!.gate = new Promise((resolve) => {
      open = resolve;
    });
    victim.socket.write(encodeFrame(KIND.step, 5, { block: victim.encodeAction(ZEROS) }));
    await new Promise((resolve) => setTimeout(resolve, 20));
    victim.socket.destroy();
    await victim.waitForEnd();
    await other.step(ZEROS);
    // Freed under a running step it would be freed twice, or stepped after.
    expect(made[0]!.isFree).toBe(false);
    open();
    await until(() => made[0]!.isFree);
    expect(made[1]!.isFree).toBe(false);
    await other.step(ZEROS);
    expect(server.numSessions).toBe(1);
  });

  it('the end of the server, with every environment freed and the socket removed', async () => {
    const server = await serve();
    const client = await play(server);
    await server.close();
    await client.waitForEnd();
    expect(made[0]!.isFree).toBe(true);
    expect(statSync(join(folder, 'env.sock'), { throwIfNoEntry: false })).toBeUndefined();
  });
});

describe('the address of the environment server', () => {
  it('is a path or a host with a port', () => {
    expect(parseAddress('unix:env.sock')).toEqual({ kind: 'unix', path: 'env.sock' });
    expect(parseAddress('/tmp/env.sock')).toEqual({ kind: 'unix', path: '/tmp/env.sock' });
    const tcp = { kind: 'tcp', host: '127.0.0.1', port: 7700 };
    expect(parseAddress('tcp:127.0.0.1:7700')).toEqual(tcp);
    expect(parseAddress('127.0.0.1:7700')).toEqual(tcp);
    expect(parseAddress('[::1]:0')).toEqual({ kind: 'tcp', host: '::1', port: 0 });
    for (const bad of [
      '7700',
      '',
      'localhost',
      '127.0.0.1:70000',
      'unix:',
      `/${'x'.repeat(103)}`,
    ]) {
      expect(() => parseAddress(bad), bad).toThrow('no address to listen on');
    }
  });

  it('is TCP on this machine, with the port that was found', async () => {
    const server = await serve({ address: { kind: 'tcp', host: '127.0.0.1', port: 0 } });
    expect(server.address).toMatch(/^tcp:127\.0\.0\.1:[1-9]\d*$/);
    await (await play(server)).step(ZEROS);
  });

  it('is on other interfaces only with a token', async () => {
    const address = { kind: 'tcp', host: '0.0.0.0', port: 0 } as const;
    await expect(serve({ address })).rejects.toThrow('other machines could connect');
    await expect(serve({ address, token: 'short' })).rejects.toThrow('too short');
    await serve({ address, token: 'sixteen-letters-' });
  });

  it('is for its owner alone', async () => {
    await serve();
    expect(statSync(join(folder, 'env.sock')).mode & 0o777).toBe(0o600);
  });

  it('is refused where a server listens, a file lies, or the folder is missing', async () => {
    await serve();
    await expect(serve()).rejects.toThrow('a server that listens there already');
    const path = join(folder, 'notes.txt');
    writeFileSync(path, 'keep me');
    await expect(serve({ address: { kind: 'unix', path } })).rejects.toThrow('no socket');
    expect(statSync(path).size).toBe(7);
    const nowhere = { kind: 'unix', path: join(folder, 'none', 'x') } as const;
    await expect(serve({ address: nowhere })).rejects.toThrow(/EACCES|ENOENT/);
    const taken = await serve({ address: { kind: 'tcp', host: '127.0.0.1', port: 0 } });
    await expect(serve({ address: parseAddress(taken.address) })).rejects.toThrow('EADDRINUSE');
  });

  it('is taken over from a server that was killed', async () => {
    const path = join(folder, 'env.sock');
    const { execFileSync } = await import('node:child_process');
    const script = `require('net').createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, 'SIGKILL'))`;
    expect(() => execFileSync(process.execPath, ['-e', script])).toThrow();
    expect(statSync(path).isSocket()).toBe(true);
    const refused = await new Promise((resolve) => connect(path).once('error', resolve));
    expect(String(refused)).toContain('ECONNREFUSED');
    await (await play(await serve())).step(ZEROS);
  });
});
