import { UserError } from '../../../sim/errors.ts';
import type { SystemClock } from '../core/clock.ts';
import type { Executor } from '../core/executor.ts';
import { getServiceHalves } from '../definitions.ts';
import { ServiceError } from '../errors.ts';
import type { Client, Service } from '../port.ts';
import { copyChecked } from '../validate.ts';
import type { Owner } from './topic.ts';

const DEFAULT_TIMEOUT_MS = 5000;

type Handler = (request: never) => unknown;

interface Server {
  readonly type: string;
  readonly owner: Owner;
  readonly handler: Handler;
}

type Outcome = { readonly response: unknown } | { readonly error: ServiceError };

interface Call {
  readonly type: string;
  readonly request: unknown;
  /** Whether its client has an answer or an error; it must not act any more. */
  isSettled: boolean;
  settle(outcome: Outcome): void;
}

/** Every service of one context. Calls made before their server exists wait for it, up to their time. */
export class Services {
  readonly #executor: Executor;
  readonly #clock: SystemClock;
  readonly #servers = new Map<string, Server>();
  readonly #waiting = new Map<string, Set<Call>>();
  readonly #unanswered = new Map<Call, string>();

  constructor(executor: Executor, clock: SystemClock) {
    this.#executor = executor;
    this.#clock = clock;
  }

  /** @throws UserError if the service has a server already */
  serve(name: string, server: Server): Service {
    const other = this.#servers.get(name);
    if (other !== undefined) {
      throw new UserError({
        where: `service ${name}`,
        problem: `node ${server.owner.fullyQualifiedName} offers what another node offers already`,
        expected: 'one server',
        got: `a second beside ${other.owner.fullyQualifiedName}`,
        remedy: 'Remap one of them or give its node another namespace.',
      });
    }
    getServiceHalves(server.type);
    this.#servers.set(name, server);
    const waiting = this.#waiting.get(name) ?? [];
    this.#waiting.delete(name);
    for (const call of waiting) this.#post(name, call);
    const service = {
      name,
      destroy: () => {
        if (this.#servers.get(name) === server) this.#servers.delete(name);
        server.owner.disown(service);
      },
    };
    return service;
  }

  makeClient<Request, Response>(
    name: string,
    type: string,
    owner: Owner,
  ): Client<Request, Response> {
    const { request: requestType } = getServiceHalves(type);
    const calls = new Set<Call>();
    let isAlive = true;
    const client: Client<Request, Response> = {
      name,
      isReady: () => this.#servers.get(name)?.type === type,
      call: async (request, options) => {
        if (!isAlive) throw new RangeError(`service ${name}: the client is destroyed`);
        const copy = copyChecked(requestType, request, name);
        return (await this.#call(name, type, copy, calls, options?.timeoutMs)) as Response;
      },
      destroy: () => {
        isAlive = false;
        owner.disown(client);
        for (const call of [...calls]) call.settle({ error: makeEndError(name, 'the client') });
      },
    };
    return client;
  }

  /** Fails every call that has no answer yet. */
  stop(): void {
    for (const [call, name] of [...this.#unanswered]) {
      call.settle({ error: makeEndError(name, 'the context') });
    }
  }

  /** @param calls those of one client without an answer; this one is among them until it has one */
  #call(
    name: string,
    type: string,
    request: unknown,
    calls: Set<Call>,
    timeoutMs = DEFAULT_TIMEOUT_MS,
  ) {
    return new Promise<unknown>((resolve, reject) => {
      const cancel = this.#clock.schedule(timeoutMs, () => {
        call.settle({ error: this.#makeTimeoutError(name, timeoutMs) });
      });
      const call: Call = {
        type,
        request,
        isSettled: false,
        settle: (outcome) => {
          call.isSettled = true;
          cancel();
          calls.delete(call);
          this.#unanswered.delete(call);
          this.#forgetWaiting(name, call);
          if ('error' in outcome) reject(outcome.error);
          else resolve(outcome.response);
        },
      };
      calls.add(call);
      this.#unanswered.set(call, name);
      this.#post(name, call);
    });
  }

  #makeTimeoutError(name: string, timeoutMs: number): ServiceError {
    const server = this.#servers.get(name);
    return new ServiceError(name, {
      problem: server === undefined ? 'no node offers it' : 'no answer',
      expected: `an answer within ${timeoutMs} ms`,
      got: server === undefined ? 'no server' : `silence from ${server.owner.fullyQualifiedName}`,
      remedy:
        server === undefined
          ? 'Start the node that offers it, or check its namespace.'
          : 'Look at the log of that node, or allow more time.',
    });
  }

  #forgetWaiting(name: string, call: Call): void {
    const waiting = this.#waiting.get(name);
    waiting?.delete(call);
    if (waiting?.size === 0) this.#waiting.delete(name);
  }

  #post(name: string, call: Call): void {
    this.#executor.post({ run: () => this.#deliver(name, call) });
  }

  /** Hands a call to who serves it now: neither the call nor its server need be what they were. */
  #deliver(name: string, call: Call): void {
    // Its client was told that it failed; a reset that comes nevertheless would be a surprise.
    if (call.isSettled) return;
    const server = this.#servers.get(name);
    if (server === undefined) {
      const waiting = this.#waiting.get(name) ?? new Set();
      this.#waiting.set(name, waiting.add(call));
    } else if (server.type !== call.type) {
      const got = `${server.type} at ${server.owner.fullyQualifiedName}`;
      const remedy = 'Call it with its own type.';
      const error = { problem: 'has another type', expected: call.type, got, remedy };
      call.settle({ error: new ServiceError(name, error) });
    } else {
      void this.#answer(name, server, call);
    }
  }

  async #answer(name: string, server: Server, call: Call): Promise<void> {
    try {
      const response = await server.handler(call.request as never);
      const { response: responseType } = getServiceHalves(server.type);
      call.settle({ response: copyChecked(responseType, response, name) });
    } catch (cause) {
      server.owner.guard.report(`service ${name}`, cause);
      const error = new ServiceError(name, {
        problem: `its handler in node ${server.owner.fullyQualifiedName} failed`,
        expected: 'a response',
        got: cause instanceof Error ? cause.message : String(cause),
        remedy: 'Look at the log of that node.',
        cause,
      });
      call.settle({ error });
    }
  }
}

function makeEndError(name: string, ended: 'the context' | 'the client'): ServiceError {
  return new ServiceError(name, {
    problem: ended === 'the context' ? 'the context was shut down' : 'the client was destroyed',
    expected: 'an answer',
    got: 'none so far',
    remedy: 'Wait for the answer first.',
  });
}
