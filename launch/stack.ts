import { makePolicyNode, type PolicyNode } from '../nodes/policy-node.ts';
import type { RecorderNode } from '../nodes/recorder-node.ts';
import type { ReferenceNode } from '../nodes/reference-node.ts';
import { type ChosenContext, chooseContext } from '../nodes/ros/context.ts';
import type { LogSink } from '../nodes/ros/embedded.ts';
import type { Middleware } from '../nodes/ros/middleware.ts';
import type { RosContext } from '../nodes/ros/port.ts';
import { makeSafetyNode, type SafetyNode } from '../nodes/safety-node.ts';
import { makeRefereeNode } from '../nodes/simulator/referee-node.ts';
import { makeSimulatorNode, type SimulatorNode } from '../nodes/simulator-node.ts';
import type { ViewerNode } from '../nodes/viewer-node.ts';
import type { UserError } from '../sim/errors.ts';
import type { RobotWorld } from '../sim/world.ts';
import { AttemptTally } from './attempts.ts';
import type { StartConfig } from './config.ts';
import { Outcome } from './outcome.ts';
import { compareWithTraining, makePlan, makeStartWriter, type Plan } from './plan.ts';
import {
  makePlanInterfaces,
  makePlanOutputs,
  makePlanRecorder,
  makePlanReference,
  makePlanViewer,
  makePlanWorld,
} from './plan-nodes.ts';
import { type Summary, summarize } from './summary.ts';

export interface StackOptions {
  /** Name of the profile, for the records. */
  readonly profile: string;
  readonly log: LogSink;
  /** By default ROS 2 where it is sourced and built, else embedded. */
  readonly middleware?: Middleware | undefined;
}

/** The nodes of a run, and what they run on. */
export interface StackParts {
  readonly config: StartConfig;
  readonly profile: string;
  readonly context: RosContext;
  /** What carries the topics, and why, in one line. */
  readonly middleware: string;
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
  const chosen = await chooseContext(options);
  const { context } = chosen;
  const cleanUps: (() => Promise<void> | void)[] = [() => context.shutdown()];
  const outcome = new Outcome(plan.pilot.where);
  try {
    const parts = await makeParts(plan, chosen, outcome, cleanUps);
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
  { context, reason: middleware }: ChosenContext,
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
  const world = await makePlanWorld(plan, { numRobots: robots.length, scene: plan.scene });
  cleanUps.push(() => world.free());
  // The port first: where it is taken, no recording is left behind.
  const { mapFromOdom } = world;
  const node = { parameters: { use_sim_time: true } };
  const viewer = config.viewer.enabled
    ? await makePlanViewer(context, plan, { mapFromOdom, node })
    : undefined;
  if (viewer !== undefined) cleanUps.unshift(() => viewer.close());
  const onError = (error: UserError) => outcome.noteRecordingFailure(error);
  const recorder = config.recording.enabled
    ? await makePlanRecorder(context, plan, { mapFromOdom, node, onError })
    : undefined;
  if (recorder !== undefined) cleanUps.unshift(() => recorder.close());
  const safety = makeSafetyNode(context, {
    model,
    robots,
    config: config.safety,
    periodS,
    clock: 'ros',
    onVerdict: (robot, verdict) => outcome.noteVerdict(robot, verdict),
  });
  makePlanOutputs(context, plan, node);
  makePlanInterfaces(context, plan, node);
  const reference = plan.task === undefined ? makePlanReference(context, plan, 'ros') : undefined;
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
    ...{ config, profile, context, middleware, world, simulator },
    ...{ reference, attempts, policy, safety, recorder, viewer },
  };
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
