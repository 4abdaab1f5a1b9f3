import { countOf } from './expression.ts';
import type { GraphBuilder } from './graph-builder.ts';
import { createSession, makeArrayTensor } from './session.ts';

export type ProgramArrays = Readonly<Record<string, Float32Array | Int32Array>>;

/**
 * A graph, ready to run on onnxruntime, on one thread: the same numbers in, the same bits out on the same machine and
 * version; another processor may round otherwise.
 */
export interface Program {
  /** Runs it on arrays by input name, which are not kept; the arrays by output name are the caller's own. */
  run(arrays: ProgramArrays): Promise<Record<string, Float32Array>>;
  free(): Promise<void>;
}

/** Compiles a graph. */
export async function compileProgram(graph: GraphBuilder): Promise<Program> {
  const session = await createSession(graph.encode(), 'cpu');
  const { inputs, outputs } = graph;
  return {
    async run(arrays) {
      const feeds = inputs.map(({ name, shape }) => {
        const array = arrays[name];
        if (array?.length !== countOf(shape)) {
          throw new RangeError(
            `program: input '${name}' is [${shape}], got ${array?.length ?? 'no'} numbers`,
          );
        }
        return [name, makeArrayTensor(array, shape)] as const;
      });
      const results = await session.run(Object.fromEntries(feeds));
      return Object.fromEntries(
        outputs.map(({ name }) => [name, results[name]!.data as Float32Array]),
      );
    },
    free: () => session.release(),
  };
}
