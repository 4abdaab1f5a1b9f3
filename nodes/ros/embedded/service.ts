import { UserError } from '../../../sim/errors.ts';
import { getServiceHalves } from '../definitions.ts';
import { ServiceError } from '../errors.ts';
import type { Client, Service } from '../port.ts';
import { copyChecked } from '../validate.ts';
import type { SystemClock } from './clock.ts';
import type { Executor } from './executor.ts';
import type { Owner } from './topic.ts';

const DEFAULT_TIMEOUT_MS = 5000;

type Handler = (request: never) => unknown;

interface Server {
  readonly type: string;
  readonly owner: Owner;
  readonly handler: Handler;
}

interface Call {
  readonly request: unknown;
  settle(outcome: { response: unknown } | { error: ServiceError }): void;
}

/** Every service of one context. Calls made before their server exists wait for it, up to their time. */
export class Services {
  readonly #executor: Executor;
  readonly #clock: SystemClock;
  readonly #servers = new Map<string, Server>();
  readonly #waiting = new Map<string, Set<Call>>();
  readonly #unanswered = new Set<{ fail(): void }>();

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
    for (const call of this.#waiting.get(name) ?? []) this.#dispatch(name, server, call);
    this.#waiting.delete(name);
    return {
      name,
      destroy: () => {
        if (this.#servers.get(name) === server) this.#servers.delete(name);
      },
    };
  }

  makeClient<Request, Response>(name: string, type: string): Client<Request, Response> {
    const { request: requestType } = getServiceHalves(type);
    let isAlive = true;
    return {
      name,
      isReady: () => this.#servers.get(name)?.type === type,
      call: async (request, options) => {
        if (!isAlive) throw new RangeError(`service ${name}: the client is destroyed`);
        const copy = copyChecked(requestType, request, name);
        return (await this.#call(name, type, copy, options?.timeoutMs)) as Response;
      },
      destroy: () => {
        isAlive = false;
      },
    };
  }

  /** Fails every call that has no answer yet. */
  stop(): void {
    for (const ending of [...this.#unanswered]) ending.fail();
  }

  #call(name: string, type: string, request: unknown, timeoutMs = DEFAULT_TIMEOUT_MS) {
    return new Promise<unknown>((resolve, reject) => {
      const call: Call = {
        request,
        settle: (outcome) => {
          cancel();
          this.#unanswered.delete(ending);
          this.#waiting.get(name)?.delete(call);
          if ('error' in outcome) reject(outcome.error);
          else resolve(outcome.response);
        },
      };
      const cancel = this.#clock.schedule(timeoutMs, () => {
        call.settle({ error: this.#makeTimeoutError(name, timeoutMs) });
      });
      const ending = { fail: () => call.settle({ error: makeShutdownError(name) }) };
      this.#unanswered.add(ending);
      const server = this.#servers.get(name);
      if (server === undefined) {
        const waiting = this.#waiting.get(name) ?? new Set();
        this.#waiting.set(name, waiting.add(call));
      } else if (server.type !== type) {
        const got = `${server.type} at ${server.owner.fullyQualifiedName}`;
        const remedy = 'Call it with its own type.';
        const error = { problem: 'has another type', expected: type, got, remedy };
        call.settle({ error: new ServiceError(name, error) });
      } else {
        this.#dispatch(name, server, call);
      }
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

  #dispatch(name: string, server: Server, call: Call): void {
    this.#executor.post({ run: () => void this.#answer(name, server, call) });
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

function makeShutdownError(name: string): ServiceError {
  return new ServiceError(name, {
    problem: 'the context was shut down',
    expected: 'an answer',
    got: 'none so far',
    remedy: 'Wait for the answer before shutting down.',
  });
}
