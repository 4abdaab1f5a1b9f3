import { computePrincipalInertia, findInertiaFault } from '../../../../sim/robot/inertia.ts';
import { computeRobotBox } from '../../inspect/bounds.ts';
import type { Inspector } from '../../inspect/inspector.ts';
import { findLink, makeMatrix } from '../kinematics.ts';
import { Matrix4, Quaternion, Vector3 } from '../three.ts';
import type { GlyphSegment, LinkGlyph } from './link-glyphs.ts';

const FRAME_COLOURS = ['#ff5c5c', '#5dd879', '#5c9dff'] as const;
const AXIS_COLOURS = { turns: '#ffd37a', slides: '#7ee0c3', follows: '#b7a06d' } as const;
const INERTIA_COLOUR = '#d69cff';
const IMPOSSIBLE_COLOUR = '#ff6b62';

/** Shares of the robot's size. */
const FRAME_SHARE = 0.05;
const AXIS_SHARE = 0.075;
/** [1] pieces of the three quarters of a circle that show which way is positive */
const ARC_PIECES = 14;

/** [m] diagonal of the box around the robot */
export function computeRobotSize(inspector: Inspector): number {
  return Math.max(0.02, computeRobotBox(inspector).getSize(new Vector3()).length());
}

/** The frame of a link: x red, y green, z blue. */
export function makeFrameGlyph(link: number, size: number): LinkGlyph {
  const segments = FRAME_COLOURS.map((colour, axis) => {
    const to = new Vector3().setComponent(axis, FRAME_SHARE * size);
    return { from: new Vector3(), to, colour };
  });
  return { link, segments };
}

/** The axis of a movable joint, pointing and turning the positive way; undefined for a fixed one. */
export function makeAxisGlyph(
  inspector: Inspector,
  jointName: string,
  size: number,
  highlight?: string,
): LinkGlyph | undefined {
  const joint = inspector.model.joints.find(({ name }) => name === jointName);
  const link = joint === undefined ? -1 : findLink(inspector.model, joint.child);
  if (joint === undefined || joint.type === 'fixed' || link < 0) return undefined;
  const length = AXIS_SHARE * size;
  const axis = new Vector3(...joint.axis);
  const side = new Vector3(Math.abs(axis.x) < 0.8 ? 1 : 0, Math.abs(axis.x) < 0.8 ? 0 : 1, 0);
  side.cross(axis).normalize();
  const other = new Vector3().crossVectors(axis, side);
  const moves = joint.type === 'prismatic' ? 'slides' : 'turns';
  const follows = inspector.getJoint(jointName)?.mimic !== undefined;
  const colour = highlight ?? AXIS_COLOURS[follows ? 'follows' : moves];
  const at = (along: number, s: number, o: number) =>
    axis
      .clone()
      .multiplyScalar(along * length)
      .addScaledVector(side, s * length)
      .addScaledVector(other, o * length);
  const line = (from: Vector3, to: Vector3): GlyphSegment => ({ from, to, colour });
  const tip = at(1, 0, 0);
  const shaft = [
    line(at(-0.5, 0, 0), tip),
    ...[-1, 1].flatMap((s) => [line(at(0.76, 0.13 * s, 0), tip), line(at(0.76, 0, 0.13 * s), tip)]),
  ];
  return { link, segments: moves === 'turns' ? [...shaft, ...makeArc(at, line)] : shaft };
}

/** Three quarters of a circle about the axis with an arrowhead at its end: the right-hand rule, drawn. */
function makeArc(
  at: (along: number, side: number, other: number) => Vector3,
  line: (from: Vector3, to: Vector3) => GlyphSegment,
): GlyphSegment[] {
  const radius = 0.42;
  const onArc = (piece: number, r = radius) => {
    const angle = (1.5 * Math.PI * piece) / ARC_PIECES;
    return at(0.3, r * Math.cos(angle), r * Math.sin(angle));
  };
  const end = onArc(ARC_PIECES);
  const pieces = Array.from({ length: ARC_PIECES }, (_, k) => line(onArc(k), onArc(k + 1)));
  const barbs = [0.7, 1.3].map((factor) => line(onArc(ARC_PIECES - 1.3, factor * radius), end));
  return [...pieces, ...barbs];
}

/** The box of a link's mass and inertia. */
export interface InertiaBox {
  readonly link: number;
  readonly linkFromBox: Matrix4;
  /** [m] full extents along the principal axes */
  readonly size: Vector3;
  /** No body has such an inertia: an extent of the box would be imaginary, and is drawn as 0. */
  readonly isImpossible: boolean;
}

/**
 * The solid box of equal mass and inertia of each link: a² = 6/m (Iyy + Izz − Ixx) along x, as
 * Ixx = m/12 (b² + c²) for a box with sides a, b, c. At the centre of mass, along the principal axes.
 */
export function makeInertiaBoxes({ model, facts }: Inspector): InertiaBox[] {
  return model.links.flatMap(({ name }, link) => {
    const inertial = facts.inertials[name];
    if (inertial === undefined || !(inertial.mass > 0)) return [];
    const { moments, bodyFromPrincipal } = computePrincipalInertia(inertial.inertia);
    const sum = moments[0] + moments[1] + moments[2];
    const squares = moments.map((moment) => (6 / inertial.mass) * (sum - 2 * moment));
    const size = new Vector3(...squares.map((square) => Math.sqrt(Math.max(0, square))));
    const turn = new Matrix4().makeRotationFromQuaternion(new Quaternion(...bodyFromPrincipal));
    const linkFromBox = makeMatrix(inertial.linkFromInertia).multiply(turn);
    const isImpossible = findInertiaFault(inertial.inertia) !== undefined;
    return [{ link, linkFromBox, size, isImpossible }];
  });
}

/** The twelve edges of a box. */
export function makeBoxGlyph({ link, linkFromBox, size, isImpossible }: InertiaBox): LinkGlyph {
  const colour = isImpossible ? IMPOSSIBLE_COLOUR : INERTIA_COLOUR;
  const corner = (bits: number) =>
    new Vector3(bits & 1 ? 0.5 : -0.5, bits & 2 ? 0.5 : -0.5, bits & 4 ? 0.5 : -0.5)
      .multiply(size)
      .applyMatrix4(linkFromBox);
  const edges = [1, 2, 4].flatMap((bit) =>
    Array.from({ length: 8 }, (_, bits) => bits)
      .filter((bits) => (bits & bit) === 0)
      .map((bits) => ({ from: corner(bits), to: corner(bits | bit), colour })),
  );
  return { link, segments: edges };
}
