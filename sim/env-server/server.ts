import { createHash, timingSafeEqual } from 'node:crypto';
import { once } from 'node:events';
import { chmodSync, lstatSync, rmSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { endianness } from 'node:os';
import { UserError } from '../errors.ts';
import { type Address, formatAddress, isLocal } from './address.ts';
import { carrySession } from './connection.ts';
import { makeFrame, ProtocolError } from './frame.ts';
import { describeFailure } from './reply-error.ts';
import type { EnvRequest } from './requests.ts';
import type { ServedEnv } from './served-env.ts';
import { Session } from './session.ts';

/** [1] characters of a token that is worth the name */
const MIN_TOKEN = 16;

export interface EnvServerOptions {
  readonly address: Address;
  /** Name and version of the server, for the welcome. */
  readonly name: string;
  /** Makes the environments of one client. @throws UserError for a request that cannot be met */
  readonly makeEnv: (request: EnvRequest) => Promise<ServedEnv>;
  /** What a client must know; needed where other machines can connect. */
  readonly token?: string | undefined;
  /** [1] clients at a time, each with environments of its own */
  readonly maxSessions: number;
  readonly onSession?: (event: SessionEvent) => void;
}

export interface SessionEvent {
  readonly what: 'began' | 'ended';
  /** [1] steps of the whole set, over the session */
  readonly numSteps: number;
  /** Of the session's set; undefined where it never came to one. */
  readonly numEnvs: number | undefined;
  /** Why the environments could not be freed. */
  readonly error?: unknown;
}

/**
 * Serves environments over a local socket, see PROTOCOL.md. Each connection has a set of environments of its own,
 * made at its `hello` and freed when it ends, so that no client can notice another.
 */
export class EnvServer {
  readonly #options: EnvServerOptions;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #sessions = new Set<Promise<void>>();
  #address: Address;

  constructor(options: EnvServerOptions, server: Server) {
    this.#options = options;
    this.#server = server;
    this.#address = options.address;
    server.on('connection', (socket: Socket) => this.#accept(socket));
  }

  /** As a client would write it; with the port that was found where any was asked for. */
  get address(): string {
    return formatAddress(this.#address);
  }

  get numSessions(): number {
    return this.#sessions.size;
  }

  /** @throws UserError for an address that is taken, forbidden or not there */
  async listen(): Promise<void> {
    const { address } = this.#options;
    if (address.kind === 'unix') await removeLeftover(address.path);
    const { kind } = address;
    const ready = once(this.#server, 'listening');
    this.#server.listen(kind === 'unix' ? { path: address.path } : address);
    await ready.catch((cause: unknown) => {
      throw refuseAddress(address, (cause as NodeJS.ErrnoException).code ?? String(cause), cause);
    });
    const bound = this.#server.address();
    if (kind === 'unix') chmodSync(address.path, 0o600);
    else if (typeof bound === 'object' && bound !== null) {
      this.#address = { ...address, port: bound.port };
    }
  }

  /** Ends every connection and frees every environment. */
  async close(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
    await Promise.all([...this.#sessions, closed]);
  }

  #accept(socket: Socket): void {
    this.#sockets.add(socket);
    socket.once('close', () => this.#sockets.delete(socket));
    if (this.#sessions.size >= this.#options.maxSessions) {
      this.#turnAway(socket);
      return;
    }
    const session = new Session({
      server: this.#options.name,
      makeEnv: this.#options.makeEnv,
      checkToken: (token) => checkToken(this.#options.token, token),
    });
    const running = this.#run(socket, session);
    this.#sessions.add(running);
    void running.then(() => {
      this.#sessions.delete(running);
    });
  }

  async #run(socket: Socket, session: Session): Promise<void> {
    this.#tell('began', session);
    try {
      await carrySession(socket, session);
      this.#tell('ended', session);
    } catch (error) {
      this.#tell('ended', session, error);
    }
  }

  #tell(what: SessionEvent['what'], { numSteps, numEnvs }: Session, error?: unknown): void {
    this.#options.onSession?.({ what, numSteps, numEnvs, error });
  }

  #turnAway(socket: Socket): void {
    const error = new ProtocolError({
      where: 'connection',
      problem: 'the server has as many clients as it takes',
      expected: `at most ${this.#options.maxSessions}`,
      got: 'one more',
      remedy: 'Close another client, start another server, or raise --max-clients',
    });
    const text = JSON.stringify(describeFailure(error));
    socket.on('error', () => {});
    socket.resume();
    socket.end(makeFrame({ kind: 'error', request: 0, text }));
  }
}

/**
 * Makes a server and has it listen.
 * @throws UserError for an address that cannot be listened on, or that others can reach without a token
 */
export async function startEnvServer(options: EnvServerOptions): Promise<EnvServer> {
  assertSafe(options);
  if (endianness() !== 'LE') {
    throw new Error('the environment server sends its arrays as they lie in memory: little-endian');
  }
  const server = new EnvServer(options, createServer({ noDelay: true }));
  await server.listen();
  return server;
}

function assertSafe({ address, token }: EnvServerOptions): void {
  if (token !== undefined ? token.length >= MIN_TOKEN : isLocal(address)) return;
  throw new UserError({
    where: 'environment server',
    problem: token === undefined ? 'other machines could connect' : 'the token is too short',
    expected: `a token of at least ${MIN_TOKEN} characters in ZEROGAP_ENV_TOKEN`,
    got:
      token === undefined ? `none, and the address ${formatAddress(address)}` : `${token.length}`,
    remedy:
      'Set it for server and client, or listen on 127.0.0.1 and let ssh carry it: nothing is encrypted here',
  });
}

function checkToken(wanted: string | undefined, given: string | undefined): void {
  if (wanted === undefined) return;
  const hash = (text: string) => createHash('sha256').update(text).digest();
  if (given !== undefined && timingSafeEqual(hash(wanted), hash(given))) return;
  throw new ProtocolError({
    where: 'hello: token',
    problem: 'this server wants to know who connects',
    expected: 'the token that the server was started with',
    got: given === undefined ? 'none' : 'another one',
    remedy: 'Set ZEROGAP_ENV_TOKEN for the client as for the server',
  });
}

/**
 * Removes the socket of a server that was killed.
 * @throws UserError where somebody listens there, or something else than a socket lies there
 */
async function removeLeftover(path: string): Promise<void> {
  const file = lstatSync(path, { throwIfNoEntry: false });
  if (file === undefined) return;
  const address = { kind: 'unix', path } as const;
  if (!file.isSocket()) throw refuseAddress(address, 'a file that is no socket');
  const probe = connect({ path });
  const isAlive = await once(probe, 'connect').then(
    () => true,
    () => false,
  );
  probe.destroy();
  if (isAlive) throw refuseAddress(address, 'a server that listens there already');
  rmSync(path, { force: true });
}

function refuseAddress(address: Address, got: string, cause?: unknown): UserError {
  return new UserError({
    where: `environment server, ${formatAddress(address)}`,
    problem: 'the server cannot listen there',
    expected: 'a free address in a place that can be written to',
    got,
    remedy: 'Choose another address, or end what uses it',
    cause,
  });
}
