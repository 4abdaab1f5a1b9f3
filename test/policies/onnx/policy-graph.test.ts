import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { exportPolicy } from '../../../policies/onnx/export-policy.ts';
import { makePolicyGraph } from '../../../policies/onnx/policy-graph.ts';
import { readManifest, writeManifest } from '../../../policies/onnx/read-manifest.ts';
import { createSession, makeTensor } from '../../../policies/onnx/session.ts';
import { loadPolicy } from '../../../policies/runtime/policy.ts';
import { makeForward } from '../../../policies/training/forward.ts';
import { Rng } from '../../../sim/math/rng.ts';
import { makeRandomNetwork, type NetworkPlan } from '../../kit/random-network.ts';
import { makeTinyDraft } from '../../kit/tiny-policy.ts';

/** [-] relative to 1 or the number itself: single precision keeps 7 digits, sums of tens of terms lose 1 of them. */
const SAME = 1e-5;

const plans: fc.Arbitrary<NetworkPlan> = fc.record({
  kind: fc.constantFrom('mlp' as const, 'gru' as const),
  numIn: fc.integer({ min: 1, max: 8 }),
  numState: fc.integer({ min: 1, max: 8 }),
  hidden: fc.array(fc.integer({ min: 1, max: 8 }), { maxLength: 2 }),
  numOut: fc.integer({ min: 1, max: 4 }),
  activation: fc.constantFrom('tanh' as const, 'elu' as const, 'relu' as const),
  head: fc.constantFrom('identity' as const, 'tanh' as const),
  seed: fc.integer({ min: 0, max: 1000 }),
});
const ROWS = 3;

function drawRows(seed: number, width: number): Float32Array {
  const rng = new Rng(seed);
  return Float32Array.from({ length: ROWS * width }, () => rng.normal(0, 2));
}

function expectSame(got: Float32Array, wanted: Float32Array): void {
  got.forEach((value, i) => {
    expect(Math.abs(value - wanted[i]!)).toBeLessThan(SAME * Math.max(1, Math.abs(wanted[i]!)));
  });
}

describe('a policy in TypeScript', () => {
  it('says what its ONNX graph says, step after step, rows forgetting on their own', async () => {
    const property = fc.asyncProperty(plans, async (plan) => {
      const network = makeRandomNetwork(plan);
      const names = { inputName: 'obs', outputName: 'actions' };
      const { bytes, recurrent } = makePolicyGraph({ network, ...names });
      const session = await createSession(bytes, 'cpu');
      const forward = makeForward(network, ROWS);
      let state = new Float32Array(ROWS * plan.numState);
      const out = new Float32Array(ROWS * plan.numOut);
      for (let step = 0; step < 4; step++) {
        if (step === 2) {
          forward.reset(1);
          state.fill(0, plan.numState, 2 * plan.numState);
        }
        const rows = drawRows(plan.seed + step, plan.numIn);
        const feeds = {
          obs: makeTensor(rows, [ROWS, plan.numIn]),
          ...(recurrent.length > 0 && { state: makeTensor(state, [ROWS, plan.numState]) }),
        };
        const result = await session.run(feeds);
        forward.run(out, rows, ROWS);
        expectSame(out, result.actions!.data as Float32Array);
        state = (result.nextState?.data as Float32Array<ArrayBuffer> | undefined) ?? state;
      }
      await session.release();
    });
    await fc.assert(property, { numRuns: 60 });
  });
});

describe('a residual policy', () => {
  const plan: NetworkPlan = {
    ...{ kind: 'mlp', numIn: 5, numState: 4, hidden: [6], numOut: 2, activation: 'elu' },
    ...{ head: 'identity', seed: 1 },
  };

  it('adds a scaled correction to what its base says, the base’s memory beside its own', async () => {
    const base = makeRandomNetwork({ ...plan, kind: 'gru' });
    const correction = makeRandomNetwork({ ...plan, kind: 'gru', numState: 3, seed: 2 });
    const network = { kind: 'residual', base, correction, scale: [0.5, 2] } as const;
    const names = { inputName: 'obs', outputName: 'actions' };
    const { bytes, recurrent } = makePolicyGraph({ network, ...names });
    expect(recurrent.map(({ input, width }) => [input, width])).toEqual([
      ['base.state', 4],
      ['correction.state', 3],
    ]);
    const session = await createSession(bytes, 'cpu');
    const rows = drawRows(7, 5);
    const result = await session.run({
      obs: makeTensor(rows, [ROWS, 5]),
      'base.state': makeTensor(new Float32Array(ROWS * 4), [ROWS, 4]),
      'correction.state': makeTensor(new Float32Array(ROWS * 3), [ROWS, 3]),
    });
    await session.release();
    const a = new Float32Array(ROWS * 2);
    const b = new Float32Array(ROWS * 2);
    makeForward(base, ROWS).run(a, rows, ROWS);
    makeForward(correction, ROWS).run(b, rows, ROWS);
    const sum = a.map((value, i) => value + [0.5, 2][i % 2]! * b[i]!);
    expectSame(result.actions!.data as Float32Array, sum);
  });

  it('is refused where base and correction differ in size', () => {
    const base = makeRandomNetwork(plan);
    const correction = makeRandomNetwork({ ...plan, numOut: 3 });
    const names = { inputName: 'obs', outputName: 'actions' };
    const make =
      (scale: number[], other = correction) =>
      () =>
        makePolicyGraph({
          network: { kind: 'residual', base, correction: other, scale },
          ...names,
        });
    expect(make([1, 1])).toThrow('the base is [5] → [2], its correction [5] → [3]');
    expect(make([1], base)).toThrow('1 scales for 2 actions');
  });
});

describe('an exported policy that remembers', () => {
  it('says so in its manifest, and runs as it ran in training', async () => {
    const network = makeRandomNetwork({
      ...{ kind: 'gru', numIn: 5, numState: 4, hidden: [6], numOut: 2, activation: 'tanh' },
      ...{ head: 'identity', seed: 3 },
    });
    const bytes = await exportPolicy({
      network,
      manifest: makeTinyDraft(),
      goldenInputs: [[0.1, 0.2, 0.3, 0.4, 0.5]],
    });
    const policy = await loadPolicy(bytes, { batch: ROWS });
    expect(policy.manifest.recurrent).toEqual([
      { input: 'state', output: 'nextState', shape: [4], batchAxis: 0, initial: 'zeros' },
    ]);
    expect(policy.manifest.golden.map(({ continues }) => continues)).toEqual([
      ...[undefined, true, true, true],
    ]);
    const forward = makeForward(network, ROWS);
    const out = new Float32Array(ROWS * 2);
    for (let step = 0; step < 3; step++) {
      const rows = drawRows(step, 5);
      policy.input.set(rows);
      policy.run();
      forward.run(out, rows, ROWS);
      expectSame(policy.output, out);
      policy.reset(2);
      forward.reset(2);
    }
    policy.release();
  });

  it('is refused where one memory would be taken for the other', async () => {
    const plan = { kind: 'gru', numIn: 5, numState: 4, hidden: [6], numOut: 2 } as const;
    const make = (seed: number) =>
      makeRandomNetwork({ ...plan, activation: 'tanh', head: 'identity', seed });
    const bytes = await exportPolicy({
      network: { kind: 'residual', base: make(1), correction: make(2), scale: [1, 1] },
      manifest: makeTinyDraft(),
      goldenInputs: [[0.1, 0.2, 0.3, 0.4, 0.5]],
    });
    (await loadPolicy(bytes)).release();
    const manifest = readManifest(bytes, 'two');
    const [base, correction] = manifest.recurrent;
    const recurrent = [
      { ...base!, output: correction!.output },
      { ...correction!, output: base!.output },
    ];
    // The first step of an episode is the same.
    await expect(loadPolicy(writeManifest(bytes, { ...manifest, recurrent }))).rejects.toThrow(
      /golden vector 1 is not reproduced/,
    );
  });
});
