import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readManifest, writeManifest } from '../../../../policies/onnx/read-manifest.ts';
import { dropTimes } from '../../../../policies/training/run/round-line.ts';
import { RunFolder } from '../../../../policies/training/run/run-folder.ts';
import {
  type RunEvent,
  type RunResult,
  TrainingFailure,
} from '../../../../policies/training/run/run-parts.ts';
import { makeQuickFolder } from '../../../kit/folders.ts';
import { type HillRun, makeHillRun, ROUND_STEPS } from '../../../kit/hill-run.ts';
import { readScalars } from '../../../kit/read-events.ts';

const CHILD = fileURLToPath(new URL('../../../kit/train-child.ts', import.meta.url));
/** Two checkpoints, at rounds 4 and 8, and two rounds beyond them. */
const ROUNDS = 10;

const folders: string[] = [];
function makeFolder(): string {
  const folder = join(makeQuickFolder(), 'run');
  folders.push(join(folder, '..'));
  return folder;
}

async function train(options: Omit<HillRun, 'rounds'> & { readonly rounds?: number }) {
  const events: RunEvent[] = [];
  const onEvent = (event: RunEvent) => void events.push(event);
  const run = await makeHillRun({ rounds: ROUNDS, onEvent, ...options });
  return { result: await run.run(), events };
}

/** All of a run that must not depend on when and how often it was interrupted. */
function readEssence(
  path: string,
  golden: 'with golden vectors' | 'without' = 'with golden vectors',
) {
  const folder = new RunFolder(path);
  const read = (name: string) => {
    const bytes = readFileSync(folder.locate(name));
    if (golden === 'with golden vectors') return bytes.toString('base64');
    const manifest = readManifest(bytes, name);
    const clear = (values: readonly number[]) => values.map(() => 0);
    const blank = manifest.golden.map((one) => ({
      ...one,
      input: clear(one.input),
      output: clear(one.output),
    }));
    return Buffer.from(writeManifest(bytes, { ...manifest, golden: blank }, name)).toString(
      'base64',
    );
  };
  const { checkpoint } = folder.checkpoints.readLatest();
  return {
    metrics: folder.metrics.read().map(dropTimes),
    best: read('best.onnx'),
    last: read('last.onnx'),
    checkpoints: folder.checkpoints.list(),
    state: { ...checkpoint.run, wallS: 0 },
    learner: checkpoint.learner,
  };
}

let whole: string;
let result: RunResult;

beforeAll(async () => {
  whole = makeFolder();
  ({ result } = await train({ folder: whole }));
});
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

describe('a training run', () => {
  it('leaves metrics of every round, the latest checkpoints, two policies and scalars for TensorBoard', () => {
    const folder = new RunFolder(whole);
    const lines = folder.metrics.read();
    expect(lines.map(({ round }) => round)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    // After the checkpoints of rounds 4 and 8 episodes of 50 steps begin anew, 25 steps a round: those that end within
    // two rounds are those that fail, and say nothing.
    const told = lines.filter(({ meanReturn }) => meanReturn !== null).map(({ round }) => round);
    expect(told).toEqual(expect.arrayContaining([1, 2, 7]));
    for (const round of [5, 6, 9, 10]) expect(told).not.toContain(round);
    expect(lines.map(({ steps }) => steps)).toEqual(lines.map(({ round }) => round * ROUND_STEPS));
    expect(Object.keys(lines[1]!)).toEqual(
      expect.arrayContaining(['meanReturn', 'successRate', 'reward/alive', 'hill/earned', 'wallS']),
    );
    // Every fourth, and the end.
    const evaluated = lines.filter((line) => 'evaluation/successRate' in line);
    expect(evaluated.map(({ round }) => round)).toEqual([4, 8, 10]);
    expect(evaluated.map((line) => line['evaluation/meanReturn'])).toContain(
      result.best?.meanReturn,
    );
    // 8 and the end are the last two; the one that the best came after stays besides.
    expect(folder.checkpoints.list()).toEqual(expect.arrayContaining([8, 10]));
    expect(readdirSync(whole)).toEqual(
      expect.arrayContaining(['best.onnx', 'last.onnx', 'metrics.jsonl']),
    );
    expect(readdirSync(whole).some((name) => name.startsWith('events.out.tfevents'))).toBe(true);
    expect(result).toMatchObject({ rounds: 10, steps: 2000, isComplete: true, lastCheckpoint: 10 });
  });

  it('writes policies that can be deployed, the best one with the scores of seeds that did not choose it', () => {
    for (const name of ['best.onnx', 'last.onnx']) {
      const bytes = readFileSync(join(whole, name));
      const manifest = readManifest(bytes, name);
      expect(manifest.golden.length).toBe(8);
      expect(manifest.provenance).toMatchObject({ seed: 1, method: 'hill climbing' });
      expect(Object.keys(manifest.randomization).length).toBeGreaterThan(0);
      expect(manifest.evaluation[0]).toMatchObject(
        name === 'best.onnx'
          ? { firstSeed: 100_000, episodes: 6 }
          : { firstSeed: 50_000, episodes: 4 },
      );
    }
    expect(result.policy).toBe(join(whole, 'best.onnx'));
  });

  it('goes on from where its curriculum was, after every checkpoint and after a resume', async () => {
    const recipe = { curriculum: { start: 0.5, success: 0.25, failure: 0.125 } };
    const uninterrupted = makeFolder();
    await train({ folder: uninterrupted, recipe });
    const resumed = makeFolder();
    let rounds = 0;
    const count = ({ kind }: RunEvent) => {
      if (kind === 'round') rounds++;
    };
    const shouldStop = () => rounds === 6;
    await train({ folder: resumed, recipe, onEvent: count, shouldStop });
    await train({ folder: resumed, recipe });
    expect(readEssence(resumed)).toEqual(readEssence(uninterrupted));
    const levels = readEssence(uninterrupted).metrics.map((line) => line['curriculum/difficulty']);
    // A mean of eight robots that have begun at 0.5: after the checkpoint of round 4 it is not back there.
    expect(levels[3]).not.toBe(0.5);
    // Nobody's episode of 50 steps has ended after 25, but by failing.
    expect(levels[4]).toBeLessThanOrEqual(levels[3] as number);
    expect(Math.abs((levels[4] as number) - (levels[3] as number))).toBeLessThan(0.13);
    expect(readEssence(whole).metrics[0]).not.toHaveProperty('curriculum/difficulty');
  });

  it('is after a kill at any moment and a resume what it would have been, to the last bit', async () => {
    const expected = readEssence(whole);
    for (const round of [2, 7]) {
      const folder = makeFolder();
      const child = spawn(process.execPath, ['--import', 'tsx', CHILD, folder, String(ROUNDS)], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      for await (const text of child.stdout!.setEncoding('utf8')) {
        if (String(text).includes(`round ${round}\n`)) child.kill('SIGKILL');
      }
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
      expect(child.signalCode).toBe('SIGKILL');
      const done = new RunFolder(folder).metrics.read().length;
      expect(done).toBeGreaterThanOrEqual(round);
      expect(done).toBeLessThan(ROUNDS);
      await train({ folder });
      expect(readEssence(folder)).toEqual(expected);
    }
  });

  it('ends after the round that it is in when it is asked to, and goes on from the last checkpoint', async () => {
    const folder = makeFolder();
    let rounds = 0;
    const interrupted = await train({
      folder,
      onEvent: ({ kind }) => {
        if (kind === 'round') rounds++;
      },
      shouldStop: () => rounds === 6,
    });
    expect(interrupted.result).toMatchObject({ rounds: 6, isComplete: false, lastCheckpoint: 4 });
    expect(readManifest(readFileSync(join(folder, 'last.onnx')), 'last').name).toBe(
      'cartpole-balance',
    );
    await train({ folder });
    expect(readEssence(folder)).toEqual(readEssence(whole));
  });

  it('shows TensorBoard every round once, whatever it went back to', async () => {
    const folder = makeFolder();
    // Rounds 1 to 3 are done again from the beginning, rounds 5 and 6 from the checkpoint of round 4.
    let rounds = 0;
    const onEvent = ({ kind }: RunEvent) => {
      if (kind === 'round') rounds++;
    };
    for (const last of [3, 3 + 6]) {
      await train({ folder, onEvent, shouldStop: () => rounds === last });
    }
    await train({ folder });
    const lines = new RunFolder(folder).metrics.read();
    for (const key of ['hill/earned', 'evaluation/successRate']) {
      const told = lines.filter((line) => key in line);
      expect(readScalars(folder, key)).toEqual(
        told.map((line) => [line.steps, Math.fround(line[key] as number)]),
      );
    }
  });

  it('goes on beyond its end from its end, and keeps what it has', async () => {
    const folder = makeFolder();
    await train({ folder, rounds: 7 });
    const { metrics } = new RunFolder(folder);
    const first = metrics.read();
    expect(first.map(({ round }) => round)).toEqual([1, 2, 3, 4, 5, 6, 7]);
    const { events, result } = await train({ folder, rounds: 13 });
    expect(events[0]).toMatchObject({ kind: 'begin', round: 7, numRedone: 0 });
    expect(result).toMatchObject({ rounds: 13, steps: 13 * ROUND_STEPS, lastCheckpoint: 13 });
    const all = metrics.read();
    expect(all.slice(0, 7)).toEqual(first);
    expect(all.map(({ round }) => round)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13]);
  });

  it.each([
    ['after its last round', 10, 'round'],
    ['while its last policy is evaluated', 10, 'evaluating'],
    ['while its best policy is judged', 10, 'judging'],
    ['while a policy is evaluated in its middle', 8, 'evaluating'],
  ])('is when it was stopped %s and resumed what it would have been', async (_, last, moment) => {
    const folder = makeFolder();
    let round = 0;
    let isStopped = false;
    const { result: stopped } = await train({
      folder,
      onEvent: (event) => {
        if (event.kind === 'round') ({ round } = event.line);
        const now = event.kind === 'activity' ? event.activity : event.kind;
        if (round === last && now === moment) isStopped = true;
      },
      shouldStop: () => isStopped,
    });
    const isAtItsEnd = last === ROUNDS;
    expect(stopped).toMatchObject({ rounds: last, isComplete: false, judgement: undefined });
    expect(stopped.end).toBe(isAtItsEnd ? 'steps' : undefined);
    expect(stopped.lastCheckpoint).toBe(isAtItsEnd ? 10 : 4);
    const { events, result: resumed } = await train({ folder });
    expect(resumed).toMatchObject({ rounds: 10, isComplete: true, end: 'steps' });
    expect(events.filter(({ kind }) => kind === 'round')).toHaveLength(isAtItsEnd ? 0 : 6);
    // What robots saw when it ended is over: inputs to check a policy by come from new episodes.
    const compared = isAtItsEnd ? 'without' : 'with golden vectors';
    expect(readEssence(folder, compared)).toEqual(readEssence(whole, compared));
  });

  it('comes to its end once, however often it is resumed there', async () => {
    const folder = makeFolder();
    await train({ folder });
    await train({ folder });
    expect(readEssence(folder)).toEqual(readEssence(whole));
  });

  it.each([
    ['state.bin', undefined],
    ['state.bin', ['\0', 'x']],
    ['state.json', ['"steps": 1600', '"steps": 5']],
    ['best.onnx', ['cartpole', 'crazyfly']],
  ] as const)(
    'goes on from the checkpoint before one whose %s is not as it was',
    async (name, edit) => {
      const folder = makeFolder();
      await train({ folder, rounds: 8 });
      const file = join(folder, 'checkpoints', '000008', name);
      if (edit === undefined) rmSync(file);
      else {
        const before = readFileSync(file, 'latin1');
        const after = before.replace(edit[0], edit[1]);
        expect(after).not.toBe(before);
        writeFileSync(file, after, 'latin1');
      }
      const { events } = await train({ folder });
      const [begin] = events;
      expect(begin).toMatchObject({ kind: 'begin', round: 4 });
      const messages = begin?.kind === 'begin' ? begin.damaged.map(({ message }) => message) : [];
      expect(messages).toEqual([expect.stringContaining('000008')]);
      expect(messages[0]).toContain(name);
      expect(readEssence(folder)).toEqual(readEssence(whole));
    },
  );

  it('does not begin anew where its checkpoints are gone', async () => {
    const folder = makeFolder();
    await train({ folder, rounds: 8 });
    const before = readFileSync(join(folder, 'best.onnx'));
    rmSync(join(folder, 'checkpoints'), { recursive: true });
    await expect(train({ folder })).rejects.toThrow(/no checkpoint to go on from/);
    expect(readFileSync(join(folder, 'best.onnx'))).toEqual(before);
    expect(new RunFolder(folder).metrics.read()).toHaveLength(8);
  });

  it('says so when rounds are missing in its metrics', async () => {
    const folder = makeFolder();
    await train({ folder, rounds: 8 });
    const file = join(folder, 'metrics.jsonl');
    const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
    writeFileSync(file, `${lines.slice(0, 2).join('\n')}\n`);
    const { events } = await train({ folder });
    const [begin] = events;
    const messages = begin?.kind === 'begin' ? begin.damaged.map(({ message }) => message) : [];
    expect(messages).toEqual([expect.stringMatching(/metrics\.jsonl.*none for 6 of them/s)]);
  });
});

describe('a training run that fails', () => {
  it.each([
    ['a metric', { badMetricAt: [6] }, /hill\/earned is NaN/],
    ['a parameter', { badWeightAt: [6] }, /weight\[0\] of the policy is NaN|action/],
  ])(
    'goes back to the last checkpoint when %s is not a number, and learns more slowly',
    async (_, hill, reason) => {
      const folder = makeFolder();
      const { events, result } = await train({ folder, recipe: { hill } });
      const rollbacks = events.filter((event) => event.kind === 'rollback');
      expect(rollbacks).toMatchObject([
        { to: 4, learningRateShare: 0.5, reason: expect.stringMatching(reason) },
      ]);
      expect(result).toMatchObject({ rounds: 10, rollbacks: 1, isComplete: true });
      const lines = new RunFolder(folder).metrics.read();
      expect(lines.map(({ round }) => round)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
      expect(lines.map((line) => line['learning/rate'])).toEqual([
        ...[1, 1, 1, 1],
        ...[0.5, 0.5, 0.5, 0.5, 0.5, 0.5],
      ]);
      const dump = JSON.parse(readFileSync(join(rollbacks[0]!.dump, 'dump.json'), 'utf8'));
      expect(dump).toMatchObject({ kind: 'not-finite', run: { round: 5 } });
      expect(dump.roundsSinceCheckpoint).toHaveLength(1);
    },
  );

  it('goes back to where its best policy came from when it has collapsed', async () => {
    const folder = makeFolder();
    // After rounds 2, 4, 6, …: the best after round 6, which came from the checkpoint of round 4. Three evaluations far
    // below it, then what is learnt anew.
    const { events, result } = await train({
      ...{ folder, rounds: 16, successRates: [0.2, 0.6, 0.9, 0, 0, 0, 0.8, 0.95, 0.9] },
      recipe: { evaluation: { everyRounds: 2, episodes: 2, finalEpisodes: 2 } },
    });
    const rollbacks = events.filter((event) => event.kind === 'rollback');
    expect(rollbacks).toMatchObject([
      { round: 12, to: 4, reason: expect.stringMatching(/3 evaluations.*at its best/) },
    ]);
    expect(result).toMatchObject({ rounds: 16, rollbacks: 1, isComplete: true });
    // What came after round 4 is forgotten but for its best policy, which 0.95 after round 8 surpasses.
    const bests = events.filter((event) => event.kind === 'evaluation' && event.isBest);
    expect(bests.map((event) => 'round' in event && event.round)).toEqual([2, 4, 6, 8]);
    expect(result.best).toMatchObject({ round: 8, successRate: 0.95 });
    expect(new RunFolder(folder).metrics.read()).toHaveLength(16);
  });

  it('learns as slowly as it says when it goes back behind an earlier roll-back', async () => {
    const folder = makeFolder();
    // Round 9 fails once and goes back to 8; evaluations far below the best of round 6 then go back to 4.
    const { events } = await train({
      ...{ folder, rounds: 16, successRates: [0.2, 0.6, 0.9, 0.8, 0, 0, 0, 0.9] },
      recipe: {
        evaluation: { everyRounds: 2, episodes: 2, finalEpisodes: 2 },
        hill: { badMetricAt: [9] },
      },
    });
    expect(events.filter((event) => event.kind === 'rollback')).toMatchObject([
      { to: 8, learningRateShare: 0.5 },
      { to: 4, learningRateShare: 0.25 },
    ]);
    const rates = new RunFolder(folder).metrics.read().map((line) => line['learning/rate']);
    expect(rates).toEqual([1, 1, 1, 1, ...new Array<number>(12).fill(0.25)]);
  });

  it('is the same run when it is killed after it was rolled back', async () => {
    const recipe = { hill: { badMetricAt: [6] } };
    const [once, twice] = [makeFolder(), makeFolder()];
    await train({ folder: once, recipe });
    let isBack = false;
    await train({
      folder: twice,
      recipe,
      onEvent: ({ kind }) => {
        if (kind === 'rollback') isBack = true;
      },
      shouldStop: () => isBack,
    });
    const { events } = await train({ folder: twice, recipe });
    expect(events.some(({ kind }) => kind === 'rollback')).toBe(false);
    expect(readEssence(twice)).toEqual(readEssence(once));
  });

  it('gives up after as many times as it was told, and can be resumed', async () => {
    const folder = makeFolder();
    const recipe = { hill: { badMetricAt: [6] }, rollback: { maxTimes: 0 } };
    const failing = train({ folder, recipe });
    await expect(failing).rejects.toThrow(TrainingFailure);
    await expect(failing).rejects.toThrow(/round 6: hill\/earned is NaN.*--resume/s);
    const { result } = await train({ folder, recipe: { ...recipe, hill: {} } });
    expect(result).toMatchObject({ rounds: 10, isComplete: true });
  });

  it('is before its collapse when it has given up, and keeps what each collapse left', async () => {
    const folder = makeFolder();
    const recipe = {
      evaluation: { everyRounds: 2, episodes: 2, finalEpisodes: 2 },
      rollback: { maxTimes: 0 },
    };
    const options = { folder, rounds: 16, recipe };
    const low = [0, 0, 0];
    // The best after round 6, from the checkpoint of round 4; collapsed after round 12, with one of round 8 between.
    await expect(train({ ...options, successRates: [0.2, 0.6, 0.9, ...low] })).rejects.toThrow(
      /round 12.*at round 4 again/s,
    );
    await expect(train({ ...options, successRates: low })).rejects.toThrow(TrainingFailure);
    expect(readdirSync(join(folder, 'dumps')).map((name) => name.slice(0, 3))).toEqual([
      '001',
      '002',
    ]);
    const { events, result } = await train({ ...options, successRates: [0.95] });
    expect(events[0]).toMatchObject({ kind: 'begin', round: 4, damaged: [] });
    expect(result).toMatchObject({ rounds: 16, isComplete: true, rollbacks: 2 });
    const lines = new RunFolder(folder).metrics.read();
    expect(lines.map(({ round }) => round)).toEqual(Array.from({ length: 16 }, (_, k) => k + 1));
    expect(lines.at(-1)?.['learning/rate']).toBe(0.25);
  });
});
