import type { Vec3 } from '../../sim/math/vec3.ts';
import {
  computeBodyPoses,
  computeExtentAlong,
  type PlacedShape,
  placeCollisionShapes,
} from '../../sim/robot/body-poses.ts';
import type { Transform } from '../../sim/robot/geometry.ts';
import type { RobotModel } from '../../sim/robot/model.ts';
import { computeRigidBodies } from '../../sim/robot/rigid-bodies.ts';
import type { StateBatch } from '../../sim/robot/state.ts';
import { composeTransforms, TRANSFORM_IDENTITY } from '../../sim/robot/transform.ts';
import type { SceneObject } from '../../sim/terrain/scene.ts';

/** An upright box. [m] */
export interface Box {
  readonly lower: Vec3;
  readonly upper: Vec3;
}

/** What an entity touches the world with, in its own frame: base_link, or that of the object. */
export interface Body {
  readonly shapes: readonly PlacedShape[];
  readonly meshes: RobotModel['meshes'];
}

/** Of a robot, with its joints where they are. */
export function makeRobotBody(model: RobotModel, state: StateBatch, robot: number): Body {
  const bodies = computeRigidBodies(model);
  const { numJoints } = state;
  const joints = Array.from(state.jointPosition.subarray(robot * numJoints).slice(0, numJoints));
  const shapes = placeCollisionShapes(model, bodies, computeBodyPoses(bodies, joints));
  return { shapes, meshes: model.meshes };
}

export function makeObjectBody({ geometry }: SceneObject): Body {
  return { shapes: [{ geometry, rootFromShape: TRANSFORM_IDENTITY }], meshes: new Map() };
}

/**
 * The smallest upright box around a body; undefined for one without shapes. [m]
 * @param frameFromBody frame whose axes the box has; default: the body's own
 */
export function computeBox(body: Body, frameFromBody = TRANSFORM_IDENTITY): Box | undefined {
  const lower: [number, number, number] = [0, 0, 0];
  const upper: [number, number, number] = [0, 0, 0];
  const shapes = body.shapes.map(({ geometry, rootFromShape }) => ({
    geometry,
    rootFromShape: composeTransforms(frameFromBody, rootFromShape),
  }));
  for (const axis of [0, 1, 2] as const) {
    const along: [number, number, number] = [0, 0, 0];
    const reach = (sign: 1 | -1) => {
      along[axis] = sign;
      return sign * Math.max(...shapes.map((s) => computeExtentAlong(s, along, body.meshes)));
    };
    upper[axis] = reach(1);
    lower[axis] = reach(-1);
  }
  return [...lower, ...upper].every(Number.isFinite) ? { lower, upper } : undefined;
}

export function doBoxesMeet(one: Box, other: Box): boolean {
  return ([0, 1, 2] as const).every(
    (axis) => one.lower[axis] <= other.upper[axis] && other.lower[axis] <= one.upper[axis],
  );
}

/** @param radius [m] */
export function doesBoxMeetBall({ lower, upper }: Box, centre: Vec3, radius: number): boolean {
  const outside = ([0, 1, 2] as const).map((axis) =>
    Math.max(lower[axis] - centre[axis], 0, centre[axis] - upper[axis]),
  );
  return Math.hypot(...outside) <= radius;
}

/** The other way round: bFromA of aFromB. */
export function invert({ translation, rotation: [x, y, z, w] }: Transform): Transform {
  const rotation = [-x, -y, -z, w] as const;
  const back = composeTransforms(
    { translation: [0, 0, 0], rotation },
    { translation, rotation: [0, 0, 0, 1] },
  ).translation;
  return { translation: [-back[0], -back[1], -back[2]], rotation };
}
