import type { Joint, Link, RobotModel } from '../../sim/robot/model.ts';
import type { Sensor } from '../../sim/robot/sensor-model.ts';
import { makeSensedBody } from './sensed-body.ts';

/** [m] */
export const RADIUS = 0.05;
export const SEPARATION = 0.2;

export interface RoverOptions {
  readonly sensors?: readonly Sensor[];
  /** The right wheel's axis points to the right, as where one wheel is the other one mirrored. */
  readonly flippedRight?: boolean;
  /** [m] of the axle in base_link */
  readonly axleX?: number;
}

/** A 1 kg body on two wheels without collision shapes, for sensors that look at joints. */
export function makeRover(options: RoverOptions = {}): RobotModel {
  const { sensors = [], flippedRight = false, axleX = 0 } = options;
  const body = makeSensedBody(sensors);
  const makeWheel = (side: 'left' | 'right'): { joint: Joint; link: Link } => {
    const y = side === 'left' ? 1 : -1;
    const isFlipped = side === 'right' && flippedRight;
    return {
      joint: {
        name: `${side}_wheel_joint`,
        type: 'continuous',
        parent: 'base_link',
        child: `${side}_wheel`,
        // Turned by 90° about x, z points to the right, along −y; by −90°, to the left.
        parentFromJoint: {
          translation: [axleX, (y * SEPARATION) / 2, 0],
          rotation: [isFlipped ? Math.SQRT1_2 : -Math.SQRT1_2, 0, 0, Math.SQRT1_2],
        },
        axis: [0, 0, 1],
        lower: -Infinity,
        upper: Infinity,
        maxVelocity: Infinity,
        maxEffort: Infinity,
        damping: 0,
        friction: 0,
        armature: 0,
      },
      link: { ...body.links[0]!, name: `${side}_wheel` },
    };
  };
  const [left, right] = [makeWheel('left'), makeWheel('right')];
  const jointNames = [left.joint.name, right.joint.name];
  return {
    ...body,
    name: 'rover',
    links: [...body.links, left.link, right.link],
    joints: [left.joint, right.joint],
    jointNames,
    home: { ...body.home, jointPosition: [0, 0] },
    drive: {
      left: [jointNames[0]!],
      right: [jointNames[1]!],
      wheelRadius: RADIUS,
      wheelSeparation: SEPARATION,
    },
  };
}
