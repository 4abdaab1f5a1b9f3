import { AskedThread } from '../../sim/asked-thread.ts';
import type { GraphBuilder } from '../onnx/graph-builder.ts';
import {
  type EncodedGraph,
  encodeGraph,
  type Program,
  type ProgramArrays,
} from '../onnx/program.ts';

/** What a thread that runs a program is asked. */
export type ProgramRequest =
  | { readonly kind: 'open'; readonly graph: EncodedGraph }
  | { readonly kind: 'hold' | 'run'; readonly arrays: ProgramArrays };

/** By output name; of `open` and `hold` nothing. */
export type ProgramAnswer = Record<string, Float32Array>;

/**
 * Compiles a graph in a thread of its own: it runs while whoever asked does something else. Arrays are copied to it and
 * back, so that what stays the same is best held.
 * @param name of the thread
 */
export async function compileProgramInThread(graph: GraphBuilder, name: string): Promise<Program> {
  const entry = new URL('./program-worker-entry.js', import.meta.url);
  const thread = new AskedThread<ProgramRequest, ProgramAnswer>({ entry, name });
  const encoded = encodeGraph(graph);
  const names = new Set(encoded.inputs.map((input) => input.name));
  const pick = (arrays: ProgramArrays): ProgramArrays =>
    Object.fromEntries(Object.entries(arrays).filter(([key]) => names.has(key)));
  try {
    await thread.ask({ kind: 'open', graph: encoded });
  } catch (error) {
    await thread.end();
    throw error;
  }
  return {
    async hold(arrays) {
      await thread.ask({ kind: 'hold', arrays: pick(arrays) });
    },
    run: (arrays) => thread.ask({ kind: 'run', arrays: pick(arrays) }),
    free: () => thread.end(),
  };
}
