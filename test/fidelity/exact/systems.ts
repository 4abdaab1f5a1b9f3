import type { Rate } from './integrate.ts';

/** Euler's equations of a free rigid body in its principal axes. State: ω [rad/s]. */
export function makeFreeBody([a, b, c]: readonly [number, number, number]): Rate {
  return (rate, [x, y, z]) => {
    rate[0] = ((b - c) * y! * z!) / a;
    rate[1] = ((c - a) * z! * x!) / b;
    rate[2] = ((a - b) * x! * y!) / c;
  };
}

/** A rod hanging from a hinge or from the end of another rod. */
export interface Rod {
  /** [kg] */
  readonly mass: number;
  /** [m] from its upper hinge to the next one */
  readonly length: number;
  /** [m] from its upper hinge to its centre of mass */
  readonly centre: number;
  /** [kg·m²] about its centre of mass */
  readonly moment: number;
}

/**
 * Lagrange's equations of two rods that hang from one another in a plane. State: angles from the vertical [rad],
 * both absolute, and their rates.
 */
export function makeDoublePendulum(upper: Rod, lower: Rod, gravity: number): Rate {
  const a = upper.moment + upper.mass * upper.centre ** 2 + lower.mass * upper.length ** 2;
  const b = lower.moment + lower.mass * lower.centre ** 2;
  const coupling = lower.mass * upper.length * lower.centre;
  const weightA = (upper.mass * upper.centre + lower.mass * upper.length) * gravity;
  const weightB = lower.mass * lower.centre * gravity;
  return (rate, [p, q, u, v]) => {
    const cosine = coupling * Math.cos(p! - q!);
    const sine = coupling * Math.sin(p! - q!);
    const first = -sine * v! * v! - weightA * Math.sin(p!);
    const second = sine * u! * u! - weightB * Math.sin(q!);
    const determinant = a * b - cosine * cosine;
    rate[0] = u!;
    rate[1] = v!;
    rate[2] = (b * first - cosine * second) / determinant;
    rate[3] = (a * second - cosine * first) / determinant;
  };
}

/** Energy of the two rods, 0 where they hang still at the height of the upper hinge. [J] */
export function computeDoublePendulumEnergy(
  [upper, lower]: readonly [Rod, Rod],
  gravity: number,
  [p, q, u, v]: ArrayLike<number> & Iterable<number>,
): number {
  const [a, b, c, d] = [p!, q!, u!, v!];
  const kinetic =
    (upper.moment + upper.mass * upper.centre ** 2 + lower.mass * upper.length ** 2) * c * c +
    (lower.moment + lower.mass * lower.centre ** 2) * d * d +
    2 * lower.mass * upper.length * lower.centre * Math.cos(a - b) * c * d;
  const upperHeight = -upper.centre * Math.cos(a);
  const lowerHeight = -upper.length * Math.cos(a) - lower.centre * Math.cos(b);
  return kinetic / 2 + gravity * (upper.mass * upperHeight + lower.mass * lowerHeight);
}

/** A spinning wheel in two gimbal rings: outer ring turns about z, inner ring about y, wheel about the inner x. */
export interface Gyroscope {
  /** [kg·m²] outer ring about the vertical */
  readonly outer: number;
  /** [kg·m²] inner ring about its x, y, z */
  readonly inner: readonly [number, number, number];
  /** [kg·m²] wheel along its axle and across it, about its own centre of mass */
  readonly wheel: readonly [along: number, across: number];
  /** [kg] */
  readonly wheelMass: number;
  /** [m] of the wheel's centre from where the axes cross */
  readonly arm: number;
}

/**
 * Lagrange's equations of the gyroscope under gravity. State: yaw φ, pitch θ (positive: the axle points
 * down), spin ψ [rad], and their rates. The rings weigh nothing, or are balanced.
 *
 * The axle turns with φ′cosθ about z and so on: along the axle s = ψ′ − φ′ sin θ, across it θ′ and φ′ cos θ.
 */
export function makeGyroscope(gyroscope: Gyroscope, gravity: number): Rate {
  const { outer, inner, wheelMass, arm } = gyroscope;
  const [along, across] = gyroscope.wheel;
  const far = across + wheelMass * arm * arm;
  const pitchMoment = inner[1] + far;
  return (rate, state) => {
    const [, pitch, , yawRate, pitchRate, spinRate] = state as unknown as number[];
    const sine = Math.sin(pitch!);
    const cosine = Math.cos(pitch!);
    const spin = spinRate! - yawRate! * sine;
    // T = ½ M(θ) φ′² + ½ pitchMoment θ′² + ½ along s², M = outer + inner_x sin²θ + (inner_z + far) cos²θ.
    const m = outer + inner[0] * sine * sine + (inner[2] + far) * cosine * cosine;
    const slope = 2 * (inner[0] - inner[2] - far) * sine * cosine;
    // s is conserved: along · s is the momentum of the free coordinate ψ, so M φ″ = −M′θ′φ′ + along s θ′ cosθ.
    const yaw = (-slope * pitchRate! * yawRate! + along * spin * pitchRate! * cosine) / m;
    // Positive pitch about y lowers the x axis: height −arm sin θ.
    const weight = wheelMass * gravity * arm * cosine;
    rate[0] = yawRate!;
    rate[1] = pitchRate!;
    rate[2] = spinRate!;
    rate[3] = yaw;
    rate[4] =
      ((slope / 2) * yawRate! * yawRate! - along * spin * yawRate! * cosine + weight) / pitchMoment;
    rate[5] = yaw * sine + yawRate! * pitchRate! * cosine;
  };
}

/** Energy of the gyroscope, 0 at rest with a level axle. [J] */
export function computeGyroscopeEnergy(
  { outer, inner, wheel, wheelMass, arm }: Gyroscope,
  gravity: number,
  state: ArrayLike<number>,
): number {
  const sine = Math.sin(state[1]!);
  const cosine = Math.cos(state[1]!);
  const far = wheel[1] + wheelMass * arm * arm;
  const m = outer + inner[0] * sine * sine + (inner[2] + far) * cosine * cosine;
  const spin = state[5]! - state[3]! * sine;
  const kinetic = m * state[3]! ** 2 + (inner[1] + far) * state[4]! ** 2 + wheel[0] * spin ** 2;
  return kinetic / 2 - wheelMass * gravity * arm * sine;
}
