/** How far it is to the goal from anywhere in a field, around what stands there. */
export interface Ways {
  /** [1] cells along each side of a square in the middle of the field */
  readonly side: number;
  /** [m] */
  readonly cellSize: number;
  /** [side, side] m from the middle of cell (i, j), i along x; longer where there is little room */
  readonly left: Float32Array;
}

/**
 * Between the middles of cells it is bilinear; beyond the outermost it is theirs. @param x, y [m] @returns [m]
 */
export function computeWayLeft({ side, cellSize, left }: Ways, x: number, y: number): number {
  const [u, v] = [toCells(x, side, cellSize), toCells(y, side, cellSize)];
  const [i, j] = [Math.min(side - 2, Math.floor(u)), Math.min(side - 2, Math.floor(v))];
  const [alongX, alongY] = [u - i, v - j];
  const at = i * side + j;
  const here = left[at]! + (left[at + 1]! - left[at]!) * alongY;
  const next = left[at + side]! + (left[at + side + 1]! - left[at + side]!) * alongY;
  return here + (next - here) * alongX;
}

/** From the middle of the first cell, in cells. */
function toCells(value: number, side: number, cellSize: number): number {
  return Math.min(side - 1, Math.max(0, value / cellSize + (side - 1) / 2));
}
