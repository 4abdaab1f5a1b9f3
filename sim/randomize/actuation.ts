import type { ActuatorBank } from '../actuator/actuators.ts';
import type { Context } from './draw.ts';

/** Scales the motors of one robot, sets its command latency, and charges its batteries for the next reset. */
export function applyActuation(actuators: ActuatorBank, robot: number, context: Context): void {
  actuators.setScales(robot, {
    thrust: context.thrustScale,
    timeConstant: context.rotorTimeConstantScale,
    drag: context.dragScale,
    effort: context.effortScale,
    stiffness: context.stiffnessScale,
    damping: context.dampingScale,
    lag: context.motorLagScale,
    delay: context.motorDelayScale,
    armature: context.armatureScale,
    batteryCharge: context.batteryCharge,
    latencyS: context.commandLatencyS,
  });
}
