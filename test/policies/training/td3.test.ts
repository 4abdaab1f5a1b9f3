import { describe, expect, it } from 'vitest';
import { makeForward } from '../../../policies/training/forward.ts';
import { drawBatch, findGoal } from '../../../policies/training/hindsight.ts';
import type { Learner } from '../../../policies/training/learner.ts';
import { makeTransitions, ReplayBuffer } from '../../../policies/training/replay-buffer.ts';
import { makeTd3 } from '../../../policies/training/td3.ts';
import { Td3Settings } from '../../../policies/training/td3-config.ts';
import type { TrainingEnv } from '../../../policies/training/training-env.ts';
import { Rng } from '../../../sim/math/rng.ts';
import type { RetellableGoal } from '../../../sim/task/task.ts';
import { turtlebotReach } from '../../../sim/tasks/turtlebot-reach.ts';
import { makeClassicCartpole } from '../../kit/classic-cartpole.ts';
import { makeReachLine } from '../../kit/reach-line.ts';
import { makeTwoFates } from '../../kit/two-fates.ts';

const SMALL = {
  ...{ actor: { hidden: [8] }, critic: { hidden: [8] }, batchSize: 16 },
  ...{ stepsPerRound: 20, updatesPerTransition: 1 / 16, warmupSteps: 80, capacity: 300 },
};

function makeLearner(env: TrainingEnv, settings: object, seed = 1): Promise<Learner> {
  return makeTd3({ env, settings: Td3Settings.parse(settings), rng: new Rng(seed) });
}

async function runRounds(learner: Learner, count: number): Promise<unknown[]> {
  const metrics: unknown[] = [];
  for (let round = 0; round < count; round++) metrics.push((await learner.runRound()).metrics);
  return metrics;
}

describe('TD3', () => {
  it('learns in the same bits from the same seed, and in others from another', async () => {
    const runs = [];
    for (const seed of [1, 1, 2]) {
      const learner = await makeLearner(makeClassicCartpole(8), SMALL, seed);
      await learner.restart(0);
      runs.push({ metrics: await runRounds(learner, 3), state: await learner.copyState() });
      learner.free();
    }
    expect(runs[1]).toEqual(runs[0]);
    expect(runs[2]!.metrics).not.toEqual(runs[0]!.metrics);
  });

  it('goes on from a stored state as if it had never stopped, the buffer written over meanwhile', async () => {
    const learner = await makeLearner(makeClassicCartpole(8), SMALL);
    await learner.restart(0);
    // 300 rows are 37 steps of 8: after 40 steps the oldest are gone.
    await runRounds(learner, 2);
    const stored = await learner.copyState();
    await learner.restart(1);
    const wanted = await runRounds(learner, 2);
    const other = await makeLearner(makeClassicCartpole(8), SMALL);
    await other.restore(stored);
    await other.restart(1);
    expect(await runRounds(other, 2)).toEqual(wanted);
    expect(await other.copyPolicy()).toEqual(await learner.copyPolicy());
    await expect(
      other.restore({ ...stored, arrays: { ...stored.arrays, actor: new Float32Array(3) } }),
    ).rejects.toThrow(/array 'actor' does not fit/);
    learner.free();
    other.free();
  });

  it('goes on with another capacity only while nothing of the buffer is written over', async () => {
    const learner = await makeLearner(makeClassicCartpole(8), SMALL);
    await learner.restart(0);
    const states = [];
    for (let round = 0; round < 2; round++) {
      await learner.runRound();
      states.push(await learner.copyState());
    }
    // 160 rows after one round; after two 320, of which 37 steps of 8 are kept.
    for (const capacity of [160, 3000]) {
      const other = await makeLearner(makeClassicCartpole(8), { ...SMALL, capacity });
      const before = await other.copyState();
      await expect(other.restore(states[1]!)).rejects.toThrow(
        /td3\.capacity.*rows of 320.*got 296 rows/s,
      );
      expect(await other.copyState()).toEqual(before);
      await other.restore(states[0]!);
      expect((await other.copyState()).arrays).toEqual(states[0]!.arrays);
      other.free();
    }
    learner.free();
  });

  it('learns as often from as many steps, whatever the number of environments', async () => {
    for (const numEnvs of [4, 16]) {
      const settings = { ...SMALL, stepsPerRound: 160 / numEnvs, updatesPerTransition: 0.3 };
      const learner = await makeLearner(makeClassicCartpole(numEnvs), settings);
      await learner.restart(0);
      const { metrics } = await learner.runRound();
      // 80 of 160 steps are random: from the 80th on, that one included, 0.3 updates each. 16 at once: from 65 to 160,
      // floor(48) − floor(19.2); 4 at once: from 77 to 160, floor(48) − floor(22.8).
      expect(metrics['learning/updates']).toBe(numEnvs === 16 ? 29 : 26);
      learner.free();
    }
  });

  it('values an end by its reward alone, and a cut by what would have followed', async () => {
    const learner = await makeLearner(makeTwoFates(8), {
      ...{ actor: { hidden: [8] }, critic: { hidden: [16] }, batchSize: 64, discount: 0.5 },
      ...{ stepsPerRound: 50, updatesPerTransition: 2, warmupSteps: 8, learningRate: 1e-2 },
    });
    await learner.restart(0);
    await runRounds(learner, 1);
    const { metrics } = await learner.runRound();
    // Rewards count 1 − 0.5 times: 0.5 where it is over, 0.5 / (1 − 0.5) = 1 where it goes on, as many of each. What is
    // drawn into a batch moves the mean of 800 by about 0.25 / sqrt(800 · 64) = 0.001.
    expect(metrics['loss/actor']).toBeCloseTo(-0.75, 2);
    learner.free();
  });

  it('refuses hindsight where the observations cannot be told again', async () => {
    await expect(
      makeLearner(makeClassicCartpole(4), { ...SMALL, hindsightShare: 0.5 }),
    ).rejects.toThrow(/task 'classic-cartpole' cannot be told/);
  });

  it('finds a goal that can be told again in a task that ships, for a critic that sees no more', () => {
    const env = { task: turtlebotReach };
    const find = (settings: object) => findGoal(Td3Settings.parse(settings), env);
    expect(find({ hindsightShare: 0.8, critic: { observes: 'policy' } })).toBe(turtlebotReach.goal);
    expect(find({ critic: { observes: 'policy' } })).toBeUndefined();
    expect(() => find({ hindsightShare: 0.8 })).toThrow(/'turtlebot-reach' cannot be told/);
  });

  it('learns to reach goals, with hindsight', async () => {
    const learner = await makeLearner(makeReachLine(8), {
      ...{ actor: { hidden: [32] }, critic: { hidden: [32], observes: 'policy' } },
      ...{ batchSize: 64, stepsPerRound: 100, updatesPerTransition: 0.5, warmupSteps: 400 },
      ...{ hindsightShare: 0.8, learningRate: 3e-3, discount: 0.9 },
    });
    await learner.restart(0);
    await runRounds(learner, 2);
    const env = makeReachLine(50);
    await env.reset({ seed: 3 });
    const forward = makeForward(await learner.copyPolicy(), 50);
    for (let step = 0; step < 19; step++) {
      forward.run(env.action, env.arrays.observation, 50);
      await env.step();
    }
    const reached = env.arrays.reward.reduce((sum, reward) => sum + reward, 0);
    // Standing still, one in ten is there by chance.
    expect(reached).toBeGreaterThan(40);
    learner.free();
  });
});

describe('the replay buffer', () => {
  const widths = { observation: 1, critic: 1, action: 1, goal: 1 };

  /** Two environments, room for 4 steps; step t of environment e is seen as 10·e + t. */
  function fill(numSteps: number, ends: readonly (readonly [step: number, env: number])[]) {
    const buffer = new ReplayBuffer(8, 2, widths);
    for (let t = 0; t < numSteps; t++) {
      for (let env = 0; env < 2; env++) {
        buffer.rows.observation[buffer.slot * 2 + env] = 10 * env + t;
        buffer.rows.achieved[buffer.slot * 2 + env] = 10 * env + t + 0.5;
      }
      buffer.finishStep(
        Uint8Array.of(0, 1).map((_, e) => (ends.some(([s, o]) => s === t && o === e) ? 1 : 0)),
      );
    }
    return buffer;
  }

  it('counts what followed in an episode: to its end, to the latest step, round the ring', () => {
    // Steps 2 to 5 are kept, in slots 2, 3, 0, 1. Environment 1's episode ended with step 3.
    const buffer = fill(6, [[3, 1]]);
    expect(buffer.numRows).toBe(8);
    const row = (step: number, env: number) => (step % 4) * 2 + env;
    expect(buffer.countFollowing(row(2, 0))).toBe(3);
    expect(buffer.countFollowing(row(5, 0))).toBe(0);
    expect(buffer.countFollowing(row(2, 1))).toBe(1);
    expect(buffer.countFollowing(row(4, 1))).toBe(1);
    expect(buffer.follow(row(2, 0), 3)).toBe(row(5, 0));
  });

  it('ends the episodes that are left', () => {
    const buffer = fill(2, []);
    expect(buffer.countFollowing(0)).toBe(1);
    buffer.leaveEpisodes();
    buffer.finishStep(Uint8Array.of(0, 0));
    expect(buffer.countFollowing(0)).toBe(1);
  });

  it('tells a row again with what was reached later in its own episode', () => {
    const buffer = fill(4, [[1, 0]]);
    const goal: RetellableGoal = {
      ...{ names: ['x'], units: ['m'], writeAchieved() {}, writeDesired() {} },
      isReached: () => false,
      computeReward: (a, i, d, j) => d[j]! - a[i]!,
      retell(seen, row, desired) {
        seen[row] = 100 + desired[row]!;
      },
    };
    const batch = makeTransitions(200, widths);
    drawBatch(batch, buffer, { goal, share: 1, rng: new Rng(1) });
    const wanted = new Map<number, Set<number>>();
    batch.desired.forEach((desired, row) => {
      const achieved = batch.achieved[row]!;
      wanted.set(achieved, (wanted.get(achieved) ?? new Set()).add(desired));
      expect(batch.observation[row]).toBe(100 + desired);
      expect(batch.reward[row]).toBe(desired - achieved);
    });
    // Environment 0 ended with step 1: steps 0 and 1 are an episode, 2 and 3 another.
    expect([...wanted.get(0.5)!].sort()).toEqual([0.5, 1.5]);
    expect([...wanted.get(1.5)!]).toEqual([1.5]);
    expect([...wanted.get(2.5)!].sort()).toEqual([2.5, 3.5]);
    expect([...wanted.get(10.5)!].sort()).toEqual([10.5, 11.5, 12.5, 13.5]);
  });
});
