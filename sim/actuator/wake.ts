/** [kg/m³] of air at sea level, International Standard Atmosphere */
export const AIR_DENSITY = 1.225;

/**
 * Diameters of a round jet over which its core keeps its speed, and from where on that falls with distance: between the
 * 5.8 of Hussein, Capp and George (J. Fluid Mech. 258, 1994) and the 6.06 of Panchapakesan and Lumley (J. Fluid
 * Mech. 246, 1993), Pope, Turbulent Flows, section 5.1. [-]
 */
const JET_CORE = 6;

/**
 * Speed of the air through the disc of a hovering rotor, √(T / 2ρA): momentum theory (Leishman, Principles of
 * Helicopter Aerodynamics, section 2.2). [m/s]
 * @param thrust [N] a rotor that pushes nothing makes no wake
 * @param radius [m]
 */
export function computeInducedSpeed(thrust: number, radius: number): number {
  return Math.sqrt(Math.max(0, thrust) / (2 * AIR_DENSITY * Math.PI * radius * radius));
}

/**
 * Speed of a hovering rotor's wake, averaged over the disc of a rotor below it. [m/s]
 *
 * Near the rotor the wake of an ideal disc: from the induced speed v to 2v within a few radii,
 * v·(1 + z/√(R² + z²)), narrowing as it speeds up (Leishman, section 2.2). Further down a round turbulent jet, as
 * was measured below quadrotors (Bauersfeld et al., Robotics meets Fluid Dynamics, IEEE RA-L, 2024): the core keeps its
 * speed for six diameters, then loses it with distance and widens so that the momentum flux stays that of the
 * thrust. Across, a Gaussian. The wake is straight, arrives at once, and swirls not.
 * @param inducedSpeed [m/s] of the rotor above
 * @param radius [m] of the rotor above
 * @param below [m] @range > 0 along the wake
 * @param beside [m] from the wake's axis to the hub of the rotor below
 * @param otherRadius [m] of the rotor below
 */
export function computeWakeSpeed(
  inducedSpeed: number,
  radius: number,
  below: number,
  beside: number,
  otherRadius: number,
): number {
  const contraction = 1 + below / Math.sqrt(radius * radius + below * below);
  const core = JET_CORE * Math.SQRT2 * radius;
  const decay = below > core ? core / below : 1;
  // The stream tube of the disc, π R² v = π r² (contraction · v), widened as the jet slows down.
  const variance = (radius * radius) / (contraction * decay * decay);
  // A disc has the second moment of a Gaussian of variance R²/4 in each direction.
  const blurred = variance + (otherRadius * otherRadius) / 4;
  const centre = (inducedSpeed * contraction * decay * variance) / blurred;
  return centre * Math.exp((-beside * beside) / (2 * blurred));
}

/**
 * How many times its free thrust a rotor has at the same speed near the ground: 1 + c·(R / 4h)². With c = 1 the first
 * term of Cheeseman and Bennett's 1 / (1 − (R/4h)²) (The effect of the ground on a helicopter rotor in forward
 * flight, ARC R&M 3021, 1955); larger c is measured where several rotors share the cushion (Sanchez-Cuevas,
 * Heredia and Ollero, Int. J. Aerospace Engineering 1823056, 2017). Their source in the mirror diverges at the
 * ground, so below half a radius the factor stays what it is there. [-]
 * @param height [m] of the hub above the ground; Infinity where there is none
 */
export function computeGroundFactor(coefficient: number, radius: number, height: number): number {
  const ratio = radius / (4 * Math.max(height, radius / 2));
  return 1 + coefficient * ratio * ratio;
}
