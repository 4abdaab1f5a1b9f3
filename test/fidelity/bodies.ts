import { QUAT_IDENTITY } from '../../sim/math/quat.ts';
import type { Vec3 } from '../../sim/math/vec3.ts';
import { DEFAULT_MATERIAL, type Geometry, type Material } from '../../sim/robot/geometry.ts';
import type { Joint, Link, RobotModel } from '../../sim/robot/model.ts';
import { EMPTY_SCENE, type Scene } from '../../sim/terrain/scene.ts';
import { BARE_ROBOT } from '../kit/bare-robot.ts';
import { type EngineBench, makeBench } from '../kit/engine-bench.ts';
import type { Setup } from './experiment.ts';

/** Standard gravity, as in the engines' worlds. [m/s²] */
export const G = 9.80665;
export const DOWN: Vec3 = [0, 0, -G];

/** A link with its centre of mass somewhere on its axes, principal axes along its own. */
export function makeLink(
  name: string,
  body: {
    /** [kg] */
    readonly mass: number;
    /** [kg·m²] about the centre of mass */
    readonly moments: Vec3;
    /** [m] [@frame link] */
    readonly centre?: Vec3;
    readonly shape?: Geometry;
    readonly material?: Material;
  },
): Link {
  const { mass, moments, centre = [0, 0, 0], shape } = body;
  return {
    name,
    inertial: {
      mass,
      linkFromInertia: { translation: centre, rotation: QUAT_IDENTITY },
      inertia: [...moments, 0, 0, 0],
    },
    visuals: [],
    collisions:
      shape === undefined
        ? []
        : [
            {
              name: `${name}_shape`,
              linkFromShape: { translation: [0, 0, 0], rotation: QUAT_IDENTITY },
              geometry: shape,
              material: body.material ?? DEFAULT_MATERIAL,
              solid: 'hull',
            },
          ],
  };
}

/** A hinge without limits, friction or damping. */
export function makeHinge(
  name: string,
  parent: string,
  child: string,
  at: Vec3,
  axis: Vec3,
): Joint {
  return {
    name,
    type: 'continuous',
    parent,
    child,
    parentFromJoint: { translation: at, rotation: QUAT_IDENTITY },
    axis,
    lower: Number.NEGATIVE_INFINITY,
    upper: Number.POSITIVE_INFINITY,
    maxVelocity: Number.POSITIVE_INFINITY,
    maxEffort: Number.POSITIVE_INFINITY,
    damping: 0,
    friction: 0,
    armature: 0,
  };
}

/** A robot without motors or sensors; its first link is the base. */
export function makeRobot(
  name: string,
  base: RobotModel['base'],
  links: readonly Link[],
  joints: readonly Joint[] = [],
): RobotModel {
  return {
    ...BARE_ROBOT,
    name,
    base,
    rootLink: links[0]!.name,
    links,
    joints,
    jointNames: joints.map((joint) => joint.name),
    actuatedJointNames: [],
    actuators: [],
    commandKind: 'effort',
    commandLower: [],
    commandUpper: [],
    sensors: [],
    home: { position: [0, 0, 0], orientation: QUAT_IDENTITY, jointPosition: joints.map(() => 0) },
    safety: { maxCommandRate: [], damp: [], stop: [], motorTimeoutS: 1 },
    sha256: '0'.repeat(64),
  };
}

/** A link that holds a fixed base. */
export const STAND: Link = { name: 'stand', visuals: [], collisions: [] };

/** Moments of a solid ball. [kg·m²] */
export function computeBallMoments(mass: number, radius: number): Vec3 {
  const moment = 0.4 * mass * radius * radius;
  return [moment, moment, moment];
}

/** Moments of a solid box. [kg·m²] */
export function computeBoxMoments(mass: number, [x, y, z]: Vec3): Vec3 {
  const twelfth = mass / 12;
  return [twelfth * (y * y + z * z), twelfth * (x * x + z * z), twelfth * (x * x + y * y)];
}

/** A floor at z = 0 of the given material. */
export function makeFloor(material: Material): Scene {
  return { ground: { kind: 'plane', material }, objects: [] };
}

/** Runs an experiment in an engine that is freed afterwards. */
export async function withBench<T>(
  model: RobotModel,
  setup: Setup,
  world: { readonly gravityW?: Vec3; readonly scene?: Scene; readonly numRobots?: number },
  experiment: (bench: EngineBench) => T | Promise<T>,
): Promise<T> {
  const bench = await makeBench(model, {
    gravityW: DOWN,
    scene: EMPTY_SCENE,
    tileSpacing: 0,
    ...setup,
    ...world,
  });
  try {
    return await experiment(bench);
  } finally {
    bench.engine.free();
  }
}
