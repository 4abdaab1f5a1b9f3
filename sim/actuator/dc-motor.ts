import { clamp } from '../math/vec3.ts';

/** A DC motor at nominal voltage. */
export interface DcMotor {
  /** [N·m] or [N] at standstill */
  readonly stallEffort: number;
  /** [rad/s] or [m/s] */
  readonly noLoadSpeed: number;
  /** [N·m] or [N] what its driver's current limit allows */
  readonly maxEffort: number;
}

/**
 * What a DC motor can give of a wanted effort in all four quadrants: within its current limit `maxEffort`, and
 * between the lines of full voltage forwards, stall · (u − ω/ω₀), and backwards, stall · (−u − ω/ω₀), where u is
 * the voltage as a share of nominal. Braking is the strong direction; driven beyond ω₀ it can only brake. From the motor's two equations
 * τ = k·i and V = R·i + k·ω (Hughes and Drury, Electric Motors and Drives, ch. 3), with stall = k·V/R and ω₀ = V/k.
 * @param speed [rad/s] or [m/s] of the motor
 * @param voltage [-] share of the nominal voltage
 */
export function computeDcMotorEffort(
  wanted: number,
  speed: number,
  motor: DcMotor,
  voltage: number,
): number {
  const { stallEffort, maxEffort } = motor;
  const backEmf = speed / motor.noLoadSpeed;
  const highest = clamp(stallEffort * (voltage - backEmf), -maxEffort, maxEffort);
  const lowest = clamp(stallEffort * (-voltage - backEmf), -maxEffort, maxEffort);
  return clamp(wanted, lowest, highest);
}

/**
 * Power that a DC motor takes from its supply: what it does, τ·ω, and what its winding heats, i²R = τ²·ω₀/stall.
 * Negative where it gives back. [W]
 */
export function computeDcMotorPower(effort: number, speed: number, motor: DcMotor): number {
  return effort * speed + (effort * effort * motor.noLoadSpeed) / motor.stallEffort;
}
