import { z } from 'zod';
import { RandomizationConfig } from './randomize/config.ts';

/** [m/s²] standard acceleration of free fall, 3rd CGPM (1901), resolution 2 */
export const STANDARD_GRAVITY = 9.80665;

/** How the constraint solver of the engine is driven. */
export const SolverConfig = z.strictObject({
  iterations: z
    .int()
    .min(1)
    .max(64)
    .default(2)
    .meta({ unit: '-', description: 'Solver iterations per physics step' }),
  internalIterations: z.int().min(1).max(64).default(8).meta({
    unit: '-',
    description:
      'Sweeps within each iteration. What makes joints stiff: with 2 × 8 a standing quadruped drifts by 1 mm in 10 s, with 4 × 1 by 0.56 m',
  }),
});
export type SolverConfig = z.infer<typeof SolverConfig>;

/** The world that N copies of one robot live in, as a profile may set it. */
export const WorldConfig = z.strictObject({
  engine: z.enum(['rapier']).default('rapier').meta({ description: 'Physics engine' }),
  physicsRateHz: z.number().positive().max(10_000).default(500).meta({
    unit: 'Hz',
    description: 'Physics steps per second; a whole multiple of controlRateHz',
  }),
  controlRateHz: z.number().positive().max(1000).default(100).meta({
    unit: 'Hz',
    description: 'Control rate. Must equal the rate the policy was trained at',
  }),
  tileSpacing: z.number().nonnegative().max(1000).default(4).meta({
    unit: 'm',
    description:
      'Distance between neighbouring robots on their grid; they never touch one another. Wide grids cost resolution, since the engine keeps positions in 32 bits',
  }),
  ground: z.boolean().default(true).meta({ description: 'A floor at z = 0 under every robot' }),
  gravity: z.number().nonnegative().max(100).default(STANDARD_GRAVITY).meta({
    unit: 'm/s²',
    description: 'Along −z',
  }),
  solver: SolverConfig.prefault({}),
  randomization: RandomizationConfig.prefault({}),
});
export type WorldConfig = z.infer<typeof WorldConfig>;

/** What {@link AUTORESET_MODES} mean is said in env.ts. */
export const AUTORESET_MODES = ['same_step', 'disabled'] as const;
export type AutoresetMode = (typeof AUTORESET_MODES)[number];

/** How episodes of a task are run in bulk. The task itself decides rates and, by default, randomisation. */
export const EnvConfig = z.strictObject({
  numEnvs: z.int().min(1).max(4096).default(64).meta({
    unit: '-',
    description: 'Robots in one world, one episode each',
  }),
  autoreset: z.enum(AUTORESET_MODES).default('same_step').meta({
    description: 'Whether an environment that is done starts its next episode within the same step',
  }),
  engine: WorldConfig.shape.engine,
  tileSpacing: z.number().nonnegative().max(1000).default(0).meta({
    unit: 'm',
    description:
      'Distance between neighbouring robots. 0 stacks them, unseen by one another: then a free body moves in the same bits whatever its index and however many there are',
  }),
  ground: WorldConfig.shape.ground,
  gravity: WorldConfig.shape.gravity,
  solver: WorldConfig.shape.solver,
  randomization: RandomizationConfig.optional().meta({
    description: "Replaces the task's own randomisation as a whole",
  }),
});
export type EnvConfig = z.infer<typeof EnvConfig>;
