/** One number that a critic sees: what it is, and how it was made of what is true. */
export interface CriticColumn {
  /** As in the environment's layout: `linearVelocityB.x`, `context.massScale` */
  readonly name: string;
  /** Of what is true, before scale. */
  readonly unit: string;
  /** [-] what it is multiplied by; absent: 1 */
  readonly scale?: number | undefined;
  /** Of what an episode draws: the number is (value − middle) / half. Absent: it is not drawn. */
  readonly drawn?: DrawnScale | undefined;
}

/** What makes about ± 1 of the values of something drawn. */
export interface DrawnScale {
  /** Whether its logarithm is what is spread evenly, and scaled. */
  readonly isLogarithmic: boolean;
  /** Of its values, or their logarithms: the middle, and half the width; of a normal two standard deviations. */
  readonly middle: number;
  readonly half: number;
}

/** What the columns of draws are called: this, and what is drawn. */
export const CONTEXT_PREFIX = 'context.';
