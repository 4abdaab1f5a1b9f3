import { describe, expect, it } from 'vitest';
import { ENGINE_NAMES } from '../../../sim/engine/engine.ts';
import type { PropertyKey } from '../../../sim/randomize/properties.ts';
import { BODY_EFFECTS } from './effects/bodies.ts';
import { FLIGHT_EFFECTS } from './effects/flight.ts';
import { MOTOR_EFFECTS } from './effects/motors.ts';
import { PLACE_EFFECTS } from './effects/places.ts';
import { SENSE_EFFECTS } from './effects/senses.ts';
import type { Effect } from './effects/study.ts';

/** One for every property that there is: without it this does not compile. */
const EFFECTS: Readonly<Record<PropertyKey, Effect>> = {
  ...BODY_EFFECTS,
  ...MOTOR_EFFECTS,
  ...FLIGHT_EFFECTS,
  ...SENSE_EFFECTS,
  ...PLACE_EFFECTS,
};

describe.each(ENGINE_NAMES)('in %s', (engine) => {
  it.each(Object.values(EFFECTS).map(({ says, show }) => [says, show] as const))(
    '%s',
    async (_says, show) => {
      expect.hasAssertions();
      await show(engine);
    },
  );
});
