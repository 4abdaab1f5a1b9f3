import { z } from 'zod';

const Interval = z.tuple([z.number(), z.number()]);

/** A bare number means: not randomised. */
export const Distribution = z.union([
  z.number(),
  z.strictObject({ uniform: Interval }),
  z.strictObject({ logUniform: Interval }),
  z.strictObject({
    normal: z.tuple([z.number(), z.number().nonnegative()]),
    clip: Interval.optional(),
  }),
  z.strictObject({ choice: z.array(z.number()).min(1) }),
]);
export type Distribution = z.infer<typeof Distribution>;

const factor = (description: string) =>
  Distribution.prefault(1).meta({ unit: '-', description: `${description}; 1 = the robot's own` });

/** What may differ from robot to robot, drawn at reset. Unknown keys are errors. */
export const RandomizationConfig = z.strictObject({
  massScale: factor('Total mass'),
  inertiaScale: factor('Each principal moment of inertia, drawn one by one'),
  thrustScale: factor('Thrust and torque coefficients of all rotors'),
  rotorTimeConstantScale: factor('Time constant of all rotors'),
  dragScale: factor('Rotor drag'),
  effortScale: factor('Strength of all joint motors: a factor of the effort that comes out'),
  commandLatencyS: Distribution.prefault(0).meta({ unit: 's', description: 'Command to motor' }),
  sensorLatencyScale: factor('Latency of every sensor'),
  sensorNoiseScale: factor('Noise and bias of every sensor'),
  push: z
    .strictObject({
      intervalS: Distribution.prefault(0).meta({
        unit: 's',
        description: 'Time between pushes; 0 = none',
      }),
      durationS: Distribution.prefault(0.1).meta({ unit: 's', description: 'Length of one push' }),
      /** Relative to weight, so that one range fits every robot. */
      forceScale: Distribution.prefault(0).meta({
        unit: '-',
        description: 'Force as a fraction of the nominal weight, in a uniformly drawn direction',
      }),
    })
    .prefault({}),
  wind: z
    .strictObject({
      /** Ornstein–Uhlenbeck force, as a fraction of the nominal weight. */
      forceScale: Distribution.prefault(0).meta({
        unit: '-',
        description:
          'Standard deviation of each component of the gust force, as a fraction of the nominal weight',
      }),
      timeConstantS: Distribution.prefault(1).meta({ unit: 's', description: 'Of the gusts' }),
    })
    .prefault({}),
  contactFrictionScale: factor('Friction coefficient of every collision shape of the robot'),
  jointDampingScale: factor('Damping of every joint'),
  jointFrictionScale: factor('Coulomb friction of every joint'),
  armatureScale: factor('Reflected inertia of every motor'),
  stiffnessScale: factor('Stiffness (kp) of all position servos'),
  dampingScale: factor('Damping (kd) of all position and speed servos'),
  motorLagScale: factor('Lag of the effort of joint motors that have one'),
  motorDelayScale: factor('Own command delay of joint motors that have one'),
  batteryCharge: Distribution.prefault(1).meta({
    unit: '-',
    description: 'Charge of every battery when an episode begins, as a share of its capacity',
  }),
  obstacleTimeS: Distribution.prefault(0).meta({
    unit: 's',
    description: 'How far moving obstacles are on their ways when an episode begins',
  }),
});
export type RandomizationConfig = z.infer<typeof RandomizationConfig>;
