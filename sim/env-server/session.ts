import { UserError } from '../errors.ts';
import { type Frame, type FrameLimits, makeFrame } from './frame.ts';
import { describeFailure } from './reply-error.ts';
import { type EnvRequest, Get, Hello, parseRequest, Reset, SetValue } from './requests.ts';
import { Served } from './served.ts';
import type { ServedEnv } from './served-env.ts';

/** [bytes] for whoever has not said hello yet, and for the text of any request. */
const FIRST_LIMITS: FrameLimits = { block: 0, text: 256 * 1024 };
/** [bytes] A block of actions of the wrong shape is read up to here, so that it gets an answer that helps. */
const WRONG_BLOCK = 1024 * 1024;

export interface SessionOptions {
  /** Who serves, for the welcome. */
  readonly server: string;
  readonly checkToken: (token: string | undefined) => void;
  readonly makeEnv: (request: EnvRequest) => Promise<ServedEnv>;
}

/** The bytes of a reply, in order. Borrowed until the next request is handled. */
type Reply = readonly Uint8Array[];

/**
 * The conversation with one client: requests in, replies out, one at a time. Owns a set of environments of its
 * own from `hello` to the end. Knows no sockets.
 */
export class Session {
  readonly #options: SessionOptions;
  #served: Served | undefined;
  #isReset = false;
  #isOver = false;
  #numSteps = 0;
  #numEnvs: number | undefined;

  constructor(options: SessionOptions) {
    this.#options = options;
  }

  /** Nothing more is to be read. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** [1] steps of the whole set so far */
  get numSteps(): number {
    return this.#numSteps;
  }

  /** [1] undefined before `hello` */
  get numEnvs(): number | undefined {
    return this.#numEnvs;
  }

  /** What the next request may be long. */
  get limits(): FrameLimits {
    if (this.#served === undefined) return FIRST_LIMITS;
    const { bytes } = this.#served.action;
    return { ...FIRST_LIMITS, block: Math.max(WRONG_BLOCK, 4 * bytes) };
  }

  /** One at a time. Never throws: whatever goes wrong is told to the client. */
  async handle(frame: Frame): Promise<Reply> {
    try {
      return await this.#answer(frame);
    } catch (error) {
      return [this.fail(error, frame.request)];
    }
  }

  /** The frame that tells what went wrong; what cannot be gone on from ends the session. */
  fail(error: unknown, request: number): Uint8Array {
    const failure = describeFailure(error);
    if (failure.isFatal) this.#isOver = true;
    // What was interrupted in the middle of a step has no state to go on from.
    if (failure.code !== 'input') this.#isReset = false;
    return makeFrame({ kind: 'error', request, text: JSON.stringify(failure) });
  }

  /** After the last request has been handled. */
  async end(): Promise<void> {
    this.#isOver = true;
    const served = this.#served;
    this.#served = undefined;
    await served?.env.free();
  }

  async #answer(frame: Frame): Promise<Reply> {
    const { kind, request } = frame;
    if (kind === 'hello') return [await this.#welcome(frame)];
    if (kind === 'ping') return [makeFrame({ kind: 'pong', request })];
    if (kind === 'close') {
      this.#isOver = true;
      return [makeFrame({ kind: 'bye', request })];
    }
    const served = this.#served;
    if (served === undefined) throw refuseOrder(kind, 'hello first', 'nothing has been said yet');
    switch (kind) {
      case 'step':
        return this.#step(served, frame);
      case 'reset':
        return this.#reset(served, frame);
      case 'get': {
        const { name } = parseRequest(Get, frame.text, 'get');
        assertAttribute(served.env, 'get', name);
        const text = JSON.stringify({ name, value: served.env.getAttribute(name) });
        return [makeFrame({ kind: 'value', request, text })];
      }
      case 'set': {
        const { name, value } = parseRequest(SetValue, frame.text, 'set');
        assertAttribute(served.env, 'set', name);
        served.env.setAttribute(name, value);
        const text = JSON.stringify({ name, value: served.env.getAttribute(name) });
        return [makeFrame({ kind: 'value', request, text })];
      }
      default:
        throw refuseOrder(kind, 'a request', 'a kind of frame that only servers send');
    }
  }

  async #welcome({ text, request }: Frame): Promise<Uint8Array> {
    const hello = parseRequest(Hello, text, 'hello');
    this.#options.checkToken(hello.token);
    if (this.#served !== undefined) {
      throw refuseOrder('hello', 'one hello per connection', 'a second one');
    }
    const env = await this.#options.makeEnv(hello.env);
    this.#served = new Served(env);
    this.#numEnvs = env.description.numEnvs;
    const { action, step, tail } = this.#served;
    const { server } = this.#options;
    // What nothing bounds is undefined, which JSON writes as null inside a list.
    const welcome = { server, env: env.description, layout: { action, step, tail } };
    return makeFrame({ kind: 'welcome', request, text: JSON.stringify(welcome) });
  }

  async #reset(served: Served, { block, text, request }: Frame): Promise<Reply> {
    const { numEnvs } = served.env.description;
    const { seed } = parseRequest(Reset, text, 'reset');
    const mask = block.length === 0 ? undefined : Uint8Array.from(block.subarray(0, numEnvs));
    assertReset({ numEnvs, seed, mask, blockBytes: block.length, wasReset: this.#isReset });
    const news = await served.env.reset({ seed, mask });
    this.#isReset = true;
    return served.reply(request, news);
  }

  async #step(served: Served, { block, request }: Frame): Promise<Reply> {
    if (!this.#isReset) throw refuseOrder('step', 'reset first', 'environments without an episode');
    served.takeAction(block);
    const news = await served.env.step();
    this.#numSteps++;
    return served.reply(request, news);
  }
}

function refuseOrder(where: string, expected: string, got: string): UserError {
  return new UserError({
    where,
    problem: 'this request cannot be answered now',
    expected,
    got,
    remedy: 'The order is hello, reset, then step as often as you like',
  });
}

function assertAttribute(env: ServedEnv, request: 'get' | 'set', name: string): void {
  const { attributes } = env.description;
  const attribute = attributes[name];
  const names = Object.keys(attributes).filter(
    (known) => request === 'get' || attributes[known]!.isWritable,
  );
  if (attribute !== undefined && names.includes(name)) return;
  throw new UserError({
    where: request,
    problem:
      attribute === undefined ? 'there is no such attribute' : 'this attribute cannot be set',
    expected: names.length === 0 ? 'none: this task has none' : `one of ${names.join(', ')}`,
    got: `'${name}'`,
    remedy: 'The welcome lists all attributes',
  });
}

function assertReset(reset: {
  readonly numEnvs: number;
  readonly seed: number | readonly number[] | undefined;
  readonly mask: Uint8Array | undefined;
  readonly blockBytes: number;
  readonly wasReset: boolean;
}): void {
  const { numEnvs, seed, mask, blockBytes, wasReset } = reset;
  const refuse = (problem: string, expected: string, got: string) => {
    throw new UserError({
      where: 'reset',
      problem,
      expected,
      got,
      remedy: 'Give a seed for a new run, nothing or a mask to go on with it',
    });
  };
  if (blockBytes !== 0 && blockBytes !== Math.ceil(numEnvs / 8) * 8) {
    refuse(
      'the mask does not fit the environments',
      `${numEnvs} bytes, padded to a multiple of 8, or none`,
      `${blockBytes} bytes`,
    );
  }
  const odd = mask?.findIndex((byte) => byte > 1) ?? -1;
  if (odd >= 0) {
    refuse(
      'the mask has other bytes',
      '0, or 1 where an episode is to start',
      `${mask![odd]} for environment ${odd}`,
    );
  }
  if (Array.isArray(seed) && seed.length !== numEnvs) {
    refuse('not one seed per environment', `${numEnvs} seeds`, `${seed.length}`);
  }
  if (seed !== undefined && blockBytes !== 0) {
    refuse('a seed starts a run of all environments', 'a seed or a mask', 'both');
  }
  if (seed === undefined && !wasReset) {
    refuse('everything random follows from the seed', 'a seed in the first reset', 'none');
  }
}
