import type { RandomizationConfig } from './config.ts';

/** The configuration with some numbers of the context fixed, by name, whatever is drawn; all others stay as they are. */
export function fixContext(
  config: RandomizationConfig,
  values: Readonly<Record<string, number>>,
): RandomizationConfig {
  return { ...config, fixed: { ...config.fixed, ...values } };
}

/** One point of a sweep. */
export interface SweepPoint {
  readonly values: Readonly<Record<string, number>>;
  readonly config: RandomizationConfig;
}

/**
 * Every combination of the given values, the last name the fastest; what is not named is drawn at every point as ever,
 * so that points differ in nothing else. A number that is correlated with a fixed one keeps the draw it had.
 */
export function sweepContext(
  config: RandomizationConfig,
  axes: Readonly<Record<string, readonly number[]>>,
): readonly SweepPoint[] {
  const combinations = Object.entries(axes).reduce<readonly Readonly<Record<string, number>>[]>(
    (points, [name, values]) =>
      points.flatMap((point) => values.map((value) => ({ ...point, [name]: value }))),
    [{}],
  );
  return combinations.map((values) => ({ values, config: fixContext(config, values) }));
}
