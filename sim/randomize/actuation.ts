import type { ActuatorBank } from '../actuator/actuators.ts';
import type { Context } from './draw.ts';

/** Scales rotors and effort actuators of one robot and sets its command latency. */
export function applyActuation(actuators: ActuatorBank, robot: number, context: Context): void {
  actuators.setScales(robot, {
    thrust: context.thrustScale,
    timeConstant: context.rotorTimeConstantScale,
    drag: context.dragScale,
    effort: context.effortScale,
    latencyS: context.commandLatencyS,
  });
}
