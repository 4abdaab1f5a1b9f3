import { z } from 'zod';
import { findDistributionProblem } from './check-distribution.ts';
import { CONTEXT_NAMES, getProperty, type PropertyKey } from './properties.ts';

const Interval = z.tuple([z.number(), z.number()]);

/** Where the numbers lie. Exactly one of the first four, `clip` with `normal` alone. */
const spread = {
  uniform: Interval.optional().meta({ description: 'Anywhere between two ends' }),
  logUniform: Interval.optional().meta({ description: 'The logarithm anywhere between two ends' }),
  normal: z
    .tuple([z.number(), z.number().nonnegative()])
    .optional()
    .meta({ description: 'Mean and standard deviation' }),
  choice: z.array(z.number()).min(1).optional().meta({ description: 'One of these' }),
  clip: Interval.optional().meta({ description: 'Ends that a normal is kept within' }),
};
const Spread = z.strictObject(spread);
export type Spread = z.infer<typeof Spread>;

const Schedule = z.strictObject({
  from: z.union([z.number(), Spread]).meta({ description: 'At difficulty 0' }),
  to: Spread.meta({ description: 'At difficulty 1; in between in proportion' }),
});
export type Schedule = z.infer<typeof Schedule>;

export const MOMENTS = ['startup', 'reset', 'interval'] as const;
export type Moment = (typeof MOMENTS)[number];

const drawn = {
  ...spread,
  schedule: Schedule.optional().meta({ description: 'A range that widens with difficulty' }),
  moment: z.enum(MOMENTS).optional().meta({
    description:
      'Once per robot for all its episodes, at each reset (unless said otherwise), or over and over during an episode',
  }),
  everyS: z
    .number()
    .min(0.001)
    .max(10_000)
    .optional()
    .meta({ unit: 's', description: 'With moment interval' }),
  why: z
    .string()
    .min(1)
    .optional()
    .meta({ description: 'Source of the range, or the reason for it' }),
};

/** A bare number means: not randomised. */
export const Distribution = z.union([z.number(), z.strictObject(drawn)]);
export type Distribution = z.infer<typeof Distribution>;

/** Of something that a robot has several of. */
export const SharedDistribution = z.union([
  z.number(),
  z.strictObject({
    ...drawn,
    perJoint: z
      .union([z.literal(true), Spread])
      .optional()
      .meta({
        description:
          'true: each joint (rotor, object) draws for itself instead of one for all; a spread: each draws from that on top of what all draw',
      }),
  }),
]);
export type SharedDistribution = z.infer<typeof SharedDistribution>;

function property(key: PropertyKey) {
  const { nominal, unit, description } = getProperty(key);
  return Distribution.check(makeCheck(key)).prefault(nominal).meta({ unit, description });
}

function shared(key: PropertyKey) {
  const { nominal, unit, description } = getProperty(key);
  return SharedDistribution.check(makeCheck(key)).prefault(nominal).meta({ unit, description });
}

function makeCheck(key: PropertyKey) {
  return (context: z.core.ParsePayload<SharedDistribution>) => {
    // A key that is not one is enough: what it should have been is not missing too.
    if (context.issues.length > 0) return;
    const found = findDistributionProblem(key, context.value);
    if (found === undefined) return;
    const { problem: message, expected, got } = found;
    context.issues.push({ code: 'custom', input: got, message, params: { expected } });
  };
}

/** Numbers that are drawn together. */
const Correlation = z.strictObject({
  of: z.array(z.string()).min(2).meta({
    description: 'Names of properties, or of single numbers such as inertiaScale.x',
  }),
  coefficient: z.number().gt(-1).lt(1).meta({
    unit: '-',
    description:
      'Between every two of them, of the normal scores behind the draws (Gaussian copula)',
  }),
});
export type Correlation = z.infer<typeof Correlation>;

export const CurriculumConfig = z.strictObject({
  start: z.number().min(0).max(1).default(0).meta({ unit: '-', description: 'First difficulty' }),
  success: z.number().min(0).max(1).default(0.1).meta({
    unit: '-',
    description: 'How much it rises after an episode that was a success',
  }),
  failure: z.number().min(0).max(1).default(0.05).meta({
    unit: '-',
    description: 'How much it falls after one that was not',
  }),
});
export type CurriculumConfig = z.infer<typeof CurriculumConfig>;

/** What may differ from robot to robot and from episode to episode; properties.ts says more. Unknown keys are errors. */
export const RandomizationConfig = z.strictObject({
  massScale: property('massScale'),
  inertiaScale: property('inertiaScale'),
  thrustScale: shared('thrustScale'),
  rotorTimeConstantScale: shared('rotorTimeConstantScale'),
  dragScale: shared('dragScale'),
  rotorTorqueScale: shared('rotorTorqueScale'),
  effortScale: shared('effortScale'),
  stiffnessScale: shared('stiffnessScale'),
  dampingScale: shared('dampingScale'),
  motorLagScale: shared('motorLagScale'),
  motorDelayScale: shared('motorDelayScale'),
  commandLatencyS: property('commandLatencyS'),
  batteryCharge: property('batteryCharge'),
  batteryResistanceScale: property('batteryResistanceScale'),
  payload: z
    .strictObject({
      mass: property('payload.mass'),
      x: property('payload.x'),
      y: property('payload.y'),
      z: property('payload.z'),
    })
    .prefault({}),
  centreOfMassOffset: z
    .strictObject({
      x: property('centreOfMassOffset.x'),
      y: property('centreOfMassOffset.y'),
      z: property('centreOfMassOffset.z'),
    })
    .prefault({}),
  contactFrictionScale: property('contactFrictionScale'),
  restitutionOffset: property('restitutionOffset'),
  jointDampingScale: shared('jointDampingScale'),
  jointFrictionScale: shared('jointFrictionScale'),
  armatureScale: shared('armatureScale'),
  gravityScale: property('gravityScale'),
  gravityTilt: z
    .strictObject({ x: property('gravityTilt.x'), y: property('gravityTilt.y') })
    .prefault({}),
  sensorNoiseScale: property('sensorNoiseScale'),
  sensorBiasScale: property('sensorBiasScale'),
  sensorDriftScale: property('sensorDriftScale'),
  sensorQuantisationScale: property('sensorQuantisationScale'),
  sensorDropoutScale: property('sensorDropoutScale'),
  sensorLatencyScale: property('sensorLatencyScale'),
  sensorJitterScale: property('sensorJitterScale'),
  observationDelaySteps: property('observationDelaySteps'),
  push: z
    .strictObject({
      intervalS: property('push.intervalS'),
      durationS: property('push.durationS'),
      /** Relative to weight, so that one range fits every robot. */
      forceScale: property('push.forceScale'),
    })
    .prefault({}),
  wind: z
    .strictObject({
      /** Ornstein–Uhlenbeck force, as a fraction of the nominal weight. */
      forceScale: property('wind.forceScale'),
      timeConstantS: property('wind.timeConstantS'),
    })
    .prefault({}),
  adversary: z
    .strictObject({
      maxForceScale: property('adversary.maxForceScale'),
      maxTorqueScale: property('adversary.maxTorqueScale'),
    })
    .prefault({}),
  start: z
    .strictObject({ x: property('start.x'), y: property('start.y'), yaw: property('start.yaw') })
    .prefault({}),
  tile: z
    .strictObject({ difficulty: property('tile.difficulty'), column: property('tile.column') })
    .prefault({}),
  obstacleTimeS: property('obstacleTimeS'),
  obstacleOffset: z
    .strictObject({
      x: shared('obstacleOffset.x'),
      y: shared('obstacleOffset.y'),
      yaw: shared('obstacleOffset.yaw'),
    })
    .prefault({}),
  obstacleVariant: property('obstacleVariant'),
  difficulty: property('difficulty'),
  curriculum: CurriculumConfig.optional().meta({
    description: 'Moves the difficulty of each environment with its successes',
  }),
  correlations: z.array(Correlation).default([]).meta({
    description: 'What is not drawn independently',
  }),
  fixed: z
    .record(z.string(), z.number())
    .default({})
    .meta({
      description: `Numbers of the context, by name, whatever is drawn: ${CONTEXT_NAMES[0]}, inertiaScale.x, …`,
    }),
});
export type RandomizationConfig = z.infer<typeof RandomizationConfig>;
/** As it is written: whatever is not said is as described. */
export type RandomizationInput = z.input<typeof RandomizationConfig>;

/** What the entry of one property says. */
export function getDistribution(config: RandomizationConfig, key: PropertyKey): SharedDistribution {
  let node: unknown = config;
  for (const part of key.split('.')) node = (node as Readonly<Record<string, unknown>>)[part];
  return node as SharedDistribution;
}
