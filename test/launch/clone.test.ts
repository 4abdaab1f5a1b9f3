import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { clone } from '../../launch/clone.ts';
import { runClone } from '../../launch/clone-command.ts';
import { loadPolicy } from '../../policies/runtime/policy.ts';

describe('clone', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'zerogap-clone-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const tiny = {
    task: 'cartpole-balance',
    hidden: [8],
    rounds: 0,
    numEnvs: 10,
    rowsPerEnv: 20,
    stepsPerRound: 50,
    finalSteps: 0,
    batchSize: 32,
    episodes: 1,
  };

  it('makes the folder, writes a policy that loads, and leaves nothing else behind', async () => {
    const out = join(folder, 'new', 'policy.onnx');
    const shares: number[] = [];
    const report = await clone({ ...tiny, out, onProgress: ({ share }) => shares.push(share) });
    expect(readdirSync(join(folder, 'new'))).toEqual(['policy.onnx']);
    // 10 robots · 20 states, one robot of ten held out.
    expect(report).toMatchObject({ task: 'cartpole-balance', seed: 1, out, states: 180 });
    expect(report.policy.episodes).toBe(1);
    expect(shares.at(-1)).toBe(1);
    const policy = await loadPolicy(out);
    expect(policy.manifest.provenance.seed).toBe(1);
    policy.release();
  });

  it('refuses a folder as its file, and a file as its folder, before any work', async () => {
    const file = join(folder, 'file');
    writeFileSync(file, '');
    await expect(clone({ ...tiny, out: folder })).rejects.toThrow(/got a folder/);
    await expect(clone({ ...tiny, out: join(file, 'p.onnx') })).rejects.toThrow(
      /cannot be written.*Choose another path/,
    );
  });

  it('refuses an unknown task and writes nothing', async () => {
    const out = join(folder, 'policy.onnx');
    await expect(clone({ ...tiny, task: 'swim', out })).rejects.toThrow(/no such task/);
    expect(existsSync(out)).toBe(false);
  });

  it('takes any setting from the command line, and names all that do not fit', async () => {
    const named = { task: 'cartpole-balance', out: join(folder, 'p.onnx'), seed: 1, episodes: 1 };
    const set = ['numEnvs=3', 'epochs=2'];
    await expect(runClone({ ...named, set })).rejects.toThrow(/numEnvs.*at least 10.*epochs/s);
    expect(existsSync(named.out)).toBe(false);
  });

  it('refuses options that it does not know', async () => {
    const wrong = { ...tiny, out: join(folder, 'policy.onnx'), epochs: 3 };
    await expect(clone(wrong)).rejects.toThrow(/epochs/);
  });
});
