import type { JointStates } from '../kinematics.ts';
import type { DriveAim, DriveTargets } from './drive-aim.ts';
import type { JointSite } from './motors.ts';

/**
 * What servos did in a step. Rapier keeps the impulses of its motors to itself, but a servo's effort follows
 * from the position and velocity at the end of each substep, and those of the substeps between two readings lie
 * on a line between them to first order.
 */
export class DriveEfforts {
  readonly #sites: readonly JointSite[];
  readonly #aim: DriveAim;
  readonly #position: Float64Array;
  readonly #velocity: Float64Array;
  /** [numRobots × numJoints] N·m or N, mean over the step. Part of snapshots. */
  readonly mean: Float64Array;

  constructor(sites: readonly JointSite[], aim: DriveAim) {
    this.#sites = sites;
    this.#aim = aim;
    const numCoordinates = aim.maxEffort.length;
    this.#position = new Float64Array(numCoordinates);
    this.#velocity = new Float64Array(numCoordinates);
    this.mean = new Float64Array(numCoordinates);
  }

  begin(): void {
    this.mean.fill(0);
  }

  /** Before some substeps. */
  note(states: JointStates): void {
    this.#position.set(states.position);
    this.#velocity.set(states.velocity);
  }

  /** After them. @param share of the step that they were @param substeps how many they were */
  add(states: JointStates, targets: DriveTargets, share: number, substeps: number): void {
    for (let s = 0; s < this.#sites.length; s++) {
      const { index, connection } = this.#sites[s]!;
      if (this.#aim.maxEffort[index] === 0) continue;
      const position = this.#position[index]!;
      const velocity = this.#velocity[index]!;
      let sum = 0;
      for (let k = 1; k <= substeps; k++) {
        const at = k / substeps;
        sum += this.#aim.computeEffort(
          connection.joint,
          index,
          position + at * (states.position[index]! - position),
          velocity + at * (states.velocity[index]! - velocity),
          targets,
        );
      }
      this.mean[index]! += (sum * share) / substeps;
    }
  }
}
