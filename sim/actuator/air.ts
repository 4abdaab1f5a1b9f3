import { writeInverseRotated, writeRotated } from '../math/quat.ts';
import type { RotorWake } from '../robot/actuator-model.ts';
import type { RotorGeometry } from '../robot/quadrotor.ts';
import type { StateBatch } from '../robot/state.ts';
import { computeGroundFactor, computeInducedSpeed, computeWakeSpeed } from './wake.ts';

/** What rotors with a wake have to know of the world. */
export interface Surroundings {
  /**
   * [m] [@frame odom] of the ground, or the top of what stands there, under a point of one robot's odom frame;
   * −Infinity where there is none
   */
  computeGroundHeight(robot: number, x: number, y: number, z: number): number;
  /** Given where the robots fly in one another's air; absent: each has the world to itself. */
  readonly sharedAir?:
    | {
        /** [numRobots, 3] m [@frame map] where each robot's odom frame lies */
        readonly mapFromOdom: Float64Array;
      }
    | undefined;
}

/** [-] Rotors less than this share of a radius below a disc stand beside it. */
const COPLANAR = 0.01;

/** The air around the rotors of N copies of a robot: the ground beneath it and the wakes that cross it. */
export class Air {
  readonly #rotors: readonly (RotorGeometry & { readonly wake: RotorWake | undefined })[];
  readonly #centreOfMass: readonly number[];
  readonly #numRobots: number;
  readonly #surroundings: Surroundings;
  /** [numRobots, numRotors, 3] m of the hub [@frame map where air is shared, else odom] */
  readonly #hub: Float64Array;
  /** [numRobots, numRotors, 3] unit vectors along which thrust acts, same frame */
  readonly #axis: Float64Array;
  /** [numRobots, numRotors] m/s */
  readonly #inducedSpeed: Float64Array;
  readonly #sum = new Float64Array(3);

  constructor(
    rotors: readonly RotorGeometry[],
    centreOfMass: readonly number[],
    numRobots: number,
    surroundings: Surroundings,
  ) {
    this.#rotors = rotors.map((rotor) => ({ ...rotor, wake: rotor.actuator.wake }));
    this.#centreOfMass = centreOfMass;
    this.#numRobots = numRobots;
    this.#surroundings = surroundings;
    this.#hub = new Float64Array(numRobots * rotors.length * 3);
    this.#axis = new Float64Array(numRobots * rotors.length * 3);
    this.#inducedSpeed = new Float64Array(numRobots * rotors.length);
  }

  /** Puts one robot's rotors where its state says. */
  place(robot: number, state: StateBatch): void {
    const shift = this.#surroundings.sharedAir?.mapFromOdom;
    for (let i = 0; i < this.#rotors.length; i++) {
      const { arm, axis } = this.#rotors[i]!;
      const at = 3 * (robot * this.#rotors.length + i);
      for (let k = 0; k < 3; k++) this.#sum[k] = this.#centreOfMass[k]! + arm[k]!;
      writeRotated(this.#hub, at, state.orientation, 4 * robot, this.#sum, 0);
      writeRotated(this.#axis, at, state.orientation, 4 * robot, axis, 0);
      for (let k = 0; k < 3; k++) {
        this.#hub[at + k]! += state.position[3 * robot + k]! + (shift?.[3 * robot + k] ?? 0);
      }
    }
  }

  /** @param thrust [N] that the rotor makes in free air */
  setThrust(robot: number, rotor: number, thrust: number): void {
    const radius = this.#rotors[rotor]!.wake?.radius;
    if (radius === undefined) return;
    this.#inducedSpeed[robot * this.#rotors.length + rotor] = computeInducedSpeed(thrust, radius);
  }

  /** Factor of a rotor's thrust near the ground; fades as the rotor tilts and is 1 upside down. [-] */
  computeGroundFactor(robot: number, rotor: number): number {
    const wake = this.#rotors[rotor]!.wake;
    if (wake === undefined || wake.groundCoefficient === 0) return 1;
    const at = 3 * (robot * this.#rotors.length + rotor);
    const shift = this.#surroundings.sharedAir?.mapFromOdom;
    const x = this.#hub[at]! - (shift?.[3 * robot] ?? 0);
    const y = this.#hub[at + 1]! - (shift?.[3 * robot + 1] ?? 0);
    const z = this.#hub[at + 2]! - (shift?.[3 * robot + 2] ?? 0);
    const height = z - this.#surroundings.computeGroundHeight(robot, x, y, z);
    const upright = Math.max(0, this.#axis[at + 2]!);
    return 1 + upright * (computeGroundFactor(wake.groundCoefficient, wake.radius, height) - 1);
  }

  /**
   * Writes the speed of the air at a rotor that all other rotors' wakes make, as seen from base_link. Wakes that
   * mix keep their momentum rather than their speeds: squares add up (Reichardt's hypothesis; Knystautas, The
   * turbulent jet from a series of holes in line, Aeronautical Quarterly 15, 1964).
   */
  writeDownwash(out: Float64Array, robot: number, rotor: number, state: StateBatch): void {
    const { sharedAir } = this.#surroundings;
    this.#sum.fill(0);
    let squares = 0;
    const first = sharedAir === undefined ? robot : 0;
    const end = sharedAir === undefined ? robot + 1 : this.#numRobots;
    for (let other = first; other < end; other++) {
      for (let i = 0; i < this.#rotors.length; i++) {
        if (other === robot && i === rotor) continue;
        const speed = this.#addWake(other, i, robot, rotor);
        squares += speed * speed;
      }
    }
    const length = Math.hypot(this.#sum[0]!, this.#sum[1]!, this.#sum[2]!);
    const scale = length === 0 ? 0 : Math.sqrt(squares) / length;
    for (let k = 0; k < 3; k++) this.#sum[k]! *= scale;
    writeInverseRotated(out, 0, state.orientation, 4 * robot, this.#sum, 0);
  }

  /** Adds what one rotor blows at another to the sum, and returns its speed. */
  #addWake(from: number, fromRotor: number, to: number, toRotor: number): number {
    const wake = this.#rotors[fromRotor]!.wake;
    if (wake === undefined || wake.downwashCoefficient === 0) return 0;
    const source = from * this.#rotors.length + fromRotor;
    const target = to * this.#rotors.length + toRotor;
    let below = 0;
    let squared = 0;
    for (let k = 0; k < 3; k++) {
      const apart = this.#hub[3 * target + k]! - this.#hub[3 * source + k]!;
      below -= this.#axis[3 * source + k]! * apart;
      squared += apart * apart;
    }
    if (below < COPLANAR * wake.radius) return 0;
    const beside = Math.sqrt(Math.max(0, squared - below * below));
    const otherRadius = this.#rotors[toRotor]!.wake?.radius ?? 0;
    const induced = this.#inducedSpeed[source]!;
    const speed =
      wake.downwashCoefficient * computeWakeSpeed(induced, wake.radius, below, beside, otherRadius);
    for (let k = 0; k < 3; k++) this.#sum[k]! -= speed * this.#axis[3 * source + k]!;
    return speed;
  }
}
