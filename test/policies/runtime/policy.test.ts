import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  MANIFEST_KEY,
  MANIFEST_VERSION,
  type ManifestDraft,
  type PolicyManifest,
  type UnsealedManifest,
} from '../../../policies/manifest.ts';
import { makeMlpModel } from '../../../policies/onnx/mlp-graph.ts';
import {
  computeGraphSha256,
  encodeModel,
  setMetadata,
} from '../../../policies/onnx/model-proto.ts';
import { readManifest, writeManifest } from '../../../policies/onnx/read-manifest.ts';
import { SimClock } from '../../../policies/runtime/clock.ts';
import { startControlInStep } from '../../../policies/runtime/control-in-step.ts';
import { startControlThread } from '../../../policies/runtime/control-thread.ts';
import { inspectPolicy, loadPolicy } from '../../../policies/runtime/policy.ts';
import { openRobot } from '../../../sim/robot/open.ts';
import { makeSeeingPolicy } from '../../kit/seeing-policy.ts';
import { makeImuSpec } from '../../kit/sensed-body.ts';
import { makeTinyDraft, makeTinyPolicy, makeTinyRobot, TINY_MLP } from '../../kit/tiny-policy.ts';

/** Puts a graph under a manifest that was written for it, golden vectors given by hand. */
function dress(
  graph: Uint8Array,
  golden: PolicyManifest['golden'],
  draft: Partial<ManifestDraft> = {},
): Uint8Array {
  const manifest = {
    ...makeTinyDraft(draft),
    version: MANIFEST_VERSION,
    graphSha256: computeGraphSha256(graph),
    golden,
  };
  return writeManifest(graph, manifest as UnsealedManifest);
}

const graphOf = (spec: Partial<Parameters<typeof makeMlpModel>[0]> = {}) =>
  makeMlpModel({ ...TINY_MLP, inputName: 'obs', outputName: 'actions', ...spec });

let bytes: Uint8Array;
let folder: string;
beforeAll(async () => {
  bytes = await makeTinyPolicy();
  folder = mkdtempSync(join(tmpdir(), 'zerogap-policy-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('loadPolicy', () => {
  it('lets a policy that sees the true state run in simulation alone', async () => {
    const seeing = await makeSeeingPolicy('cartpole-balance', {});
    const path = join(folder, 'seeing.onnx');
    writeFileSync(path, seeing);
    for (const source of [path, seeing]) {
      await expect(loadPolicy(source)).rejects.toThrow(/sees the true state.*no robot measures/);
      await expect(loadPolicy(source, { place: 'robot' })).rejects.toThrow(/--algorithm distill/);
    }
    await expect(loadPolicy(path)).rejects.toThrow(
      `zerogap train --task cartpole-balance --algorithm distill --teacher ${path}`,
    );
    const policy = await loadPolicy(path, { place: 'simulation' });
    expect(policy.input.length).toBe(policy.manifest.privileged!.columns.length);
    policy.release();
    const found = await inspectPolicy(path);
    expect(found.problems).toEqual([]);
    expect(found.shape).toEqual([policy.input.length, 1]);
  });

  it('lets no node run one, by whatever clock', async () => {
    const policy = await makeSeeingPolicy('cartpole-balance', {});
    const model = await openRobot('cartpole');
    const work = { policy, model, numRobots: 1 };
    await expect(startControlThread(work)).rejects.toThrow(/sees the true state/);
    const clock = new SimClock(0);
    await expect(startControlInStep({ ...work, clock })).rejects.toThrow(/sees the true state/);
  });

  it('runs a batch over the arrays it hands out, without replacing them', async () => {
    const policy = await loadPolicy(bytes, { batch: 2 });
    const { input, output } = policy;
    expect(output).toEqual(new Float32Array(4));
    input.set([1, 2, 0, 0, 0], 0);
    input.set([3, 4, 0, 2, 0], 5);
    policy.run();
    // Row 0: [1, 2]; row 1: [3 + 0.5 · 2, 4].
    expect([...output]).toEqual([1, 2, 4, 4]);
    input[0] = 7;
    policy.run();
    expect(output[0]).toBe(7);
    expect(policy.goldenError).toBeLessThan(1e-6);
    policy.release();
  });

  it('reads a file, and says what is wrong with one that it cannot read', async () => {
    const path = join(folder, 'tiny.onnx');
    writeFileSync(path, bytes);
    (await loadPolicy(path)).release();
    await expect(loadPolicy(join(folder, 'none.onnx'))).rejects.toThrow(
      /none\.onnx: the policy cannot be read .*got no such file/,
    );
    await expect(loadPolicy(folder)).rejects.toThrow(/got a folder/);
  });

  it.each(['cuda', 'webgpu', 'dml', 'coreml'] as const)(
    'runs on %s if the machine has it, else on the CPU and says why',
    async (provider) => {
      const policy = await loadPolicy(bytes, { provider });
      const { requested, used, fallbackReason } = policy.provider;
      expect(requested).toBe(provider);
      if (used === provider) expect(fallbackReason).toBeUndefined();
      else {
        expect(used).toBe('cpu');
        expect(fallbackReason).toMatch(/\w{5}/);
      }
      policy.release();
    },
  );

  it('reports what auto has measured', async () => {
    const policy = await loadPolicy(bytes, { provider: 'auto' });
    expect(policy.provider.requested).toBe('auto');
    expect(policy.provider.measured).toMatch(/cpu \d+\.\d µs/);
    policy.release();
  });

  it('refuses a graph whose shapes are not the manifest’s, with both shapes', async () => {
    const wide = graphOf({ layers: [{ weight: new Array(12).fill(0), bias: [0, 0] }] });
    const golden = [{ input: [0, 0, 0, 0, 0], output: [0, 0] }];
    await expect(loadPolicy(dress(wide, golden))).rejects.toThrow(
      "input 'obs' has the wrong shape (expected float32 [batch, 5] for 1 robots, as its manifest says, got float32 [batch, 6])",
    );
    const three = graphOf({ layers: [{ weight: new Array(15).fill(0), bias: [0, 0, 0] }] });
    await expect(loadPolicy(dress(three, golden))).rejects.toThrow(
      /output 'actions'.*\[batch, 2\].*got float32 \[batch, 3\]/,
    );
    const named = graphOf({ inputName: 'observation' });
    await expect(loadPolicy(dress(named, golden))).rejects.toThrow(
      /no input 'obs'.*got 'observation' \[batch, 5\]/,
    );
  });

  it('refuses a fixed batch of another size', async () => {
    const graph = encodeModel({
      name: 'g',
      irVersion: 8,
      opset: 17,
      producerName: 'test',
      nodes: [{ op: 'Tanh', inputs: ['obs'], outputs: ['actions'] }],
      constants: [],
      inputs: [{ name: 'obs', shape: [1, 2] }],
      outputs: [{ name: 'actions', shape: [1, 2] }],
    });
    const observations = [{ name: 'lastAction', width: 2, unit: '-' }];
    const policy = dress(graph, [{ input: [0, 0], output: [0, 0] }], { observations });
    (await loadPolicy(policy)).release();
    await expect(loadPolicy(policy, { batch: 3 })).rejects.toThrow(
      /\[batch, 2\] for 3 robots.*got float32 \[1, 2\]/,
    );
  });

  it('refuses weights that were changed after export', async () => {
    const other = graphOf({ layers: [{ weight: new Array(10).fill(1), bias: [0, 0] }] });
    const manifest = readManifest(bytes, 'tiny');
    await expect(loadPolicy(writeManifest(other, manifest))).rejects.toThrow(
      /not the one that this manifest was written for \(expected sha256 [0-9a-f]{64}, got/,
    );
  });

  it('refuses golden vectors that are not reproduced, with both numbers', async () => {
    const golden = [{ input: [1, 0, 0, 0, 0], output: [1, 0.0005] }];
    await expect(loadPolicy(dress(graphOf(), golden))).rejects.toThrow(
      "golden vector 0 is not reproduced: output 'right' of row 0 (expected 0.0005 ± 0.00001, got 0)",
    );
    const wider = { goldenTolerance: 0.001 };
    await (await loadPolicy(dress(graphOf(), golden, wider))).release();
  });

  it('refuses a network that answers NaN, and a NaN among the golden outputs', async () => {
    // Log(0 − 1) is NaN.
    const graph = encodeModel({
      name: 'g',
      irVersion: 8,
      opset: 17,
      producerName: 'test',
      nodes: [{ op: 'Log', inputs: ['obs'], outputs: ['actions'] }],
      constants: [],
      inputs: [{ name: 'obs', shape: ['batch', 2] }],
      outputs: [{ name: 'actions', shape: ['batch', 2] }],
    });
    const observations = [{ name: 'lastAction', width: 2, unit: '-' }];
    const golden = [{ input: [-1, 1], output: [0, 0] }];
    await expect(loadPolicy(dress(graph, golden, { observations }))).rejects.toThrow(/got NaN/);
    const manifest = readManifest(bytes, 'tiny');
    const output = [Number.NaN, 0];
    const text = JSON.stringify({ ...manifest, golden: [{ ...manifest.golden[0], output }] });
    await expect(loadPolicy(setMetadata(bytes, MANIFEST_KEY, text, 'tiny'))).rejects.toThrow(
      /golden\[0\]\.output\[0\].*expected number, got null/,
    );
  });

  it('says so when onnxruntime does not know an operator', async () => {
    const graph = encodeModel({
      name: 'g',
      irVersion: 8,
      opset: 17,
      producerName: 'test',
      nodes: [{ op: 'Teleport', inputs: ['obs'], outputs: ['actions'] }],
      constants: [],
      inputs: [{ name: 'obs', shape: ['batch', 5] }],
      outputs: [{ name: 'actions', shape: ['batch', 2] }],
    });
    const golden = [{ input: [0, 0, 0, 0, 0], output: [0, 0] }];
    await expect(loadPolicy(dress(graph, golden))).rejects.toThrow(
      /onnxruntime cannot run this network .*Teleport/,
    );
  });

  it('matches joints by name: other order is fine, unknown and missing ones are listed', async () => {
    const robot = (actuatedJointNames: string[]) => makeTinyRobot({ actuatedJointNames });
    const load = (names: string[]) => loadPolicy(bytes, { expect: { robotModel: robot(names) } });
    await (await load(['right', 'left'])).release();
    await expect(load(['left', 'wrong'])).rejects.toThrow(
      /robot 'tiny' has no actuated joint 'right' \(expected joints out of left, wrong, got left, right\)/,
    );
    await expect(load(['left', 'right', 'tail'])).rejects.toThrow(/without a command: tail/);
  });

  it('refuses a robot that does not know what the policy observes', async () => {
    const robotModel = makeTinyRobot({ sensors: [makeImuSpec()] });
    await expect(loadPolicy(bytes, { expect: { robotModel } })).rejects.toThrow(
      /'positionErrorB': it needs what robot 'tiny' does not know: an IMU alone tells neither/,
    );
  });

  it('refuses another command kind and warns of another robot, description or range', async () => {
    const load = (changes: Parameters<typeof makeTinyRobot>[0]) =>
      loadPolicy(bytes, { expect: { robotModel: makeTinyRobot(changes) } });
    await expect(load({ commandKind: 'velocity' })).rejects.toThrow(
      /expected 'velocity' commands for robot 'tiny', got 'effort'/,
    );
    expect((await load({})).warnings).toEqual([]);
    expect((await load({ sha256: 'c'.repeat(64) })).warnings[0]).toContain('has changed since');
    expect((await load({ name: 'tinier' })).warnings[0]).toContain("trained for robot 'tiny'");
    expect((await load({ commandUpper: [2, 1.5] })).warnings[0]).toContain("'right' in [-2, 2]");
  });

  /** A recurrent policy of two robots. */
  async function loadSum() {
    // sum' = sum + obs in both of two layers; the action is the mean of two equal sums.
    const draft: Partial<ManifestDraft> = {
      jointNames: ['left'],
      commandLower: [-2],
      commandUpper: [2],
      defaultJointPosition: [0],
      observations: [{ name: 'yawError', width: 1, unit: 'rad' }],
      action: { kind: 'effort', clip: [-1, 1], scale: [1], offset: [0] },
      recurrent: [{ input: 'h', output: 'h2', shape: [2, 1], batchAxis: 1, initial: 'zeros' }],
    };
    const mean = encodeModel({
      name: 'g',
      irVersion: 8,
      opset: 17,
      producerName: 'test',
      nodes: [
        { op: 'Add', inputs: ['h', 'obs'], outputs: ['h2'] },
        {
          op: 'ReduceMean',
          inputs: ['h2'],
          outputs: ['actions'],
          attributes: { keepdims: { int: 0 }, axes: { ints: [0] } },
        },
      ],
      constants: [],
      inputs: [
        { name: 'obs', shape: ['batch', 1] },
        { name: 'h', shape: [2, 'batch', 1] },
      ],
      outputs: [
        { name: 'actions', shape: ['batch', 1] },
        { name: 'h2', shape: [2, 'batch', 1] },
      ],
    });
    const golden: PolicyManifest['golden'] = [
      { input: [3], output: [3] },
      { input: [2], output: [5], continues: true },
      { input: [2], output: [2] },
    ];
    return loadPolicy(dress(mean, golden, draft), { batch: 2 });
  }

  it('carries recurrent state from run to run, per robot, and resets it', async () => {
    const policy = await loadSum();
    policy.input.set([1, 10]);
    const seen: number[][] = [];
    for (let run = 0; run < 3; run++) {
      policy.run();
      seen.push([...policy.output]);
    }
    expect(seen).toEqual([
      [1, 10],
      [2, 20],
      [3, 30],
    ]);
    policy.reset(0);
    policy.run();
    expect([...policy.output]).toEqual([1, 40]);
    policy.release();
  });

  it('is left by a rehearsal as it was', async () => {
    const policy = await loadSum();
    policy.input.set([1, 10]);
    policy.rehearse();
    expect([...policy.output]).toEqual([0, 0]);
    for (const sum of [1, 2, 3]) {
      policy.run();
      policy.rehearse();
      policy.rehearse();
      expect([...policy.output]).toEqual([sum, 10 * sum]);
    }
    expect([...policy.input]).toEqual([1, 10]);
    policy.release();
  });

  it('refuses an input that nothing feeds', async () => {
    const graph = encodeModel({
      name: 'g',
      irVersion: 8,
      opset: 17,
      producerName: 'test',
      nodes: [{ op: 'Add', inputs: ['obs', 'h'], outputs: ['actions'] }],
      constants: [],
      inputs: [
        { name: 'obs', shape: ['batch', 2] },
        { name: 'h', shape: ['batch', 2] },
      ],
      outputs: [{ name: 'actions', shape: ['batch', 2] }],
    });
    const observations = [{ name: 'lastAction', width: 2, unit: '-' }];
    const policy = dress(graph, [{ input: [0, 0], output: [0, 0] }], { observations });
    await expect(loadPolicy(policy)).rejects.toThrow(/nothing feeds the network's input 'h'/);
  });
});

describe('inspectPolicy', () => {
  it('describes a sound policy', async () => {
    const path = join(folder, 'sound.onnx');
    writeFileSync(path, bytes);
    const summary = await inspectPolicy(path);
    expect(summary).toMatchObject({ path, size: bytes.length, shape: [5, 2], problems: [] });
    expect(summary.model?.opsets).toEqual({ 'ai.onnx': 17 });
    expect(summary.goldenError).toBeLessThan(1e-6);
  });

  it('lists every problem of a broken one instead of throwing', async () => {
    const path = join(folder, 'broken.onnx');
    const graph = graphOf({ inputName: 'x', outputName: 'y' });
    writeFileSync(path, dress(graph, [{ input: [0, 0, 0, 0, 0], output: [0, 0] }]));
    const summary = await inspectPolicy(path);
    expect(summary.problems.map((problem) => problem.parts.problem)).toEqual([
      "the network has no input 'obs'",
      "the network has no output 'actions'",
      "nothing feeds the network's input 'x' [batch, 5]",
    ]);
    expect(summary.manifest?.name).toBe('tiny-policy');
    expect((await inspectPolicy(join(folder, 'none.onnx'))).problems).toHaveLength(1);
  });
});
