import { describe, expect, it } from 'vitest';
import { GraphBuilder } from '../../../policies/onnx/graph-builder.ts';
import { compileProgram } from '../../../policies/onnx/program.ts';
import { makeForward } from '../../../policies/training/forward.ts';
import {
  copyNetwork,
  initializeNetwork,
  listParameters,
  type NetworkShape,
  writeLayers,
  writeNormalized,
  writeStates,
} from '../../../policies/training/network-shape.ts';
import { makeParameterLayout, splitParameters } from '../../../policies/training/parameters.ts';
import { Rng } from '../../../sim/math/rng.ts';

const STEPS = 4;
const ROWS = 2;
const NORMALIZER = { mean: [0.1, 0.2, 0.3], std: [1, 2, 0.5], clip: 2 };

describe('a network that is learnt', () => {
  it.each([
    { numState: undefined, activation: 'tanh' },
    { numState: undefined, activation: 'elu' },
    { numState: 4, activation: 'relu' },
  ] as const)('is the one that is handed out: $numState remembered, $activation', async (part) => {
    const network: NetworkShape = { name: 'actor', numIn: 3, hidden: [5], numOut: 2, ...part };
    const layout = makeParameterLayout(listParameters(network));
    const vector = new Float32Array(layout.count);
    const rng = new Rng(1);
    initializeNetwork(vector, layout, network, { outputScale: 1, rng });
    const input = Float32Array.from({ length: STEPS * ROWS * 3 }, () => rng.normal(0, 1));
    // The second row's episode begins with step 2.
    const goesOn = Float32Array.of(1, 1, 1, 1, 1, 0, 1, 1);

    const graph = new GraphBuilder();
    const pieces = splitParameters(graph.input('parameters', [layout.count]), layout);
    const constants = {
      mean: graph.table(Float32Array.from(NORMALIZER.mean), [3]),
      std: graph.table(Float32Array.from(NORMALIZER.std), [3]),
      clip: NORMALIZER.clip,
    };
    let value = writeNormalized(graph.table(input, [STEPS * ROWS, 3]), constants);
    if (part.numState !== undefined) {
      const masks = graph.table(goesOn, [STEPS * ROWS, 1]);
      value = writeStates(value, graph.full([ROWS, 4], 0), masks, { network, pieces });
    }
    graph.output('out', writeLayers(value, network, pieces));
    const program = await compileProgram(graph);
    const { out } = await program.run({ parameters: vector });
    await program.free();

    const forward = makeForward(copyNetwork(vector, layout, network, NORMALIZER), ROWS);
    const rows = new Float32Array(ROWS * 2);
    for (let step = 0; step < STEPS; step++) {
      if (step === 2) forward.reset(1);
      forward.run(rows, input.subarray(step * ROWS * 3, (step + 1) * ROWS * 3), ROWS);
      // Single precision, sums of a few terms of order 1.
      rows.forEach((wanted, i) => {
        expect(out![step * ROWS * 2 + i]).toBeCloseTo(wanted, 5);
      });
    }
  });
});
