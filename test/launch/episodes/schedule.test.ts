import { describe, expect, it } from 'vitest';
import { Schedule } from '../../../launch/episodes/schedule.ts';
import { planShards } from '../../../sim/episode/plan.ts';

/** 4 shards of 64 episodes. */
const SHARDS = planShards(256);

describe('Schedule', () => {
  it('hands out shards in order, those that are done left out', () => {
    const schedule = new Schedule(SHARDS, 2, 1000);
    expect(schedule.take()).toBe(SHARDS[2]);
    expect(schedule.take()).toBe(SHARDS[3]);
    expect(schedule.take()).toBeUndefined();
    expect(schedule.take()).toBeUndefined();
  });

  it('numbers frames through in the order of the shards, in whichever order these finish', async () => {
    const schedule = new Schedule(SHARDS);
    const told: string[] = [];
    const number = (shard: number, numFrames: number) =>
      schedule.number(shard, numFrames).then((first) => void told.push(`${shard}: ${first}`));
    const late = number(2, 30);
    expect(schedule.isNext(0)).toBe(true);
    const early = number(0, 10);
    expect(schedule.isNext(1)).toBe(true);
    await early;
    expect(told).toEqual(['0: 0']);
    await number(1, 20);
    await late;
    // 10 frames before shard 1, 10 + 20 before shard 2
    expect(told.sort()).toEqual(['0: 0', '1: 10', '2: 30']);
  });

  it('goes on counting after the frames of an earlier run', async () => {
    const schedule = new Schedule(SHARDS, 1, 640);
    expect(await schedule.number(1, 5)).toBe(640);
    expect(await schedule.number(2, 5)).toBe(645);
  });

  it('lets nobody wait for a shard that was given up, or write behind it', async () => {
    const schedule = new Schedule(SHARDS);
    const waiting = schedule.number(3, 30);
    schedule.giveUp(1);
    expect(await waiting).toBeUndefined();
    expect(await schedule.number(2, 30)).toBeUndefined();
    expect(await schedule.number(0, 30)).toBe(0);
  });
});
