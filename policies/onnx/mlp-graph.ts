import type { Numbers } from '../../sim/math/vec3.ts';
import { encodeModel, type OnnxConstant, type OnnxNode } from './model-proto.ts';

/**
 * Opset 17 with IR 8 (ONNX 1.12, 2022). The graph needs nothing newer, and this is old enough for
 * the runtimes that sit on robots (TensorRT 8.5, onnxruntime 1.12) as well as for
 * onnxruntime-node 1.30 and onnxruntime-web.
 */
export const OPSET = 17;
export const IR_VERSION = 8;

export type Activation = 'tanh' | 'elu' | 'relu';
const ACTIVATION_OP = { tanh: 'Tanh', elu: 'Elu', relu: 'Relu' } as const;

/** y = x · weight + bias */
export interface DenseLayer {
  /** [numIn, numOut] row-major */
  readonly weight: Numbers;
  /** [numOut] */
  readonly bias: Numbers;
}

/** z = clip((x − mean) / std, ±clip) */
export interface Normalizer {
  /** [numObs] */
  readonly mean: Numbers;
  /** [numObs] @range > 0 */
  readonly std: Numbers;
  /** [-] symmetric, after division; absent = no clip */
  readonly clip?: number;
}

/** A feed-forward policy: normaliser, dense layers with activations between them, deterministic head. */
export interface MlpSpec {
  readonly normalizer?: Normalizer;
  readonly layers: readonly DenseLayer[];
  /** Between layers; the last layer is followed by `head` alone. */
  readonly activation: Activation;
  /** Of the last layer: what the action distribution's mean goes through. */
  readonly head: 'identity' | 'tanh';
  readonly inputName: string;
  readonly outputName: string;
}

/**
 * The whole policy as one float32 ONNX graph `[batch, numObs] → [batch, numActions]` with a free
 * batch dimension. Same numbers, same bytes.
 * @throws RangeError on sizes that do not chain, a std that is not positive, or a weight that is
 *   not finite in float32, naming the layer and both sizes
 */
export function makeMlpModel(spec: MlpSpec): Uint8Array {
  const sizes = checkMlp(spec);
  const nodes: OnnxNode[] = [];
  const constants: OnnxConstant[] = [];
  const constant = (name: string, shape: readonly number[], data: Numbers): string => {
    constants.push({ name, shape, data: Float32Array.from(data) });
    return name;
  };
  let value = spec.inputName;
  const apply = (op: string, inputs: readonly string[], output: string): void => {
    nodes.push({ op, inputs: [value, ...inputs], outputs: [output] });
    value = output;
  };

  if (spec.normalizer !== undefined) {
    const { mean, std, clip } = spec.normalizer;
    apply('Sub', [constant('normalizer.mean', [mean.length], mean)], 'centred');
    apply('Div', [constant('normalizer.std', [std.length], std)], 'normalized');
    if (clip !== undefined) {
      const lower = constant('normalizer.lower', [], [-clip]);
      const upper = constant('normalizer.upper', [], [clip]);
      apply('Clip', [lower, upper], 'clipped');
    }
  }
  spec.layers.forEach((layer, i) => {
    const isLast = i === spec.layers.length - 1;
    const weight = constant(`layer${i}.weight`, [sizes[i]!, sizes[i + 1]!], layer.weight);
    const bias = constant(`layer${i}.bias`, [sizes[i + 1]!], layer.bias);
    const linear = isLast && spec.head === 'identity' ? spec.outputName : `layer${i}.linear`;
    apply('Gemm', [weight, bias], linear);
    if (!isLast) apply(ACTIVATION_OP[spec.activation], [], `layer${i}.out`);
  });
  if (spec.head === 'tanh') apply('Tanh', [], spec.outputName);

  return encodeModel({
    name: 'policy',
    irVersion: IR_VERSION,
    opset: OPSET,
    producerName: 'zerogap',
    nodes,
    constants,
    inputs: [{ name: spec.inputName, shape: ['batch', sizes[0]!] }],
    outputs: [{ name: spec.outputName, shape: ['batch', sizes.at(-1)!] }],
  });
}

/** Widths of the network: numObs, hidden sizes, numActions. */
function checkMlp(spec: MlpSpec): number[] {
  const first = spec.layers[0];
  if (first === undefined) throw new RangeError('makeMlpModel: needs at least one layer');
  if (spec.inputName === spec.outputName) {
    throw new RangeError(`makeMlpModel: input and output are both named '${spec.inputName}'`);
  }
  const sizes = [first.weight.length / first.bias.length];
  spec.layers.forEach((layer, i) => {
    const numIn = sizes[i]!;
    const numOut = layer.bias.length;
    if (!Number.isInteger(numIn) || layer.weight.length !== numIn * numOut) {
      throw new RangeError(
        `makeMlpModel: layer ${i} needs a weight of [${numIn}, ${numOut}], got ${layer.weight.length} numbers`,
      );
    }
    assertFinite(layer.weight, `layer ${i} weight`);
    assertFinite(layer.bias, `layer ${i} bias`);
    sizes.push(numOut);
  });
  if (spec.normalizer !== undefined) checkNormalizer(spec.normalizer, sizes[0]!);
  return sizes;
}

function checkNormalizer({ mean, std, clip }: Normalizer, numObs: number): void {
  if (mean.length !== numObs || std.length !== numObs) {
    throw new RangeError(
      `makeMlpModel: the first layer takes ${numObs} observations, but the normaliser has ${mean.length} means and ${std.length} standard deviations`,
    );
  }
  assertFinite(mean, 'normaliser mean');
  assertFinite(std, 'normaliser std');
  for (let i = 0; i < numObs; i++) {
    if (!(Math.fround(std[i]!) > 0)) {
      throw new RangeError(`makeMlpModel: normaliser std[${i}] must be above 0, got ${std[i]}`);
    }
  }
  if (clip !== undefined && !(clip > 0)) {
    throw new RangeError(`makeMlpModel: normaliser clip must be above 0, got ${clip}`);
  }
}

function assertFinite(values: Numbers, what: string): void {
  for (let i = 0; i < values.length; i++) {
    if (!Number.isFinite(Math.fround(values[i]!))) {
      throw new RangeError(`makeMlpModel: ${what}[${i}] is ${values[i]}, not a finite float32`);
    }
  }
}
