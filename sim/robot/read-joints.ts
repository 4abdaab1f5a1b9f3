import { computeNorm, type Vec3 } from '../math/vec3.ts';
import type { ElementReader, Located } from './element-reader.ts';
import type { Joint, JointMimic, JointType } from './model.ts';
import { readOrigin } from './read-shapes.ts';

const JOINT_TYPES: readonly JointType[] = ['revolute', 'continuous', 'prismatic', 'fixed'];
/** Of a `<joint>`; the last are of Gazebo and older URDF. */
const KNOWN = [
  ...['origin', 'parent', 'child', 'axis', 'limit', 'dynamics', 'mimic'],
  ...[
    'calibration',
    'safety_controller',
    'gazebo',
    'property',
    'joint_properties',
    'hardwareInterface',
  ],
];

/** A joint as written; `floating` is for a free base, see floating-base.ts. */
export type UrdfJoint = Omit<Joint, 'type'> & { readonly type: JointType | 'floating' };

export function readJoint(reader: ElementReader, at: Located): UrdfJoint {
  reader.warnOfUnknown(at, KNOWN);
  const type = readJointType(reader, at);
  const parent = reader.required(at, 'parent');
  const child = reader.required(at, 'child');
  const dynamics = reader.optional(at, 'dynamics');
  const mimic = readMimic(reader, at, type);
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
    ...(mimic === undefined ? {} : { mimic }),
  };
}

function readJointType(reader: ElementReader, at: Located): UrdfJoint['type'] {
  const text = reader.text(at, 'type');
  const type = [...JOINT_TYPES, 'floating' as const].find((candidate) => candidate === text);
  if (type !== undefined) return type;
  if (text !== undefined) {
    reader.report(
      at,
      'the joint type is not supported',
      `${JOINT_TYPES.join(', ')}, or floating between an empty root link and the robot`,
      `'${text}'`,
      text === 'planar'
        ? 'Replace it by two prismatic joints and a continuous one, with light links between them.'
        : 'Use one of these types.',
    );
  }
  return 'fixed';
}

function readMimic(reader: ElementReader, joint: Located, type: string): JointMimic | undefined {
  const at = reader.optional(joint, 'mimic');
  if (at === undefined) return undefined;
  if (type === 'fixed') {
    reader.warn(at, 'a fixed joint cannot follow another one: <mimic> is ignored');
    return undefined;
  }
  return {
    joint: reader.text(at, 'joint') ?? '',
    multiplier: reader.number(at, 'multiplier', 1),
    offset: reader.number(at, 'offset', 0),
  };
}

/** Unit axis; x where the URDF gives none, as its specification says. */
function readAxis(reader: ElementReader, joint: Located, type: string): Vec3 {
  const at = reader.optional(joint, 'axis');
  if (at === undefined || type === 'fixed' || type === 'floating') return [1, 0, 0];
  const axis = reader.vector(at, 'xyz');
  const length = computeNorm(axis);
  if (length >= 1e-9) return [axis[0] / length, axis[1] / length, axis[2] / length];
  // An unreadable attribute has been reported already and reads as zero.
  if (reader.isReadable(at, 'xyz', 3)) {
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

function readLimits(reader: ElementReader, joint: Located, type: string) {
  const bounded = type === 'revolute' || type === 'prismatic';
  const at = bounded ? reader.required(joint, 'limit') : reader.optional(joint, 'limit');
  if (at === undefined || type === 'fixed' || type === 'floating') {
    return { lower: -Infinity, upper: Infinity, maxVelocity: Infinity, maxEffort: Infinity };
  }
  return {
    ...(bounded ? readRange(reader, at, type) : { lower: -Infinity, upper: Infinity }),
    maxVelocity: readMaximum(reader, at, 'velocity'),
    maxEffort: readMaximum(reader, at, 'effort'),
  };
}

/** Required by the specification; exporters leave it out, or write 0 where they know nothing. */
function readMaximum(reader: ElementReader, at: Located, key: 'velocity' | 'effort'): number {
  const value = readNonNegative(reader, at, key, Infinity);
  if (at.element.attributes[key] === undefined) {
    reader.warn(at, `'${key}' is not given and counts as unlimited`);
  } else if (value === 0 && reader.isReadable(at, key, 1)) {
    const effect = key === 'effort' ? 'no motor can move the joint' : 'it may never move';
    reader.warn(at, `'${key}' is 0: ${effect}`);
  }
  return value;
}

/** A bound that is not given is 0, as the specification says; a joint without both could not move. */
function readRange(
  reader: ElementReader,
  at: Located,
  type: string,
): { lower: number; upper: number } {
  const given = (key: string) => at.element.attributes[key] !== undefined;
  const hasOne = given('lower') || given('upper');
  for (const key of ['lower', 'upper']) {
    if (hasOne && !given(key)) reader.warn(at, `'${key}' is not given and counts as 0`);
  }
  const fallback = hasOne ? 0 : undefined;
  const lower = reader.number(at, 'lower', fallback);
  const upper = reader.number(at, 'upper', fallback);
  if (lower > upper) {
    reader.report(
      at,
      'the limits are the wrong way round',
      'lower ≤ upper',
      `${lower} > ${upper}`,
      'Swap them.',
    );
  }
  warnOfOddRange(reader, at, { type, lower, upper });
  return { lower, upper };
}

/** [rad] Four turns: more than any robot's joint winds up, and less than most limits in degrees. */
const ODD_ANGLE = 8 * Math.PI;

function warnOfOddRange(
  reader: ElementReader,
  at: Located,
  { type, lower, upper }: { readonly type: string; readonly lower: number; readonly upper: number },
): void {
  const isRead = ['lower', 'upper'].every((key) => reader.isReadable(at, key, 1));
  if (isRead && lower === upper) {
    reader.warn(at, `'lower' and 'upper' are both ${lower}: the joint cannot move`);
  }
  if (type === 'revolute' && Math.max(-lower, upper) > ODD_ANGLE) {
    reader.warn(at, `${lower} to ${upper} are more than four turns: angles are in rad`);
  }
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
