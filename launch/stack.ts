import { createHash } from 'node:crypto';
import { basename, join } from 'node:path';
import { makeBaseCommandNode } from '../nodes/base-command-node.ts';
import { makePolicyNode, type PolicyNode } from '../nodes/policy-node.ts';
import { makeRecorderNode, type RecorderNode } from '../nodes/recorder-node.ts';
import { makeReferenceNode, type ReferenceNode } from '../nodes/reference-node.ts';
import { type LogSink, makeEmbeddedContext } from '../nodes/ros/embedded.ts';
import type { RosContext } from '../nodes/ros/port.ts';
import { makeSafetyNode, type SafetyNode } from '../nodes/safety-node.ts';
import { makeRefereeNode } from '../nodes/simulator/referee-node.ts';
import { makeSimulatorNode, type SimulatorNode } from '../nodes/simulator-node.ts';
import { makeViewerNode, type ViewerNode } from '../nodes/viewer-node.ts';
import { QUAT_IDENTITY } from '../sim/math/quat.ts';
import { readRobotConfig } from '../sim/robot/load.ts';
import { makeRobotWorld, type RobotWorld } from '../sim/world.ts';
import { AttemptTally } from './attempts.ts';
import type { StartConfig } from './config.ts';
import { Outcome } from './outcome.ts';
import { compareWithTraining, makePlan, makeStartWriter, type Plan, pickCourse } from './plan.ts';
import { readCommit } from './provenance.ts';
import { writeSceneRecord } from './scene-record.ts';
import { type Summary, summarize } from './summary.ts';

export interface StackOptions {
  /** Name of the profile, for the records. */
  readonly profile: string;
  readonly log: LogSink;
}

/** [m/s] fastest reference by hand for a policy that does not tell what it was taught */
const UNTAUGHT_SPEED = 1;

/** The nodes of a run, and what they run on. */
export interface StackParts {
  readonly config: StartConfig;
  readonly profile: string;
  readonly context: RosContext;
  readonly world: RobotWorld;
  readonly simulator: SimulatorNode;
  /** Leads along courses; undefined where a task asks. */
  readonly reference: ReferenceNode | undefined;
  /** How attempts at the task went; undefined where there is none. */
  readonly attempts: AttemptTally | undefined;
  readonly policy: PolicyNode;
  readonly safety: SafetyNode;
  readonly recorder: RecorderNode | undefined;
  readonly viewer: ViewerNode | undefined;
}

/**
 * Builds every node of a run; nothing but topics connects them.
 * @throws UserErrors for anything wrong in what the user gave, before anything moves
 */
export async function makeStack(config: StartConfig, options: StackOptions): Promise<Stack> {
  const plan = await makePlan(config, options.profile);
  for (const warning of [...plan.warnings, ...compareWithTraining(plan)])
    options.log('warn', 'start', warning);
  const context = makeEmbeddedContext({ log: options.log });
  const cleanUps: (() => Promise<void> | void)[] = [() => context.shutdown()];
  const outcome = new Outcome(plan.pilot.where);
  try {
    const parts = await makeParts(plan, context, outcome, cleanUps);
    return new Stack(parts, outcome, cleanUps);
  } catch (error) {
    await runAll(cleanUps);
    throw error;
  }
}

/** Every clean-up runs, whatever the others do; the first error is thrown at the end. */
async function runAll(cleanUps: readonly (() => Promise<void> | void)[]): Promise<void> {
  const errors: unknown[] = [];
  for (const cleanUp of cleanUps) {
    try {
      await cleanUp();
    } catch (error) {
      errors.push(error);
    }
  }
  if (errors.length > 0) throw errors[0];
}

async function makeParts(
  plan: Plan,
  context: RosContext,
  outcome: Outcome,
  cleanUps: (() => Promise<void> | void)[],
): Promise<StackParts> {
  const { config, profile, model, robots, pilot } = plan;
  const { periodS } = pilot.manifest;
  const policy = await makePolicyNode(context, {
    policy: pilot.source,
    model,
    robots,
    runtime: config.runtime,
    clock: 'ros',
    periodS,
  });
  cleanUps.unshift(() => policy.close());
  policy.onFault((message) => outcome.notePolicyFault(message));
  const world = await makeWorld(plan);
  cleanUps.push(() => world.free());
  // The port first: where it is taken, no recording is left behind.
  const viewer = await startViewer(plan, context, world);
  if (viewer !== undefined) cleanUps.unshift(() => viewer.close());
  const recorder = await startRecorder(plan, context, world, outcome);
  if (recorder !== undefined) cleanUps.unshift(() => recorder.close());
  const safety = makeSafetyNode(context, {
    model,
    robots,
    config: config.safety,
    periodS,
    clock: 'ros',
    onVerdict: (robot, verdict) => outcome.noteVerdict(robot, verdict),
  });
  const { kind, topic } = config.baseCommand;
  if (kind !== 'off') {
    const node = { parameters: { use_sim_time: true } };
    makeBaseCommandNode(context, { model, robots, kind, topic, node });
  }
  const reference = plan.task === undefined ? startReference(plan, context) : undefined;
  const attempts = plan.task && new AttemptTally();
  const referee =
    plan.task &&
    makeRefereeNode(context, {
      ...{ task: plan.task, world, robots },
      onAttempt: (attempt) => attempts?.add(attempt),
    });
  const simulator = makeSimulatorNode(context, {
    world,
    robots,
    referee,
    seed: config.seed,
    writeStart: makeStartWriter(config, plan.task),
    motorsAtStart: config.start.motors,
    realTimeFactor: config.realTimeFactor,
    commandTimeoutMs: config.commandTimeoutMs,
    description: plan.description,
  });
  return {
    ...{ config, profile, context, world, simulator },
    ...{ reference, attempts, policy, safety, recorder, viewer },
  };
}

function startReference(plan: Plan, context: RosContext): ReferenceNode {
  const { config, model, robots, pilot } = plan;
  const { periodS, commandRanges } = pilot.manifest;
  return makeReferenceNode(context, {
    ...{ model, robots, periodS },
    courses: robots.map((_, k) => pickCourse(config, k)),
    maxSpeed: commandRanges.speed?.[1] ?? UNTAUGHT_SPEED,
    geofence: plan.limits.geofence,
    clock: 'ros',
  });
}

function makeWorld({
  config,
  model,
  scene,
  task,
  randomization,
  pilot,
}: Plan): Promise<RobotWorld> {
  const controlRateHz = 1 / pilot.manifest.periodS;
  const substeps = config.substeps ?? task?.substeps;
  return makeRobotWorld({
    model,
    numRobots: config.numRobots,
    controlRateHz,
    physicsRateHz: substeps === undefined ? undefined : controlRateHz * substeps,
    tileSpacing: config.tileSpacing,
    air: config.air,
    engine: config.engine,
    scene,
    randomization,
  });
}

async function startRecorder(
  plan: Plan,
  context: RosContext,
  world: RobotWorld,
  outcome: Outcome,
): Promise<RecorderNode | undefined> {
  const { config, profile, pilot } = plan;
  if (!config.recording.enabled) return undefined;
  const stamp = new Date().toISOString().replace(/[:.]/g, '-');
  const name = `${basename(profile).replace(/\.ya?ml$/, '')}-${stamp}.mcap`;
  const encoder = new TextEncoder();
  return makeRecorderNode(context, {
    path: join(config.recording.folder, name),
    topics: { exclude: config.recording.exclude },
    metadata: {
      zerogap: {
        config: JSON.stringify(config),
        profile,
        seed: String(config.seed),
        scene: writeSceneRecord(plan.terrain, config.seed, plan.scene),
        commit: readCommit(),
        robots: JSON.stringify(plan.robots),
        mapFromOdom: JSON.stringify(Array.from(world.mapFromOdom)),
        policy: pilot.bytes === undefined ? pilot.manifest.name : basename(pilot.where),
        ...(pilot.bytes && {
          policySha256: createHash('sha256').update(pilot.bytes).digest('hex'),
        }),
      },
    },
    attachments: [
      {
        name: 'robot.urdf',
        mediaType: 'application/xml',
        data: encoder.encode(plan.description),
      },
      {
        name: 'robot.yaml',
        mediaType: 'application/yaml',
        data: encoder.encode(readRobotConfig(config.robot)),
      },
    ],
    onError: (error) => outcome.noteRecordingFailure(error),
    node: { parameters: { use_sim_time: true } },
  });
}

async function startViewer(
  plan: Plan,
  context: RosContext,
  world: RobotWorld,
): Promise<ViewerNode | undefined> {
  const { config, profile, model, robots, scene, pilot } = plan;
  const { viewer } = config;
  if (!viewer.enabled) return undefined;
  return makeViewerNode(context, {
    model,
    scene,
    robots,
    mapFromOdom: listOrigins(world.mapFromOdom),
    host: viewer.host,
    port: viewer.port,
    frameRateHz: viewer.frameRateHz,
    allowedOrigins: viewer.allowedOrigins,
    runInfo: {
      profile,
      policy: pilot.manifest.name,
      ...(plan.task && { task: plan.task.name }),
      robot: `${config.numRobots} × ${model.name}`,
      seed: String(config.seed),
    },
    node: { parameters: { use_sim_time: true } },
  });
}

/** @param origins [n, 3] m [@frame map] */
export function listOrigins(origins: ArrayLike<number>) {
  return Array.from({ length: origins.length / 3 }, (_, k) => ({
    translation: [origins[3 * k]!, origins[3 * k + 1]!, origins[3 * k + 2]!] as const,
    rotation: QUAT_IDENTITY,
  }));
}

/** A run in progress. */
export class Stack {
  readonly parts: StackParts;
  readonly #outcome: Outcome;
  readonly #cleanUps: readonly (() => Promise<void> | void)[];
  #ending = false;
  #summary: Summary | undefined;
  #closing: Promise<void> | undefined;

  constructor(
    parts: StackParts,
    outcome: Outcome,
    cleanUps: readonly (() => Promise<void> | void)[],
  ) {
    this.parts = parts;
    this.#outcome = outcome;
    this.#cleanUps = cleanUps;
    outcome.onFatal(() => this.requestEnd('the policy failed'));
  }

  /** Why the run cannot count as a success; undefined if it can. */
  get error(): Error | undefined {
    return this.#outcome.error;
  }

  /**
   * Runs for a simulated time, which may be infinite, or until the end is asked for. However it ends,
   * by an error too, the robots are stopped before anything else. [s]
   */
  async run(durationS: number): Promise<void> {
    const { simulator } = this.parts;
    try {
      await simulator.run(simulator.timeS + durationS);
    } finally {
      if (!this.#ending) this.#stopMotors('the run is over');
    }
  }

  /** Motors first: every robot is stopped, then the run ends. */
  requestEnd(reason: string): void {
    if (this.#ending) return;
    this.#ending = true;
    this.#stopMotors(reason);
    this.parts.simulator.stop();
  }

  #stopMotors(reason: string): void {
    this.#summary = this.summarize();
    this.parts.safety.stopAll(reason);
  }

  /** What was flown; the stop at the end of a run is not counted. */
  summarize(): Summary {
    const now = summarize(this.parts);
    if (this.#summary === undefined) return now;
    const { safety, commandsSent } = this.#summary;
    return { ...now, safety, commandsSent };
  }

  /** Ends every node; recordings are complete after this. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    await this.parts.context.settled();
    await runAll(this.#cleanUps);
  }
}
