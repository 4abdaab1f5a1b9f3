import { writeRotated } from '../math/quat.ts';
import type { Vec3 } from '../math/vec3.ts';
import type { RotorActuator } from './actuator-model.ts';
import { getJoint, type RobotModel } from './model.ts';
import { computeRootBody, getBodyFromLink, type RigidBody } from './rigid-bodies.ts';
import { composeTransforms } from './transform.ts';

/** Where a rotor sits and which way it pushes, from the description alone. */
export interface RotorGeometry {
  readonly actuator: RotorActuator;
  /** [m] [@frame base_link] of the hub, from the centre of mass of the root body */
  readonly arm: Vec3;
  /** Unit vector along which thrust acts. [@frame base_link] */
  readonly axis: Vec3;
  /** +1 if the body is turned counterclockwise about the axis by the reaction: the opposite of the spin. */
  readonly reactionSign: 1 | -1;
}

/** The rotors of a robot, in actuated joint order. */
export function computeRotorGeometry(
  model: RobotModel,
  body: RigidBody = computeRootBody(model),
): readonly RotorGeometry[] {
  return model.actuators.flatMap((actuator) => {
    if (actuator.kind !== 'rotor') return [];
    const joint = getJoint(model, actuator.joint);
    const { translation, rotation } = composeTransforms(
      getBodyFromLink(body, joint.parent),
      joint.parentFromJoint,
    );
    const axis: [number, number, number] = [0, 0, 0];
    writeRotated(axis, 0, rotation, 0, joint.axis, 0);
    const [cx, cy, cz] = body.centreOfMass;
    const arm: Vec3 = [translation[0] - cx, translation[1] - cy, translation[2] - cz];
    return [{ actuator, arm, axis, reactionSign: actuator.spin === 'clockwise' ? 1 : -1 } as const];
  });
}

/**
 * Speed at which equal rotors carry the robot's weight in level flight, without lag or drag. [rad/s]
 * @param gravity [m/s²] magnitude
 * @throws RangeError if the robot has no rotors, or they cannot lift it
 */
export function computeHoverSpeed(model: RobotModel, gravity: number): number {
  const rotors = computeRotorGeometry(model);
  const { mass } = computeRootBody(model);
  const lift = rotors.reduce((sum, { actuator, axis }) => {
    return sum + actuator.thrustCoefficient * axis[2];
  }, 0);
  if (!(lift > 0)) throw new RangeError(`robot '${model.name}' has no rotors that push upwards`);
  const speed = Math.sqrt((mass * gravity) / lift);
  const slowest = Math.min(...rotors.map(({ actuator }) => actuator.maxSpeed));
  if (speed > slowest) {
    throw new RangeError(
      `robot '${model.name}' cannot hover: it would need ${speed.toFixed(0)} rad/s, its rotors reach ${slowest}`,
    );
  }
  return speed;
}
