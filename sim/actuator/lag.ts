/**
 * Share of the way to its goal that a first-order lag covers in `dt`, 1 − e^(−dt/τ): exact for a goal
 * that is constant over the step. [-]
 */
export function computeLagShare(dt: number, timeConstantS: number): number {
  return -Math.expm1(-dt / timeConstantS);
}

/**
 * Mean over a step of a lagging value that went from `before` to `after` on its way to a constant `goal`, so that
 * what it pushes gets the exact impulse whatever the timestep.
 * @param lagInSteps [-] time constant over timestep
 */
export function computeLagMean(
  before: number,
  after: number,
  goal: number,
  lagInSteps: number,
): number {
  return goal + (before - after) * lagInSteps;
}
