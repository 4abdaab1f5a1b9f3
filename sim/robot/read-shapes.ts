import { type QuatXYZW, writeFromRollPitchYaw } from '../math/quat.ts';
import type { Vec3 } from '../math/vec3.ts';
import type { ElementReader, Located } from './element-reader.ts';
import type { Geometry, Shape, Transform } from './geometry.ts';
import { TRANSFORM_IDENTITY } from './transform.ts';

export type Colours = ReadonlyMap<string, readonly [number, number, number, number]>;

/** Materials by name, wherever they are defined: in the robot itself or in the visual that uses them first. */
export function readColours(reader: ElementReader, root: Located): Colours {
  const colours = new Map<string, readonly [number, number, number, number]>();
  const visuals = reader.list(root, 'link').flatMap((link) => reader.list(link, 'visual'));
  for (const at of [root, ...visuals].flatMap((parent) => reader.list(parent, 'material'))) {
    const name = at.element.attributes.name;
    const element = at.element.children.find((child) => child.name === 'color');
    if (name === undefined || name === '' || element === undefined) continue;
    const colour = reader.colour({ element, path: `${at.path}/color` }, 'rgba');
    if (colour !== undefined) colours.set(name, colour);
  }
  return colours;
}

/** A `<visual>` or `<collision>`. */
export function readShape(
  reader: ElementReader,
  at: Located,
  defaultName: string,
  colours: Colours,
): Shape {
  const name = at.element.attributes.name?.trim() ?? '';
  const colour = readShapeColour(reader, at, colours);
  return {
    name: name === '' ? defaultName : name,
    linkFromShape: readOrigin(reader, at),
    geometry: readGeometry(reader, at),
    ...(colour === undefined ? {} : { colour }),
  };
}

/** [rad] A turn, and what a rounded 2π may be above it. */
const ODD_ANGLE = 2 * Math.PI + 0.01;

export function readOrigin(reader: ElementReader, parent: Located): Transform {
  const at = reader.optional(parent, 'origin');
  if (at === undefined) return TRANSFORM_IDENTITY;
  const angles = reader.vector(at, 'rpy', [0, 0, 0]);
  if (angles.some((angle) => Math.abs(angle) > ODD_ANGLE)) {
    reader.warn(at, `rpy ${angles.join(' ')} is more than a whole turn: angles are in rad`);
  }
  const [roll, pitch, yaw] = angles;
  const rotation: [number, number, number, number] = [0, 0, 0, 1];
  writeFromRollPitchYaw(rotation, 0, roll, pitch, yaw);
  return { translation: reader.vector(at, 'xyz', [0, 0, 0]), rotation: rotation as QuatXYZW };
}

/** Undefined where the description leaves the colour open: it is for display only. */
function readShapeColour(reader: ElementReader, shape: Located, colours: Colours) {
  const [at, ...more] = reader.list(shape, 'material');
  if (more.length > 0) reader.warn(more[0]!, 'of several materials the first one counts');
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
    case 'capsule':
      return {
        kind,
        radius: readPositive(reader, at, 'radius'),
        length: readPositive(reader, at, 'length'),
      };
    case 'mesh':
      return {
        kind,
        uri: reader.text(at, 'filename') ?? '',
        scale: readMeshScale(reader, at),
      };
    default:
      reader.report(
        geometry,
        'the shape is not known',
        'box, sphere, cylinder, capsule or mesh',
        kind === '' ? 'an empty <geometry>' : `<${kind}>`,
        'Use one of these shapes.',
      );
      return UNREADABLE;
  }
}

/** Negative factors mirror: descriptions of left and right legs share their meshes so. */
function readMeshScale(reader: ElementReader, at: Located): Vec3 {
  const scale = reader.vector(at, 'scale', [1, 1, 1]);
  if (scale.includes(0) && reader.isReadable(at, 'scale', 3)) {
    reader.report(
      at,
      'the scale makes the mesh flat',
      'factors that are not 0',
      scale.join(' '),
      'Correct it.',
    );
  }
  return scale;
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
