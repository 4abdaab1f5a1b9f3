import { add, type Matrix, makeIdentity, multiply, solve, transpose } from './matrix.ts';

/** ẋ = a·x + b·u, or x⁺ = a·x + b·u after {@link discretize}. */
export interface LinearSystem {
  readonly a: Matrix;
  readonly b: Matrix;
}

/**
 * The same system sampled with the input held: exp([a b; 0 0]·dt) by its Taylor series on dt/2ⁿ
 * and n squarings (C. Van Loan, "Computing integrals involving the matrix exponential", 1978).
 * @param dt [s]
 */
export function discretize(system: LinearSystem, dt: number): LinearSystem {
  const n = system.a.length;
  const m = system.b[0]!.length;
  const squarings = 10;
  const step = dt / 2 ** squarings;
  const block = Array.from({ length: n + m }, (_, i) =>
    Array.from({ length: n + m }, (_, j) =>
      i >= n ? 0 : step * (j < n ? system.a[i]![j]! : system.b[i]![j - n]!),
    ),
  );
  let term: number[][] = makeIdentity(n + m);
  let sum: number[][] = makeIdentity(n + m);
  for (let k = 1; k <= 8; k++) {
    term = multiply(term, block).map((row) => row.map((value) => value / k));
    sum = add(sum, term);
  }
  for (let k = 0; k < squarings; k++) sum = multiply(sum, sum);
  return {
    a: sum.slice(0, n).map((row) => row.slice(0, n)),
    b: sum.slice(0, n).map((row) => row.slice(n)),
  };
}

export interface LqrSolution {
  /** u = −gain · x */
  readonly gain: number[][];
  /** The Riccati equation's solution: cost to go = xᵀ·cost·x. */
  readonly cost: number[][];
}

/**
 * Infinite-horizon discrete linear-quadratic regulator: P = Q + Aᵀ P (A − B K) with
 * K = (R + Bᵀ P B)⁻¹ Bᵀ P A, iterated from P = Q until it stands (dynamic programming; D. P. Bertsekas,
 * "Dynamic Programming and Optimal Control", 4.1).
 * @throws RangeError if it does not settle: the system cannot be stabilised
 */
export function solveLqr(system: LinearSystem, q: Matrix, r: Matrix): LqrSolution {
  const { a, b } = system;
  const aT = transpose(a);
  const bT = transpose(b);
  let cost = q.map((row) => [...row]);
  for (let i = 0; i < 100_000; i++) {
    const bTp = multiply(bT, cost);
    const gain = solve(add(r, multiply(bTp, b)), multiply(bTp, a));
    const next = add(q, multiply(multiply(aT, cost), add(a, multiply(b, gain), -1)));
    const change = Math.max(...add(next, cost, -1).flat().map(Math.abs));
    const size = Math.max(...next.flat().map(Math.abs));
    cost = next;
    if (!Number.isFinite(size)) break;
    if (change <= 1e-13 * size) return { gain, cost };
  }
  throw new RangeError('solveLqr: no steady solution; can the input move every unstable state?');
}
