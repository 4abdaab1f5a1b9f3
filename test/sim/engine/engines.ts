import type { EngineName } from '../../../sim/engine/engine.ts';

/** How far each engine may be off in the experiments that both must pass, at 2 ms. */
export interface EngineTolerances {
  readonly engine: EngineName;
  /** [s] what the engine's first-order integrator really steps by */
  readonly substepS: number;
  /** [s] the same where nothing is constrained; 0 for a method that makes no error in a free fall */
  readonly freeStepS: number;
  /** [-] relative, what is left of a sum of a few hundred steps */
  readonly rounding: number;
  /** [deg] by which the angular momentum of a body tumbling at 20 rad/s turns in 1 s */
  readonly momentumTurnDeg: number;
  /** [-] and by which its size changes */
  readonly momentumLoss: number;
  /** [-] share of its energy that a pendulum swinging ±1.5 rad gains or loses in 10 s */
  readonly energy: number;
  /** [m] by which a light box sinks into the ground; a joint is let past its limit five times as far */
  readonly softness: number;
  /** [m] or [rad/s] between copies of one motion on different tiles */
  readonly tile: number;
  /** [rad/s] that a contact before a write may still change in the step after it */
  readonly warmStart: number;
  /** Of a drive, against the implicit equations at the engine's own substep. */
  readonly drive: {
    /** [rad], [rad/s] ten times as much */
    readonly response: number;
    /** [-] of kp · 1 rad */
    readonly effort: number;
  };
  /** [rad] by which a limit gives way to 10 rad/s² at the default settings */
  readonly limitGive: number;
  /** [rad] off its line, of a joint that mimics another; as a share of speed, too */
  readonly mimicError: number;
  /** [m/s] of a sled on a slope that it should not slide down */
  readonly creep: number;
  /** [m/s] after a second of sliding */
  readonly slide: number;
  /** [-] of the height that a ball fell from */
  readonly bounce: number;
  /** [m/s] of what an object takes along */
  readonly pushing: number;
  /** [-] of a body's weight, in its contact forces */
  readonly weight: number;
  /** Whether contact forces hold friction, or normal forces alone. */
  readonly tellsFriction: boolean;
  /** [m] between a ray and exact geometry */
  readonly ray: number;
  /** [m] between a box and a mesh of its corners after a fall and a blow */
  readonly mesh: number;
}

export const ENGINES: readonly EngineTolerances[] = [
  {
    engine: 'rapier',
    // Four solver iterations are four substeps.
    substepS: 0.0005,
    freeStepS: 0.0005,
    // 24-bit numbers, 6e-8 each.
    rounding: 1e-4,
    // Measured 0.28° and 0.6 %, falling with the substep.
    momentumTurnDeg: 0.3,
    momentumLoss: 0.01,
    // Measured −3.0 %: the joint is an impulse between free bodies.
    energy: 0.04,
    // Measured 0.01 mm: contacts are springs, a limit gives way by as much.
    softness: 2e-4,
    // All copies lie in one place inside.
    tile: 0,
    // Measured 6e-5: contacts of shapes that touch before and after keep their warm starts.
    warmStart: 1e-4,
    // Measured 1.1e-5 and 0.0036: efforts are means over a step, which is four of its substeps.
    drive: { response: 5e-5, effort: 5e-3 },
    // Measured 2.5e-6.
    limitGive: 1e-4,
    // Measured 4.6e-4 of the speed, where the second of two wheels carries four fifths of the inertia.
    mimicError: 1e-3,
    // Measured 9e-8 and 1.9e-4.
    creep: 1e-6,
    slide: 5e-4,
    // Measured 0.021 at a restitution of 1.
    bounce: 0.03,
    // Measured 6e-6 and 4e-6.
    pushing: 1e-4,
    weight: 1e-4,
    // Its interface tells friction along axes that it keeps to itself.
    tellsFriction: false,
    // Measured 1.4e-4 on a tilted cylinder: 24-bit numbers, and a search for the surface.
    ray: 3e-4,
    // Measured 1.3e-7.
    mesh: 1e-5,
  },
  {
    engine: 'mujoco',
    substepS: 0.002,
    freeStepS: 0,
    // 53-bit numbers.
    rounding: 1e-10,
    // Measured 0.0042° and less than 1e-6: Runge–Kutta's method.
    momentumTurnDeg: 0.01,
    momentumLoss: 1e-5,
    // Measured 9e-7.
    energy: 1e-5,
    // Measured 0.004 mm and 0.36 mm: springs with a time constant of two steps and, at limits, of 20 ms.
    softness: 2e-4,
    // Each copy has an origin of its own.
    tile: 0,
    warmStart: 0,
    // Measured 4e-15: a drive is part of the problem that the solver solves.
    drive: { response: 1e-9, effort: 1e-9 },
    // Measured 0.37 mrad.
    limitGive: 1e-3,
    // Measured 1.2e-7 under 3 N·m.
    mimicError: 1e-6,
    // Measured 0.011 mm/s.
    creep: 1e-4,
    // Measured 0.0015, on the box that a scene stands on.
    slide: 5e-3,
    // Measured 0.004 at a restitution of 1: contacts that bounce are a thousandth softer than rigid.
    bounce: 5e-3,
    pushing: 0.01,
    weight: 0.01,
    tellsFriction: true,
    ray: 1e-4,
    mesh: 1e-3,
  },
];
