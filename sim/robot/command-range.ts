import type { Actuator, JointActuator } from './actuator-model.ts';
import type { Joint } from './model.ts';

/** Range of an actuator's command, in the unit of its robot's `commandKind`. */
export interface CommandRange {
  readonly lower: number;
  readonly upper: number;
}

/**
 * Range of the commands of one actuator: speeds of a rotor, efforts of an effort motor, positions of a pd or
 * network servo within the limits of its joints, speeds of a velocity servo within those of its joints and its
 * no-load speed. A continuous joint takes any position of (−π, π].
 */
export function computeCommandRange(actuator: Actuator, joints: readonly Joint[]): CommandRange {
  if (actuator.kind === 'rotor') return { lower: actuator.minSpeed, upper: actuator.maxSpeed };
  if (actuator.kind === 'effort') return { lower: -actuator.maxEffort, upper: actuator.maxEffort };
  const row = getTransmissionRow(actuator);
  let lower = 0;
  let upper = 0;
  for (const [name, factor] of Object.entries(row)) {
    const joint = joints.find((candidate) => candidate.name === name);
    if (joint === undefined) continue;
    const [low, high] = computeJointRange(actuator, joint);
    lower += Math.min(factor * low, factor * high);
    upper += Math.max(factor * low, factor * high);
  }
  if (actuator.kind !== 'velocity') return { lower, upper };
  const fastest = Math.min(upper, actuator.torqueSpeed?.noLoadSpeed ?? Number.POSITIVE_INFINITY);
  return { lower: -fastest, upper: fastest };
}

/** Joint by joint, how far the actuator's coordinate moves per unit of the joint's: its own joint by 1 unless said. */
export function getTransmissionRow(actuator: JointActuator): Readonly<Record<string, number>> {
  return actuator.transmission ?? { [actuator.joint]: 1 };
}

function computeJointRange(actuator: JointActuator, joint: Joint): [number, number] {
  if (actuator.kind === 'velocity') return [-joint.maxVelocity, joint.maxVelocity];
  if (joint.type === 'continuous') return [-Math.PI, Math.PI];
  return [joint.lower, joint.upper];
}
