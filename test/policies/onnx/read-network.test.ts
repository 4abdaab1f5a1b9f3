import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { makePolicyGraph } from '../../../policies/onnx/policy-graph.ts';
import type { WholeNetwork } from '../../../policies/onnx/policy-network.ts';
import { readPolicyNetwork } from '../../../policies/onnx/read-network.ts';
import { loadPolicy } from '../../../policies/runtime/policy.ts';
import { makeForward } from '../../../policies/training/forward.ts';
import { Rng } from '../../../sim/math/rng.ts';
import { makeRandomNetwork } from '../../kit/random-network.ts';

const SIZES = { numIn: 5, numState: 4, numOut: 3, seed: 1 };

/** Sums of some hundred products of order 1 in single precision: √600 · 2⁻²⁴ each, over a few layers. */
const SINGLE_PRECISION = 1e-4;

function write(network: WholeNetwork): Uint8Array {
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
    const known = hidden.length === 0 ? { ...network, activation: expect.any(String) } : network;
    expect(got).toEqual(known);
  });

  it('is read without the clip of a normaliser that has none', () => {
    const plan = { kind: 'mlp', activation: 'tanh', head: 'identity', hidden: [4] } as const;
    const network = makeRandomNetwork({ ...SIZES, ...plan });
    const { mean, std } = network.normalizer;
    const plain = { ...network, normalizer: { mean, std } };
    expect(readPolicyNetwork(write(plain), 'policy')).toEqual(plain);
  });

  it('is read as base and correction, and as a correction to what has been corrected', () => {
    const plan = { activation: 'elu', head: 'tanh', hidden: [4] } as const;
    const base = makeRandomNetwork({ ...SIZES, ...plan, kind: 'mlp' });
    const correction = makeRandomNetwork({ ...SIZES, ...plan, kind: 'gru', seed: 2 });
    const scale = Float32Array.of(1, 0.5, 0.25);
    const once: WholeNetwork = { kind: 'residual', base, correction, scale };
    const twice: WholeNetwork = { kind: 'residual', base: once, correction: base, scale };
    expect(readPolicyNetwork(write(once), 'once')).toEqual(once);
    expect(readPolicyNetwork(write(twice), 'twice')).toEqual(twice);
  });

  it('computes what the file computes: the correction to a trot that is shipped', async () => {
    const file = 'policies/trained/go2-velocity.onnx';
    const bytes = readFileSync(file);
    const network = readPolicyNetwork(bytes, file);
    expect(network.kind).toBe('residual');
    const policy = await loadPolicy(bytes, { batch: 4 });
    const rng = new Rng(1);
    for (let i = 0; i < policy.input.length; i++) policy.input[i] = rng.normal(0, 1);
    const got = new Float32Array(policy.output.length);
    makeForward(network, 4).run(got, policy.input, 4);
    policy.run();
    const worst = Math.max(...got.map((value, i) => Math.abs(value - policy.output[i]!)));
    expect(Math.max(...policy.output.map(Math.abs))).toBeGreaterThan(0.1);
    expect(worst).toBeLessThan(SINGLE_PRECISION);
    policy.release();
  });

  it('is refused where the file holds something else, or more than was read', () => {
    const plan = { kind: 'mlp', activation: 'tanh', head: 'identity', hidden: [4] } as const;
    const { normalizer: _, ...network } = makeRandomNetwork({ ...SIZES, ...plan });
    const spec = { network, inputName: 'obs', outputName: 'actions' };
    expect(() => readPolicyNetwork(makePolicyGraph(spec).bytes, 'bare')).toThrow(
      /bare: its network cannot be learnt from.*or a correction to one.*Gemm, Tanh/,
    );
    expect(() => readPolicyNetwork(new Uint8Array(3), 'broken')).toThrow(/not a complete ONNX/);
  });
});
