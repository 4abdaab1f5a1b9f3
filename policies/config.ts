import { z } from 'zod';

/** Execution providers by the names that onnxruntime uses. */
export const PROVIDERS = ['cpu', 'webgpu', 'cuda', 'tensorrt', 'coreml', 'dml'] as const;
export type Provider = (typeof PROVIDERS)[number];

const Vec3 = z.tuple([z.number(), z.number(), z.number()]);

// What a profile may wait for at most. In 1 s without control a falling robot falls 5 m and one that
// drives at 1 m/s crosses a room: no link that needs longer is one to control a robot over.
/** [s] */
const LONGEST_PATIENCE_S = 1;
// A damped robot may still turn its motors, and nobody controls it. Landing is the longest that damping is
// for: 10 s bring it down 3 m, the height of a flight room, at 0.3 m/s.
/** [s] */
const LONGEST_DAMP_S = 10;

/**
 * How the safety filter judges. Limits left out are the robot's own (RobotModel.safety).
 *
 * What the robot can bear may be tightened here, never loosened: `maxTilt`, `geofence` and
 * `maxCommandRate` beyond the robot's are refused, and its command range cannot be given here at all.
 * What belongs to the link and the loop may be set either way within the bounds below: the ages, `holdS`
 * and `stopAfterS`. `onTilt` and `onGeofence` stop; `damp` is the one loosening of a rule, for robots
 * that damping brings down more gently than a stop, and it too ends in a stop after `stopAfterS`.
 */
export const SafetyConfig = z.strictObject({
  maxObservationAgeS: z.number().positive().max(LONGEST_PATIENCE_S).optional().meta({
    unit: 's',
    description:
      'Older measurements are a hazard: hold, then damp. Default 0.1 s or three periods, whichever is longer',
  }),
  holdS: z.number().nonnegative().max(LONGEST_PATIENCE_S).default(0.1).meta({
    unit: 's',
    description: 'How long the last safe command may be repeated before the robot is damped',
  }),
  maxCommandAgeS: z.number().positive().max(LONGEST_PATIENCE_S).optional().meta({
    unit: 's',
    description:
      'Without a policy command for longer than this: hold, then damp. Default 0.1 s or three periods, whichever is longer',
  }),
  stopAfterS: z.number().positive().max(LONGEST_DAMP_S).optional().meta({
    unit: 's',
    description:
      'Without a policy command or a measurement, or damped, for longer than this: stop. Default ten times maxCommandAgeS',
  }),
  onTilt: z.enum(['damp', 'stop']).default('stop').meta({
    description: 'What is done beyond maxTilt; damp ends in a stop after stopAfterS',
  }),
  onGeofence: z.enum(['damp', 'stop']).default('stop').meta({
    description: 'What is done outside the geofence; damp ends in a stop after stopAfterS',
  }),
  maxTilt: z.number().positive().max(Math.PI).optional().meta({
    unit: 'rad',
    description: 'Angle between the body and the vertical',
  }),
  geofence: z.strictObject({ lower: Vec3, upper: Vec3 }).optional().meta({
    unit: 'm',
    description: 'Box that base_link must stay in, odom frame',
  }),
  maxCommandRate: z.array(z.number().positive()).optional().meta({
    unit: 'command unit per second',
    description: 'Per actuated joint',
  }),
});
export type SafetyConfig = z.infer<typeof SafetyConfig>;

/**
 * [s] A reference that is older, or as far in the future, still says where to be, but no longer how fast to
 * move: the policy then holds its position with zero velocity. Half a second, as the Crazyflie's own
 * firmware gives a setpoint before it levels (COMMANDER_WDT_TIMEOUT_STABILIZE in commander.h, 500 ms).
 */
export const REFERENCE_TIMEOUT_S = 0.5;

/** How a policy is run. Its rate is the one it was trained at and no option. */
export const RuntimeConfig = z.strictObject({
  provider: z
    .enum([...PROVIDERS, 'auto'])
    .default('cpu')
    .meta({
      description: 'Where the network runs; auto times each provider of this machine',
    }),
  onMiss: z.enum(['skip', 'hold']).default('skip').meta({
    description:
      'After an overrun: skip to the next point of the grid, or hold the period from now on',
  }),
  spinS: z.number().nonnegative().max(0.001).default(0.0001).meta({
    unit: 's',
    description: 'Busy waiting before each deadline; trades processor time for punctuality',
  }),
  rehearse: z.boolean().default(true).meta({
    description:
      'One more inference shortly before each tick, its result unused, so that the tick finds the network in the processor’s caches; trades processor time for a quicker answer',
  }),
});
export type RuntimeConfig = z.infer<typeof RuntimeConfig>;

/** Everything about running policies that a profile may say. */
export const PoliciesConfig = z.strictObject({
  runtime: RuntimeConfig.prefault({}),
  safety: SafetyConfig.prefault({}),
});
export type PoliciesConfig = z.infer<typeof PoliciesConfig>;
