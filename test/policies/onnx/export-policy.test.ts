import { describe, expect, it } from 'vitest';
import { MANIFEST_KEY } from '../../../policies/manifest.ts';
import { exportPolicy } from '../../../policies/onnx/export-policy.ts';
import { makeMlpModel } from '../../../policies/onnx/mlp-graph.ts';
import { readModel, setMetadata } from '../../../policies/onnx/model-proto.ts';
import { readManifest, writeManifest } from '../../../policies/onnx/read-manifest.ts';
import { makeTinyDraft, makeTinyPolicy, TINY_MLP } from '../../kit/tiny-policy.ts';

describe('exportPolicy', () => {
  it('stores what the network really answers, to the last bit', async () => {
    const manifest = readManifest(await makeTinyPolicy(), 'tiny.onnx');
    const [first] = manifest.golden;
    // left = 0.1 + 0.5 · 0.4 = 0.3, right = 0.2 + 0.5 · 0.5 = 0.45, in single precision.
    expect(first!.input).toEqual([0.1, 0.2, 0.3, 0.4, 0.5].map(Math.fround));
    expect(first!.output[0]).toBeCloseTo(0.3, 6);
    expect(first!.output[1]).toBeCloseTo(0.45, 6);
    expect(first!.output).toEqual(first!.output.map(Math.fround));
  });

  it('refuses a network that is not as wide as its manifest says', async () => {
    const manifest = makeTinyDraft({ jointNames: ['left'] });
    await expect(
      exportPolicy({ network: TINY_MLP, manifest, goldenInputs: [[0, 0, 0, 0, 0]] }),
    ).rejects.toThrow('observations of [5] and 1 joints, but its network is [5] → [2]');
  });

  it('refuses golden inputs of the wrong length, none at all, and outputs that overflow', async () => {
    const draft = { network: TINY_MLP, manifest: makeTinyDraft() };
    await expect(exportPolicy({ ...draft, goldenInputs: [[1]] })).rejects.toThrow(
      'golden input 0 has 1 numbers, the policy takes 5',
    );
    await expect(exportPolicy({ ...draft, goldenInputs: [] })).rejects.toThrow('at least one');
    await expect(
      // 3e38 + 0.5 · 3e38 is beyond single precision.
      exportPolicy({ ...draft, goldenInputs: [[3e38, 0, 0, 3e38, 0]] }),
    ).rejects.toThrow('not finite');
  });

  it('refuses a draft that could not be read back', async () => {
    const manifest = makeTinyDraft({ periodS: -1 });
    await expect(
      exportPolicy({ network: TINY_MLP, manifest, goldenInputs: [[0, 0, 0, 0, 0]] }),
    ).rejects.toThrow(/manifest: periodS/);
  });
});

describe('writeManifest', () => {
  it('adds scores without touching the graph', async () => {
    const before = await makeTinyPolicy();
    const manifest = readManifest(before, 'tiny.onnx');
    const score = {
      task: 'tiny-task',
      engine: 'rapier',
      controller: 'policy',
      episodes: 200,
      firstSeed: 1,
      successRate: 0.995,
      metrics: { meanError: 0.0125 },
    } as const;
    const after = writeManifest(before, { ...manifest, evaluation: [score] });
    const { manifestSha256, ...rest } = manifest;
    const read = readManifest(after, 'tiny.onnx');
    expect(read).toMatchObject({ ...rest, evaluation: [score] });
    expect(read.manifestSha256).not.toBe(manifestSha256);
    expect(readModel(after, '').graphSha256).toBe(readModel(before, '').graphSha256);
    expect(readModel(after, '').metadata.size).toBe(1);
    expect(writeManifest(after, manifest)).toEqual(before);
  });

  it('leaves metadata of other tools alone', async () => {
    const foreign = setMetadata(await makeTinyPolicy(), 'author', 'somebody', 'x');
    const after = writeManifest(foreign, readManifest(foreign, 'x'));
    expect(readModel(after, 'x').metadata.get('author')).toBe('somebody');
    expect([...readModel(after, 'x').metadata.keys()].sort()).toEqual(['author', MANIFEST_KEY]);
  });
});

describe('readManifest', () => {
  it('says that a text file is not ONNX', () => {
    const bytes = new TextEncoder().encode('version https://git-lfs.github.com/spec/v1');
    expect(() => readManifest(bytes, 'a.onnx')).toThrow(/^a\.onnx: this is not a complete ONNX/);
    expect(() => readManifest(new Uint8Array(0), 'a.onnx')).toThrow('got an empty file');
  });

  it('notices every place where a file can be cut short', async () => {
    const bytes = await makeTinyPolicy();
    for (let length = 0; length < bytes.length; length += 7) {
      expect(() => readManifest(bytes.subarray(0, length), 'cut.onnx')).toThrow(/^cut\.onnx: /);
    }
  });

  it('says what a file without a manifest has instead', () => {
    const bare = makeMlpModel({ ...TINY_MLP, inputName: 'obs', outputName: 'actions' });
    expect(() => readManifest(bare, 'bare.onnx')).toThrow(/no policy manifest.*got no metadata/);
    const other = setMetadata(bare, 'author', 'somebody', 'x');
    expect(() => readManifest(other, 'bare.onnx')).toThrow('the entries author');
  });
});
