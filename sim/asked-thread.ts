import { Worker } from 'node:worker_threads';
import { type EnvDump, NonFiniteError } from './env-guard.ts';
import { throwIfAny, UserError, type UserErrorParts } from './errors.ts';

/** What a thread says when it is asked, see serveThread. */
export type ThreadAnswer<Answer> =
  | { readonly kind: 'done'; readonly answer: Answer }
  | { readonly kind: 'notFinite'; readonly dump: EnvDump }
  | { readonly kind: 'refused'; readonly errors: readonly UserErrorParts[] }
  | { readonly kind: 'fault'; readonly text: string };

export interface AskedThreadOptions {
  /** What the thread runs; it has to call serveThread. */
  readonly entry: URL;
  /** As debuggers and errors call it. */
  readonly name: string;
}

/** A worker thread that is asked one thing at a time. While it is asked nothing it does not keep the process alive. */
export class AskedThread<Request, Answer> {
  readonly #worker: Worker;
  readonly #name: string;
  #pending: { resolve(answer: Answer): void; reject(error: unknown): void } | undefined;
  #error: unknown;

  constructor({ entry, name }: AskedThreadOptions) {
    this.#name = name;
    this.#worker = new Worker(entry, { execArgv: [], name });
    this.#worker.on('message', (answer: ThreadAnswer<Answer>) => this.#take(answer));
    this.#worker.on('error', (error) => this.#fail(error));
    this.#worker.on('exit', (code) =>
      this.#fail(new Error(`thread '${name}' ended by itself with code ${code}`)),
    );
    this.#worker.unref();
  }

  /**
   * @param request is copied
   * @throws whatever the thread threw: UserErrors and NonFiniteError as they were, all else with its stack as a text;
   * RangeError while it is still asked something
   */
  ask(request: Request): Promise<Answer> {
    return new Promise((resolve, reject) => {
      if (this.#error !== undefined) {
        reject(this.#error);
        return;
      }
      if (this.#pending !== undefined) {
        reject(new RangeError(`thread '${this.#name}' is still asked something else`));
        return;
      }
      this.#worker.postMessage(request);
      this.#pending = { resolve, reject };
      this.#worker.ref();
    });
  }

  /** Whatever it is doing. */
  async end(): Promise<void> {
    this.#fail(new RangeError(`thread '${this.#name}' has been ended`));
    await this.#worker.terminate();
  }

  #take(answer: ThreadAnswer<Answer>): void {
    const pending = this.#pending;
    this.#pending = undefined;
    this.#worker.unref();
    if (answer.kind === 'done') pending?.resolve(answer.answer);
    else pending?.reject(makeError(this.#name, answer));
  }

  #fail(error: unknown): void {
    this.#error ??= error;
    this.#pending?.reject(this.#error);
    this.#pending = undefined;
  }
}

function makeError(
  name: string,
  answer: Exclude<ThreadAnswer<never>, { readonly kind: 'done' }>,
): unknown {
  if (answer.kind === 'notFinite') return new NonFiniteError(answer.dump);
  if (answer.kind === 'fault') return new Error(`thread '${name}': ${answer.text}`);
  try {
    throwIfAny(answer.errors.map((parts) => new UserError(parts)));
    return new RangeError(`thread '${name}': refused without a reason`);
  } catch (error) {
    return error;
  }
}
