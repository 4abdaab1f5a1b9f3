import { expect, it } from 'vitest';
import { describeRanges } from '../../../launch/inspect/ranges.ts';
import { RandomizationConfig } from '../../../sim/randomize/config.ts';

it('ranges are told property by property, each with its unit, and what was left as it is is not', () => {
  const config = RandomizationConfig.parse({
    massScale: { uniform: [0.9, 1.1] },
    gravityScale: 0.5,
    commandLatencyS: { uniform: [0, 0.01], moment: 'interval', everyS: 2 },
    effortScale: { logUniform: [0.5, 2], perJoint: true },
    contactFrictionScale: { choice: [0.4, 1] },
    sensorBiasScale: { normal: [1, 0.1], clip: [0.5, 1.5] },
    push: { forceScale: { schedule: { from: 0, to: { uniform: [0, 0.3] } } } },
  });
  expect(describeRanges(config)).toEqual([
    '  randomised',
    '    massScale                0.9 … 1.1',
    '    effortScale              0.5 … 2 by its logarithm, each motor by itself',
    '    commandLatencyS          0 … 0.01 s, at interval, every 2 s',
    '    push.forceScale          0 … 0.3, 0 at difficulty 0',
    '    contactFrictionScale     one of 0.4, 1',
    '    gravityScale             always 0.5',
    '    sensorBiasScale          1 ± 0.1 within 0.5 … 1.5',
  ]);
  expect(describeRanges(RandomizationConfig.parse({}))).toEqual(['  randomised    nothing']);
});

it('of a version that randomises otherwise it is said where to look', () => {
  expect(describeRanges({ lengthScale: 2 })).toEqual([
    '  randomised    by properties that are not known here: --json',
  ]);
});
