import { clamp, type MutableNumbers, type Numbers, type Vec3 } from '../../sim/math/vec3.ts';
import type { Joint, RobotModel } from '../../sim/robot/model.ts';
import { computeRigidBodies, type RigidBody } from '../../sim/robot/rigid-bodies.ts';
import { transformPoint } from '../../sim/robot/transform.ts';

/**
 * A leg of three joints, as quadrupeds have: a hip that turns about x, a thigh and a calf that turn about y, all
 * links straight down at zero, the knee bending backwards (calf angles below 0).
 */
export interface LegGeometry {
  /** Hip, thigh, calf. */
  readonly jointNames: readonly [hip: string, thigh: string, calf: string];
  /** Their indices in joint order. */
  readonly jointIndices: readonly [hip: number, thigh: number, calf: number];
  /** Link that carries the foot. */
  readonly footLink: string;
  /** Collision shape of the foot, a ball. */
  readonly footShape: string;
  /** [m] of that ball */
  readonly footRadius: number;
  /** [m] [@frame base_link] where the hip joint is */
  readonly hip: Vec3;
  /** [m] from the hip joint to the thigh joint along y: positive on the left */
  readonly hipOffset: number;
  /** [m] from the thigh joint to the calf joint */
  readonly thighLength: number;
  /** [m] from the calf joint to the centre of the foot, forwards and downwards, calf hanging straight */
  readonly footForward: number;
  readonly calfLength: number;
}

/**
 * Reads the legs off a robot, in joint order.
 * @throws RangeError naming what is not as {@link LegGeometry} wants it
 */
export function computeLegs(model: RobotModel): readonly LegGeometry[] {
  const bodies = computeRigidBodies(model);
  const hips = bodies.flatMap((body, i) => (body.connection?.parent === 0 ? [i] : []));
  if (hips.length === 0) throw new RangeError(`robot '${model.name}' has no legs`);
  return hips.map((hip) => computeLeg(model, bodies, hip));
}

function computeLeg(model: RobotModel, bodies: readonly RigidBody[], first: number): LegGeometry {
  const chain = [first];
  for (let next = first; next >= 0; ) {
    next = bodies.findIndex((body) => body.connection?.parent === next);
    if (next >= 0) chain.push(next);
  }
  const where = `robot '${model.name}', leg at '${bodies[first]!.connection!.joint.name}'`;
  const [hip, thigh, calf] = chain.map((i) => bodies[i]!.connection!);
  if (chain.length !== 3 || hip === undefined || thigh === undefined || calf === undefined) {
    throw new RangeError(`${where}: a leg has three joints, got ${chain.length}`);
  }
  checkAxis(hip.joint, [1, 0, 0], where);
  checkAxis(thigh.joint, [0, 1, 0], where);
  checkAxis(calf.joint, [0, 1, 0], where);
  const [thighX, hipOffset, thighZ] = thigh.parentBodyFromJoint.translation;
  const [calfX, calfY, calfZ] = calf.parentBodyFromJoint.translation;
  if ([thighX, thighZ, calfX, calfY].some((value) => value !== 0)) {
    throw new RangeError(
      `${where}: the thigh joint must lie beside the hip joint, the calf joint below the thigh joint`,
    );
  }
  const foot = findFoot(model, bodies[chain[2]!]!, where);
  return {
    jointNames: [hip.joint.name, thigh.joint.name, calf.joint.name],
    jointIndices: [hip.jointIndex, thigh.jointIndex, calf.jointIndex],
    footLink: foot.link,
    footShape: foot.shape,
    footRadius: foot.radius,
    hip: hip.parentBodyFromJoint.translation,
    hipOffset,
    thighLength: -calfZ,
    footForward: foot.position[0],
    calfLength: -foot.position[2],
  };
}

function checkAxis(joint: Joint, expected: Vec3, where: string): void {
  const turned = joint.parentFromJoint.rotation.some((part, k) => part !== (k === 3 ? 1 : 0));
  if (!turned && joint.axis.every((part, k) => part === expected[k])) return;
  throw new RangeError(
    `${where}: joint '${joint.name}' must turn about [${expected}] of its parent, got [${joint.axis}]${turned ? ', turned' : ''}`,
  );
}

/** The ball at the end of a calf. */
function findFoot(model: RobotModel, calf: RigidBody, where: string) {
  const balls = calf.links.flatMap(({ name, bodyFromLink }) =>
    model.links
      .find((link) => link.name === name)!
      .collisions.flatMap((shape) =>
        shape.geometry.kind === 'sphere'
          ? [
              {
                link: name,
                shape: shape.name,
                radius: shape.geometry.radius,
                position: transformPoint(bodyFromLink, shape.linkFromShape.translation),
              },
            ]
          : [],
      ),
  );
  const foot = balls[0];
  if (foot === undefined || balls.length > 1 || foot.position[1] !== 0) {
    throw new RangeError(
      `${where}: a calf ends in one ball in its own plane, got ${balls.map((ball) => ball.shape).join(', ') || 'none'}`,
    );
  }
  return foot;
}

/**
 * Centre of the foot at the given joint positions.
 * @param out p[o …] m [@frame base_link]
 * @param joints q[qo …] rad: hip, thigh, calf
 */
export function writeFootPosition(
  out: MutableNumbers,
  o: number,
  leg: LegGeometry,
  joints: Numbers,
  qo: number,
): void {
  const hip = joints[qo]!;
  const thigh = joints[qo + 1]!;
  const calf = thigh + joints[qo + 2]!;
  const { thighLength, footForward, calfLength, hipOffset } = leg;
  const x =
    -thighLength * Math.sin(thigh) + footForward * Math.cos(calf) - calfLength * Math.sin(calf);
  const down =
    thighLength * Math.cos(thigh) + footForward * Math.sin(calf) + calfLength * Math.cos(calf);
  out[o] = leg.hip[0] + x;
  out[o + 1] = leg.hip[1] + hipOffset * Math.cos(hip) + down * Math.sin(hip);
  out[o + 2] = leg.hip[2] + hipOffset * Math.sin(hip) - down * Math.cos(hip);
}

/**
 * Joint positions that put the centre of the foot at a place: the foot below the hip, the knee bent backwards. A
 * place out of reach gives the leg that points there, straight or folded as far as it goes; limits are not looked at.
 * @param out q[o …] rad: hip, thigh, calf
 * @param foot p[po …] m [@frame base_link]
 */
export function writeLegJoints(
  out: MutableNumbers,
  o: number,
  leg: LegGeometry,
  foot: Numbers,
  po: number,
): void {
  const { thighLength, footForward, calfLength, hipOffset } = leg;
  const x = foot[po]! - leg.hip[0];
  const y = foot[po + 1]! - leg.hip[1];
  const z = foot[po + 2]! - leg.hip[2];
  // Seen from the front, the leg plane is at a constant distance, hipOffset, from the hip's axis.
  const down = Math.sqrt(Math.max(0, y * y + z * z - hipOffset * hipOffset));
  // From the line to (hipOffset, −down) onto the line to (y, z).
  const turn = Math.atan2(z, y) - Math.atan2(-down, hipOffset);
  // In the leg plane: two links, the second from the knee to the foot, `lean` off the calf's own axis.
  const shank = Math.hypot(footForward, calfLength);
  const lean = -Math.atan2(footForward, calfLength);
  const cosine =
    (x * x + down * down - thighLength * thighLength - shank * shank) / (2 * thighLength * shank);
  const knee = -Math.acos(clamp(cosine, -1, 1));
  const thigh =
    Math.atan2(-x, down) - Math.atan2(shank * Math.sin(knee), thighLength + shank * Math.cos(knee));
  out[o] = Math.atan2(Math.sin(turn), Math.cos(turn));
  out[o + 1] = thigh;
  out[o + 2] = knee - lean;
}
