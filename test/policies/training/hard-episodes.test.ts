import { describe, expect, it, vi } from 'vitest';
import { HardEpisodes } from '../../../policies/training/hard-episodes.ts';
import type { Learner } from '../../../policies/training/learner.ts';
import { makePpo } from '../../../policies/training/ppo.ts';
import { PpoSettings } from '../../../policies/training/ppo-config.ts';
import { makeRolloutBuffer } from '../../../policies/training/rollout-buffer.ts';
import type { EpisodeId } from '../../../sim/episode/plan.ts';
import { Rng } from '../../../sim/math/rng.ts';
import { makeVecEnv } from '../../../sim/vec-env/vec-env.ts';
import { makeClassicCartpole } from '../../kit/classic-cartpole.ts';

const SETTINGS = { share: 1, capacity: 3, temperature: 0.3, staleShare: 0 };
const WIDTHS = { numObservations: 0, numCritic: 0, numActions: 0 };

/** A round of two steps of two robots in which the episodes of `ids` end with the last. */
function makeRound(ids: readonly (EpisodeId | undefined)[]) {
  const buffer = makeRolloutBuffer({ numSteps: 2, numEnvs: 2, ...WIDTHS });
  ids.forEach((id, env) => {
    if (id === undefined) return;
    buffer.isEnd[2 + env] = 1;
    buffer.ended.push({ index: 2 + env, id });
  });
  return buffer;
}

const id = (episode: number, env = 0): EpisodeId => ({ seed: 7, env, episode });

function count(hard: HardEpisodes, draws: number): Map<number, number> {
  const rng = new Rng(1);
  const counts = new Map<number, number>();
  for (let k = 0; k < draws; k++) {
    const [chosen] = hard.choose(Uint8Array.of(1), rng);
    counts.set(chosen!.episode, (counts.get(chosen!.episode) ?? 0) + 1);
  }
  return counts;
}

describe('hard episodes', () => {
  it('are scored by the mean of their advantages above 0, over rounds', () => {
    const hard = new HardEpisodes(SETTINGS, 2);
    // Steps by robots: 1 and −5, then 3 and 4; nothing ends.
    hard.score(makeRound([]), Float32Array.of(1, -5, 3, 4));
    hard.score(makeRound([id(0), id(0, 1)]), Float32Array.of(-2, 0, 2, 0));
    // (1 + 3 + 0 + 2) / 4 = 1.5 and (0 + 4 + 0 + 0) / 4 = 1.
    expect(hard.count).toBe(2);
    expect(hard.meanScore).toBe(1.25);
    // What began anew in between does not count what was before.
    hard.score(makeRound([]), Float32Array.of(9, 9, 9, 9));
    hard.forget(Uint8Array.of(1, 1));
    hard.score(makeRound([id(0), undefined]), Float32Array.of(1, 0, 1, 0));
    // Episode 0 of robot 0 has its new score alone: (1 + 1) / 2 = 1.
    expect(hard.count).toBe(2);
    expect(hard.meanScore).toBe(1);
  });

  it('begin again the more often the higher they rank; the easiest make room', () => {
    const hard = new HardEpisodes(SETTINGS, 2);
    [3, 1, 2, 4].forEach((score, k) => {
      hard.score(makeRound([id(k), undefined]), Float32Array.of(score, 0, score, 0));
    });
    // Of four there is room for three, and number 1 had the lowest score.
    const counts = count(hard, 4000);
    expect([...counts.keys()].sort()).toEqual([0, 2, 3]);
    // 1 : (1/2)^(1/0.3) : (1/3)^(1/0.3) = 1 : 0.0992 : 0.0257, in all 1.1249.
    expect(counts.get(3)! / 4000).toBeCloseTo(1 / 1.1249, 1);
    expect(counts.get(0)! / 4000).toBeCloseTo(0.0992 / 1.1249, 1);
    expect(counts.get(0)!).toBeGreaterThan(counts.get(2)!);
  });

  it('begin again where nobody has looked at them for long, by the share that is for them', () => {
    const hard = new HardEpisodes({ ...SETTINGS, staleShare: 1 }, 2);
    hard.score(makeRound([id(0), undefined]), Float32Array.of(9, 0, 9, 0));
    for (let k = 0; k < 97; k++) hard.score(makeRound([]), new Float32Array(4));
    hard.score(makeRound([id(1), undefined]), Float32Array.of(1, 0, 1, 0));
    // Ages 98 and 0, one more each: at first number 0 in 99 of 100.
    const [first] = hard.choose(Uint8Array.of(1), new Rng(3));
    expect(first).toEqual(id(0));
    // Then it has been looked at, and both are as fresh.
    const counts = count(hard, 1000);
    expect(counts.get(0)! / 1000).toBeCloseTo(0.5, 1);
  });

  it('are a share of what begins, nowhere else, as difficult as they were', () => {
    const hard = new HardEpisodes({ ...SETTINGS, share: 0.25 }, 2);
    expect(hard.choose(Uint8Array.of(1, 1), new Rng(1))).toEqual([undefined, undefined]);
    const difficult = { ...id(5), difficulty: 0.75 };
    hard.score(makeRound([difficult, undefined]), Float32Array.of(1, 0, 1, 0));
    const mask = new Uint8Array(2000).fill(1, 1000);
    const chosen = hard.choose(mask, new Rng(1));
    expect(chosen.slice(0, 1000).every((one) => one === undefined)).toBe(true);
    const again = chosen.filter((one) => one !== undefined);
    // 250 of 1000, standard deviation 14.
    expect(Math.abs(again.length - 250)).toBeLessThan(60);
    expect(again[0]).toEqual(difficult);
  });
});

/** Four rounds of 16 robots whose untaught policy crashes; what is begun again is half of what cuts begin. */
async function learn(numWorkers: number, restore?: Awaited<ReturnType<Learner['copyState']>>) {
  const env = await makeVecEnv({
    ...{ task: 'crazyflie-hover', numEnvs: 16, numWorkers, shardRobots: 4, numGroups: 2 },
    randomization: { curriculum: { start: 0.5, success: 0.1, failure: 0.05 } },
  });
  const cut = vi.spyOn(env, 'cutEpisodes');
  const learner = await makePpo({
    env,
    settings: PpoSettings.parse({
      ...{ stepsPerRound: 32, epochs: 1, minibatches: 1, cutsPerEpisode: 8 },
      replay: { share: 0.5, capacity: 16 },
      actor: { hidden: [8] },
      critic: { hidden: [8] },
    }),
    rng: new Rng(1),
  });
  const metrics: unknown[] = [];
  let stored: Awaited<ReturnType<Learner['copyState']>> | undefined;
  if (restore !== undefined) await learner.restore(restore);
  else {
    await learner.restart(0);
    for (let round = 0; round < 4; round++) metrics.push((await learner.runRound()).metrics);
    stored = await learner.copyState();
  }
  await learner.restart(1);
  const after: unknown[] = [];
  for (let round = 0; round < 2; round++) after.push((await learner.runRound()).metrics);
  learner.free();
  await env.close();
  const visits = cut.mock.calls.flatMap(([, chosen]) => chosen.filter((one) => one !== undefined));
  return { metrics, after, stored: stored!, visits };
}

describe('PPO with hard episodes', () => {
  it('comes to the same bits with any number of workers, and from a stored state', async () => {
    const alone = await learn(0);
    expect(alone.visits.length).toBeGreaterThan(0);
    expect(alone.visits[0]!.difficulty).toBeGreaterThan(0);
    expect(alone.metrics.at(-1)).toMatchObject({ 'replay/episodes': 16 });
    expect(await learn(2)).toEqual(alone);
    const resumed = await learn(0, alone.stored);
    expect(resumed.after).toEqual(alone.after);
  });

  it('needs environments whose episodes can begin again', async () => {
    const settings = PpoSettings.parse({ replay: { share: 0.5 } });
    const parts = { env: makeClassicCartpole(4), settings, rng: new Rng(1) };
    await expect(makePpo(parts)).rejects.toThrow(/cannot be begun again/);
  });
});
