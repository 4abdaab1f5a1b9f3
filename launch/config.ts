import { existsSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { CONTROLLER_KINDS } from '../nodes/controller-command-node.ts';
import { RuntimeConfig, SafetyConfig } from '../policies/config.ts';
import { AIR_MODES } from '../sim/config.ts';
import { ENGINE_NAMES } from '../sim/engine/engine.ts';
import { UserError } from '../sim/errors.ts';
import { RandomizationConfig } from '../sim/randomize/config.ts';
import { parseValue } from '../sim/schema.ts';
import { CourseConfig } from '../sim/task/course.ts';
import { TerrainConfig } from '../sim/terrain/config.ts';
import { readConfigFile } from './config-file.ts';

const ViewerConfig = z.strictObject({
  enabled: z.boolean().default(true).meta({
    description: 'Serve the page; in processes of their own viewer_node is started or not',
  }),
  host: z.string().default('127.0.0.1').meta({
    description:
      'Address to listen on; 0.0.0.0 opens the page, its stop button too, to the network',
  }),
  port: z.int().min(0).max(65535).default(8080).meta({ description: '0 = any free port' }),
  allowedOrigins: z.array(z.string()).default([]).meta({
    description:
      'Pages from elsewhere that may connect, such as http://robot.example:8080 of a proxy',
  }),
  frameRateHz: z.number().positive().max(120).default(30).meta({
    unit: 'Hz',
    description: 'Frames sent to each page',
  }),
});

const RecordingConfig = z.strictObject({
  enabled: z.boolean().default(true).meta({
    description: 'Record every topic; in processes of their own recorder_node is started or not',
  }),
  folder: z.string().default('recordings').meta({ description: 'Where recordings go' }),
  exclude: z.array(z.string()).default([]).meta({ description: 'Topics to leave out' }),
});

/** What `zerogap start` runs: a profile overrides these defaults, options override the profile. */
export const StartConfig = z.strictObject({
  description: z.string().default('').meta({ description: 'What the profile is for' }),
  robot: z.string().min(1).meta({ description: 'A robot in the box, or a path' }),
  packagePaths: z
    .array(z.string())
    .default([])
    .meta({ description: 'Folders in which package:// of a robot description is looked for' }),
  numRobots: z.int().min(1).max(256).default(1).meta({ unit: '1', description: 'Fleet size' }),
  namePrefix: z
    .string()
    .regex(/^[a-z][a-z0-9_]*$/)
    .default('robot')
    .meta({
      description: 'Namespaces are this and a number',
    }),
  policy: z.string().min(1).meta({
    description: 'A name of policies/trained, or a path; with a task also classical',
  }),
  task: z.string().min(1).optional().meta({
    description:
      'What is asked of the robots, in the place of courses: one of sim/tasks, with its ground, its starts and its ends',
  }),
  seed: z.int().default(1).meta({ description: 'Everything random follows from it' }),
  engine: z.enum(ENGINE_NAMES).default('rapier').meta({ description: 'What moves the bodies' }),
  substeps: z.int().min(1).max(100).optional().meta({
    unit: '1',
    description:
      "Physics steps per control period; as many as the robot's own physics rate makes if not given",
  }),
  terrain: TerrainConfig.optional().meta({
    description:
      "What stands around every robot, each in its own odom frame; the task's if not given, or a floor",
  }),
  tileSpacing: z.number().nonnegative().max(1000).default(4).meta({
    unit: 'm',
    description:
      'Between neighbouring robots on their square grid; at 0 they share one terrain, and pass through one another',
  }),
  air: z.enum(AIR_MODES).default('own').meta({
    description:
      'Whether each robot has the air to itself, or flies in the wakes of all others in the map',
  }),
  realTimeFactor: z.number().min(0).max(1000).default(1).meta({
    unit: 's/s',
    description: 'Simulated seconds per second; 0 = as fast as possible',
  }),
  commandTimeoutMs: z.number().positive().max(60_000).default(2000).meta({
    unit: 'ms',
    description:
      'Wall time that the simulator waits for commands before it goes on without them, and the run depends on more than its seed',
  }),
  start: z
    .strictObject({
      height: z.number().optional().meta({
        unit: 'm',
        description: "Of base_link above the ground under the robot; the robot's home if not given",
      }),
      motors: z.enum(['hover', 'rest']).default('hover').meta({
        description: 'Turning as after a long hover, or off, as on the ground',
      }),
      spread: z.number().nonnegative().default(0).meta({
        unit: 'm',
        description: 'Half-width of the uniform distribution of the start, x and y',
      }),
    })
    .prefault({}),
  courses: z.array(CourseConfig).default([]).meta({
    description: 'Robot k flies course k modulo their number; needed where there is no task',
  }),
  phaseStep: z.number().min(0).max(1).default(0).meta({
    unit: 'lap',
    description: 'Each robot begins this much further along than the one before',
  }),
  baseCommand: z
    .strictObject({
      kind: z.enum(['off', 'twist', 'twist_stamped']).default('off').meta({
        description: "Whether, and as what, the wheels' commands are published as a twist too",
      }),
      topic: z.string().min(1).default('cmd_vel').meta({
        description: "In each robot's namespace",
      }),
    })
    .prefault({})
    .meta({ description: 'For whoever drives a base on wheels: what passed the safety filter' }),
  controllerCommand: z
    .strictObject({
      kind: z
        .enum(['off', ...CONTROLLER_KINDS])
        .default('off')
        .meta({
          description:
            "Whether, and for which controller, the motors' commands are published for ros2_control too",
        }),
      topic: z.string().min(1).optional().meta({
        description:
          "In each robot's namespace; that of a controller by the name of its type if not given",
      }),
      joints: z.array(z.string().min(1)).optional().meta({
        description: "In the order of the controller's own `joints`; the robot's if not given",
      }),
    })
    .prefault({})
    .meta({ description: 'For robots under ros2_control: what passed the safety filter' }),
  dynamicJointStates: z.boolean().default(false).meta({
    description:
      'Whether the simulator tells joints interface by interface too, as joint_state_broadcaster of ros2_control does',
  }),
  randomization: RandomizationConfig.optional().meta({
    description:
      "How the robots differ, and what comes over them; the task's if not given, or nothing",
  }),
  runtime: RuntimeConfig.prefault({}),
  safety: SafetyConfig.prefault({}),
  viewer: ViewerConfig.prefault({}),
  recording: RecordingConfig.prefault({}),
});
export type StartConfig = z.infer<typeof StartConfig>;

const PROFILES = fileURLToPath(new URL('./profiles/', import.meta.url));

export function listProfiles(): string[] {
  return readdirSync(PROFILES)
    .filter((file) => file.endsWith('.yaml'))
    .map((file) => file.slice(0, -'.yaml'.length))
    .sort();
}

/**
 * Reads a profile by name or path.
 * @param where the option or parameter that named it
 * @throws UserError that lists the profiles in the box, or every problem of the file at once
 */
export function readProfile(nameOrPath: string, where = '--profile'): StartConfig {
  const isPath = /[/\\]|\.ya?ml$/.test(nameOrPath);
  const path = isPath ? nameOrPath : `${PROFILES}${nameOrPath}.yaml`;
  if (!existsSync(path)) {
    throw new UserError({
      where,
      problem: 'no such profile',
      expected: `one of ${listProfiles().join(', ')}, or a path to a YAML file`,
      got: `'${nameOrPath}'`,
      remedy: 'Check the name.',
    });
  }
  return readConfigFile(path, StartConfig);
}

/**
 * Checks a profile again after options have overridden parts of it.
 * @throws UserErrors naming the option's key
 */
export function checkConfig(config: StartConfig): StartConfig {
  return parseValue(StartConfig, config, {
    where: 'options',
    remedy: 'Give a value as expected; --help lists the options.',
  });
}
