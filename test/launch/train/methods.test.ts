import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runTrain } from '../../../launch/train/command.ts';
import type { TrainOptions } from '../../../launch/train/options.ts';
import { planTrain } from '../../../launch/train/plan.ts';
import { exportPolicy } from '../../../policies/onnx/export-policy.ts';
import type { MlpNetwork } from '../../../policies/onnx/policy-network.ts';
import { loadPolicy } from '../../../policies/runtime/policy.ts';
import { RunFolder } from '../../../policies/training/run/run-folder.ts';
import { describeTask } from '../../../policies/training/task-manifest.ts';
import { openRobot } from '../../../sim/robot/open.ts';
import { getTask } from '../../../sim/tasks/registry.ts';

const TASK = 'cartpole-balance';
/** Eight robots, a few rounds of 25 steps, one checkpoint in between. */
const SMALL = {
  ...{ task: TASK, numEnvs: 8, workers: 1, seed: 1, headless: true, json: true },
  set: [
    ...['checkpoint.everyRounds=2', 'evaluation.everyRounds=2'],
    ...['evaluation.episodes=2', 'evaluation.finalEpisodes=2'],
  ],
};

let folder = '';
let expert = '';
/** [raw action] what the expert does, whatever it sees */
const CONSTANT = 0.25;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'zerogap-methods-'));
  expert = join(folder, 'expert.onnx');
  const task = getTask(TASK);
  const model = await openRobot(task.robot);
  const manifest = describeTask(task, model);
  const numObs = 4;
  const network: MlpNetwork = {
    ...{ kind: 'mlp', activation: 'tanh', head: 'identity' },
    normalizer: { mean: new Float32Array(numObs), std: new Float32Array(numObs).fill(1) },
    layers: [{ weight: new Float32Array(numObs), bias: Float32Array.of(CONSTANT) }],
  };
  const provenance = {
    ...{ tool: 'zerogap', method: 'by hand', seed: 1, commit: 'none' },
    ...{ createdAt: '2026-01-01T00:00:00Z' },
  };
  const bytes = await exportPolicy({
    network,
    manifest: { ...manifest, name: 'expert', evaluation: [], provenance },
    goldenInputs: [new Float32Array(numObs)],
  });
  writeFileSync(expert, bytes);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function train(
  name: string,
  options: Partial<TrainOptions> & Pick<TrainOptions, 'set'>,
  place: 'robot' | 'simulation' = 'robot',
) {
  const out = join(folder, name);
  const steps = 800;
  expect(
    await runTrain({ ...SMALL, steps, out, ...options, set: [...SMALL.set, ...options.set] }),
  ).toBe(0);
  const best = join(out, 'best.onnx');
  const { robot } = getTask(options.task ?? TASK);
  const policy = await loadPolicy(best, {
    batch: 1,
    expect: { robotModel: await openRobot(robot) },
    place,
  });
  return { run: new RunFolder(out), policy, best };
}

describe('zerogap train', () => {
  it('distils a policy into a student that remembers, and goes on without being told of whom', async () => {
    const { run, policy } = await train('student', {
      ...{ algorithm: 'distill', teacher: expert },
      set: [
        ...['distill.stepsPerRound=25', 'distill.actor.kind=gru', 'distill.actor.numState=8'],
        ...['distill.minibatches=2', 'distill.learningRate=0.01'],
      ],
    });
    expect(policy.manifest.recurrent.length).toBe(1);
    expect(policy.manifest.provenance.method).toMatch(/imitation/);
    expect(policy.manifest.provenance.learning).toMatchObject({
      teacherSha256: run.readConfig().identity.teacher,
    });
    policy.release();
    const losses = run.metrics.read().map((line) => line['loss/imitation'] as number);
    expect(losses.length).toBe(4);
    expect(losses.at(-1)!).toBeLessThan(losses[0]!);
    expect(readFileSync(run.locate('teacher.onnx'))).toEqual(readFileSync(expert));
    const more = { ...SMALL, set: [], steps: 1000, resume: run.path };
    const { task: _task, numEnvs: _n, seed: _seed, ...rest } = more;
    expect(await runTrain(rest)).toBe(0);
    expect(run.metrics.read().length).toBe(5);
  });

  it('learns by the true state, and distils it into what a robot can run', async () => {
    const small = ['ppo.stepsPerRound=25', 'ppo.epochs=1', 'ppo.minibatches=1'];
    const sees = 'ppo.actor.observes=critic';
    const seeing = await train(
      'seeing',
      { set: [...small, sees, 'curriculum.start=0.5'] },
      'simulation',
    );
    const { privileged, evaluation } = seeing.policy.manifest;
    seeing.policy.release();
    const names = privileged!.columns.map(({ name }) => name);
    expect(names).toContain('contact');
    expect(names).toContain('context.difficulty');
    // Flown with what it was trained on, by seeds that chose nothing.
    expect(evaluation).toMatchObject([{ episodes: 2, firstSeed: 100_000 }]);
    await expect(loadPolicy(seeing.best)).rejects.toThrow(/sees the true state/);
    const distil = {
      ...{ algorithm: 'distill', teacher: seeing.best },
      set: ['distill.stepsPerRound=25', 'distill.minibatches=2', 'distill.learningRate=0.01'],
    };
    const out = join(folder, 'never');
    // Without its curriculum there is no difficulty to see.
    await expect(planTrain({ ...SMALL, minutes: 1, out, ...distil })).rejects.toThrow(
      /--teacher: the true state .*is not the one of this run.*context\.difficulty/,
    );
    const set = [...distil.set, 'curriculum.start=0.5'];
    const { policy, run } = await train('seen', { ...distil, set });
    expect(policy.manifest.privileged).toBeUndefined();
    expect(policy.input.length).toBe(4);
    policy.release();
    const losses = run.metrics.read().map((line) => line['loss/imitation'] as number);
    expect(losses.at(-1)!).toBeLessThan(losses[0]!);
    const plan = (options: Partial<TrainOptions>) =>
      planTrain({ ...SMALL, minutes: 1, out, ...options });
    await expect(plan({ base: seeing.best })).rejects.toThrow(/--base: it sees the true state/);
    await expect(plan({ base: expert, set: [sees] })).rejects.toThrow(/--base: its correction/);
    await expect(plan({ algorithm: 'td3', set: ['td3.actor.observes=critic'] })).rejects.toThrow(
      /td3\.actor\.observes/,
    );
    const randomize = join(folder, 'heavier.yaml');
    writeFileSync(randomize, 'massScale: { uniform: [1, 2] }\n');
    await expect(plan({ ...distil, set, randomize })).rejects.toThrow(/--teacher: .*massScale/);
  });

  it('corrects a policy that stays as it is, writes both as one, and says in and from what', async () => {
    const terrain = join(folder, 'cleared.yaml');
    writeFileSync(terrain, 'clearRadius: 2\n');
    const { policy, run } = await train('corrected', {
      ...{ base: expert, terrain },
      set: [
        ...['ppo.stepsPerRound=25', 'ppo.epochs=1', 'ppo.minibatches=1', 'residualScale=0.001'],
        ...['ppo.actor.hidden=[8]', 'curriculum.start=0.5'],
      ],
    });
    policy.input.fill(0);
    policy.run();
    // The correction of some tenths counts for a thousandth.
    expect(policy.output[0]).toBeCloseTo(CONSTANT, 2);
    expect(policy.output[0]).not.toBe(CONSTANT);
    expect(policy.manifest.provenance.method).toMatch(/correction/);
    const baseSha256 = createHash('sha256').update(readFileSync(expert)).digest('hex');
    expect(run.readConfig().identity.base).toBe(baseSha256);
    expect(policy.manifest.provenance.learning).toEqual({
      ...{ engine: 'rapier', baseSha256 },
      terrain: expect.objectContaining({ clearRadius: 2, ground: { kind: 'plane' } }),
      curriculum: { start: 0.5, success: 0.1, failure: 0.05 },
    });
    policy.release();
  });

  it('takes a policy that was corrected once for a teacher, and for what is corrected again', async () => {
    const ask = { task: 'go2-velocity', steps: 1000, out: join(folder, 'never'), set: [] };
    const taught = await planTrain({ ...ask, algorithm: 'distill', teacher: 'go2-velocity' });
    const again = await planTrain({ ...ask, base: 'go2-velocity' });
    for (const aid of [taught.aids.teacher, again.aids.base]) {
      expect(aid?.network.kind).toBe('residual');
    }
  });

  it('learns by turns against an adversary', async () => {
    const randomize = join(folder, 'pushed.yaml');
    writeFileSync(randomize, 'adversary: { maxForceScale: 0.2 }\n');
    const side = (name: string) =>
      ['stepsPerRound=25', 'epochs=1', 'minibatches=1', 'actor.hidden=[8]'].map(
        (one) => `adversarial.${name}.${one}`,
      );
    const { policy, run } = await train('contested', {
      ...{ task: 'crazyflie-hover', algorithm: 'adversarial', randomize },
      set: [
        ...[...side('protagonist'), ...side('adversary')],
        ...['adversarial.protagonistRounds=1', 'adversarial.adversaryRounds=1'],
      ],
    });
    expect(policy.manifest.provenance.method).toMatch(/against an adversary/);
    policy.release();
    const turns = run.metrics.read().map((line) => 'adversary/loss/value' in line);
    expect(turns.slice(0, 2)).toEqual([false, true]);
  });

  it('refuses what does not go together before anything is written', async () => {
    const out = join(folder, 'never');
    const refuse = async (options: Partial<TrainOptions>, ...words: readonly RegExp[]) => {
      const planned = planTrain({ ...SMALL, minutes: 1, out, ...options });
      for (const word of words) await expect(planned).rejects.toThrow(word);
    };
    await refuse({ algorithm: 'distill' }, /needs somebody to imitate/);
    await refuse({ teacher: expert }, /--teacher: nobody imitates it/);
    await refuse({ algorithm: 'adversarial' }, /leaves an adversary no force/, /maxForceScale/);
    await refuse({ algorithm: 'distill', teacher: expert, base: expert }, /--base: it cannot/);
    await refuse({ base: 'classical' }, /sees more than the observations/, /zerogap clone/);
    await refuse({ base: 'nobody' }, /--base: no such policy/);
    await refuse(
      { base: 'crazyflie-track' },
      /does not fit task .*observations\[\d+\]\.\w+ differs/,
    );
    expect(existsSync(out)).toBe(false);
  });
});
