import type { Rng } from '../../sim/math/rng.ts';
import { GraphBuilder } from '../onnx/graph-builder.ts';
import type { DenseLayer } from '../onnx/policy-network.ts';
import { compileProgram, type Program } from '../onnx/program.ts';
import { DescendedParameters } from './descended-parameters.ts';
import { writeDescent } from './descent.ts';
import {
  copyLayers,
  initializeNetwork,
  listParameters,
  type NetworkShape,
  writeLayers,
} from './network-shape.ts';
import { makeParameterLayout, type ParameterLayout, splitParameters } from './parameters.ts';

export interface RegressionOptions {
  /** Of a network that remembers nothing. */
  readonly network: NetworkShape;
  /** Rows of a minibatch. */
  readonly batchSize: number;
  readonly rng: Rng;
}

/**
 * A multilayer perceptron under regression by Adam, see `Program`: the same calls give the same bits on the same machine
 * and version.
 */
export class Regression {
  readonly #network: NetworkShape;
  readonly #layout: ParameterLayout;
  readonly #program: Program;
  readonly #parameters: DescendedParameters;

  private constructor(
    { network, rng }: RegressionOptions,
    layout: ParameterLayout,
    program: Program,
  ) {
    this.#network = network;
    this.#layout = layout;
    this.#program = program;
    const first = new Float32Array(layout.count);
    initializeNetwork(first, layout, network, { outputScale: 1, rng });
    this.#parameters = new DescendedParameters(first);
  }

  static async make(options: RegressionOptions): Promise<Regression> {
    const layout = makeParameterLayout(listParameters(options.network));
    return new Regression(options, layout, await compileStep(options, layout));
  }

  /**
   * One step of Adam on one minibatch.
   * @param inputs [batchSize, numIn]
   * @param targets [batchSize, numOut]
   * @returns the mean squared error before it
   */
  async step(inputs: Float32Array, targets: Float32Array, learningRate: number): Promise<number> {
    const arrays = { inputs, targets };
    const { loss } = await this.#parameters.step(this.#program, arrays, learningRate);
    return loss![0]!;
  }

  /** The weights as they are now. */
  copyLayers(): DenseLayer[] {
    return copyLayers(this.#parameters.values, this.#layout, this.#network);
  }

  /** Gives the memory back; nothing may be called after it. */
  async free(): Promise<void> {
    await this.#program.free();
  }
}

function compileStep(
  { network, batchSize }: RegressionOptions,
  layout: ParameterLayout,
): Promise<Program> {
  const graph = new GraphBuilder();
  const parameters = graph.input('parameters', [layout.count]);
  const pieces = splitParameters(parameters, layout);
  const output = writeLayers(graph.input('inputs', [batchSize, network.numIn]), network, pieces);
  const targets = graph.input('targets', [batchSize, network.numOut]);
  const loss = output.sub(targets).square().mean();
  writeDescent(graph, { loss, parameters, pieces });
  graph.output('loss', loss);
  return compileProgram(graph);
}
