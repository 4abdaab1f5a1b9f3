import { QUAT_IDENTITY, type QuatXYZW } from '../../sim/math/quat.ts';
import type { Vec3 } from '../../sim/math/vec3.ts';
import type { Geometry, MeshAsset } from '../../sim/robot/geometry.ts';
import type { Joint, Link, RobotModel, SelfCollision } from '../../sim/robot/model.ts';
import { BARE_ROBOT } from './bare-robot.ts';

export interface TinyShape {
  readonly geometry: Geometry;
  /** By default the link's name, with the shape's number behind all but the first. */
  readonly name?: string;
  readonly at?: Vec3;
  readonly turned?: QuatXYZW;
  /** 0.5 and 0 unless given. */
  readonly friction?: number;
  readonly restitution?: number;
  readonly solid?: 'hull' | 'decomposition';
}

export interface TinyLink {
  readonly name: string;
  /** [kg] 1 unless given; 0: no inertial */
  readonly mass?: number;
  readonly centre?: Vec3;
  /** [kg·m²] the same about every axis, 0.01 unless given */
  readonly moment?: number;
  readonly shapes?: readonly TinyShape[];
}

export interface TinyRobot {
  readonly base?: 'fixed' | 'floating';
  /** The first is the root. */
  readonly links: readonly TinyLink[];
  /** Free of loss and limit, about y at the parent's origin, unless given otherwise. */
  readonly joints?: readonly (Pick<Joint, 'name' | 'parent' | 'child'> &
    Partial<Joint> & { readonly at?: Vec3 })[];
  readonly selfCollision?: SelfCollision;
  /** By uri; places in `geometry.uri`. */
  readonly meshes?: Readonly<Record<string, Pick<MeshAsset, 'vertices' | 'triangles'>>>;
}

/** A robot made of what a test is about; every joint has an effort motor. */
export function makeTinyRobot({
  base = 'floating',
  links,
  joints = [],
  selfCollision = { kind: 'none' },
  meshes = {},
}: TinyRobot): RobotModel {
  const built = joints.map(({ at = [0, 0, 0], ...joint }) => makeJoint(at, joint));
  const movable = built.filter(({ type }) => type !== 'fixed').map(({ name }) => name);
  const actuated = built
    .filter(({ type, mimic }) => type !== 'fixed' && mimic === undefined)
    .map(({ name }) => name);
  return {
    ...BARE_ROBOT,
    name: 'tiny',
    base,
    rootLink: links[0]!.name,
    links: links.map(makeLink),
    joints: built,
    jointNames: movable,
    actuatedJointNames: actuated,
    actuators: actuated.map((joint) => ({ kind: 'effort', joint, maxEffort: 1e6 })),
    commandKind: 'effort',
    commandLower: actuated.map(() => -1e6),
    commandUpper: actuated.map(() => 1e6),
    selfCollision,
    meshes: new Map(
      Object.entries(meshes).map(([uri, mesh]) => [uri, { ...mesh, path: `/${uri}` }]),
    ),
    sensors: [],
    home: {
      position: [0, 0, 0],
      orientation: QUAT_IDENTITY,
      jointPosition: movable.map(() => 0),
    },
    safety: {
      maxCommandRate: actuated.map(() => 1e6),
      damp: actuated.map(() => 0),
      stop: actuated.map(() => 0),
      motorTimeoutS: 0.1,
    },
    sha256: '0'.repeat(64),
  };
}

/** One free body of 1 kg with these shapes. */
export function makeTinySolid(
  shapes: readonly TinyShape[],
  rest: Partial<TinyLink> & Pick<TinyRobot, 'meshes'> = {},
): RobotModel {
  const { meshes = {}, ...link } = rest;
  return makeTinyRobot({ links: [{ name: 'body', shapes, ...link }], meshes });
}

function makeJoint(at: Vec3, joint: NonNullable<TinyRobot['joints']>[number]): Joint {
  return {
    type: 'continuous',
    axis: [0, 1, 0],
    lower: -Infinity,
    upper: Infinity,
    maxVelocity: Infinity,
    maxEffort: Infinity,
    damping: 0,
    friction: 0,
    armature: 0,
    parentFromJoint: { translation: at, rotation: QUAT_IDENTITY },
    ...joint,
  };
}

function makeLink(link: TinyLink): Link {
  const { name, mass = 1, centre = [0, 0, 0], moment = 0.01, shapes = [] } = link;
  return {
    name,
    ...(mass === 0
      ? {}
      : {
          inertial: {
            mass,
            linkFromInertia: { translation: centre, rotation: QUAT_IDENTITY },
            inertia: [moment, moment, moment, 0, 0, 0],
          },
        }),
    visuals: [],
    collisions: shapes.map((shape, i) => ({
      name: shape.name ?? (i === 0 ? name : `${name}${i}`),
      linkFromShape: {
        translation: shape.at ?? [0, 0, 0],
        rotation: shape.turned ?? QUAT_IDENTITY,
      },
      geometry: shape.geometry,
      material: { friction: shape.friction ?? 0.5, restitution: shape.restitution ?? 0 },
      solid: shape.solid ?? 'hull',
    })),
  };
}
