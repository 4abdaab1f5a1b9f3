import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/**
 * A client of the environment protocol, written from sim/env-server/PROTOCOL.md and sharing no code with the server:
 * what the page does not say, this does not know.
 */
export const KIND = {
  ...{ hello: 1, reset: 2, step: 3, get: 4, set: 5, ping: 6, close: 7 },
  ...{ welcome: 65, result: 66, value: 67, pong: 68, bye: 69, error: 70 },
} as const;

export interface Reply {
  readonly version: number;
  readonly kind: number;
  readonly request: number;
  readonly block: Buffer;
  readonly text: unknown;
}

export interface ErrorText {
  readonly code: string;
  readonly isFatal: boolean;
  readonly message: string;
  readonly errors: readonly Readonly<Record<string, string>>[];
}

interface Layout {
  readonly bytes: number;
  readonly arrays: readonly {
    readonly name: string;
    readonly dtype: 'float32' | 'float64' | 'uint8';
    readonly shape: readonly number[];
    readonly offset: number;
  }[];
}

interface Space {
  readonly shape: readonly number[];
  readonly names: readonly string[];
  readonly low: readonly (number | null)[];
  readonly high: readonly (number | null)[];
}

export interface Welcome {
  readonly server: string;
  readonly env: {
    readonly task: string;
    readonly numEnvs: number;
    readonly autoreset: string;
    readonly rateHz: number;
    readonly maxSteps: number;
    readonly spaces: Readonly<
      Record<'observation' | 'action' | 'adversary' | 'critic' | 'goal', Space>
    >;
    readonly rewardNames: readonly string[];
    readonly costNames: readonly string[];
    readonly contextNames: readonly string[];
    readonly attributes: Readonly<Record<string, { readonly isWritable: boolean }>>;
  };
  readonly layout: Readonly<Record<'action' | 'step' | 'tail', Layout>>;
}

/** Numbers by the names of their arrays. */
type Arrays = Readonly<Record<string, readonly number[]>>;

/** Arrays by name, the records of environments whose episode has begun or ended, and the episodes that have ended. */
export interface Result {
  readonly arrays: Arrays;
  readonly tail: readonly Arrays[];
  readonly episodes: readonly Readonly<Record<string, unknown>>[];
}

export function encodeFrame(
  kind: number,
  request: number,
  parts: { readonly block?: Buffer; readonly text?: unknown } = {},
): Buffer {
  const block = parts.block ?? Buffer.alloc(0);
  const text = parts.text === undefined ? Buffer.alloc(0) : Buffer.from(JSON.stringify(parts.text));
  const header = Buffer.alloc(16);
  header.write('ZG', 0, 'latin1');
  header.writeUInt8(1, 2);
  header.writeUInt8(kind, 3);
  header.writeUInt32LE(request, 4);
  header.writeUInt32LE(block.length, 8);
  header.writeUInt32LE(text.length, 12);
  return Buffer.concat([header, block, text]);
}

export class EnvClient {
  readonly socket: Socket;
  #received = Buffer.alloc(0);
  #next = 1;
  #welcome: Welcome | undefined;
  #wake = () => {};

  constructor(socket: Socket) {
    this.socket = socket;
    socket.on('data', (piece: Buffer) => {
      this.#received = Buffer.concat([this.#received, piece]);
      this.#wake();
    });
    socket.on('error', () => {});
    for (const end of ['end', 'close']) socket.on(end, () => this.#wake());
  }

  get welcome(): Welcome {
    return this.#welcome!;
  }

  async readReply(): Promise<Reply> {
    await this.#waitFor(16);
    const header = this.#received;
    const blockBytes = header.readUInt32LE(8);
    const textBytes = header.readUInt32LE(12);
    await this.#waitFor(16 + blockBytes + textBytes);
    const frame = this.#received.subarray(0, 16 + blockBytes + textBytes);
    this.#received = this.#received.subarray(frame.length);
    const text = frame.subarray(16 + blockBytes).toString('utf8');
    return {
      version: frame.readUInt8(2),
      kind: frame.readUInt8(3),
      request: frame.readUInt32LE(4),
      block: frame.subarray(16, 16 + blockBytes),
      text: text === '' ? undefined : JSON.parse(text),
    };
  }

  /** Sends a request and waits for its reply. */
  async ask(
    kind: number,
    parts: { readonly block?: Buffer; readonly text?: unknown } = {},
  ): Promise<Reply> {
    const request = this.#next++;
    this.socket.write(encodeFrame(kind, request, parts));
    const reply = await this.readReply();
    if (reply.request !== request) throw new Error(`reply to ${reply.request}, not ${request}`);
    return reply;
  }

  async hello(env: object = {}, more: object = {}): Promise<Welcome> {
    const text = { protocol: 'zerogap.env', client: 'test', env, ...more };
    const reply = await this.ask(KIND.hello, { text });
    if (reply.kind !== KIND.welcome) throw new Error((reply.text as ErrorText).message);
    this.#welcome = reply.text as Welcome;
    return this.#welcome;
  }

  async reset(seed?: number | readonly number[], mask?: readonly number[]): Promise<Result> {
    const block = Buffer.alloc(mask === undefined ? 0 : Math.ceil(mask.length / 8) * 8);
    block.set(mask ?? []);
    return this.#readResult(await this.ask(KIND.reset, { block, text: { seed } }));
  }

  async step(action: ArrayLike<number>, adversary?: ArrayLike<number>): Promise<Result> {
    const blocks = [action, ...(adversary === undefined ? [] : [adversary])];
    const block = Buffer.concat(blocks.map((numbers) => this.encodeAction(numbers)));
    return this.#readResult(await this.ask(KIND.step, { block }));
  }

  encodeAction(action: ArrayLike<number>): Buffer {
    const block = Buffer.alloc(Math.ceil((4 * action.length) / 8) * 8);
    for (let k = 0; k < action.length; k++) block.writeFloatLE(action[k]!, 4 * k);
    return block;
  }

  /** Asks for what must be refused. */
  async askInVain(
    kind: number,
    parts: { readonly block?: Buffer; readonly text?: unknown } = {},
  ): Promise<ErrorText> {
    const reply = await this.ask(kind, parts);
    if (reply.kind !== KIND.error) throw new Error(`was answered by ${reply.kind}, not refused`);
    return reply.text as ErrorText;
  }

  async waitForEnd(): Promise<void> {
    if (!this.socket.closed) await once(this.socket, 'close');
  }

  #readResult(reply: Reply): Result {
    if (reply.kind !== KIND.result) throw new Error((reply.text as ErrorText).message);
    const { step, tail } = this.welcome.layout;
    const { block } = reply;
    const numRecords = (block.length - step.bytes) / tail.bytes;
    const text = reply.text as { readonly episodes: Result['episodes'] } | undefined;
    return {
      arrays: readArrays(step, block, 0),
      tail: Array.from({ length: numRecords }, (_, k) =>
        readArrays(tail, block, step.bytes + k * tail.bytes),
      ),
      episodes: text?.episodes ?? [],
    };
  }

  async #waitFor(bytes: number): Promise<void> {
    while (this.#received.length < bytes) {
      if (this.socket.closed || this.socket.readableEnded) {
        throw new Error(`the connection ended with ${this.#received.length} of ${bytes} bytes`);
      }
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}

function readArrays(layout: Layout, block: Buffer, start: number): Arrays {
  const entries = layout.arrays.map(({ name, dtype, shape, offset }) => {
    const at = start + offset;
    const count = shape.reduce((product, size) => product * size, 1);
    const numbers = Array.from({ length: count }, (_, k) => {
      if (dtype === 'uint8') return block.readUInt8(at + k);
      return dtype === 'float32' ? block.readFloatLE(at + 4 * k) : block.readDoubleLE(at + 8 * k);
    });
    return [name, numbers] as const;
  });
  return Object.fromEntries(entries);
}

/** @param address as the server prints it */
export async function connectEnvClient(address: string): Promise<EnvClient> {
  const path = /^unix:(.+)$/.exec(address)?.[1];
  const [, host, port] = /^tcp:(.+):(\d+)$/.exec(address) ?? [];
  const socket = path === undefined ? connect(Number(port), host) : connect(path);
  const client = new EnvClient(socket);
  await once(socket, 'connect');
  return client;
}
