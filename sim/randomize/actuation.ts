import type { ActuatorBank } from '../actuator/actuators.ts';
import type { RobotModel } from '../robot/model.ts';
import type { Context, RandomizationPlan } from './draw.ts';
import { readFactor } from './physical.ts';

/**
 * Scales the motors of one robot, sets its command latency, and charges its batteries for the next reset.
 * @param plan that drew the context
 */
export function applyActuation(
  actuators: Pick<ActuatorBank, 'setScales'>,
  robot: number,
  context: Context,
  plan: Pick<RandomizationPlan, 'ownKeys'>,
  model: Pick<RobotModel, 'actuators'>,
): void {
  const joints = plan.ownKeys.size === 0 ? [] : model.actuators.map(({ joint }) => joint);
  const each = (key: Parameters<typeof readFactor>[1]) => readFactor(context, key, plan, joints);
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
