import type { QuatXYZW } from '../math/quat.ts';
import type { Vec3 } from '../math/vec3.ts';
import type { Inertial } from './model.ts';

/** Symmetric tensor in the order of {@link Inertial.inertia}: xx, yy, zz, xy, xz, yz. [kg·m²] */
export type InertiaTensor = Inertial['inertia'];

/** Principal moments and the rotation from their frame into the frame of the tensor. */
export interface PrincipalInertia {
  /** [kg·m²] */
  readonly moments: Vec3;
  readonly bodyFromPrincipal: QuatXYZW;
}

/**
 * Eigenvalues and eigenvectors of a symmetric 3×3 tensor by cyclic Jacobi rotations (Golub and Van
 * Loan, Matrix Computations, 8.5). Axis k of the principal frame is the one nearest to axis k of the
 * body, so an already diagonal tensor keeps its axes.
 */
export function computePrincipalInertia(inertia: InertiaTensor): PrincipalInertia {
  const [xx, yy, zz, xy, xz, yz] = inertia;
  const a = [
    [xx, xy, xz],
    [xy, yy, yz],
    [xz, yz, zz],
  ];
  const v = [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ];
  const scale = Math.abs(xx) + Math.abs(yy) + Math.abs(zz);
  for (let sweep = 0; sweep < 50; sweep++) {
    const off = Math.abs(a[0]![1]!) + Math.abs(a[0]![2]!) + Math.abs(a[1]![2]!);
    if (off <= 1e-16 * scale) break;
    rotateJacobi(a, v, 0, 1);
    rotateJacobi(a, v, 0, 2);
    rotateJacobi(a, v, 1, 2);
  }
  return orderAxes([a[0]![0]!, a[1]![1]!, a[2]![2]!], v);
}

function rotateJacobi(a: number[][], v: number[][], p: number, q: number): void {
  const apq = a[p]![q]!;
  if (apq === 0) return;
  const theta = (a[q]![q]! - a[p]![p]!) / (2 * apq);
  // The smaller root keeps the rotation below 45°, so axes stay near where they were.
  const t = Math.sign(theta || 1) / (Math.abs(theta) + Math.sqrt(theta * theta + 1));
  const c = 1 / Math.sqrt(t * t + 1);
  const s = t * c;
  for (let k = 0; k < 3; k++) {
    const akp = a[k]![p]!;
    const akq = a[k]![q]!;
    a[k]![p] = c * akp - s * akq;
    a[k]![q] = s * akp + c * akq;
  }
  for (let k = 0; k < 3; k++) {
    const apk = a[p]![k]!;
    const aqk = a[q]![k]!;
    a[p]![k] = c * apk - s * aqk;
    a[q]![k] = s * apk + c * aqk;
    const vkp = v[k]![p]!;
    const vkq = v[k]![q]!;
    v[k]![p] = c * vkp - s * vkq;
    v[k]![q] = s * vkp + c * vkq;
  }
}

const PERMUTATIONS = [
  [0, 1, 2],
  [0, 2, 1],
  [1, 0, 2],
  [1, 2, 0],
  [2, 0, 1],
  [2, 1, 0],
] as const;

/** Eigenvectors are the columns of v; picks the order and signs nearest to the identity, right-handed. */
function orderAxes(moments: readonly number[], v: readonly number[][]): PrincipalInertia {
  const closeness = (order: readonly number[]) =>
    order.reduce((sum, column, axis) => sum + Math.abs(v[axis]![column]!), 0);
  let best: readonly number[] = PERMUTATIONS[0];
  for (const order of PERMUTATIONS) if (closeness(order) > closeness(best) + 1e-12) best = order;
  const columns = best.map((column, axis) => {
    const sign = v[axis]![column]! < 0 ? -1 : 1;
    return [sign * v[0]![column]!, sign * v[1]![column]!, sign * v[2]![column]!];
  });
  const [x, y, z] = columns as [number[], number[], number[]];
  const handed =
    x[0]! * (y[1]! * z[2]! - y[2]! * z[1]!) -
    x[1]! * (y[0]! * z[2]! - y[2]! * z[0]!) +
    x[2]! * (y[0]! * z[1]! - y[1]! * z[0]!);
  if (handed < 0) for (let k = 0; k < 3; k++) z[k] = -z[k]!;
  return {
    moments: [moments[best[0]!]!, moments[best[1]!]!, moments[best[2]!]!],
    bodyFromPrincipal: quatFromColumns(x, y, z),
  };
}

/** Shepperd's method (1978): divides by the largest component. */
function quatFromColumns(x: number[], y: number[], z: number[]): QuatXYZW {
  const [m00, m10, m20] = x as [number, number, number];
  const [m01, m11, m21] = y as [number, number, number];
  const [m02, m12, m22] = z as [number, number, number];
  const trace = m00 + m11 + m22;
  if (trace > Math.max(m00, m11, m22)) {
    const s = 2 * Math.sqrt(1 + trace);
    return [(m21 - m12) / s, (m02 - m20) / s, (m10 - m01) / s, s / 4];
  }
  if (m00 >= m11 && m00 >= m22) {
    const s = 2 * Math.sqrt(1 + m00 - m11 - m22);
    return [s / 4, (m01 + m10) / s, (m02 + m20) / s, (m21 - m12) / s];
  }
  if (m11 >= m22) {
    const s = 2 * Math.sqrt(1 + m11 - m00 - m22);
    return [(m01 + m10) / s, s / 4, (m12 + m21) / s, (m02 - m20) / s];
  }
  const s = 2 * Math.sqrt(1 + m22 - m00 - m11);
  return [(m02 + m20) / s, (m12 + m21) / s, s / 4, (m10 - m01) / s];
}

/** R · I · Rᵀ. [kg·m²] */
export function rotateInertia(inertia: InertiaTensor, q: QuatXYZW): InertiaTensor {
  const [xx, yy, zz, xy, xz, yz] = inertia;
  const m = [
    [xx, xy, xz],
    [xy, yy, yz],
    [xz, yz, zz],
  ];
  const r = matrixFromQuat(q);
  const at = (i: number, j: number) => {
    let sum = 0;
    for (let k = 0; k < 3; k++) {
      for (let l = 0; l < 3; l++) sum += r[i]![k]! * m[k]![l]! * r[j]![l]!;
    }
    return sum;
  };
  return [at(0, 0), at(1, 1), at(2, 2), at(0, 1), at(0, 2), at(1, 2)];
}

function matrixFromQuat([x, y, z, w]: QuatXYZW): number[][] {
  return [
    [1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)],
    [2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)],
    [2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)],
  ];
}

/** The tensor about a point `offset` away from the centre of mass (parallel-axis theorem). [kg·m²] */
export function shiftInertia(inertia: InertiaTensor, mass: number, offset: Vec3): InertiaTensor {
  const [x, y, z] = offset;
  return [
    inertia[0] + mass * (y * y + z * z),
    inertia[1] + mass * (x * x + z * z),
    inertia[2] + mass * (x * x + y * y),
    inertia[3] - mass * x * y,
    inertia[4] - mass * x * z,
    inertia[5] - mass * y * z,
  ];
}

/**
 * Why no rigid body can have this inertia, if so: a principal moment is not positive, or one is
 * larger than the sum of the others (triangle inequality). Published tensors are rounded, so an
 * excess of 0.1 % is let through.
 */
export function findInertiaFault(
  inertia: InertiaTensor,
): { readonly expected: string; readonly got: string } | undefined {
  const moments = [...computePrincipalInertia(inertia).moments].sort((p, q) => p - q);
  const [small, middle, large] = moments as [number, number, number];
  const got = `principal moments ${moments.map((m) => m.toPrecision(4)).join(', ')}`;
  if (!(small > 0)) return { expected: 'positive principal moments', got };
  if (large > (small + middle) * 1.001) {
    return {
      expected: 'each principal moment at most the sum of the other two (triangle inequality)',
      got,
    };
  }
  return undefined;
}
