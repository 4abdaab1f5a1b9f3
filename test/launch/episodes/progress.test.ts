import { describe, expect, it } from 'vitest';
import {
  describeProgress,
  formatCount,
  formatDuration,
} from '../../../launch/episodes/progress.ts';

describe('describeProgress', () => {
  it('tells episodes, speed, success and the time that is left', () => {
    const progress = { episodes: 250, successes: 200, steps: 30_000, wallS: 10 };
    // 3,000 steps/s; 80 %; 750 more at 25 a second take 30 s.
    expect(describeProgress(progress, 1000, 0)).toBe(
      '250/1000 episodes · 3,000 steps/s · success 80.0 % · 30 s left',
    );
  });

  it('does not take the episodes of an earlier run for its own speed', () => {
    const progress = { episodes: 900, successes: 900, steps: 30_000, wallS: 10 };
    // 100 in 10 s: 100 more take 10 s.
    expect(describeProgress(progress, 1000, 800)).toMatch(/10 s left$/);
  });

  it('leaves out what it cannot know yet', () => {
    expect(describeProgress({ episodes: 0, successes: 0, steps: 0, wallS: 0 }, 8, 0)).toBe(
      '0/8 episodes',
    );
  });
});

describe('formats', () => {
  it('of counts and durations', () => {
    expect([9, 61_234, 1_234_567].map(formatCount)).toEqual(['9', '61,200', '1,230,000']);
    expect([0.4, 59.4, 185, 7830].map(formatDuration)).toEqual([
      '0 s',
      '59 s',
      '3 min 5 s',
      '2 h 10 min',
    ]);
  });
});
