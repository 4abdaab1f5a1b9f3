import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  identifyEpisode,
  planShards,
  SHARD_EPISODES,
  SHARD_ROBOTS,
} from '../../../sim/episode/plan.ts';

describe('planShards', () => {
  it('gives every episode to one shard, in order', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 20_000 }), (numEpisodes) => {
        let next = 0;
        planShards(numEpisodes).forEach((shard, index) => {
          expect(shard.index).toBe(index);
          expect(shard.firstEpisode).toBe(next);
          expect(shard.numEpisodes).toBeGreaterThan(0);
          expect(shard.numEpisodes).toBeLessThanOrEqual(SHARD_EPISODES);
          next += shard.numEpisodes;
        });
        expect(next).toBe(numEpisodes);
      }),
    );
  });

  it('cuts a small run into one episode per robot, so that more than one core has work', () => {
    // 200 = 3 · 64 + 8
    expect(planShards(200).map(({ numEpisodes }) => numEpisodes)).toEqual([64, 64, 64, 8]);
  });

  it('cuts into eight shards at least where there are episodes for as many', () => {
    for (const count of [512, 600, 1023, 1024, 2047, 2048, 5000]) {
      expect(planShards(count).length, `${count}`).toBeGreaterThanOrEqual(8);
    }
  });

  it('cuts a large run into four episodes per robot, so that few robots wait for the last', () => {
    // 10,000 = 39 · 256 + 16
    const sizes = planShards(10_000).map(({ numEpisodes }) => numEpisodes);
    expect(sizes).toHaveLength(40);
    expect(new Set(sizes)).toEqual(new Set([256, 16]));
  });

  it('leaves shards that are there as they are, and cuts the rest as it would', () => {
    const whole = planShards(2000);
    expect(planShards(2000, whole.slice(0, 3))).toEqual(whole);
    // 100 episodes were cut into 64 and 36; 200 are cut into pieces of 64.
    const grown = planShards(200, planShards(100));
    expect(grown.map(({ numEpisodes }) => numEpisodes)).toEqual([64, 36, 64, 36]);
    expect(grown.map(({ firstEpisode }) => firstEpisode)).toEqual([0, 64, 100, 164]);
    expect(grown.map(({ index }) => index)).toEqual([0, 1, 2, 3]);
  });

  it('refuses a number of episodes that is none', () => {
    for (const count of [0, -1, 1.5, Number.NaN]) expect(() => planShards(count)).toThrow(/1/);
  });
});

describe('identifyEpisode', () => {
  it('gives robot k of every shard every 64th episode, whatever their number', () => {
    expect(identifyEpisode(7, 0)).toEqual({ seed: 7, env: 0, episode: 0 });
    expect(identifyEpisode(7, SHARD_ROBOTS + 3)).toEqual({ seed: 7, env: 3, episode: 1 });
  });

  it('names no episode twice', () => {
    const names = Array.from({ length: 1000 }, (_, index) => {
      const { env, episode } = identifyEpisode(1, index);
      return `${env}/${episode}`;
    });
    expect(new Set(names).size).toBe(1000);
  });
});
