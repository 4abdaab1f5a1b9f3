import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TrainOptions } from '../../launch/train/options.ts';
import { planTrain } from '../../launch/train/plan.ts';
import { readManifest } from '../../policies/onnx/read-manifest.ts';
import { dropTimes } from '../../policies/training/run/round-line.ts';
import { RunFolder } from '../../policies/training/run/run-folder.ts';
import { addCurriculum } from '../../policies/training/run/run-settings.ts';
import { UserError } from '../../sim/errors.ts';
import { readJsonLine, runCli, startCli } from '../kit/cli.ts';

/** Eight cartpoles, 200 steps of single robots a round, a checkpoint every three rounds. */
const SMALL = [
  ...['--task', 'cartpole-balance', '--num-envs', '8', '--workers', '1', '--headless'],
  ...['--set', 'ppo.stepsPerRound=25', '--set', 'ppo.epochs=1', '--set', 'ppo.minibatches=2'],
  ...['--set', 'checkpoint.everyRounds=3', '--set', 'evaluation.everyRounds=3'],
  ...['--set', 'evaluation.episodes=2', '--set', 'evaluation.finalEpisodes=3'],
];
/** Seven rounds: two checkpoints, one round beyond, and the end; the first round acts twice. */
const STEPS = ['--steps', '1600'];

let folder = '';
let run = '';
beforeAll(async () => {
  // Two runs are then the same to the last byte.
  process.env.SOURCE_DATE_EPOCH = '1767225600';
  folder = mkdtempSync(join(tmpdir(), 'zerogap-train-'));
  run = join(folder, 'whole');
});
afterAll(() => {
  delete process.env.SOURCE_DATE_EPOCH;
  rmSync(folder, { recursive: true, force: true });
});

function readEssence(path: string) {
  const { metrics, locate } = { metrics: new RunFolder(path).metrics, locate: join };
  return {
    metrics: metrics.read().map(dropTimes),
    best: readFileSync(locate(path, 'best.onnx')).toString('base64'),
    last: readFileSync(locate(path, 'last.onnx')).toString('base64'),
  };
}

describe('zerogap train', () => {
  it('learns, and says in one line of JSON what came of it', async () => {
    const { code, stdout, stderr } = await runCli([
      ...['train', ...SMALL, ...STEPS, '--seed', '1', '--out', run, '--json'],
    ]);
    expect(stderr).toContain('cartpole-balance');
    expect(code).toBe(0);
    const line = readJsonLine(stdout);
    expect(line).toMatchObject({
      ...{ task: 'cartpole-balance', algorithm: 'ppo', engine: 'rapier', seed: 1, rounds: 7 },
      ...{ steps: 1600, complete: true, lastCheckpoint: 7, policy: join(run, 'best.onnx') },
    });
    expect(line.successRate).toBeGreaterThanOrEqual(0);
    expect(line.stepsPerSecond).toBeGreaterThan(0);
    expect(line.report).toBe(join(run, 'report.html'));
    expect(readFileSync(join(run, 'report.html'), 'utf8')).toContain(
      'best.onnx on cartpole-balance',
    );
    const manifest = readManifest(readFileSync(join(run, 'best.onnx')), 'best');
    expect(manifest.provenance.method).toMatch(/proximal/);
    expect(manifest.evaluation).toMatchObject([{ firstSeed: 100_000, episodes: 3 }]);
    const config = new RunFolder(run).readConfig();
    // The command line's over the recipe's, and the recipe's over what is the default (0.005).
    expect(config.identity.settings.learner).toMatchObject({
      epochs: 1,
      entropyWeight: { first: 0 },
    });
    expect(config.origin.versions.node).toBe(process.version);
  });

  it('goes on after kill -9 to the metrics and the policies of the run that was not killed', async () => {
    const killed = join(folder, 'killed');
    const cli = startCli(['train', ...SMALL, ...STEPS, '--seed', '1', '--out', killed]);
    for (;;) {
      const rounds = new RunFolder(killed).metrics.read().length;
      if (rounds >= 4) break;
      expect(cli.child.exitCode).toBeNull();
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    cli.child.kill('SIGKILL');
    await cli.result;
    const { code, stderr } = await runCli(['train', '--resume', killed, '--headless']);
    expect(stderr).not.toMatch(/error/);
    expect(code).toBe(0);
    expect(readEssence(killed)).toEqual(readEssence(run));
  });

  it('works on a run alone, and says which process does', async () => {
    const held = join(folder, 'held');
    const cli = startCli([...['train', ...SMALL, '--minutes', '10', '--out', held]]);
    while (new RunFolder(held).metrics.read().length < 1) {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    const second = await runCli(['train', '--resume', held, '--headless']);
    expect(second.stderr).toMatch(
      /run .*held: somebody else is writing.*a run that nobody.*got process \d+/,
    );
    expect(second.code).toBe(2);
    expect(cli.child.exitCode).toBeNull();
    cli.child.kill('SIGKILL');
    await cli.result;
  });

  it('ends after a round at Ctrl-C, with a policy, and says how to go on', async () => {
    const stopped = join(folder, 'stopped');
    const cli = startCli([...['train', ...SMALL, '--minutes', '10', '--out', stopped, '--json']]);
    while (new RunFolder(stopped).metrics.read().length < 4) {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    cli.child.kill('SIGINT');
    const { code, stdout, stderr } = await cli.result;
    expect(code).toBe(130);
    expect(stderr).toContain(`--resume ${stopped}`);
    expect(readJsonLine(stdout)).toMatchObject({ complete: false });
    expect(readManifest(readFileSync(join(stopped, 'last.onnx')), 'last').task).toBe(
      'cartpole-balance',
    );
  });
});

describe('a plan of a run', () => {
  const make = async (task: string, set: readonly string[] = []) =>
    (await planTrain({ task, minutes: 1, set, out: join(folder, 'never'), numEnvs: 8 })).config
      .identity;

  it('lets five whole episodes fit between two checkpoints, unless it is told', async () => {
    // 16 s at 100 Hz: 1600 steps, five of them in rounds of 32.
    const track = await make('crazyflie-track', ['algorithm=td3', 'td3.stepsPerRound=32']);
    expect(track.settings.checkpoint.everyRounds).toBe(250);
    const told = await make('crazyflie-track', ['checkpoint.everyRounds=7']);
    expect(told.settings.checkpoint.everyRounds).toBe(7);
  });

  it('takes the recipe of the algorithm that is asked for, where a task has one', async () => {
    const ask = { task: 'cartpole-balance', out: join(folder, 'never') };
    const ppo = await planTrain({ ...ask, set: [] });
    const plans = [
      await planTrain({ ...ask, algorithm: 'td3', set: [] }),
      await planTrain({ ...ask, set: ['algorithm=td3'] }),
    ];
    expect(ppo.config.budget.steps).toBe(300_000);
    for (const { config } of plans) {
      expect(config.budget.steps).toBe(100_000);
      expect(config.identity.settings).toMatchObject({
        algorithm: 'td3',
        learner: { discount: 0.98 },
      });
    }
    // Of a task without one, what does not belong to an algorithm is the task's.
    const track = await make('crazyflie-track', ['algorithm=td3']);
    expect(track.settings.evaluation.finalEpisodes).toBe(500);
  });

  it('lets schedules end with the run, whoever says how long it is', async () => {
    const out = join(folder, 'never');
    const readHorizon = async (options: Partial<TrainOptions>) => {
      const { config } = await planTrain({ task: 'crazyflie-hover', out, set: [], ...options });
      return config.identity.settings.learner.horizonSteps;
    };
    expect(await readHorizon({})).toBe(1_000_000);
    expect(await readHorizon({ steps: 3_000_000, minutes: 2 })).toBe(3_000_000);
    const set = ['ppo.horizonSteps=4000000'];
    expect(await readHorizon({ steps: 3_000_000, set })).toBe(4_000_000);
    // A run that goes on longer than it was to keeps its schedule.
    const begun = join(folder, 'begun');
    const lasting = ['ppo.learningRate.last=0.001'];
    const plan = await planTrain({
      ...{ task: 'crazyflie-hover', out: begun, steps: 3_000_000, set: lasting },
    });
    plan.folder.begin();
    plan.folder.writeConfig(plan.config);
    const more = await planTrain({ resume: begun, set: [], steps: 5_000_000 });
    expect(more.config.identity.settings.learner.horizonSteps).toBe(3_000_000);
  });

  it('has the protagonist of a contest learn as it would alone', async () => {
    const randomize = join(folder, 'contest.yaml');
    writeFileSync(randomize, 'adversary: { maxForceScale: 0.2 }\n');
    const { config } = await planTrain({
      ...{ task: 'crazyflie-hover', algorithm: 'adversarial', randomize, steps: 2_000_000 },
      ...{ out: join(folder, 'never'), set: ['adversarial.protagonist.learningRate.first=0.003'] },
    });
    expect(config.identity.settings.learner).toMatchObject({
      protagonist: {
        ...{ minibatches: 8, cutsPerEpisode: 3, horizonSteps: 2_000_000 },
        learningRate: { rule: 'linear', first: 0.003 },
      },
      adversary: { minibatches: 4, horizonSteps: 2_000_000, learningRate: { rule: 'adaptive' } },
    });
  });

  it('goes on with a run that was begun before there were as many settings', async () => {
    const old = join(folder, 'old');
    cpSync(run, old, { recursive: true });
    const path = new RunFolder(old).locate('config.json');
    const config = JSON.parse(readFileSync(path, 'utf8'));
    delete config.identitySha256;
    delete config.identity.settings.wideStarts;
    delete config.identity.settings.learner.actor.observes;
    writeFileSync(path, JSON.stringify(config));
    const plan = await planTrain({ set: [], resume: old });
    expect(plan.config.identity).toEqual(new RunFolder(run).readConfig().identity);
    expect(plan.config.forced).toEqual([]);
  });

  it('goes on by a config.json that was changed by hand only if it must, and says so', async () => {
    const edited = join(folder, 'edited');
    cpSync(run, edited, { recursive: true });
    const path = new RunFolder(edited).locate('config.json');
    const text = readFileSync(path, 'utf8');
    expect(text).toContain('"epochs": 1,');
    writeFileSync(path, text.replace('"epochs": 1,', '"epochs": 2,'));
    await expect(planTrain({ set: [], resume: edited })).rejects.toThrow(
      /config\.json.*not what was written.*--force/s,
    );
    const { config, warnings } = await planTrain({ set: [], resume: edited, force: true });
    expect(warnings).toEqual(['config.json: identity changed by hand']);
    expect(config.identity.settings.learner).toMatchObject({ epochs: 2 });
    // Insisted on once.
    new RunFolder(edited).writeConfig(config);
    const again = await planTrain({ set: [], resume: edited });
    expect(again.warnings).toEqual([]);
    expect(again.config.forced).toEqual(warnings);
  });

  it('has a curriculum for learning alone', async () => {
    const { settings, randomization } = await make('cartpole-balance', ['curriculum.start=0.25']);
    expect(settings.curriculum).toMatchObject({ start: 0.25 });
    expect(randomization.curriculum).toBeUndefined();
    expect(addCurriculum(randomization, settings).curriculum).toEqual(settings.curriculum);
  });
});

describe('bad input to zerogap train is refused before anything is written', () => {
  const fresh = () => join(folder, 'never');
  const task = 'cartpole-balance';
  const plan = (options: Partial<TrainOptions>) => planTrain({ set: [], ...options });

  async function expectRefusal(options: Partial<TrainOptions>, words: readonly RegExp[]) {
    const error = await plan(options).then(
      () => undefined,
      (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(UserError);
    for (const word of words) expect((error as UserError).message).toMatch(word);
    expect(existsSync(fresh())).toBe(false);
  }

  it('with exit code 2, and all of it at once: task, algorithm, engine', async () => {
    const { code, stdout, stderr } = await runCli([
      ...['train', '--headless', '--task', 'cartpole', '--algorithm', 'pro'],
      ...['--engine', 'bullet', '--out', fresh()],
    ]);
    for (const word of [
      /cartpole-balance, crazyflie/,
      /'pro'.*Did you mean 'ppo'/,
      /rapier, mujoco/,
    ]) {
      expect(stderr).toMatch(word);
    }
    expect(stdout).toBe('');
    expect(code).toBe(2);
  });

  it('keys that nobody knows, with those that there are', async () => {
    const run = { task, minutes: 1, out: fresh() };
    await expectRefusal({ ...run, set: ['ppo.clipp=0.1'] }, [
      ...[/ppo\.clipp: unknown key/, /one of .*clip, valueClip/, /Did you mean 'clip'/],
    ]);
    const recipe = join(folder, 'recipe.yaml');
    writeFileSync(recipe, 'numEnvs: 8\ncheckpoint:\n  every: 3\n');
    await expectRefusal({ ...run, config: recipe }, [
      ...[/recipe\.yaml:3: checkpoint\.every: unknown key/, /everyRounds, keep/],
    ]);
    await expectRefusal({ ...run, set: ['numEnvs'] }, [/key=value/]);
    await expectRefusal({ ...run, set: ['numEnvs=many'] }, [/numEnvs.*expected number/]);
  });

  it('settings of an algorithm that does not learn', async () => {
    const ask = { task, minutes: 1, out: fresh() };
    await expectRefusal({ ...ask, set: ['td3.capacity=5'] }, [
      /--set td3\.capacity=5: 'td3' does not learn here.*settings of 'ppo'.*--algorithm td3/,
    ]);
    await expectRefusal({ ...ask, algorithm: 'td3', set: ['ppo.epochs=5'] }, [/settings of 'td3'/]);
  });

  it('a learning rate that is 0 before the end', async () => {
    const hover = { task: 'crazyflie-hover', out: fresh() };
    await expectRefusal({ ...hover, minutes: 2 }, [
      /ppo\.learningRate\.rule: nothing would be learnt.*1000000 steps at most.*time.*--steps/,
    ]);
    await expectRefusal({ ...hover, steps: 2000, set: ['ppo.horizonSteps=1000'] }, [
      /expected a run of 1000 steps at most, got 2000 steps/,
    ]);
  });

  it('a run without a task, a folder or an end', async () => {
    await expectRefusal({}, [/--task: a run needs a task/, /--out: a run needs a folder/]);
    const noEnd = join(folder, 'no-end.yaml');
    writeFileSync(noEnd, 'numEnvs: 8\n');
    await expectRefusal({ task, config: noEnd, out: fresh() }, [/--minutes or --steps/]);
  });

  it('a folder that holds something, or cannot be made', async () => {
    await expectRefusal({ task, minutes: 1, out: run }, [/a run in it already.*--resume/s]);
    const full = join(folder, 'full');
    mkdirSync(full);
    writeFileSync(join(full, 'note'), '');
    await expectRefusal({ task, minutes: 1, out: full }, [/something else in it/, /note/]);
    const { code, stderr } = await runCli([
      ...['train', '--headless', '--task', task, '--minutes', '1', '--out', '/proc/run'],
    ]);
    expect(stderr).toMatch(/\/proc\/run.*cannot be made.*expected/);
    expect(code).toBe(2);
  });

  it('a curriculum of what is fixed', async () => {
    const fixed = join(folder, 'fixed.yaml');
    writeFileSync(fixed, 'fixed: { difficulty: 0.5 }\n');
    await expectRefusal(
      { task, minutes: 1, out: fresh(), randomize: fixed, set: ['curriculum={}'] },
      [...[/curriculum: the randomisation fixes the difficulty/, /fixed\.difficulty 0\.5/]],
    );
  });

  it('settings of an algorithm that do not fit the environments, by their keys', async () => {
    const pushed = join(folder, 'pushed.yaml');
    writeFileSync(pushed, 'adversary: { maxForceScale: 0.2 }\n');
    const ask = { task, minutes: 1, numEnvs: 10, out: fresh() };
    const gru = 'actor.kind=gru';
    await expectRefusal({ ...ask, set: [`ppo.${gru}`, 'ppo.minibatches=4', 'ppo.mirror=true'] }, [
      ...[
        /ppo\.minibatches: .*a divisor of the 10 environments, got 4/,
        /ppo\.mirror: .*remembers/,
      ],
    ]);
    await expectRefusal({ ...ask, algorithm: 'td3', set: ['td3.hindsightShare=0.5'] }, [
      /td3\.hindsightShare: .*cannot be told/,
    ]);
    const side = (name: string) => [
      `adversarial.${name}.${gru}`,
      `adversarial.${name}.minibatches=3`,
    ];
    const go2 = { ...ask, task: 'go2-velocity' };
    const contest = { ...go2, algorithm: 'adversarial', randomize: pushed };
    await expectRefusal(
      {
        ...contest,
        set: [...side('protagonist'), ...side('adversary'), 'adversarial.adversary.mirror=true'],
      },
      [
        ...[/adversarial\.protagonist\.minibatches: /, /adversarial\.adversary\.minibatches: /],
        /adversarial\.adversary\.mirror: /,
      ],
    );
  });

  it('more robots than memory', async () => {
    const huge = { task: 'go2-stand', minutes: 1, numEnvs: 4096, out: fresh() };
    await expectRefusal({ ...huge, set: ['ppo.stepsPerRound=8192'] }, [
      ...[/memory: the run does not fit/, /what is learnt from [\d.]+ GB/, /--num-envs/],
    ]);
    const wide = { task: 'cartpole-balance', minutes: 1, numEnvs: 4096, out: fresh() };
    await expectRefusal(
      { ...wide, set: ['ppo.stepsPerRound=8192', 'ppo.actor.hidden=[4096,4096]'] },
      [/memory: the run does not fit/, /networks [\d.]+ GB/, /more minibatches/],
    );
  });

  it('a resume of what is no run, or of another one', async () => {
    // And of nothing else: without a run there is no task to miss.
    await expectRefusal({ resume: fresh() }, [/^(?!.*--task).*there is no run in it/s]);
    for (const other of [{ task: 'crazyflie-hover' }, { algorithm: 'td3' }]) {
      const [[key, value]] = Object.entries(other) as [[string, string]];
      await expectRefusal({ resume: run, force: true, ...other }, [
        new RegExp(`^[^\n]*${key}: the run was begun with another value.*got "${value}"[^\n]*$`),
      ]);
    }
    await expectRefusal({ resume: run, seed: 2, set: ['ppo.epochs=3'] }, [
      ...[/seed: the run was begun with another value.*expected 1, got 2/],
      ...[/learner\.epochs/, /--force/],
    ]);
  });

  it('a checkpoint that is damaged, or of another network; the run stays as it was', async () => {
    const before = readEssence(run);
    const other = await runCli([
      ...['train', '--headless', '--resume', run, '--force'],
      ...['--set', 'ppo.actor.hidden=[8]', '--steps', '2000'],
    ]);
    expect(other.stderr).toMatch(/parameters.*expected.*got/);
    expect(other.code).toBe(2);
    expect(readEssence(run)).toEqual(before);
    expect(new RunFolder(run).readConfig().identity.settings.learner).not.toHaveProperty(
      'actor.hidden',
      [8],
    );
    // No policy may say that it has learnt what another has.
    const store = new RunFolder(run).checkpoints;
    const latest = store.read(store.list().at(-1)!);
    store.write({ ...latest, task: 'crazyflie-hover' });
    const foreign = await runCli(['train', '--headless', '--resume', run]);
    expect(foreign.stderr).toMatch(
      /of another run.*expected one of 'cartpole-balance', got one of 'crazyflie-hover'/,
    );
    expect(foreign.code).toBe(2);
    store.write(latest);
    for (const round of new RunFolder(run).checkpoints.list()) {
      const name = String(round).padStart(6, '0');
      writeFileSync(join(run, 'checkpoints', name, 'state.bin'), 'damage');
    }
    const damaged = await runCli(['train', '--headless', '--resume', run]);
    expect(damaged.stderr).toMatch(/no checkpoint to go on from.*000007: .*000006: /);
    expect(damaged.code).toBe(2);
  });
});
