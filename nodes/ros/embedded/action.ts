import { randomBytes } from 'node:crypto';
import { UserError } from '../../../sim/errors.ts';
import type {
  ActionClient,
  ActionServer,
  ActionServerHandlers,
  ClientGoal,
  GoalOutcome,
} from '../action.ts';
import { makeActionErrors, takeOn } from '../action-goals.ts';
import type { SystemClock } from '../core/clock.ts';
import type { Executor } from '../core/executor.ts';
import { getActionParts } from '../definitions.ts';
import { copyChecked } from '../validate.ts';
import type { Owner } from './topic.ts';

/** [ms] */
const DEFAULT_TIMEOUT_MS = 5000;

type Handlers = ActionServerHandlers<never, unknown, unknown>;
interface Ending {
  readonly outcome: GoalOutcome;
  readonly result: unknown;
}

interface Server {
  readonly type: string;
  readonly owner: Owner;
  readonly handlers: Handlers;
  /** What ends each goal in progress. */
  readonly goals: Map<string, AbortController>;
  /** Told when the server goes, for the clients of goals in progress. */
  readonly onEnd: Set<() => void>;
}

/** Every action of one context. Goals sent before their server exists wait for it, up to their time. */
export class Actions {
  readonly #executor: Executor;
  readonly #clock: SystemClock;
  readonly #servers = new Map<string, Server>();
  readonly #waiting = new Map<string, Set<() => void>>();

  constructor(executor: Executor, clock: SystemClock) {
    this.#executor = executor;
    this.#clock = clock;
  }

  /** @throws UserError if the action has a server already */
  serve<G, R, F>(
    name: string,
    type: string,
    owner: Owner,
    handlers: ActionServerHandlers<G, R, F>,
  ): ActionServer {
    getActionParts(type);
    const other = this.#servers.get(name);
    if (other !== undefined) {
      throw new UserError({
        where: `action ${name}`,
        problem: `node ${owner.fullyQualifiedName} offers what another node offers already`,
        expected: 'one server',
        got: `a second beside ${other.owner.fullyQualifiedName}`,
        remedy: 'Remap one of them or give its node another namespace.',
      });
    }
    const server: Server = {
      ...{ type, owner, handlers: handlers as unknown as Handlers },
      ...{ goals: new Map(), onEnd: new Set() },
    };
    this.#servers.set(name, server);
    for (const retry of this.#waiting.get(name) ?? []) this.#executor.post({ run: retry });
    this.#waiting.delete(name);
    const end = {
      name,
      destroy: () => {
        if (this.#servers.get(name) !== server) return;
        this.#servers.delete(name);
        for (const goal of server.goals.values()) goal.abort();
        for (const tell of [...server.onEnd]) tell();
        owner.disown(end);
      },
    };
    return end;
  }

  makeClient<G, R, F>(name: string, type: string, owner: Owner): ActionClient<G, R, F> {
    const parts = getActionParts(type);
    let isAlive = true;
    const client: ActionClient<G, R, F> = {
      name,
      isReady: () => this.#servers.get(name)?.type === type,
      sendGoal: async (goal, options = {}) => {
        if (!isAlive) throw new RangeError(`action ${name}: the client is destroyed`);
        const copy = copyChecked(parts.goal, goal, name);
        const server = await this.#findServer(name, type, options.timeoutMs ?? DEFAULT_TIMEOUT_MS);
        const onFeedback = (feedback: unknown) => {
          if (!isAlive || options.onFeedback === undefined) return;
          const own = copyChecked(parts.feedback, feedback, name) as F;
          owner.guard.run(`feedback of ${name}`, options.onFeedback, own);
        };
        return this.#start(name, server, copy, onFeedback) as unknown as ClientGoal<R>;
      },
      destroy: () => {
        isAlive = false;
        owner.disown(client);
      },
    };
    return client;
  }

  #start(
    name: string,
    server: Server,
    goal: unknown,
    onFeedback: (feedback: unknown) => void,
  ): ClientGoal<unknown> {
    const id = randomBytes(16).toString('hex');
    const errors = makeActionErrors(name);
    const run = takeOn({ ...server, name, id, goal: goal as never }, (feedback) =>
      this.#executor.post({ run: () => onFeedback(feedback) }),
    );
    if (run === undefined) throw errors.rejected(server.owner.fullyQualifiedName);
    server.goals.set(id, run.controller);
    const ended = new Promise<Ending>((resolve, reject) => {
      const onEnd = () => reject(errors.gone());
      server.onEnd.add(onEnd);
      void run.ended.then((ending) => {
        server.onEnd.delete(onEnd);
        server.goals.delete(id);
        // After the feedback that is still on its way.
        this.#executor.post({ run: () => resolve(ending) });
      });
    });
    ended.catch(() => {});
    return { id, ended, cancel: async () => run.cancel() };
  }

  /** Waits for the action's server. @throws ActionError */
  #findServer(name: string, type: string, timeoutMs: number): Promise<Server> {
    return new Promise((resolve, reject) => {
      const errors = makeActionErrors(name);
      const forget = () => {
        const waiting = this.#waiting.get(name);
        waiting?.delete(look);
        if (waiting?.size === 0) this.#waiting.delete(name);
      };
      const cancelTimeout = this.#clock.schedule(timeoutMs, () => {
        forget();
        reject(errors.noServer(timeoutMs));
      });
      const look = () => {
        const server = this.#servers.get(name);
        if (server === undefined) {
          this.#waiting.set(name, (this.#waiting.get(name) ?? new Set()).add(look));
          return;
        }
        cancelTimeout();
        if (server.type === type) resolve(server);
        else reject(errors.wrongType(type, server.type, server.owner.fullyQualifiedName));
      };
      this.#executor.post({ run: look });
    });
  }
}
