import { expect, it } from 'vitest';
import { StampStream } from './stream.ts';
import { fitSlope } from './usage.ts';

const PERIOD_S = 0.01;

it('a watched topic has lost the periods of which no stamp came, however late', () => {
  const stream = new StampStream(PERIOD_S);
  // 104 comes late, 105 twice, 107 never.
  for (const k of [101, 102, 103, 105, 105, 104, 106, 108]) stream.note(k * PERIOD_S);
  expect(stream.numMissing).toBe(0);
  stream.end();
  const { numPeriods, numHeard, numMissing, numRepeated } = stream;
  // 101 … 108 are 8.
  expect({ numPeriods, numHeard, numMissing, numRepeated }).toEqual({
    ...{ numPeriods: 8, numHeard: 7 },
    ...{ numMissing: 1, numRepeated: 1 },
  });
});

it('a watched topic keeps no more than the newest periods open', () => {
  const stream = new StampStream(PERIOD_S);
  stream.note(0);
  stream.note(150 * PERIOD_S);
  // Open are the newest 100: 51 … 150; of 0 … 50 the first was heard.
  expect(stream.numMissing).toBe(50);
});

it('growth is the slope of the line through the samples', () => {
  const at = (timeS: number, value: number) => ({ timeS, value });
  expect(fitSlope([at(0, 10), at(5, 20), at(10, 30)])).toEqual({ slope: 2, error: 0 });
  // Times −1, 0, 1 about their mean: slope = (−1·0 + 1·4) / 2 = 2;
  // values 0, 1, 4: mean 5/3, line −1/3, 5/3, 11/3, rests 1/3, −2/3, 1/3: Σ² = 6/9, error = √(6/9 / 1 / 2).
  const { slope, error } = fitSlope([at(0, 0), at(1, 1), at(2, 4)]);
  expect(slope).toBeCloseTo(2, 12);
  expect(error).toBeCloseTo(Math.sqrt(1 / 3), 12);
  expect(fitSlope([at(0, 1)]).slope).toBeNaN();
});
