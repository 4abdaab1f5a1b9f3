import { throwIfAny, UserError } from '../errors.ts';
import { type QuatXYZW, writeFromRollPitchYaw } from '../math/quat.ts';
import { computeNorm, type Vec3 } from '../math/vec3.ts';
import { ElementReader, type Located } from './element-reader.ts';
import { DEFAULT_MATERIAL, type Geometry, type Shape, type Transform } from './geometry.ts';
import { findInertiaFault } from './inertia.ts';
import type { Inertial, Joint, JointType, Link, TransmissionInfo } from './model.ts';
import { checkTree } from './tree.ts';
import { parseXml } from './xml.ts';

/** What a URDF says, before robot.yaml adds to it. */
export interface UrdfDescription {
  readonly name: string;
  readonly rootLink: string;
  /** In document order. */
  readonly links: readonly Link[];
  /** In document order. */
  readonly joints: readonly Joint[];
  readonly transmissions: readonly TransmissionInfo[];
}

const JOINT_TYPES: readonly JointType[] = ['revolute', 'continuous', 'prismatic', 'fixed'];
const IDENTITY: Transform = { translation: [0, 0, 0], rotation: [0, 0, 0, 1] };

type Colours = ReadonlyMap<string, readonly [number, number, number, number]>;

/**
 * Reads a URDF (http://wiki.ros.org/urdf/XML). Lengths m, angles rad, masses kg.
 * @param where file name for messages
 * @throws UserError, or UserErrors with every problem found, each with line and element path
 */
export function parseUrdf(text: string, where: string): UrdfDescription {
  const root: Located = { element: parseXml(text, where), path: 'robot' };
  if (root.element.name !== 'robot') {
    throw new UserError({
      where: `${where}:${root.element.line}`,
      problem: 'this is not a URDF',
      expected: 'outermost element <robot>',
      got: `<${root.element.name}>`,
      remedy: 'Point to a URDF file; expand xacro files first.',
    });
  }
  const reader = new ElementReader(where);
  const name = reader.text(root, 'name') ?? '';
  const colours = readColours(reader, root);
  const linkElements = reader.list(root, 'link');
  const jointElements = reader.list(root, 'joint');
  if (linkElements.length === 0) {
    reader.report(root, 'the robot has no links', 'at least one <link>', 'none', 'Add a link.');
  }
  const links = linkElements.map((at) => readLink(reader, at, colours));
  const joints = jointElements.map((at) => readJoint(reader, at));
  const rootLink = checkTree(reader, root, { linkElements, links, jointElements, joints });
  throwIfAny(reader.errors);
  return { name, rootLink: rootLink ?? '', links, joints, transmissions: [] };
}

/** Materials by name, wherever they are defined: in the robot itself or in the visual that uses them first. */
function readColours(reader: ElementReader, root: Located): Colours {
  const colours = new Map<string, readonly [number, number, number, number]>();
  const visuals = reader.list(root, 'link').flatMap((link) => reader.list(link, 'visual'));
  for (const at of [root, ...visuals].flatMap((parent) => reader.list(parent, 'material'))) {
    const name = at.element.attributes.name;
    const colour = at.element.children.find((child) => child.name === 'color');
    if (name === undefined || name === '' || colour === undefined) continue;
    colours.set(name, reader.colour({ element: colour, path: `${at.path}/color` }, 'rgba'));
  }
  return colours;
}

function readLink(reader: ElementReader, at: Located, colours: Colours): Link {
  const name = reader.text(at, 'name') ?? '';
  const inertial = reader.optional(at, 'inertial');
  return {
    name,
    ...(inertial === undefined ? {} : { inertial: readInertial(reader, inertial) }),
    visuals: reader
      .list(at, 'visual')
      .map((visual, i) => readShape(reader, visual, `${name}/visual${i}`, colours)),
    collisions: reader.list(at, 'collision').map((collision, i) => ({
      ...readShape(reader, collision, `${name}/collision${i}`, colours),
      material: DEFAULT_MATERIAL,
      solid: 'hull',
    })),
  };
}

function readInertial(reader: ElementReader, at: Located): Inertial {
  const massElement = reader.required(at, 'mass');
  const mass = massElement === undefined ? 0 : reader.number(massElement, 'value');
  if (massElement !== undefined && mass <= 0) {
    reader.report(
      massElement,
      'the mass is impossible',
      'a mass above 0 kg',
      `${mass}`,
      'Give the real mass, or remove <inertial> where the mass is counted in another link.',
    );
  }
  const tensor = reader.required(at, 'inertia');
  const read = (key: string, fallback?: number) =>
    tensor === undefined ? 0 : reader.number(tensor, key, fallback);
  const inertia: Inertial['inertia'] = [
    read('ixx'),
    read('iyy'),
    read('izz'),
    read('ixy', 0),
    read('ixz', 0),
    read('iyz', 0),
  ];
  const fault = tensor === undefined ? undefined : findInertiaFault(inertia);
  if (tensor !== undefined && fault !== undefined) {
    reader.report(
      tensor,
      'the inertia is impossible for any rigid body',
      fault.expected,
      fault.got,
      'Recompute it about the centre of mass, in kg·m².',
    );
  }
  return { mass, linkFromInertia: readOrigin(reader, at), inertia };
}

function readOrigin(reader: ElementReader, parent: Located): Transform {
  const at = reader.optional(parent, 'origin');
  if (at === undefined) return IDENTITY;
  const [roll, pitch, yaw] = reader.vector(at, 'rpy', [0, 0, 0]);
  const rotation: [number, number, number, number] = [0, 0, 0, 1];
  writeFromRollPitchYaw(rotation, 0, roll, pitch, yaw);
  return { translation: reader.vector(at, 'xyz', [0, 0, 0]), rotation: rotation as QuatXYZW };
}

function readShape(
  reader: ElementReader,
  at: Located,
  defaultName: string,
  colours: Colours,
): Shape {
  const colour = readShapeColour(reader, at, colours);
  return {
    name: at.element.attributes.name ?? defaultName,
    linkFromShape: readOrigin(reader, at),
    geometry: readGeometry(reader, at),
    ...(colour === undefined ? {} : { colour }),
  };
}

/** Undefined where the description leaves the colour open: it is for display only. */
function readShapeColour(reader: ElementReader, shape: Located, colours: Colours) {
  const at = reader.optional(shape, 'material');
  const own = at === undefined ? undefined : reader.optional(at, 'color');
  return own === undefined
    ? colours.get(at?.element.attributes.name ?? '')
    : reader.colour(own, 'rgba');
}

/** Stands where a problem has been reported, and so is never seen: the description is refused. */
const UNREADABLE: Geometry = { kind: 'sphere', radius: Number.NaN };

function readGeometry(reader: ElementReader, shape: Located): Geometry {
  const geometry = reader.required(shape, 'geometry');
  const element = geometry?.element.children[0];
  if (geometry === undefined) return UNREADABLE;
  const kind = element?.name ?? '';
  const at: Located = { element: element ?? geometry.element, path: `${geometry.path}/${kind}` };
  switch (kind) {
    case 'box':
      return { kind, size: readPositiveVector(reader, at, 'size') };
    case 'sphere':
      return { kind, radius: readPositive(reader, at, 'radius') };
    case 'cylinder':
      return {
        kind,
        radius: readPositive(reader, at, 'radius'),
        length: readPositive(reader, at, 'length'),
      };
    case 'mesh':
      return {
        kind,
        uri: reader.text(at, 'filename') ?? '',
        scale: reader.vector(at, 'scale', [1, 1, 1]),
      };
    default:
      reader.report(
        geometry,
        'the shape is not known',
        'box, sphere, cylinder or mesh',
        kind === '' ? 'an empty <geometry>' : `<${kind}>`,
        'Use one of these shapes.',
      );
      return UNREADABLE;
  }
}

function readPositive(reader: ElementReader, at: Located, attribute: string): number {
  const value = reader.number(at, attribute);
  if (value <= 0 && at.element.attributes[attribute] !== undefined) {
    reader.report(at, `'${attribute}' must be positive`, 'above 0 m', `${value}`, 'Correct it.');
  }
  return value;
}

function readPositiveVector(reader: ElementReader, at: Located, attribute: string): Vec3 {
  const value = reader.vector(at, attribute);
  if (value.some((extent) => extent <= 0) && at.element.attributes[attribute] !== undefined) {
    reader.report(
      at,
      `'${attribute}' must be positive`,
      'three extents above 0 m',
      value.join(' '),
      'Correct it.',
    );
  }
  return value;
}

function readJoint(reader: ElementReader, at: Located): Joint {
  const type = readJointType(reader, at);
  const parent = reader.required(at, 'parent');
  const child = reader.required(at, 'child');
  const dynamics = reader.optional(at, 'dynamics');
  const mimic = reader.optional(at, 'mimic');
  if (mimic !== undefined) {
    reader.report(
      mimic,
      'coupled joints are not supported',
      'joints that move on their own',
      `a joint that follows '${mimic.element.attributes.joint ?? '?'}'`,
      'Remove <mimic>, or make the joint fixed.',
    );
  }
  return {
    name: reader.text(at, 'name') ?? '',
    type,
    parent: parent === undefined ? '' : (reader.text(parent, 'link') ?? ''),
    child: child === undefined ? '' : (reader.text(child, 'link') ?? ''),
    parentFromJoint: readOrigin(reader, at),
    axis: readAxis(reader, at, type),
    ...readLimits(reader, at, type),
    damping: dynamics === undefined ? 0 : readNonNegative(reader, dynamics, 'damping'),
    friction: dynamics === undefined ? 0 : readNonNegative(reader, dynamics, 'friction'),
    armature: 0,
  };
}

function readJointType(reader: ElementReader, at: Located): JointType {
  const text = reader.text(at, 'type');
  const type = JOINT_TYPES.find((candidate) => candidate === text);
  if (type !== undefined) return type;
  if (text !== undefined) {
    reader.report(
      at,
      'the joint type is not supported',
      JOINT_TYPES.join(', '),
      `'${text}'`,
      'Split a floating or planar joint into joints of these types.',
    );
  }
  return 'fixed';
}

/** Unit axis; x where the URDF gives none, as its specification says. */
function readAxis(reader: ElementReader, joint: Located, type: JointType): Vec3 {
  const at = reader.optional(joint, 'axis');
  if (at === undefined || type === 'fixed') return [1, 0, 0];
  const axis = reader.vector(at, 'xyz');
  const length = computeNorm(axis);
  if (length < 1e-9) {
    // An unreadable attribute has been reported already and reads as zero.
    const text = at.element.attributes.xyz?.trim().split(/\s+/) ?? [];
    if (text.length === 3 && text.every((part) => Number.isFinite(Number(part)))) {
      reader.report(
        at,
        'the axis has no direction',
        'a vector longer than 0',
        axis.join(' '),
        'Give a direction, as in "0 0 1".',
      );
    }
    return [1, 0, 0];
  }
  return [axis[0] / length, axis[1] / length, axis[2] / length];
}

function readLimits(reader: ElementReader, joint: Located, type: JointType) {
  const bounded = type === 'revolute' || type === 'prismatic';
  const at = bounded ? reader.required(joint, 'limit') : reader.optional(joint, 'limit');
  if (at === undefined || type === 'fixed') {
    return { lower: -Infinity, upper: Infinity, maxVelocity: Infinity, maxEffort: Infinity };
  }
  const lower = bounded ? reader.number(at, 'lower') : -Infinity;
  const upper = bounded ? reader.number(at, 'upper') : Infinity;
  if (lower > upper) {
    reader.report(
      at,
      'the limits are the wrong way round',
      'lower ≤ upper',
      `${lower} > ${upper}`,
      'Swap them.',
    );
  }
  return {
    lower,
    upper,
    maxVelocity: readNonNegative(reader, at, 'velocity', Infinity),
    maxEffort: readNonNegative(reader, at, 'effort', Infinity),
  };
}

function readNonNegative(
  reader: ElementReader,
  at: Located,
  attribute: string,
  fallback = 0,
): number {
  const value = reader.number(at, attribute, fallback);
  if (value < 0) {
    reader.report(at, `'${attribute}' is negative`, '0 or more', `${value}`, 'Correct the sign.');
  }
  return value;
}
