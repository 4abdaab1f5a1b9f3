/**
 * Spatial vectors (Featherstone, Rigid Body Dynamics Algorithms, 2008, chapter 2): motions [turning, sliding] and
 * forces [moment, force], six numbers each; inertias are symmetric 6 × 6 matrices, packed row by row up to the
 * diagonal.
 */
export const PACKED = 21;

/** Power of a force on a motion. */
export function computePower(a: Float64Array, i: number, b: Float64Array, j: number): number {
  return (
    a[i]! * b[j]! +
    a[i + 1]! * b[j + 1]! +
    a[i + 2]! * b[j + 2]! +
    a[i + 3]! * b[j + 3]! +
    a[i + 4]! * b[j + 4]! +
    a[i + 5]! * b[j + 5]!
  );
}

/** out = inertia · motion */
export function writeMomentum(
  out: Float64Array,
  o: number,
  m: Float64Array,
  k: number,
  v: Float64Array,
  i: number,
): void {
  const a = v[i]!;
  const b = v[i + 1]!;
  const c = v[i + 2]!;
  const d = v[i + 3]!;
  const e = v[i + 4]!;
  const f = v[i + 5]!;
  const m6 = m[k + 6]!;
  const m7 = m[k + 7]!;
  const m8 = m[k + 8]!;
  const m10 = m[k + 10]!;
  const m11 = m[k + 11]!;
  const m12 = m[k + 12]!;
  const m13 = m[k + 13]!;
  const m15 = m[k + 15]!;
  const m16 = m[k + 16]!;
  const m17 = m[k + 17]!;
  const m18 = m[k + 18]!;
  const m19 = m[k + 19]!;
  out[o] = m[k]! * a + m[k + 1]! * b + m[k + 3]! * c + m6 * d + m10 * e + m15 * f;
  out[o + 1] = m[k + 1]! * a + m[k + 2]! * b + m[k + 4]! * c + m7 * d + m11 * e + m16 * f;
  out[o + 2] = m[k + 3]! * a + m[k + 4]! * b + m[k + 5]! * c + m8 * d + m12 * e + m17 * f;
  out[o + 3] = m6 * a + m7 * b + m8 * c + m[k + 9]! * d + m13 * e + m18 * f;
  out[o + 4] = m10 * a + m11 * b + m12 * c + m13 * d + m[k + 14]! * e + m19 * f;
  out[o + 5] = m15 * a + m16 * b + m17 * c + m18 * d + m19 * e + m[k + 20]! * f;
}

/** Adds a point of some mass, c from the origin. */
export function addPoint(
  out: Float64Array,
  k: number,
  mass: number,
  cx: number,
  cy: number,
  cz: number,
): void {
  out[k]! += mass * (cy * cy + cz * cz);
  out[k + 1]! -= mass * cx * cy;
  out[k + 2]! += mass * (cx * cx + cz * cz);
  out[k + 3]! -= mass * cx * cz;
  out[k + 4]! -= mass * cy * cz;
  out[k + 5]! += mass * (cx * cx + cy * cy);
  out[k + 7]! += mass * cz;
  out[k + 8]! -= mass * cy;
  out[k + 9]! += mass;
  out[k + 10]! -= mass * cz;
  out[k + 12]! += mass * cx;
  out[k + 14]! += mass;
  out[k + 15]! += mass * cy;
  out[k + 16]! -= mass * cx;
  out[k + 20]! += mass;
}

/** to += from − push · pushᵀ · inverse: what is left of an inertia that can give way along one motion. */
export function addYielding(
  inertia: Float64Array,
  to: number,
  from: number,
  push: Float64Array,
  p: number,
  inverse: number,
): void {
  for (let i = 0, k = 0; i < 6; i++) {
    const scaled = inverse * push[p + i]!;
    for (let j = 0; j <= i; j++, k++) {
      inertia[to + k]! += inertia[from + k]! - scaled * push[p + j]!;
    }
  }
}

const L = new Float64Array(PACKED);

/** Solves inertia · out + momentum = 0, the first of each, by Cholesky's decomposition. */
export function writeRest(out: Float64Array, inertia: Float64Array, momentum: Float64Array): void {
  for (let i = 0; i < 6; i++) {
    const row = (i * (i + 1)) / 2;
    let value = -momentum[i]!;
    for (let j = 0; j <= i; j++) {
      const column = (j * (j + 1)) / 2;
      let sum = inertia[row + j]!;
      for (let k = 0; k < j; k++) sum -= L[row + k]! * L[column + k]!;
      if (j < i) {
        L[row + j] = sum / L[column + j]!;
        value -= L[row + j]! * out[j]!;
      } else L[row + i] = Math.sqrt(sum);
    }
    out[i] = value / L[row + i]!;
  }
  for (let i = 5; i >= 0; i--) {
    let value = out[i]!;
    for (let j = i + 1; j < 6; j++) value -= L[(j * (j + 1)) / 2 + i]! * out[j]!;
    out[i] = value / L[(i * (i + 1)) / 2 + i]!;
  }
}
