import { countOf } from './expression.ts';
import type { GraphBuilder } from './graph-builder.ts';
import { createSession, makeArrayTensor } from './session.ts';

export type ProgramArrays = Readonly<Record<string, Float32Array | Int32Array>>;

/**
 * A graph, ready to run on onnxruntime, on one thread: the same numbers in, the same bits out on the same machine and
 * version; another processor may round otherwise.
 */
export interface Program {
  /**
   * Takes in arrays by input name for all runs until others are held. They may be copied, and must not be written to
   * meanwhile. Names that are no inputs are passed over.
   */
  hold(arrays: ProgramArrays): Promise<void>;
  /**
   * Runs it on what it holds and on arrays by input name, which are not kept; the arrays by output name are the caller's own.
   * @throws RangeError for an input that is missing or of another size
   */
  run(arrays: ProgramArrays): Promise<Record<string, Float32Array>>;
  free(): Promise<void>;
}

/** A graph as bytes, with what goes in and comes out. Can be sent to another thread. */
export interface EncodedGraph {
  readonly bytes: Uint8Array;
  readonly inputs: readonly { readonly name: string; readonly shape: readonly number[] }[];
  readonly outputs: readonly string[];
}

export function encodeGraph(graph: GraphBuilder): EncodedGraph {
  return {
    bytes: graph.encode(),
    inputs: graph.inputs.map(({ name, shape }) => ({ name, shape })),
    outputs: graph.outputs.map(({ name }) => name),
  };
}

/** Compiles a graph. */
export function compileProgram(graph: GraphBuilder): Promise<Program> {
  return openProgram(encodeGraph(graph));
}

export async function openProgram({ bytes, inputs, outputs }: EncodedGraph): Promise<Program> {
  const session = await createSession(bytes, 'cpu');
  let held: ProgramArrays = {};
  return {
    async hold(arrays) {
      held = arrays;
    },
    async run(arrays) {
      const feeds = inputs.map(({ name, shape }) => {
        const array = arrays[name] ?? held[name];
        if (array?.length !== countOf(shape)) {
          throw new RangeError(
            `program: input '${name}' is [${shape}], got ${array?.length ?? 'no'} numbers`,
          );
        }
        return [name, makeArrayTensor(array, shape)] as const;
      });
      const results = await session.run(Object.fromEntries(feeds));
      return Object.fromEntries(outputs.map((name) => [name, results[name]!.data as Float32Array]));
    },
    free: () => session.release(),
  };
}
