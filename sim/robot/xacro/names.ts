import type { Value } from './value.ts';

/** Where the names of an expression are looked up. */
export interface Names {
  /** @throws ExpressionError for a name that means nothing */
  lookUp(name: string): Value;
  /** Counts work, 1 unless given; @throws ExpressionError when there has been too much of it */
  spend(amount?: number): void;
}

/** An expression that has been read, to be computed as often as wanted. */
export type Node = (names: Names) => Value;
