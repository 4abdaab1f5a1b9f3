import { throwIfAny, UserError } from '../../sim/errors.ts';
import type { RobotModel } from '../../sim/robot/model.ts';
import type { RobotView } from '../../sim/task/robot-view.ts';
import type { TaskDefinition } from '../../sim/task/task.ts';
import { getClassicalController } from '../classical/registry.ts';
import { loadPolicy, type Policy } from '../runtime/policy.ts';

/** Whoever flies a batch of robots: a policy or a classical controller. */
export interface Pilot {
  /** 'policy', or the name of the classical controller. */
  readonly name: string;
  /** The task as this pilot wants it: a policy brings its own observations and action. */
  readonly task: TaskDefinition;
  /** Forgets what it remembers about one robot. */
  reset(robot: number): void;
  /**
   * @param raw [numRobots, numActions] to be written
   * @param observation [numRobots, width]
   */
  act(raw: Float32Array, observation: Float32Array, view: RobotView): void | Promise<void>;
  release(): Promise<void>;
}

/** The hand-made baseline of a task. */
export function makeClassicalPilot(
  task: TaskDefinition,
  model: RobotModel,
  numRobots: number,
): Pilot {
  const period = 1 / task.controlRateHz;
  const controller = getClassicalController(task.name)(model, task.makeAction(model), period);
  return {
    name: controller.name,
    task,
    reset() {},
    act(raw, _observation, view) {
      for (let robot = 0; robot < numRobots; robot++) controller.compute(raw, view, robot);
    },
    async release() {},
  };
}

/**
 * A policy, loaded and checked as on a robot, with everything that it says about itself.
 * @param source path or bytes of an .onnx file
 * @throws UserError if the policy does not fit the robot or the task
 */
export async function makePolicyPilot(
  source: string | Uint8Array,
  task: TaskDefinition,
  model: RobotModel,
  numRobots: number,
): Promise<Pilot> {
  const policy = await loadPolicy(source, { batch: numRobots, expect: { robotModel: model } });
  const where = typeof source === 'string' ? source : 'policy';
  throwIfAny(checkPolicyFitsTask(policy, task, model, where));
  const { observations, positionErrorIntegral, action } = policy.manifest;
  return {
    name: 'policy',
    task: { ...task, observations, positionErrorIntegral, makeAction: () => action },
    reset: (robot) => policy.reset(robot),
    async act(raw, observation) {
      policy.input.set(observation);
      await policy.run();
      raw.set(policy.output);
    },
    release: () => policy.release(),
  };
}

function checkPolicyFitsTask(
  policy: Policy,
  task: TaskDefinition,
  model: RobotModel,
  where: string,
): UserError[] {
  const { periodS, observations, historyLayout, historyOrder, jointNames } = policy.manifest;
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
  const sameOrder = jointNames.every((name, k) => name === model.actuatedJointNames[k]);
  if (!sameOrder) {
    problems.push(
      new UserError({
        where,
        problem: 'the simulated environment takes actions in the order of the robot',
        expected: model.actuatedJointNames.join(', '),
        got: jointNames.join(', '),
        remedy: 'Export the policy with the joints in that order',
      }),
    );
  }
  return problems;
}
