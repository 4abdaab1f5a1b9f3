import { readWallClockS } from '../policies/runtime/clock.ts';
import type { ControlInputs } from '../policies/runtime/controller.ts';
import type { RosNode } from './ros/port.ts';

/** Carries stamps from the node's clock to that of the policy's loop, and back. */
export interface PolicyTime {
  /** [s] of the loop, from [s] of the node's clock */
  toLoop(stampS: number): number;
  /** [ns] of the node's clock, from [s] of the loop; undefined for what was made before the node's clock went back */
  fromLoop(timeS: number): bigint | undefined;
}

/** The same inputs for messages that are stamped by the node's clock. */
export function shiftInputs(inputs: ControlInputs, time: PolicyTime): ControlInputs {
  return {
    writeState: (robot, state, row, stampS) =>
      inputs.writeState(robot, state, row, time.toLoop(stampS)),
    writeReference: (robot, reference, row, stampS) =>
      inputs.writeReference(robot, reference, row, time.toLoop(stampS)),
    writeScan: (robot, sensor, range, row, stampS) =>
      inputs.writeScan(robot, sensor, range, row, time.toLoop(stampS)),
    reset: (robot) => inputs.reset(robot),
  };
}

/** For a loop on readWallClockS(), which never steps; the machine's clock, which stamps, may be set while it runs. */
export function makeWallTime(node: Pick<RosNode, 'nowNs'>): PolicyTime {
  return {
    toLoop: (stampS) => readWallClockS() - (Number(node.nowNs()) / 1e9 - stampS),
    fromLoop: (timeS) => node.nowNs() - toNanoseconds(readWallClockS() - timeS),
  };
}

/**
 * For a loop on simulated time, which only grows: where /clock goes back, as after a simulator's restart, the loop's time
 * goes on from where it was. Of stamps before the first /clock the first one is 0 to the loop.
 */
export class SimTime implements PolicyTime {
  /** [ns] of /clock, and [s] of the loop at the same instant; undefined before the first */
  #anchor: { readonly clockNs: bigint; readonly loopS: number } | undefined;
  /** [s] of the loop: what was made before is of a time that is over */
  #sinceS = Number.NEGATIVE_INFINITY;

  /** @param clockNs [ns] of /clock @param loopS [s] what it is to the loop, from now on */
  begin(clockNs: bigint, loopS: number): void {
    this.#anchor = { clockNs, loopS };
    this.#sinceS = loopS;
  }

  /** [s] of the loop, exact to the nanosecond however long ago the clock began. */
  readClock(clockNs: bigint): number {
    this.#anchor ??= { clockNs, loopS: 0 };
    return this.#anchor.loopS + Number(clockNs - this.#anchor.clockNs) / 1e9;
  }

  toLoop(stampS: number): number {
    return this.readClock(toNanoseconds(stampS));
  }

  fromLoop(timeS: number): bigint | undefined {
    if (this.#anchor === undefined || timeS < this.#sinceS - ROUNDING_S) return undefined;
    return this.#anchor.clockNs + toNanoseconds(timeS - this.#anchor.loopS);
  }
}

/** [s] what a time loses on its way there and back */
const ROUNDING_S = 1e-9;

function toNanoseconds(seconds: number): bigint {
  return BigInt(Math.round(seconds * 1e9));
}
