import { UserError } from '../errors.ts';
import { HEADER_BYTES, writeHeader } from './frame.ts';
import { type BlockLayout, type Numbers, placeArrays, viewArray } from './layout.ts';
import type { ServedEnv, ServedNews } from './served-env.ts';

/** Spaces that a step is asked with, in the order of its block. */
const INPUTS = ['action', 'adversary'] as const;
type Input = (typeof INPUTS)[number];

/** A set of environments with the buffers of its replies. */
export class Served {
  readonly env: ServedEnv;
  readonly #inputs: readonly Input[];
  readonly action: BlockLayout;
  readonly step: BlockLayout;
  readonly tail: BlockLayout;
  /** Header, step, and room for one record of the tail per environment. */
  readonly #frame: Uint8Array<ArrayBuffer>;
  readonly #stepViews: readonly Numbers[];
  readonly #record: Uint8Array<ArrayBuffer>;
  readonly #recordViews: readonly Numbers[];

  constructor(env: ServedEnv) {
    const { numEnvs, spaces } = env.description;
    this.env = env;
    this.#inputs = INPUTS.filter((name) => spaces[name].names.length > 0);
    this.action = placeArrays(
      this.#inputs.map((name) => {
        return { name, dtype: 'float32', shape: [numEnvs, ...spaces[name].shape] };
      }),
    );
    this.step = placeArrays(env.stepArrays);
    this.tail = placeArrays(env.tailArrays);
    this.#frame = new Uint8Array(HEADER_BYTES + this.step.bytes + numEnvs * this.tail.bytes);
    this.#stepViews = viewAll(this.step, this.#frame.buffer, HEADER_BYTES);
    this.#record = new Uint8Array(this.tail.bytes);
    this.#recordViews = viewAll(this.tail, this.#record.buffer);
  }

  /** @throws UserError for another shape, or a number that is not finite: then nothing has been simulated */
  takeAction(block: Uint8Array): void {
    const { arrays, bytes } = this.action;
    if (block.length !== bytes) {
      const shapes = arrays.map(({ name, shape }) => `${name} [${shape.join(', ')}] float32`);
      throw new UserError({
        where: 'step',
        problem: 'what was sent does not have the shape of the spaces',
        expected: `${shapes.join(', ')}, ${bytes} bytes`,
        got: `${block.length} bytes`,
        remedy: 'Send one row per environment, each array padded to a multiple of 8 bytes',
      });
    }
    const sent = this.#inputs.map((name, k) => {
      const start = block.byteOffset + arrays[k]!.offset;
      return new Float32Array(block.buffer, start, this.env[name].length);
    });
    this.#inputs.forEach((name, k) => void this.#assertFinite(name, sent[k]!));
    this.#inputs.forEach((name, k) => void this.env[name].set(sent[k]!));
  }

  #assertFinite(input: Input, sent: Float32Array): void {
    const k = sent.findIndex((value) => !Number.isFinite(value));
    if (k < 0) return;
    const { names } = this.env.description.spaces[input];
    const env = Math.floor(k / names.length);
    throw new UserError({
      where: `step: ${input} of environment ${env}, ${names[k % names.length]}`,
      problem: 'the number is not finite; nothing was simulated',
      expected: 'finite numbers',
      got: String(sent[k]),
      remedy: 'Look at what the policy computed it from; a lower learning rate often helps',
    });
  }

  /** The frame of a result. Borrowed until the next one. */
  reply(request: number, { episodes, changed }: ServedNews): readonly Uint8Array[] {
    this.env.writeStep(this.#stepViews);
    let end = HEADER_BYTES + this.step.bytes;
    for (const env of changed) {
      this.env.writeTail(this.#recordViews, env);
      this.#frame.set(this.#record, end);
      end += this.tail.bytes;
    }
    const text =
      episodes.length === 0 ? undefined : Buffer.from(JSON.stringify({ episodes }), 'utf8');
    const blockBytes = end - HEADER_BYTES;
    const textBytes = text?.length ?? 0;
    writeHeader(this.#frame, { kind: 'result', request, blockBytes, textBytes });
    const frame = this.#frame.subarray(0, end);
    return text === undefined ? [frame] : [frame, text];
  }
}

function viewAll(layout: BlockLayout, buffer: ArrayBuffer, start = 0): readonly Numbers[] {
  return layout.arrays.map((array) => viewArray(array, buffer, start));
}
