import type { Rng } from '../../sim/math/rng.ts';
import { GraphBuilder } from '../onnx/graph-builder.ts';
import type { DenseLayer } from '../onnx/policy-network.ts';
import { compileProgram, type Program } from '../onnx/program.ts';
import { computeAdamRate } from './adam.ts';
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
  #parameters: Float32Array;
  #firstMoment: Float32Array;
  #secondMoment: Float32Array;
  #numSteps = 0;

  private constructor(
    { network, rng }: RegressionOptions,
    layout: ParameterLayout,
    program: Program,
  ) {
    this.#network = network;
    this.#layout = layout;
    this.#program = program;
    this.#parameters = new Float32Array(layout.count);
    this.#firstMoment = new Float32Array(layout.count);
    this.#secondMoment = new Float32Array(layout.count);
    initializeNetwork(this.#parameters, layout, network, { outputScale: 1, rng });
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
    this.#numSteps++;
    const result = await this.#program.run({
      inputs,
      targets,
      parameters: this.#parameters,
      firstMoment: this.#firstMoment,
      secondMoment: this.#secondMoment,
      rate: Float32Array.of(computeAdamRate(learningRate, this.#numSteps)),
    });
    this.#parameters = result.newParameters!;
    this.#firstMoment = result.newFirstMoment!;
    this.#secondMoment = result.newSecondMoment!;
    return result.loss![0]!;
  }

  /** The weights as they are now. */
  copyLayers(): DenseLayer[] {
    return copyLayers(this.#parameters, this.#layout, this.#network);
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
