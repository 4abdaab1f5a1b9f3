import { describe, expect, it } from 'vitest';
import { makePolicyGraph } from '../../../policies/onnx/policy-graph.ts';
import type { PolicyNetwork } from '../../../policies/onnx/policy-network.ts';
import { readPolicyNetwork } from '../../../policies/onnx/read-network.ts';
import { makeRandomNetwork } from '../../kit/random-network.ts';

const SIZES = { numIn: 5, numState: 4, numOut: 3, seed: 1 };

function write(network: PolicyNetwork): Uint8Array {
  return makePolicyGraph({ network, inputName: 'obs', outputName: 'actions' }).bytes;
}

describe('the network of a policy that was written here', () => {
  it.each([
    ['mlp', 'tanh', 'identity', [8, 6]],
    ['mlp', 'elu', 'tanh', [8]],
    ['mlp', 'relu', 'tanh', []],
    ['gru', 'relu', 'identity', [8]],
    ['gru', 'elu', 'tanh', []],
  ] as const)('is read as it was: %s, %s, head %s, hidden %j', (kind, activation, head, hidden) => {
    const network = makeRandomNetwork({ ...SIZES, kind, activation, head, hidden });
    // As files are read.
    const got = readPolicyNetwork(Buffer.from(write(network)), 'policy');
    // Of one layer nobody knows what would have been between two.
    const known = hidden.length === 0 ? { ...network, activation: got.activation } : network;
    expect(got).toEqual(known);
  });

  it('is read without the clip of a normaliser that has none', () => {
    const plan = { kind: 'mlp', activation: 'tanh', head: 'identity', hidden: [4] } as const;
    const network = makeRandomNetwork({ ...SIZES, ...plan });
    const { mean, std } = network.normalizer;
    const plain = { ...network, normalizer: { mean, std } };
    expect(readPolicyNetwork(write(plain), 'policy')).toEqual(plain);
  });

  it('is refused where the file holds more than was read, such as a base and its correction', () => {
    const plan = { kind: 'mlp', activation: 'tanh', head: 'identity', hidden: [4] } as const;
    const base = makeRandomNetwork({ ...SIZES, ...plan });
    const network = { kind: 'residual', base, correction: base, scale: [1, 1, 1] } as const;
    const spec = { network, inputName: 'obs', outputName: 'actions' };
    expect(() => readPolicyNetwork(makePolicyGraph(spec).bytes, 'corrected')).toThrow(
      /corrected: its network cannot be learnt from.*Gemm.*Mul, Add/,
    );
    expect(() => readPolicyNetwork(new Uint8Array(3), 'broken')).toThrow(/not a complete ONNX/);
  });
});
