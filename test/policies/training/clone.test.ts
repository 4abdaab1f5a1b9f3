import { describe, expect, it } from 'vitest';
import { loadPolicy } from '../../../policies/runtime/policy.ts';
import { type CloneSettings, cloneController } from '../../../policies/training/clone.ts';
import { collectDataset } from '../../../policies/training/dataset.ts';
import { Rng } from '../../../sim/math/rng.ts';
import { loadRobot } from '../../../sim/robot/load.ts';
import { getTask } from '../../../sim/tasks/registry.ts';

const tiny: CloneSettings = {
  task: 'cartpole-balance',
  seed: 1,
  hidden: [16],
  activation: 'tanh',
  rounds: 1,
  numEnvs: 10,
  rowsPerEnv: 60,
  stepsPerRound: 300,
  finalSteps: 100,
  batchSize: 64,
  learningRate: 5e-3,
  evaluationEpisodes: 2,
};
const provenance = { commit: 'test', createdAt: '2026-01-01T00:00:00Z' };

describe('cloneController', () => {
  it('turns the LQR into a policy that balances, the same one for the same seed in as many threads as there are', async () => {
    const once = await cloneController({ settings: tiny, numWorkers: 0, provenance });
    // An untrained network is wrong by about the variance of the actions: 1.
    expect(once.curve.at(-1)!.heldOutLoss).toBeLessThan(0.1);
    expect(once.policy.score).toMatchObject({ controller: 'policy', successRate: 1 });
    expect(once.teacher.score).toMatchObject({ controller: 'cartpole-lqr', successRate: 1 });

    const policy = await loadPolicy(once.bytes, {
      expect: { robotModel: loadRobot('cartpole') },
    });
    const { manifest } = policy;
    policy.release();
    expect(manifest.jointNames).toEqual(['cart_joint']);
    expect(manifest.periodS).toBeCloseTo(0.02, 12);
    expect(manifest.evaluation.map((score) => score.controller)).toEqual([
      'policy',
      'cartpole-lqr',
    ]);
    expect(manifest.golden.length).toBe(8);
    expect(manifest.randomization.massScale).toEqual({ uniform: [0.9, 1.1] });
    expect(manifest.provenance).toMatchObject({ seed: 1, commit: 'test' });

    const again = await cloneController({ settings: tiny, numWorkers: 2, provenance });
    expect(Buffer.from(again.bytes).equals(Buffer.from(once.bytes))).toBe(true);
    const settings = { ...tiny, seed: 2, rounds: 0, stepsPerRound: 10 };
    const other = await cloneController({ settings, numWorkers: 0, provenance });
    expect(other.curve[0]!.trainLoss).not.toBe(once.curve[0]!.trainLoss);
  });

  it('refuses an unknown task before any work', async () => {
    const settings = { ...tiny, task: 'walk' };
    await expect(cloneController({ settings, numWorkers: 0, provenance })).rejects.toThrow(
      /no such task/,
    );
  });
});

describe('collectDataset', () => {
  const rollout = {
    task: getTask('crazyflie-track'),
    numEnvs: 4,
    rowsPerEnv: 5,
    stride: 2,
    maxNoise: 0.3,
  };

  it('keeps what was seen and what the teacher would do, whoever flies', async () => {
    const taught = await collectDataset({ ...rollout, rng: new Rng(1) });
    expect(taught.numRows).toBe(20);
    const student = (raw: Float32Array) => raw.fill(0.5);
    const flown = await collectDataset({ ...rollout, rng: new Rng(1), student });
    const width = taught.observations.length / 20;
    const first = 4 * width;
    // The first frame is the same, and so is the label, though the student flies otherwise.
    expect([...flown.observations.subarray(0, first)]).toEqual([
      ...taught.observations.subarray(0, first),
    ]);
    expect([...flown.actions.subarray(0, 16)]).toEqual([...taught.actions.subarray(0, 16)]);
    expect([...flown.observations.subarray(first)]).not.toEqual([
      ...taught.observations.subarray(first),
    ]);
  });

  it('shakes what is flown, not what is learnt', async () => {
    const calm = await collectDataset({ ...rollout, maxNoise: 0, rng: new Rng(1) });
    const shaken = await collectDataset({ ...rollout, rng: new Rng(1) });
    expect([...shaken.actions.subarray(0, 16)]).toEqual([...calm.actions.subarray(0, 16)]);
    expect([...shaken.observations]).not.toEqual([...calm.observations]);
  });
});
