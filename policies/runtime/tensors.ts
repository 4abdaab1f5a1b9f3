import { computeInputWidth, type PolicyManifest } from '../manifest.ts';
import { makeTensor, type Tensors } from '../onnx/session.ts';

/** Every tensor of a policy, allocated once. */
export interface PolicyTensors {
  /** [batch, numObs] */
  readonly input: Float32Array;
  /** [batch, numActions] */
  readonly output: Float32Array;
  /** By turn: in turn 0 recurrent state is read from its first array and written to its second, in turn 1 the other way round. */
  readonly feeds: readonly [Tensors, Tensors];
  readonly fetches: readonly [Tensors, Tensors];
  /** As `fetches`, for what nobody reads. */
  readonly scratch: Tensors;
  /** Puts one robot's recurrent state back to its start. */
  reset(robot: number): void;
}

export function makeTensors(manifest: PolicyManifest, batch: number): PolicyTensors {
  const width = computeInputWidth(manifest);
  const numActions = manifest.jointNames.length;
  const input = new Float32Array(batch * width);
  const output = new Float32Array(batch * numActions);
  const feed = makeTensor(input, [batch, width]);
  const fetch = makeTensor(output, [batch, numActions]);
  const feeds: [Tensors, Tensors] = [
    { [manifest.inputName]: feed },
    { [manifest.inputName]: feed },
  ];
  const fetches: [Tensors, Tensors] = [
    { [manifest.outputName]: fetch },
    { [manifest.outputName]: fetch },
  ];
  const scratch: Tensors = {
    [manifest.outputName]: makeTensor(new Float32Array(output.length), [batch, numActions]),
  };
  const states = manifest.recurrent.map((spec) => {
    const shape = spec.shape.toSpliced(spec.batchAxis, 0, batch);
    const length = product(shape);
    const pair = [new Float32Array(length), new Float32Array(length)] as const;
    const tensors = [makeTensor(pair[0], shape), makeTensor(pair[1], shape)] as const;
    feeds[0][spec.input] = tensors[0];
    fetches[0][spec.output] = tensors[1];
    feeds[1][spec.input] = tensors[1];
    fetches[1][spec.output] = tensors[0];
    scratch[spec.output] = makeTensor(new Float32Array(length), shape);
    return {
      pair,
      numBlocks: product(spec.shape.slice(0, spec.batchAxis)),
      blockLength: product(spec.shape.slice(spec.batchAxis)),
    };
  });
  return {
    input,
    output,
    feeds,
    fetches,
    scratch,
    reset(robot) {
      for (const { pair, numBlocks, blockLength } of states) {
        for (let block = 0; block < numBlocks; block++) {
          const start = (block * batch + robot) * blockLength;
          pair[0].fill(0, start, start + blockLength);
          pair[1].fill(0, start, start + blockLength);
        }
      }
    },
  };
}

function product(shape: readonly number[]): number {
  return shape.reduce((a, b) => a * b, 1);
}
