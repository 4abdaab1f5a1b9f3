import { describe, expect, it } from 'vitest';
import { EpisodeSpread } from '../../../policies/training/episode-spread.ts';
import type { TrainingEnv } from '../../../policies/training/training-env.ts';
import { Rng } from '../../../sim/math/rng.ts';

const NUM_ENVS = 400;
const STEPS_PER_ROUND = 10;
/** Rounds of an episode that nobody cuts: 10 s of 10 steps each. */
const ROUNDS = 10;

/** Environments whose episodes end after 10 s, all of them started at once, unless they are started anew before. */
function makeClocks() {
  const age = new Int32Array(NUM_ENVS);
  const env = {
    numEnvs: NUM_ENVS,
    controlPeriodS: 0.1,
    task: { name: 'clocks', episodeLengthS: 10 },
    async reset({ mask }: { mask?: Uint8Array }) {
      mask!.forEach((is, i) => {
        if (is === 1) age[i] = 0;
      });
    },
  } as unknown as TrainingEnv;
  const spread = new EpisodeSpread(env, 0.5);
  return {
    spread,
    /** All of them fall in one round. */
    fall: () => void age.fill(0),
    /** @returns environments in which an episode began in the round or right after it */
    async runRound(): Promise<number> {
      let count = 0;
      for (let i = 0; i < NUM_ENVS; i++) {
        age[i]! += 1;
        if (age[i]! < ROUNDS) continue;
        age[i] = 0;
        count++;
      }
      const cut = await spread.cut(STEPS_PER_ROUND);
      count += cut === undefined ? 0 : cut.filter((is) => is === 1).length;
      return count;
    },
  };
}

describe('EpisodeSpread', () => {
  it('cuts the first episodes evenly over their length', async () => {
    const { spread, runRound } = makeClocks();
    spread.restart(new Rng(1, 'spread'));
    // A tenth of 400 each round, and by chance one in twenty of them all: 40 + 20; seven standard deviations are 50.
    for (let round = 0; round < ROUNDS - 1; round++) {
      const count = await runRound();
      expect(count).toBeGreaterThan(10);
      expect(count).toBeLessThan(110);
    }
  });

  it('has episodes begin in every round again soon after all of them began in one', async () => {
    const { spread, runRound, fall } = makeClocks();
    spread.restart(new Rng(1, 'spread'));
    for (let round = 0; round < ROUNDS; round++) await runRound();
    fall();
    // What is learnt: nobody falls any more, so that nothing but time and chance ends episodes.
    const counts: number[] = [];
    for (let round = 0; round < 10 * ROUNDS; round++) counts.push(await runRound());
    // By chance alone 20 of 400 begin in a round: with a standard deviation of 4.4, 3 are out of reach of bad luck.
    expect(Math.min(...counts)).toBeGreaterThan(3);
    // After five lengths of an episode those that were never cut are exp(-0.5 · 5) = 8 % of 400, one wave of 33.
    expect(Math.max(...counts.slice(5 * ROUNDS))).toBeLessThan(NUM_ENVS / 4);
  });

  it('cuts the same episodes for the same stream, and none before it was given one', async () => {
    const run = async () => {
      const { spread } = makeClocks();
      spread.restart(new Rng(7, 'spread'));
      const cuts: string[] = [];
      for (let round = 0; round < 5; round++) cuts.push(String(await spread.cut(STEPS_PER_ROUND)));
      return cuts;
    };
    expect(await run()).toEqual(await run());
    expect(await makeClocks().spread.cut(STEPS_PER_ROUND)).toBeUndefined();
  });
});
