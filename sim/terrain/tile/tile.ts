import type { Ramp } from '../ground-config.ts';

/** The shape of one piece of ground around its middle. */
export interface TileShape {
  /** [m] at x, y from the middle */
  computeHeight(x: number, y: number): number;
  /** [m] of the flat rim around it; NaN where there is no rim, because the ground has no level edge */
  readonly rimHeight: number;
}

export interface TileSpace {
  /** [m] from the middle to the rim, x and y */
  readonly reach: readonly [x: number, y: number];
  /** [-] @range 0, 1 */
  readonly difficulty: number;
}

/** [m] what division leaves of lengths that are meant to be equal */
export const EDGE = 1e-9;

/** What a number is at a difficulty. */
export function resolveRamp(ramp: Ramp, difficulty: number): number {
  if (typeof ramp === 'number') return ramp;
  return ramp[0] + (ramp[1] - ramp[0]) * difficulty;
}

/** A pyramid on ground that is not square meets its longer edges at many heights, so it has no rim. [m] */
export function chooseRimHeight({ reach }: TileSpace, atSquareRim: number): number {
  return Math.abs(reach[0] - reach[1]) < EDGE ? atSquareRim : Number.NaN;
}

/** [m] from the middle, as squares around it are counted */
export function computeRing(x: number, y: number): number {
  return Math.max(Math.abs(x), Math.abs(y));
}
