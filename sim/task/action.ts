import { throwIfAny, UserError } from '../errors.ts';
import { clamp } from '../math/vec3.ts';
import type { RobotModel } from '../robot/model.ts';
import type { ActionSpec } from './task.ts';

export interface ActionPipelineOptions {
  readonly spec: ActionSpec;
  /** One per number of the network's output; a permutation of the model's actuated joints. */
  readonly jointNames?: readonly string[];
  readonly numRobots: number;
  readonly model: RobotModel;
  /** Where the specification stands, for error messages. */
  readonly where?: string;
}

/**
 * Turns raw network output into joint commands: clip, then scale, then offset, then by name into the
 * robot's actuated joint order. What is not finite stays so: judging it is the safety filter's work.
 */
export class ActionPipeline {
  readonly numActions: number;
  readonly numRobots: number;
  // Typed arrays: a number from a list may be an object, and arithmetic with it makes more of them.
  /** [2] lower, upper end */
  readonly #clip: Float64Array;
  /** [numActions] */
  readonly #scale: Float64Array;
  /** [numActions] */
  readonly #offset: Float64Array;
  /** [numActions] index of each output's joint in actuated joint order */
  readonly #commandIndex: readonly number[];

  constructor(options: ActionPipelineOptions) {
    const { model, numRobots, spec } = options;
    if (!Number.isInteger(numRobots) || numRobots < 1) {
      throw new RangeError(`ActionPipeline: numRobots must be at least 1, got ${numRobots}`);
    }
    const jointNames = options.jointNames ?? model.actuatedJointNames;
    checkActionSpec(spec, jointNames, model, options.where ?? 'action');
    this.#clip = Float64Array.from(spec.clip);
    this.#scale = Float64Array.from(spec.scale);
    this.#offset = Float64Array.from(spec.offset);
    this.numRobots = numRobots;
    this.numActions = jointNames.length;
    this.#commandIndex = jointNames.map((name) => model.actuatedJointNames.indexOf(name));
  }

  /**
   * @param command [numRobots, numActuatedJoints] in the robot's command unit, actuated joint order
   * @param clipped [numRobots, numActions] what the network said after clipping; what
   *   `ObservationPipeline.remember` wants; may be `raw` itself
   * @param raw [numRobots, numActions]
   */
  write(command: Float64Array, clipped: Float32Array, raw: Float32Array): void {
    for (let robot = 0; robot < this.numRobots; robot++) {
      this.writeRow(command, clipped, raw, robot);
    }
  }

  /** As `write`, for one row of all three arrays. */
  writeRow(command: Float64Array, clipped: Float32Array, raw: Float32Array, row: number): void {
    const base = row * this.numActions;
    for (let k = 0; k < this.numActions; k++) {
      const value = clamp(raw[base + k]!, this.#clip[0]!, this.#clip[1]!);
      clipped[base + k] = value;
      command[base + this.#commandIndex[k]!] = this.#scale[k]! * value + this.#offset[k]!;
    }
  }

  /**
   * The raw output whose command this is: what a network must say to do as a classical controller
   * does. Clipped like a network's.
   */
  writeInverseRow(raw: Float32Array, command: Float64Array, row: number): void {
    const base = row * this.numActions;
    for (let k = 0; k < this.numActions; k++) {
      const target = command[base + this.#commandIndex[k]!]!;
      const wanted = (target - this.#offset[k]!) / this.#scale[k]!;
      raw[base + k] = clamp(wanted, this.#clip[0]!, this.#clip[1]!);
    }
  }
}

/**
 * Makes the action pipeline of one policy for N robots.
 * @throws UserError for a wrong command kind, joint name, list length, clip or scale
 */
export function makeActionPipeline(options: ActionPipelineOptions): ActionPipeline {
  return new ActionPipeline(options);
}

/** The action whose clip range [−1, 1] spans the robot's whole command range. */
export function makeFullRangeAction(model: RobotModel): ActionSpec {
  return {
    kind: model.commandKind,
    clip: [-1, 1],
    scale: model.commandUpper.map((upper, k) => 0.5 * (upper - model.commandLower[k]!)),
    offset: model.commandUpper.map((upper, k) => 0.5 * (upper + model.commandLower[k]!)),
  };
}

function checkActionSpec(
  spec: ActionSpec,
  jointNames: readonly string[],
  model: RobotModel,
  where: string,
): void {
  const problems: UserError[] = [];
  const refuse = (problem: string, expected: string, got: string) =>
    problems.push(
      new UserError({
        where,
        problem,
        expected,
        got,
        remedy: `Use a policy that was trained for robot '${model.name}'`,
      }),
    );
  if (spec.kind !== model.commandKind) {
    refuse('wrong command kind', `'${model.commandKind}'`, `'${spec.kind}'`);
  }
  const wanted = model.actuatedJointNames;
  const same =
    jointNames.length === wanted.length && wanted.every((name) => jointNames.includes(name));
  if (!same) refuse('wrong joints', wanted.join(', '), jointNames.join(', '));
  for (const key of ['scale', 'offset'] as const) {
    const list = spec[key];
    if (list.length !== jointNames.length) {
      refuse(`wrong length of '${key}'`, `${jointNames.length}`, `${list.length}`);
    }
    if (!list.every(Number.isFinite) || (key === 'scale' && list.includes(0))) {
      refuse(`unusable number in '${key}'`, 'finite numbers, scale not 0', list.join(', '));
    }
  }
  if (!(spec.clip[0] < spec.clip[1])) {
    refuse('clip is not a range', 'lower < upper', `[${spec.clip}]`);
  }
  throwIfAny(problems);
}
