import { expect, it } from 'vitest';
import { listSafetyParameters } from '../../nodes/safety-parameters.ts';
import { SafetyConfig } from '../../policies/config.ts';

it('shows the limits of the safety filter with unit and range, and lets nobody set them', () => {
  const config = SafetyConfig.parse({ holdS: 0.2, maxTilt: 1 });
  const parameters = listSafetyParameters(config);
  expect(parameters.map(({ name }) => name)).toEqual([
    ...['hold_s', 'on_tilt', 'on_geofence', 'max_tilt'],
  ]);
  expect(parameters.every(({ readOnly }) => readOnly === true)).toBe(true);
  expect(parameters[0]).toMatchObject({
    ...{ default: 0.2, unit: 's', range: [0, 1] },
    description: expect.stringMatching(
      /^How long the last safe command .*Fixed when the node starts$/,
    ),
  });
  expect(parameters[3]).toMatchObject({ default: 1, unit: 'rad', range: [0, Math.PI] });
});
