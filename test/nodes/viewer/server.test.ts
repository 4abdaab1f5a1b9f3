import { EventEmitter, once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { hostname, networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import {
  keepServing,
  startViewerServer,
  type ViewerServer,
  type ViewerServerOptions,
} from '../../../nodes/viewer/server.ts';
import { UserError } from '../../../sim/errors.ts';
import { encodeServerMessage } from '../../../web-viewer/codec.ts';
import { SUBPROTOCOL } from '../../../web-viewer/protocol.ts';
import { makeTinyWelcome } from '../../web-viewer/tiny-welcome.ts';
import { connectClient } from './viewer-client.ts';

const pageDir = mkdtempSync(join(tmpdir(), 'zerogap-page-'));
writeFileSync(join(pageDir, 'index.html'), '<title>page</title>');

const servers: ViewerServer[] = [];

async function start(options: Partial<ViewerServerOptions> = {}): Promise<ViewerServer> {
  const server = await startViewerServer({
    host: '127.0.0.1',
    port: 0,
    pageDir,
    greet: () => [encodeServerMessage({ type: 'welcome', welcome: makeTinyWelcome() })],
    act: async (action) => ({ ok: true, text: `did ${action}` }),
    ...options,
  });
  servers.push(server);
  return server;
}

function makeFrame(seq: number, size = 22): Uint8Array {
  const frame = { seq, stampNs: BigInt(seq), dropped: 0, values: new Float32Array(size) };
  return encodeServerMessage({ type: 'frame', frame });
}

/** Polls: what is waited for happens in another socket's own time. */
async function waitUntil(condition: () => boolean): Promise<void> {
  for (let i = 0; i < 500 && !condition(); i++) await sleep(10);
  expect(condition()).toBe(true);
}

/** Sends the lines of a request over a bare socket, which the test may treat as badly as it likes. */
async function sendRaw(port: number, lines: readonly string[]): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => {});
  await new Promise((resolve) => socket.once('connect', resolve));
  socket.write(`${lines.join('\r\n')}\r\n\r\n`);
  return socket;
}

function makeUpgradeLines(port: number, origin: string): string[] {
  return [
    'GET / HTTP/1.1',
    `Host: 127.0.0.1:${port}`,
    `Origin: ${origin}`,
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==',
    `Sec-WebSocket-Protocol: ${SUBPROTOCOL}`,
  ];
}

afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});

describe('the viewer server', () => {
  it('serves the page, and lets nobody frame it', async () => {
    const { url } = await start();
    const response = await fetch(url);
    expect(await response.text()).toContain('page');
    expect(response.headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
  });

  it('serves what it read at its start: no request and no lost file can fail it', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'zerogap-page-'));
    mkdirSync(join(folder, 'assets'));
    writeFileSync(join(folder, 'index.html'), 'the page');
    writeFileSync(join(folder, 'assets/code.js'), 'code');
    const { url, port } = await start({ pageDir: folder });
    rmSync(folder, { recursive: true });
    const response = await fetch(`${url}/assets/code.js`);
    expect(response.headers.get('content-type')).toContain('text/javascript');
    expect(await response.text()).toBe('code');
    // An end before the start: file streams throw on such a range.
    const range = await sendRaw(port, ['GET / HTTP/1.1', 'Host: x', 'Range: bytes=10-5']);
    const [answer] = await once(range, 'data');
    expect(String(answer)).toContain('the page');
    range.destroy();
    const etag = response.headers.get('etag') ?? '';
    const again = await fetch(`${url}/assets/code.js`, { headers: { 'If-None-Match': etag } });
    expect(again.status).toBe(304);
    expect((await fetch(`${url}/../package.json`)).status).toBe(404);
    expect((await fetch(url, { method: 'POST' })).status).toBe(405);
  });

  it('outlives clients that reset the connection while they are refused or let in', async () => {
    const { url, port } = await start();
    // Without a listener on each socket, ECONNRESET is an uncaught error, which fails the test run.
    for (const origin of ['http://evil.example', `http://127.0.0.1:${port}`]) {
      for (let i = 0; i < 50; i++) {
        const socket = await sendRaw(port, makeUpgradeLines(port, origin));
        // At once, and when the answer is on its way.
        if (i % 2 === 1) await new Promise((resolve) => setImmediate(resolve));
        socket.resetAndDestroy();
      }
    }
    await sleep(20);
    const client = await connectClient(url);
    await client.waitFor('welcome');
  });

  it('goes on when no more connections can be taken, and says so once', () => {
    // What Node emits when accept(2) fails; without a listener it ends the process.
    const http = new EventEmitter();
    const problems: string[] = [];
    keepServing(http, (text) => problems.push(text));
    for (let i = 0; i < 3; i++) {
      http.emit('error', Object.assign(new Error('accept EMFILE'), { code: 'EMFILE' }));
    }
    expect(problems).toEqual(['a connection was not taken: accept EMFILE; reported once']);
  });

  it('ends a refused connection although the client keeps its side open', async () => {
    const { port } = await start();
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    socket.write(`${makeUpgradeLines(port, 'http://evil.example').join('\r\n')}\r\n\r\n`);
    socket.resume();
    await once(socket, 'end');
    // Nobody reads at the other end any more: what is sent now is answered with a reset.
    const error = once(socket, 'error');
    for (let i = 0; i < 3; i++) {
      socket.write('still here');
      await sleep(5);
    }
    expect(String(await error)).toMatch(/ECONNRESET|EPIPE/);
  });

  it('greets a new client before any frame', async () => {
    const server = await start();
    const client = await connectClient(server.url);
    server.broadcastFrame(makeFrame(1));
    await client.waitFor('frame');
    expect(client.messages.map((message) => message.type)).toEqual(['welcome', 'frame']);
  });

  it('names port, cause and remedy when the port is in use', async () => {
    const { port } = await start();
    const error = await start({ port }).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(UserError);
    expect(String(error)).toContain(`127.0.0.1:${port}: port in use (expected a free port`);
    expect(String(error)).toContain('--port');
  });

  it('names the host when the address is not one of this machine', async () => {
    // 192.0.2.0/24 is reserved for documentation (RFC 5737).
    const error = await start({ host: '192.0.2.1' }).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(UserError);
    expect(String(error)).toContain('192.0.2.1');
  });

  it('answers a request with what the action said, under the same id', async () => {
    const { url } = await start();
    const client = await connectClient(url);
    client.send({ type: 'request', request: { id: 5, action: 'stop' } });
    const { reply } = await client.waitFor('reply');
    expect(reply).toEqual({ id: 5, ok: true, text: 'did stop' });
  });

  it('answers with the message of an action that throws', async () => {
    const { url } = await start({ act: () => Promise.reject(new Error('no such service')) });
    const client = await connectClient(url);
    client.send({ type: 'request', request: { id: 1, action: 'reset' } });
    const { reply } = await client.waitFor('reply');
    expect(reply).toEqual({ id: 1, ok: false, text: 'no such service' });
  });

  it('echoes a ping, for the round trip', async () => {
    const { url } = await start();
    const client = await connectClient(url);
    client.send({ type: 'ping', clientMs: 12.5 });
    expect((await client.waitFor('pong')).clientMs).toBe(12.5);
  });

  it('closes a client that sends garbage, and serves the others on', async () => {
    const server = await start();
    const bad = await connectClient(server.url);
    const good = await connectClient(server.url);
    const code = new Promise((resolve) => bad.socket.once('close', resolve));
    bad.socket.send(Uint8Array.of(1, 2, 3));
    expect(await code).toBe(1002);
    server.broadcastFrame(makeFrame(9));
    expect((await good.waitFor('frame')).frame.seq).toBe(9);
  });

  it('closes a client whose message is larger than any request', async () => {
    const { url } = await start();
    const client = await connectClient(url);
    const code = new Promise((resolve) => client.socket.once('close', resolve));
    client.socket.send(new Uint8Array(5000));
    // 1009: message too big (RFC 6455).
    expect(await code).toBe(1009);
  });

  it('sends fewer frames to a client that asks for a lower rate', async () => {
    const server = await start();
    const slow = await connectClient(server.url);
    const fast = await connectClient(server.url);
    slow.send({ type: 'subscribe', subscribe: { rateHz: 0.001 } });
    slow.send({ type: 'ping', clientMs: 0 });
    await slow.waitFor('pong');
    for (let seq = 1; seq <= 5; seq++) server.broadcastFrame(makeFrame(seq));
    await fast.waitFor('frame', ({ frame }) => frame.seq === 5);
    // Of the five, the first is due at once, the next one 1000 s later.
    expect(slow.messages.filter(({ type }) => type === 'frame')).toHaveLength(1);
  });

  it('drops frames, counts them and keeps memory bounded while a client does not read', async () => {
    const maxBufferedBytes = 64 * 1024;
    const server = await start({ maxBufferedBytes });
    const client = await connectClient(server.url);
    client.socket.pause();
    // 200 frames of 100 kB: 20 MB, far more than kernel and socket hold (a few MB) and 64 kB.
    const size = 25_000;
    const frame = makeFrame(1, size);
    const before = process.memoryUsage().arrayBuffers;
    for (let i = 0; i < 200; i++) {
      server.broadcastFrame(frame);
      await sleep(1);
    }
    const { framesSent, framesDropped } = server.stats();
    expect(framesSent + framesDropped).toBe(200);
    expect(framesDropped).toBeGreaterThan(100);
    // What waits in this process is the limit plus the frame that crossed it, twice for slack.
    const grown = process.memoryUsage().arrayBuffers - before;
    expect(grown).toBeLessThan(20_000_000 / 2);

    client.socket.resume();
    await waitUntil(() => {
      server.broadcastFrame(makeFrame(2, size));
      return client.messages.some(
        (message) => message.type === 'frame' && message.frame.dropped >= framesDropped,
      );
    });
  });

  it('refuses a page of another origin, and one that reached it by a foreign name', async () => {
    const { url, port } = await start();
    await expect(connectClient(url, { origin: 'http://evil.example' })).rejects.toThrow('403');
    const rebound = { origin: 'http://evil.example', host: 'evil.example' };
    await expect(connectClient(url, rebound)).rejects.toThrow('403');
    await connectClient(url, { origin: `http://127.0.0.1:${port}` });
  });

  it('lets in an origin that was configured', async () => {
    const { url } = await start({ allowedOrigins: ['https://fleet.example'] });
    await connectClient(url, { origin: 'https://fleet.example' });
    // A proxy shows the page under that name, and may pass the name on or not.
    await connectClient(url, { origin: 'https://fleet.example', host: 'fleet.example' });
  });

  it('says what is no origin', async () => {
    const error = await start({ allowedOrigins: ['fleet.example'] }).catch((thrown) => thrown);
    expect(error).toBeInstanceOf(UserError);
    expect(String(error)).toContain(`got 'fleet.example'`);
  });

  it('open to the network, answers to names that nobody else can own', async () => {
    const { url, port } = await start({ host: '0.0.0.0' });
    // A page under a name whose owner lets it lead here would pass the origin check.
    for (const name of ['evil.example', '192.0.2.1', `${hostname()}.evil.example`]) {
      const rebound = { origin: `http://${name}:${port}`, host: `${name}:${port}` };
      await expect(connectClient(url, rebound)).rejects.toThrow('403');
    }
    const addresses = Object.values(networkInterfaces()).flatMap((all) => all ?? []);
    const own = addresses.map(({ address, family }) =>
      family === 'IPv6' ? `[${address}]` : address,
    );
    for (const name of ['localhost', hostname(), hostname().toUpperCase(), ...own]) {
      const host = `${name}:${port}`;
      const origin = new URL(`http://${host}`).origin;
      await expect(
        connectClient(url, { origin, host: new URL(origin).host }),
      ).resolves.toBeDefined();
    }
  });

  it('refuses a client that does not speak the protocol version', async () => {
    const { url } = await start();
    const socket = new WebSocket(url.replace('http', 'ws'), 'zerogap.viewer.v0');
    const error = await new Promise((resolve) => socket.once('error', resolve));
    expect(String(error)).toContain('400');
  });

  it('refuses clients beyond the limit, and takes one again when one has left', async () => {
    const server = await start({ maxClients: 1 });
    const first = await connectClient(server.url);
    await expect(connectClient(server.url)).rejects.toThrow('503');
    first.socket.close();
    await waitUntil(() => server.stats().clients === 0);
    await connectClient(server.url);
  });

  it('disconnects a client that answers no ping', async () => {
    const server = await start({ heartbeatS: 0.05 });
    const dead = await connectClient(server.url);
    const alive = await connectClient(server.url);
    // A paused socket does not even see the ping.
    dead.socket.pause();
    await waitUntil(() => server.stats().clients === 1);
    expect(alive.socket.readyState).toBe(WebSocket.OPEN);
    dead.socket.terminate();
  });

  it('counts frames of clients that have left', async () => {
    const server = await start();
    const client = await connectClient(server.url);
    server.broadcastFrame(makeFrame(1));
    await client.waitFor('frame');
    client.socket.terminate();
    await waitUntil(() => server.stats().clients === 0);
    expect(server.stats().framesSent).toBe(1);
  });

  it('hands out the files it was given under their names, for ever, and nothing near them', async () => {
    const files = new Map([['meshes/abc', Uint8Array.of(1, 2, 3)]]);
    const server = await start({ files });
    const response = await fetch(`${server.url}/meshes/abc`);
    expect([...new Uint8Array(await response.arrayBuffer())]).toEqual([1, 2, 3]);
    expect(response.headers.get('cache-control')).toContain('immutable');
    expect(response.headers.get('content-type')).toBe('application/octet-stream');
    expect(response.headers.get('access-control-allow-origin')).toBeNull();
    for (const path of ['meshes', 'meshes/', 'meshes/abd', 'meshes/../../package.json']) {
      expect((await fetch(`${server.url}/${path}`)).status).toBe(404);
    }
  });
});
