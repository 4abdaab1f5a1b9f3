import type { ActuatorBank } from '../actuator/actuators.ts';
import type { RobotModel } from '../robot/model.ts';
import type { Context } from './draw.ts';
import { readFactor } from './physical.ts';
import type { ContextName } from './properties.ts';

/** Scales the motors of one robot, sets its command latency, and charges its batteries for the next reset. */
export function applyActuation(
  actuators: Pick<ActuatorBank, 'setScales'>,
  robot: number,
  context: Context,
  model: Pick<RobotModel, 'actuators'>,
): void {
  const joints = model.actuators.map(({ joint }) => joint);
  const each = (key: ContextName) => readFactor(context, key, joints);
  actuators.setScales(robot, {
    thrust: each('thrustScale'),
    rotorTorque: each('rotorTorqueScale'),
    timeConstant: each('rotorTimeConstantScale'),
    drag: each('dragScale'),
    effort: each('effortScale'),
    stiffness: each('stiffnessScale'),
    damping: each('dampingScale'),
    lag: each('motorLagScale'),
    delay: each('motorDelayScale'),
    armature: each('armatureScale'),
    batteryCharge: context.batteryCharge,
    batteryResistance: context.batteryResistanceScale,
    latencyS: context.commandLatencyS,
  });
}
