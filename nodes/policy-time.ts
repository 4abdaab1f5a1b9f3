import type { ControlInputs } from '../policies/runtime/controller.ts';

/**
 * Simulated time as the policy has it. The policy's time only grows; where /clock goes back, as after a
 * simulator's restart, it goes on from where it was, and stamps are carried over by the difference.
 */
export class PolicyTime {
  /** [s] the policy's time minus that of /clock */
  #offsetS = 0;
  /** [s] of the policy: what was made before is of a time that is over */
  #sinceS = Number.NEGATIVE_INFINITY;

  /** @param nowS [s] of /clock @param nextS [s] of the policy's next tick */
  goBack(nowS: number, nextS: number): void {
    this.#offsetS = nextS - nowS;
    this.#sinceS = nextS;
  }

  /** [s] of the policy, from that of /clock */
  toControl(timeS: number): number {
    return timeS + this.#offsetS;
  }

  /** [s] of /clock, from that of the policy; undefined for one before /clock went back */
  fromControl(timeS: number): number | undefined {
    return timeS < this.#sinceS - ROUNDING_S ? undefined : timeS - this.#offsetS;
  }

  /** The same inputs for messages that are stamped by /clock. */
  shift(inputs: ControlInputs): ControlInputs {
    return {
      writeState: (robot, state, row, stampS) =>
        inputs.writeState(robot, state, row, this.toControl(stampS)),
      writeReference: (robot, reference, row, stampS) =>
        inputs.writeReference(robot, reference, row, this.toControl(stampS)),
      writeScan: (robot, sensor, range, row, stampS) =>
        inputs.writeScan(robot, sensor, range, row, this.toControl(stampS)),
      reset: (robot) => inputs.reset(robot),
    };
  }
}

/** [s] what a time loses on its way there and back */
const ROUNDING_S = 1e-9;
