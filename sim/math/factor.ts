/** A factor of something that a robot has several of: one for all, or one for each. [-] */
export type Factor = number | ArrayLike<number>;

export function getFactor(factor: Factor, index: number): number {
  return typeof factor === 'number' ? factor : factor[index]!;
}
