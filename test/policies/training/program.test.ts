import { afterAll, describe, expect, it } from 'vitest';
import { GraphBuilder } from '../../../policies/onnx/graph-builder.ts';
import { compileProgram, type Program } from '../../../policies/onnx/program.ts';
import { compileProgramInThread } from '../../../policies/training/program-thread.ts';

/** y = scale · table[rows] */
function writeGraph(): GraphBuilder {
  const graph = new GraphBuilder();
  const rows = graph.input('rows', [2], 'int32');
  const table = graph.input('table', [3, 2]);
  graph.output('y', table.gather(rows).mul(graph.input('scale', [])));
  return graph;
}

const TABLE = Float32Array.of(1, 2, 3, 4, 5, 6);
const SCALE = Float32Array.of(10);
const open: Program[] = [];
afterAll(async () => {
  for (const program of open) await program.free();
});

describe.each([
  ['in the thread that asks', compileProgram],
  ['in one of its own', (graph: GraphBuilder) => compileProgramInThread(graph, 'test')],
])('a program %s', (_, compile) => {
  it('takes what it holds and what it is given, and leaves both as they are', async () => {
    const program = await compile(writeGraph());
    open.push(program);
    const table = TABLE.slice();
    const rows = Int32Array.of(2, 0);
    await program.hold({ table, scale: SCALE, other: SCALE });
    for (let k = 0; k < 2; k++) {
      expect([...(await program.run({ rows })).y!]).toEqual([50, 60, 10, 20]);
    }
    // What is given goes before what is held.
    const { y } = await program.run({ rows: Int32Array.of(1, 1), scale: Float32Array.of(-1) });
    expect([...y!]).toEqual([-3, -4, -3, -4]);
    expect([table, [...rows]]).toEqual([TABLE, [2, 0]]);
  });

  it('says which input is missing or of another size, and can be asked again', async () => {
    const program = await compile(writeGraph());
    open.push(program);
    const rows = Int32Array.of(0, 1);
    await expect(program.run({ rows, scale: SCALE })).rejects.toThrow(
      "program: input 'table' is [3,2], got no numbers",
    );
    const wrong = program.run({ rows, scale: SCALE, table: SCALE });
    await expect(wrong).rejects.toThrow("program: input 'table' is [3,2], got 1 numbers");
    const { y } = await program.run({ rows, scale: SCALE, table: TABLE });
    expect([...y!]).toEqual([10, 20, 30, 40]);
  });
});

it('a thread that has been ended answers nothing any more', async () => {
  const program = await compileProgramInThread(writeGraph(), 'ended');
  await program.free();
  await expect(program.run({ rows: Int32Array.of(0, 1) })).rejects.toThrow(/ended/);
});
