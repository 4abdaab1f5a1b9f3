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
 * @throws RangeError for lists of another length than the robot has motors, or a motor that is no position servo
 */
export function withGains(model: RobotModel, gains: ServoGains | undefined): RobotModel {
  if (gains === undefined) return model;
  const { stiffness, damping } = gains;
  const { actuatedJointNames, actuators } = model;
  if (
    stiffness.length !== actuatedJointNames.length ||
    damping.length !== actuatedJointNames.length
  ) {
    throw new RangeError(
      `withGains: robot '${model.name}' has ${actuatedJointNames.length} motors, got ${stiffness.length} stiffnesses and ${damping.length} dampings`,
    );
  }
  return Object.freeze({
    ...model,
    actuators: actuators.map((actuator) => {
      if (actuator.kind !== 'pd') {
        throw new RangeError(
          `withGains: motor of '${actuator.joint}' of robot '${model.name}' is no position servo`,
        );
      }
      const k = actuatedJointNames.indexOf(actuator.joint);
      return { ...actuator, stiffness: stiffness[k]!, damping: damping[k]! };
    }),
  });
}
