import { z } from 'zod';
import { ENGINE_NAMES } from './engine/engine.ts';
import { throwIfAny, UserError } from './errors.ts';
import { STANDARD_GRAVITY } from './math/gravity.ts';
import { RandomizationConfig } from './randomize/config.ts';
import { SolverOverrides } from './robot/physics-config.ts';
import { parseValue } from './schema.ts';
import { TerrainConfig } from './terrain/config.ts';

/** Of rotors with a wake: what lies above one another in the map blows down, or each robot flies alone. */
export const AIR_MODES = ['own', 'shared'] as const;
export type AirMode = (typeof AIR_MODES)[number];

/** The physics of a world, whatever stands in it. */
export const WorldConfig = z.strictObject({
  engine: z.enum(ENGINE_NAMES).default('rapier').meta({
    description:
      'Physics engine: rapier trains, mujoco (an optional dependency) judges what was trained',
  }),
  tileSpacing: z.number().nonnegative().max(1000).default(0).meta({
    unit: 'm',
    description:
      'Distance between neighbouring robots on their grid. They never touch one another: at 0 they are stacked, and a free body moves in the same bits whatever its index and their number',
  }),
  terrain: TerrainConfig.prefault({}).meta({
    description: 'What stands around every robot; a floor at z = 0 unless more is asked for',
  }),
  terrainSeed: z.int().default(0).meta({
    unit: '-',
    description: 'Which of the terrains that the configuration describes; the same in all episodes',
  }),
  air: z.enum(AIR_MODES).default('own').meta({
    description:
      'Whether each robot has the air to itself, or flies in the wakes of all others in the map',
  }),
  gravity: z.number().nonnegative().max(100).default(STANDARD_GRAVITY).meta({
    unit: 'm/s²',
    description: 'Along −z',
  }),
  solver: SolverOverrides.optional().meta({
    description: "Instead of the robot's own solver settings, engine by engine",
  }),
});
export type WorldConfig = z.infer<typeof WorldConfig>;

/** What {@link AUTORESET_MODES} mean is said in env.ts. */
export const AUTORESET_MODES = ['same_step', 'next_step', 'disabled'] as const;
export type AutoresetMode = (typeof AUTORESET_MODES)[number];

/** How episodes of a task are run in bulk. The task decides the rates and, by default, the randomisation. */
export const EnvConfig = WorldConfig.extend({
  numEnvs: z.int().min(1).max(4096).meta({
    unit: '-',
    description: 'Robots that are stepped together, one episode each',
  }),
  autoreset: z.enum(AUTORESET_MODES).default('same_step').meta({
    description:
      'When an environment that is done starts its next episode: within the same step, in the next one, or when asked to',
  }),
  firstEnv: z.int().nonnegative().default(0).meta({
    unit: '-',
    description: 'Index of the first environment where one run is cut into several worlds',
  }),
  wideStarts: z.number().min(0).max(1).default(0).meta({
    unit: '-',
    description:
      'Share of the episodes that start further off than those that are judged, for tasks that say from where',
  }),
  packagePaths: z
    .array(z.string())
    .default([])
    .meta({ description: 'Folders in which package:// of a robot description is looked for' }),
  randomization: RandomizationConfig.optional().meta({
    description: "Replaces the task's own randomisation as a whole",
  }),
});
export type EnvConfig = z.infer<typeof EnvConfig>;

/** @throws UserError, or UserErrors with every key that is unknown, out of range or without effect */
export function parseEnvConfig(input: unknown): EnvConfig {
  const config = parseValue(EnvConfig, input, {
    where: 'environment',
    remedy: 'Correct the value; sim/config.ts describes each.',
  });
  throwIfAny(checkSolverIsUsed(config));
  return config;
}

function checkSolverIsUsed({ engine, solver }: EnvConfig): UserError[] {
  return ENGINE_NAMES.filter((name) => name !== engine && solver?.[name] !== undefined).map(
    (name) =>
      new UserError({
        where: `environment: solver.${name}`,
        problem: `these are settings of another engine than the one chosen, '${engine}'`,
        expected: `nothing but solver.${engine}`,
        got: JSON.stringify(solver?.[name]),
        remedy: `Remove them, or choose engine '${name}'`,
      }),
  );
}
