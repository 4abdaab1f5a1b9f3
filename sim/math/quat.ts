import type { MutableNumbers, Numbers } from './vec3.ts';

/**
 * Unit-quaternion kernels, Hamilton convention, order x, y, z, w. `out` may be an input. They take any arrays of numbers;
 * for Float64Arrays, which simulation and control are made of, each has code that meets nothing else: where one has met
 * five kinds of arrays, the compiler boxes every number that it reads.
 * `worldFromBase` rotates a vector given in base_link into the world.
 */
export type QuatXYZW = readonly [x: number, y: number, z: number, w: number];

export const QUAT_IDENTITY: QuatXYZW = [0, 0, 0, 1];

/** out = a · b: first b, then a. */
export function writeQuatProduct(
  out: MutableNumbers,
  o: number,
  a: Numbers,
  ao: number,
  b: Numbers,
  bo: number,
): void {
  if (out instanceof Float64Array && a instanceof Float64Array && b instanceof Float64Array) {
    multiplyDoubles(out, o, a, ao, b, bo);
  } else multiply(out, o, a, ao, b, bo);
}

function multiply(
  out: MutableNumbers,
  o: number,
  a: Numbers,
  ao: number,
  b: Numbers,
  bo: number,
): void {
  const ax = a[ao]!;
  const ay = a[ao + 1]!;
  const az = a[ao + 2]!;
  const aw = a[ao + 3]!;
  const bx = b[bo]!;
  const by = b[bo + 1]!;
  const bz = b[bo + 2]!;
  const bw = b[bo + 3]!;
  out[o] = aw * bx + ax * bw + ay * bz - az * by;
  out[o + 1] = aw * by - ax * bz + ay * bw + az * bx;
  out[o + 2] = aw * bz + ax * by - ay * bx + az * bw;
  out[o + 3] = aw * bw - ax * bx - ay * by - az * bz;
}

function multiplyDoubles(
  out: Float64Array,
  o: number,
  a: Float64Array,
  ao: number,
  b: Float64Array,
  bo: number,
): void {
  const ax = a[ao]!;
  const ay = a[ao + 1]!;
  const az = a[ao + 2]!;
  const aw = a[ao + 3]!;
  const bx = b[bo]!;
  const by = b[bo + 1]!;
  const bz = b[bo + 2]!;
  const bw = b[bo + 3]!;
  out[o] = aw * bx + ax * bw + ay * bz - az * by;
  out[o + 1] = aw * by - ax * bz + ay * bw + az * bx;
  out[o + 2] = aw * bz + ax * by - ay * bx + az * bw;
  out[o + 3] = aw * bw - ax * bx - ay * by - az * bz;
}

/** out = q · v · q⁻¹: from base_link into the world, if q is worldFromBase. */
export function writeRotated(
  out: MutableNumbers,
  o: number,
  q: Numbers,
  qo: number,
  v: Numbers,
  vo: number,
): void {
  if (out instanceof Float64Array && q instanceof Float64Array && v instanceof Float64Array) {
    rotateDoubles(out, o, q, qo, 1, v, vo);
  } else if (
    out instanceof Float32Array &&
    q instanceof Float64Array &&
    v instanceof Float64Array
  ) {
    rotateDoubles(ROTATED, 0, q, qo, 1, v, vo);
    out[o] = ROTATED[0]!;
    out[o + 1] = ROTATED[1]!;
    out[o + 2] = ROTATED[2]!;
  } else rotate(out, o, q, qo, 1, v, vo);
}

/** out = q⁻¹ · v · q: from the world into base_link, if q is worldFromBase. */
export function writeInverseRotated(
  out: MutableNumbers,
  o: number,
  q: Numbers,
  qo: number,
  v: Numbers,
  vo: number,
): void {
  if (out instanceof Float64Array && q instanceof Float64Array && v instanceof Float64Array) {
    rotateDoubles(out, o, q, qo, -1, v, vo);
  } else if (
    out instanceof Float32Array &&
    q instanceof Float64Array &&
    v instanceof Float64Array
  ) {
    rotateDoubles(ROTATED, 0, q, qo, -1, v, vo);
    out[o] = ROTATED[0]!;
    out[o + 1] = ROTATED[1]!;
    out[o + 2] = ROTATED[2]!;
  } else rotate(out, o, q, qo, -1, v, vo);
}

/** On its way to 32 bits. */
const ROTATED = new Float64Array(3);

// v + 2w(u × v) + 2u × (u × v), with u the vector part, or its opposite.
function rotate(
  out: MutableNumbers,
  o: number,
  q: Numbers,
  qo: number,
  sign: 1 | -1,
  v: Numbers,
  vo: number,
): void {
  const qx = sign * q[qo]!;
  const qy = sign * q[qo + 1]!;
  const qz = sign * q[qo + 2]!;
  const qw = q[qo + 3]!;
  const vx = v[vo]!;
  const vy = v[vo + 1]!;
  const vz = v[vo + 2]!;
  const tx = 2 * (qy * vz - qz * vy);
  const ty = 2 * (qz * vx - qx * vz);
  const tz = 2 * (qx * vy - qy * vx);
  out[o] = vx + qw * tx + qy * tz - qz * ty;
  out[o + 1] = vy + qw * ty + qz * tx - qx * tz;
  out[o + 2] = vz + qw * tz + qx * ty - qy * tx;
}

// v + 2w(u × v) + 2u × (u × v), with u the vector part, or its opposite.
function rotateDoubles(
  out: Float64Array,
  o: number,
  q: Float64Array,
  qo: number,
  sign: 1 | -1,
  v: Float64Array,
  vo: number,
): void {
  const qx = sign * q[qo]!;
  const qy = sign * q[qo + 1]!;
  const qz = sign * q[qo + 2]!;
  const qw = q[qo + 3]!;
  const vx = v[vo]!;
  const vy = v[vo + 1]!;
  const vz = v[vo + 2]!;
  const tx = 2 * (qy * vz - qz * vy);
  const ty = 2 * (qz * vx - qx * vz);
  const tz = 2 * (qx * vy - qy * vx);
  out[o] = vx + qw * tx + qy * tz - qz * ty;
  out[o + 1] = vy + qw * ty + qz * tx - qx * tz;
  out[o + 2] = vz + qw * tz + qx * ty - qy * tx;
}

export function writeNormalized(out: MutableNumbers, o: number, q: Numbers, qo: number): void {
  if (out instanceof Float64Array && q instanceof Float64Array) normalizeDoubles(out, o, q, qo);
  else normalize(out, o, q, qo);
}

function normalize(out: MutableNumbers, o: number, q: Numbers, qo: number): void {
  const x = q[qo]!;
  const y = q[qo + 1]!;
  const z = q[qo + 2]!;
  const w = q[qo + 3]!;
  const scale = 1 / Math.sqrt(x * x + y * y + z * z + w * w);
  out[o] = x * scale;
  out[o + 1] = y * scale;
  out[o + 2] = z * scale;
  out[o + 3] = w * scale;
}

function normalizeDoubles(out: Float64Array, o: number, q: Float64Array, qo: number): void {
  const x = q[qo]!;
  const y = q[qo + 1]!;
  const z = q[qo + 2]!;
  const w = q[qo + 3]!;
  const scale = 1 / Math.sqrt(x * x + y * y + z * z + w * w);
  out[o] = x * scale;
  out[o + 1] = y * scale;
  out[o + 2] = z * scale;
  out[o + 3] = w * scale;
}

/** Integrates q over `dt` with the body rate held constant: out = q · exp(ω dt / 2). [rad/s] [@frame base_link] */
export function writeIntegrated(
  out: MutableNumbers,
  o: number,
  q: Numbers,
  qo: number,
  angularVelocityB: Numbers,
  vo: number,
  dt: number,
): void {
  const wx = angularVelocityB[vo]!;
  const wy = angularVelocityB[vo + 1]!;
  const wz = angularVelocityB[vo + 2]!;
  const rate = Math.sqrt(wx * wx + wy * wy + wz * wz);
  const half = 0.5 * rate * dt;
  // sin(h)/rate tends to dt/2 as the rate vanishes.
  const s = rate > 1e-9 ? Math.sin(half) / rate : 0.5 * dt;
  const dx = wx * s;
  const dy = wy * s;
  const dz = wz * s;
  const dw = Math.cos(half);
  const ax = q[qo]!;
  const ay = q[qo + 1]!;
  const az = q[qo + 2]!;
  const aw = q[qo + 3]!;
  out[o] = aw * dx + ax * dw + ay * dz - az * dy;
  out[o + 1] = aw * dy - ax * dz + ay * dw + az * dx;
  out[o + 2] = aw * dz + ax * dy - ay * dx + az * dw;
  out[o + 3] = aw * dw - ax * dx - ay * dy - az * dz;
  writeNormalized(out, o, out, o);
}

/** Rotation about z, y, x (yaw, pitch, roll), REP-103: R = Rz(yaw) · Ry(pitch) · Rx(roll). [rad] */
export function writeFromRollPitchYaw(
  out: MutableNumbers,
  o: number,
  roll: number,
  pitch: number,
  yaw: number,
): void {
  const cr = Math.cos(roll / 2);
  const sr = Math.sin(roll / 2);
  const cp = Math.cos(pitch / 2);
  const sp = Math.sin(pitch / 2);
  const cy = Math.cos(yaw / 2);
  const sy = Math.sin(yaw / 2);
  out[o] = sr * cp * cy - cr * sp * sy;
  out[o + 1] = cr * sp * cy + sr * cp * sy;
  out[o + 2] = cr * cp * sy - sr * sp * cy;
  out[o + 3] = cr * cp * cy + sr * sp * sy;
}

/** [rad] in (−π, π] */
export function computeYaw(q: Numbers, o = 0): number {
  const x = q[o]!;
  const y = q[o + 1]!;
  const z = q[o + 2]!;
  const w = q[o + 3]!;
  return Math.atan2(2 * (w * z + x * y), 1 - 2 * (y * y + z * z));
}

/** Angle between base_link's z axis and the world's. [rad] in [0, π] */
export function computeTilt(q: Numbers, o = 0): number {
  const x = q[o]!;
  const y = q[o + 1]!;
  const cosine = 1 - 2 * (x * x + y * y);
  return Math.acos(cosine < -1 ? -1 : cosine > 1 ? 1 : cosine);
}

/** The difference wrapped into (−π, π]. [rad] */
export function wrapAngle(angle: number): number {
  const turns = Math.ceil((angle - Math.PI) / (2 * Math.PI));
  return angle - turns * 2 * Math.PI;
}
