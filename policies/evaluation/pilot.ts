import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { Actor, SeenRows } from '../../sim/episode/actor.ts';
import { makeRandomActor } from '../../sim/episode/random-actor.ts';
import { throwIfAny, UserError } from '../../sim/errors.ts';
import { withGains } from '../../sim/robot/gains.ts';
import type { RobotModel } from '../../sim/robot/model.ts';
import type { TaskDefinition } from '../../sim/task/task.ts';
import { CLASSICAL_TASKS, getClassicalController } from '../classical/registry.ts';
import type { PolicyManifest } from '../manifest.ts';
import { loadPolicy, type Policy } from '../runtime/policy.ts';

/** Path or bytes of an .onnx file, the task's hand-made baseline, or chance. */
export type PilotSource =
  | string
  | Uint8Array
  | { readonly kind: 'classical' }
  | { readonly kind: 'random' };

/** Whoever flies a batch of robots, with what a record says about it. */
export interface Pilot extends Actor {
  /** The task as this pilot wants it: a policy brings its own observations and action. */
  readonly task: TaskDefinition;
  /** Of a policy's file, in hex. */
  readonly sha256: string | undefined;
}

/** @throws UserError if a policy cannot be read, does not fit, or the task has no classical controller */
export function makePilot(
  source: PilotSource,
  task: TaskDefinition,
  model: RobotModel,
  numRobots: number,
): Pilot | Promise<Pilot> {
  if (typeof source === 'string' || source instanceof Uint8Array) {
    return makePolicyPilot(source, task, model, numRobots);
  }
  return source.kind === 'classical'
    ? makeClassicalPilot(task, model, numRobots)
    : makeRandomPilot(task, model, numRobots);
}

/** Actions uniform over all that the task's clip lets through. */
function makeRandomPilot(task: TaskDefinition, model: RobotModel, numRobots: number): Pilot {
  const range = task.makeAction(model).clip;
  const numActions = model.actuatedJointNames.length;
  return { ...makeRandomActor({ numRobots, numActions, range }), task, sha256: undefined };
}

/** The hand-made baseline of a task. */
function makeClassicalPilot(task: TaskDefinition, model: RobotModel, numRobots: number): Pilot {
  throwIfAny(checkClassical(task));
  const period = 1 / task.controlRateHz;
  const robot = withGains(model, task.gains);
  const controller = getClassicalController(task.name)(robot, task.makeAction(robot), period);
  return {
    name: controller.name,
    task,
    sha256: undefined,
    reset: (robot) => controller.reset?.(robot),
    act(raw, _seen, view) {
      for (let robot = 0; robot < numRobots; robot++) controller.compute(raw, view, robot);
    },
    release() {},
  };
}

/** Whether anybody has written a controller for the task. */
export function checkClassical(task: TaskDefinition): UserError[] {
  if (CLASSICAL_TASKS.includes(task.name)) return [];
  return [
    new UserError({
      where: 'policy',
      problem: 'the task has no classical controller',
      expected: `one of the tasks ${CLASSICAL_TASKS.join(', ')}`,
      got: `'${task.name}'`,
      remedy: 'Choose another policy, or add a controller to policies/classical',
    }),
  ];
}

/**
 * A policy, loaded and checked as on a robot, with everything that it says about itself.
 * @param source path or bytes of an .onnx file
 * @throws UserError if the policy does not fit the robot or the task
 */
async function makePolicyPilot(
  source: string | Uint8Array,
  task: TaskDefinition,
  model: RobotModel,
  numRobots: number,
): Promise<Pilot> {
  const policy = await loadPolicy(source, {
    ...{ batch: numRobots, expect: { robotModel: model }, place: 'simulation' },
  });
  const where = typeof source === 'string' ? source : 'policy';
  throwIfAny(checkPolicyFitsTask(policy.manifest, task, model, where));
  const bytes = typeof source === 'string' ? await readFile(source) : source;
  return {
    ...makePolicyActor(policy),
    task: adaptTask(task, policy.manifest),
    sha256: createHash('sha256').update(bytes).digest('hex'),
  };
}

/** Which of the rows that environments show a policy is fed from. */
export function chooseSight({ privileged }: Pick<PolicyManifest, 'privileged'>): keyof SeenRows {
  return privileged === undefined ? 'observation' : 'critic';
}

/** One inference per step for all robots, on what the policy says that it sees. */
export function makePolicyActor(policy: Policy): Actor {
  const sight = chooseSight(policy.manifest);
  return {
    name: policy.manifest.name,
    reset: (robot) => policy.reset(robot),
    act(raw, seen) {
      if (seen[sight].length !== policy.input.length) {
        throw new RangeError(
          `policy '${policy.manifest.name}': needs ${policy.input.length} numbers of '${sight}', got ${seen[sight].length}`,
        );
      }
      policy.input.set(seen[sight]);
      policy.run();
      raw.set(policy.output);
    },
    release: () => policy.release(),
  };
}

/** The task with the observations, the action and the gains that a policy was trained with, and the truth as it was told. */
export function adaptTask(
  task: TaskDefinition,
  { observations, privileged, positionErrorIntegral, action, gains }: PolicyManifest,
): TaskDefinition {
  return {
    ...task,
    ...{ observations, positionErrorIntegral, gains, makeAction: () => action },
    ...(privileged && { critic: privileged.terms, privileged: privileged.columns }),
  };
}

/** What keeps a policy that fits the robot from being flown in a simulated task. */
export function checkPolicyFitsTask(
  manifest: PolicyManifest,
  task: TaskDefinition,
  model: RobotModel,
  where: string,
): UserError[] {
  const { periodS, observations, historyLayout, historyOrder, jointNames } = manifest;
  const problems: UserError[] = [];
  const period = 1 / task.controlRateHz;
  if (Math.abs(periodS - period) > 1e-9) {
    problems.push(
      new UserError({
        where,
        problem: `task '${task.name}' runs at another rate`,
        expected: `a period of ${period} s`,
        got: `${periodS} s`,
        remedy: 'Evaluate the policy on a task of its own rate, or retrain',
      }),
    );
  }
  const hasHistory = observations.some((term) => term.history > 1);
  if (hasHistory && (historyLayout !== 'term' || historyOrder !== 'oldest_first')) {
    problems.push(
      new UserError({
        where,
        problem: 'the simulated environment lays history out otherwise',
        expected: "historyLayout 'term', historyOrder 'oldest_first'",
        got: `'${historyLayout}', '${historyOrder}'`,
        remedy: 'Export the policy with that layout',
      }),
    );
  }
  const names = model.actuatedJointNames;
  const isSameOrder = jointNames.every((name, k) => name === names[k]);
  // Other joints than the robot's are told of by whoever loads it.
  if (!isSameOrder && jointNames.every((name) => names.includes(name))) {
    problems.push(
      new UserError({
        where,
        problem: 'the simulated environment takes actions in the order of the robot',
        expected: names.join(', '),
        got: jointNames.join(', '),
        remedy: 'Export the policy with the joints in that order',
      }),
    );
  }
  return problems;
}
