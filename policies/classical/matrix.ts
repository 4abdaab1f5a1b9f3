/** Small dense matrices for gain design at set-up: row-major arrays of rows. Not for control loops. */
export type Matrix = readonly (readonly number[])[];

export function multiply(a: Matrix, b: Matrix): number[][] {
  if (a[0]?.length !== b.length) {
    throw new RangeError(
      `multiply: [${a.length}, ${a[0]?.length}] by [${b.length}, ${b[0]?.length}]`,
    );
  }
  return a.map((row) =>
    b[0]!.map((_, j) => row.reduce((sum, value, k) => sum + value * b[k]![j]!, 0)),
  );
}

export function transpose(a: Matrix): number[][] {
  return a[0]!.map((_, j) => a.map((row) => row[j]!));
}

/** a + factor · b */
export function add(a: Matrix, b: Matrix, factor = 1): number[][] {
  return a.map((row, i) => row.map((value, j) => value + factor * b[i]![j]!));
}

export function makeIdentity(size: number): number[][] {
  return Array.from({ length: size }, (_, i) =>
    Array.from({ length: size }, (_, j) => (i === j ? 1 : 0)),
  );
}

/**
 * X with a · X = b, by Gaussian elimination with partial pivoting.
 * @throws RangeError if `a` is not square or is singular to working precision
 */
export function solve(a: Matrix, b: Matrix): number[][] {
  const n = a.length;
  if (a.some((row) => row.length !== n) || b.length !== n) {
    throw new RangeError(`solve: needs a square matrix and as many rows, got ${n} and ${b.length}`);
  }
  const rows = a.map((row, i) => [...row, ...b[i]!]);
  const scale = Math.max(...a.flat().map(Math.abs));
  for (let k = 0; k < n; k++) {
    let pivot = k;
    for (let i = k + 1; i < n; i++) {
      if (Math.abs(rows[i]![k]!) > Math.abs(rows[pivot]![k]!)) pivot = i;
    }
    if (!(Math.abs(rows[pivot]![k]!) > 1e-14 * scale)) {
      throw new RangeError(`solve: the matrix is singular at column ${k}`);
    }
    [rows[k], rows[pivot]] = [rows[pivot]!, rows[k]!];
    for (let i = 0; i < n; i++) {
      if (i === k) continue;
      const factor = rows[i]![k]! / rows[k]![k]!;
      for (let j = k; j < rows[i]!.length; j++) rows[i]![j]! -= factor * rows[k]![j]!;
    }
  }
  return rows.map((row, k) => row.slice(n).map((value) => value / row[k]!));
}
