import { describe, expect, it } from 'vitest';
import type { EpisodeSummary } from '../../../sim/env-result.ts';
import { addOutcomes, NO_OUTCOMES, tallyOutcomes } from '../../../sim/episode/outcomes.ts';

const summary = (parts: Partial<EpisodeSummary>) =>
  ({
    steps: 1,
    lengthS: 0.1,
    return: 0,
    end: 'truncated',
    reason: 'timeLimit',
    success: false,
    ...parts,
  }) as EpisodeSummary;

const EPISODES = [
  summary({ steps: 10, lengthS: 0.5, return: 2, success: true }),
  summary({ steps: 4, lengthS: 0.25, return: -1, end: 'terminated', reason: 'tilt' }),
  summary({ steps: 6, lengthS: 0.25, return: 5, success: true }),
];

describe('outcomes', () => {
  it('add up what episodes were worth and how they ended', () => {
    expect(tallyOutcomes(EPISODES)).toEqual({
      episodes: 3,
      steps: 20,
      simulatedS: 1,
      successes: 2,
      returnSum: 6,
      returnRange: [-1, 5],
      ends: { 'terminated: tilt': 1, 'truncated: timeLimit': 2 },
    });
  });

  it('of two parts add up to those of the whole, after a journal too', () => {
    const [first, ...rest] = EPISODES;
    const kept = JSON.parse(JSON.stringify(tallyOutcomes([first!])));
    expect(addOutcomes(kept, tallyOutcomes(rest))).toEqual(tallyOutcomes(EPISODES));
    const none = JSON.parse(JSON.stringify(NO_OUTCOMES));
    expect(addOutcomes(none, tallyOutcomes(EPISODES))).toEqual(tallyOutcomes(EPISODES));
  });
});
