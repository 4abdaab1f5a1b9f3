import { TOPICS } from '../nodes/topics.ts';
import { orderGains } from '../policies/manifest-gains.ts';
import type { ControlManifest } from '../policies/runtime/control-manifest.ts';
import { type ResolvedLimits, resolveLimits } from '../policies/safety/limits.ts';
import { throwIfAny, UserError } from '../sim/errors.ts';
import { RandomizationConfig } from '../sim/randomize/config.ts';
import { computeSupport } from '../sim/randomize/distribution.ts';
import { getDistributions } from '../sim/randomize/draw.ts';
import { checkNeeds } from '../sim/randomize/needs.ts';
import { withGains } from '../sim/robot/gains.ts';
import { findRobotFiles } from '../sim/robot/load.ts';
import type { RobotModel } from '../sim/robot/model.ts';
import { openRobot, readDescription } from '../sim/robot/open.ts';
import { type CourseConfig, makeCourse } from '../sim/task/course.ts';
import { readsPlace } from '../sim/task/reads-place.ts';
import type { TaskDefinition } from '../sim/task/task.ts';
import { getTask } from '../sim/tasks/registry.ts';
import { TerrainConfig } from '../sim/terrain/config.ts';
import { computeGroundHeight } from '../sim/terrain/ground-height.ts';
import type { Scene } from '../sim/terrain/scene.ts';
import type { StartWriter } from '../sim/world-start.ts';
import type { StartConfig } from './config.ts';
import { type ChosenPilot, choosePilot } from './pilot.ts';
import { buildScene } from './scene-record.ts';

/** How often or when something comes is no matter of more or less than taught. */
const NOT_COMPARED: ReadonlySet<string> = new Set([
  'push.intervalS',
  'wind.timeConstantS',
  'obstacleTimeS',
]);
/** [1] points of a course that are compared with the geofence */
const NUM_CHECKED_POINTS = 500;

/** What the user's input turned into, before any node exists. */
export interface Plan {
  readonly config: StartConfig;
  readonly profile: string;
  readonly model: RobotModel;
  /** Text of its URDF, for a xacro of the expanded one. */
  readonly description: string;
  /** What is asked of the robots; undefined: courses. */
  readonly task: TaskDefinition | undefined;
  readonly terrain: TerrainConfig;
  readonly randomization: RandomizationConfig;
  readonly scene: Scene;
  readonly robots: readonly string[];
  readonly pilot: ChosenPilot;
  /** What the safety filter will hold the robots to. */
  readonly limits: ResolvedLimits;
  /** What is odd about the robot's description but does no harm; one sentence each. */
  readonly warnings: readonly string[];
}

/**
 * Reads everything that the configuration names, and builds its terrain.
 * @throws UserErrors for a robot or policy that cannot be read, or a terrain that cannot be
 */
export async function makePlan(config: StartConfig, profile: string): Promise<Plan> {
  throwIfAny(checkAsked(config));
  const task = config.task === undefined ? undefined : getTask(config.task);
  const warnings: string[] = [];
  const { packagePaths } = config;
  const onWarning = (text: string) => warnings.push(text);
  const described = await openRobot(config.robot, { packagePaths, onWarning });
  const description = readDescription(findRobotFiles(config.robot).urdf, { packagePaths }).text;
  const terrain = chooseTerrain(config);
  const scene = buildScene(terrain, config.seed);
  const randomization =
    config.randomization ?? task?.randomization ?? RandomizationConfig.parse({});
  const pilot = choosePilot(config.policy, task, described);
  const { manifest } = pilot;
  const where = `${pilot.where}: manifest, gains`;
  const model = withGains(described, orderGains(manifest, described), where);
  const limits = resolveLimits(model, config.safety, manifest.periodS, 'safety');
  throwIfAny([
    ...checkCourses(config, limits.geofence),
    ...checkSpread(config, terrain, scene),
    ...checkBaseCommand(config, model, task),
    ...checkControllerCommand(config, model),
    ...checkNeeds(randomization, 'randomization', { model, scene, task: task?.randomization }),
  ]);
  return {
    config,
    profile,
    model,
    description,
    task,
    terrain,
    randomization,
    scene,
    warnings,
    robots: Array.from(
      { length: config.numRobots },
      (_, k) => `${config.namePrefix}${String(k).padStart(2, '0')}`,
    ),
    pilot,
    limits,
  };
}

/** What a profile says of its terrain, else what its task says. */
export function chooseTerrain({ terrain, task }: StartConfig): TerrainConfig {
  const asked = task === undefined ? {} : getTask(task).terrain;
  return terrain ?? TerrainConfig.parse(asked ?? {});
}

/** Either a task asks something of the robots, or courses do. */
function checkAsked({ task, courses }: StartConfig): UserError[] {
  if ((task === undefined) !== (courses.length === 0)) return [];
  return [
    new UserError({
      where: 'courses',
      problem:
        task === undefined
          ? 'nothing is asked of the robots'
          : 'a task asks something of the robots already',
      expected: 'either `courses` or a `task`',
      got: task === undefined ? 'neither' : `both; the task is '${task}'`,
      remedy: task === undefined ? 'Add one of them.' : 'Remove one of them.',
    }),
  ];
}

/** A twist can be told of wheels alone, and not where somebody else is listened to. */
function checkBaseCommand(
  { baseCommand: { kind, topic } }: StartConfig,
  model: RobotModel,
  task: TaskDefinition | undefined,
): UserError[] {
  if (kind === 'off') return [];
  const refuse = (problem: string, expected: string, got: string, remedy: string) => [
    new UserError({ where: 'baseCommand', problem, expected, got, remedy }),
  ];
  if (model.drive === undefined || model.commandKind !== 'velocity') {
    const got = `robot '${model.name}'`;
    const expected = 'a robot with a differential drive';
    return refuse('only wheels can be told as a twist', expected, got, 'Leave it off.');
  }
  const listens = task === undefined || !readsPlace(task.observations, model, 'baseCommand');
  if (topic !== TOPICS.cmdVel.name || !listens) return [];
  const problem = 'the same topic leads these robots by hand';
  return refuse(
    problem,
    `another topic than ${topic}`,
    topic,
    'Give baseCommand.topic another name.',
  );
}

/** A trajectory is of positions, and a controller moves each of its joints once. */
function checkControllerCommand(
  { controllerCommand: { kind, joints } }: StartConfig,
  { name, commandKind, actuatedJointNames }: RobotModel,
): UserError[] {
  const errors: UserError[] = [];
  if (kind === 'trajectory' && commandKind !== 'position') {
    const problem = 'a trajectory is of positions';
    const got = `robot '${name}', which takes ${commandKind}`;
    const remedy = "Use kind 'forward'.";
    const expected = 'a robot that takes positions';
    errors.push(new UserError({ where: 'controllerCommand.kind', problem, expected, got, remedy }));
  }
  if (kind === 'off' || joints === undefined) return errors;
  if (joints.toSorted().join() === actuatedJointNames.toSorted().join()) return errors;
  const where = 'controllerCommand.joints';
  const problem = 'the joints are not those that have a motor';
  const expected = `each once, in the controller's order: ${actuatedJointNames.join(', ')}`;
  const remedy = 'Take them over from the parameter `joints` of the controller.';
  errors.push(new UserError({ where, problem, expected, got: joints.join(', '), remedy }));
  return errors;
}

/** Courses that leave the space the robot may be in: the safety filter would stop it on the way. */
function checkCourses(config: StartConfig, fence: ResolvedLimits['geofence']): UserError[] {
  if (fence === undefined) return [];
  return config.courses.flatMap((course, k) => {
    const points = makeCourse(course).samplePath(NUM_CHECKED_POINTS);
    for (let i = 0; i < points.length; i++) {
      const axis = (i % 3) as 0 | 1 | 2;
      const value = points[i]!;
      if (value > fence.lower[axis] && value < fence.upper[axis]) continue;
      const range = `${'xyz'[axis]} from ${fence.lower[axis]} to ${fence.upper[axis]} m`;
      return new UserError({
        where: `courses[${k}]`,
        problem: 'the course leaves the geofence',
        expected: range,
        got: `${'xyz'[axis]} = ${value.toFixed(2)} m`,
        remedy: 'Move or shrink the course.',
      });
    }
    return [];
  });
}

/** Starts beyond the ground, where a robot would fall for ever. */
function checkSpread({ start }: StartConfig, terrain: TerrainConfig, scene: Scene): UserError[] {
  if (scene.ground === undefined) return [];
  const { spread } = start;
  const corners = [-spread, spread].flatMap((x) => [-spread, spread].map((y) => [x, y] as const));
  if (corners.every(([x, y]) => Number.isFinite(computeGroundHeight(scene, x, y)))) return [];
  return [
    new UserError({
      where: 'start.spread',
      problem: 'robots may start where there is no ground',
      expected: `a spread within the ground '${terrain.ground.kind}'`,
      got: `${spread} m`,
      remedy: 'Make the spread smaller or the ground larger.',
    }),
  ];
}

/** What courses and randomisation ask for that the policy was not taught; one sentence each. */
export function compareWithTraining({
  config,
  randomization,
  pilot: { manifest },
}: Plan): string[] {
  const { speed, yaw } = manifest.commandRanges;
  const courses = config.courses.flatMap((course, k) => {
    const asked = [
      ['speed', course.speed, speed, 'm/s'],
      ['yaw', course.yaw, yaw, 'rad'],
    ] as const;
    return asked.flatMap(([name, value, range, unit]) => {
      if (range === undefined || (value >= range[0] && value <= range[1])) return [];
      return [
        `courses[${k}].${name} is ${value} ${unit}; policy '${manifest.name}' was taught ${range[0]} to ${range[1]} ${unit}`,
      ];
    });
  });
  return [...courses, ...compareRanges(randomization, manifest)];
}

/** Randomisation that reaches beyond what the policy was taught. */
function compareRanges(config: RandomizationConfig, manifest: ControlManifest): string[] {
  const taught = RandomizationConfig.safeParse(manifest.randomization);
  if (!taught.success) return [];
  const now = getDistributions(config);
  return Object.entries(getDistributions(taught.data)).flatMap(([name, distribution]) => {
    if (NOT_COMPARED.has(name)) return [];
    const [lower, upper] = computeSupport(distribution);
    const [from, to] = computeSupport(now[name as keyof typeof now]);
    // A push or gust that is switched off asks for nothing.
    if ((from >= lower && to <= upper) || (from === 0 && to === 0)) return [];
    return [
      `randomization ${name} is ${from} to ${to}; policy '${manifest.name}' was taught ${lower} to ${upper}`,
    ];
  });
}

/** The course of one robot, begun `phaseStep` laps after its neighbour's. */
export function pickCourse(config: StartConfig, robot: number): CourseConfig {
  const course = config.courses[robot % config.courses.length]!;
  return { ...course, phase: (course.phase + robot * config.phaseStep) % 1 };
}

export function makeStartWriter(
  { start }: StartConfig,
  task: TaskDefinition | undefined,
): StartWriter {
  if (task !== undefined) return (...given) => task.writeStart(...given);
  return (out, robot, _model, rng) => {
    out.position[3 * robot] = rng.uniform(-start.spread, start.spread);
    out.position[3 * robot + 1] = rng.uniform(-start.spread, start.spread);
    if (start.height !== undefined) out.position[3 * robot + 2] = start.height;
  };
}
