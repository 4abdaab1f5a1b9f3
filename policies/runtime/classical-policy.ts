import { throwIfAny, UserError } from '../../sim/errors.ts';
import type { RobotModel } from '../../sim/robot/model.ts';
import { CLASSICAL_TASKS, getClassicalController } from '../classical/registry.ts';
import type { ControlManifest } from './control-manifest.ts';
import type { TickPolicy } from './control-tick.ts';

/** The controller of a task that was made by hand, in the place of a network; can be sent to a thread. */
export interface ClassicalPolicy {
  readonly kind: 'classical';
  /** Name of the task. */
  readonly task: string;
  /** What the task says of observations, action and rate. */
  readonly manifest: ControlManifest;
}

/**
 * Makes such a controller, which answers at once.
 * @param model with the gains of the manifest
 * @throws UserError if the task has no controller, or its joints are not those of the robot, in their order
 */
export function makeClassicalPolicy(
  { task, manifest }: ClassicalPolicy,
  model: RobotModel,
  numRobots: number,
): TickPolicy {
  throwIfAny(checkClassicalPolicy(task, manifest, model));
  const { action, periodS, jointNames } = manifest;
  const controller = getClassicalController(task)(model, action, periodS);
  const output = new Float32Array(numRobots * jointNames.length);
  return {
    manifest,
    batch: numRobots,
    input: undefined,
    output,
    see: (view, robot) => controller.compute(output, view, robot),
    run() {},
    reset: (robot) => controller.reset?.(robot),
  };
}

/** What keeps a task from being done by a controller made by hand. */
export function checkClassicalPolicy(
  task: string,
  { jointNames }: Pick<ControlManifest, 'jointNames'>,
  model: RobotModel,
): UserError[] {
  const where = 'policy: classical';
  if (!CLASSICAL_TASKS.includes(task)) {
    return [
      new UserError({
        where,
        problem: 'the task has no classical controller',
        expected: `one of the tasks ${CLASSICAL_TASKS.join(', ')}`,
        got: `'${task}'`,
        remedy: 'Choose another policy, or add a controller to policies/classical',
      }),
    ];
  }
  const own = model.actuatedJointNames;
  if (own.length === jointNames.length && own.every((name, k) => name === jointNames[k])) return [];
  return [
    new UserError({
      where,
      problem: `the controller of task '${task}' commands other joints than the robot has`,
      expected: jointNames.join(', '),
      got: own.join(', ') || 'none',
      remedy: "Use the task's own robot, or a policy that was trained on this one",
    }),
  ];
}
