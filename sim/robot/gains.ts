import { throwIfAny, UserError } from '../errors.ts';
import type { RobotModel } from './model.ts';

/** Gains of position servos, in actuated joint order: what a controller was made for and a robot is to be set to. */
export interface ServoGains {
  /** [N·m/rad] or [N/m] */
  readonly stiffness: readonly number[];
  /** [N·m·s/rad] or [N·s/m] */
  readonly damping: readonly number[];
}

/**
 * The robot with its position servos set to these gains.
 * @param gains absent: the robot as it is
 * @throws UserErrors for lists of another length than the robot has motors, motors that are no position servos, or
 *   gains that no servo has
 */
export function withGains(
  model: RobotModel,
  gains: ServoGains | undefined,
  where = 'gains',
): RobotModel {
  if (gains === undefined) return model;
  throwIfAny(checkGains(model, gains, where));
  const { actuatedJointNames, actuators } = model;
  return Object.freeze({
    ...model,
    actuators: actuators.map((actuator) => {
      const k = actuatedJointNames.indexOf(actuator.joint);
      return { ...actuator, stiffness: gains.stiffness[k]!, damping: gains.damping[k]! };
    }),
  });
}

function checkGains(model: RobotModel, gains: ServoGains, where: string): UserError[] {
  const { actuatedJointNames, actuators } = model;
  const problems: UserError[] = [];
  const refuse = (problem: string, expected: string, got: string) =>
    problems.push(
      new UserError({
        where,
        problem,
        expected,
        got,
        remedy: `Use gains made for robot '${model.name}'`,
      }),
    );
  for (const { kind, joint } of actuators) {
    if (kind !== 'pd')
      refuse(`the motor of '${joint}' has no gains`, 'a position servo (pd)', kind);
  }
  for (const key of ['stiffness', 'damping'] as const) {
    const list = gains[key];
    if (list.length !== actuatedJointNames.length) {
      refuse(`wrong length of '${key}'`, `${actuatedJointNames.length}`, `${list.length}`);
    }
    if (!list.every((gain) => Number.isFinite(gain) && gain >= 0)) {
      refuse(`unusable number in '${key}'`, 'finite numbers, 0 or more', list.join(', '));
    }
  }
  return problems;
}
