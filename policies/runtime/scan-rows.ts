import type { RobotModel } from '../../sim/robot/model.ts';
import { countRays, listLidars } from '../../sim/task/lidar-sectors.ts';
import { makeScanBatch, type ScanBatch } from '../../sim/task/robot-view.ts';
import type { MailboxReader, MailboxWriter } from './mailbox.ts';

/*
 * How the scans of a robot lie in a mailbox: one row for all its lidars, lidar by lidar in the order of robot.yaml: stamp,
 * number of resets, ranges. Written and read here alone.
 */

const STAMP = 0;
const RESETS = 1;
const HEADER = 2;

/** [1] @range ≥ 1, for a robot without a lidar too */
export function computeScanRowWidth(model: RobotModel): number {
  return Math.max(1, ...listParts(model).map(({ end }) => end));
}

interface Part {
  readonly name: string;
  readonly offset: number;
  readonly end: number;
  readonly numRays: number;
  /** [s] */
  readonly maxAgeS: number;
}

function listParts(model: RobotModel): readonly Part[] {
  let offset = 0;
  return listLidars(model).map((lidar) => {
    const numRays = countRays(lidar);
    const start = offset;
    offset += HEADER + numRays;
    // Two scans may be lost and the third be on its way: after that nobody knows what is there now.
    const maxAgeS = 3 / lidar.rateHz + lidar.latencyS;
    return { name: lidar.name, offset: start, end: offset, numRays, maxAgeS };
  });
}

/** The writing end of one robot's scans. */
export class ScanOutbox {
  readonly #mailbox: MailboxWriter;
  readonly #parts: readonly Part[];
  /** What has been written last of every lidar: a mailbox's row is nobody's before it is filled. */
  readonly #row: Float64Array;

  constructor(model: RobotModel, mailbox: MailboxWriter) {
    this.#mailbox = mailbox;
    this.#parts = listParts(model);
    this.#row = new Float64Array(computeScanRowWidth(model)).fill(Number.NaN);
  }

  /**
   * @param range [n, numRays] m @param stampS [s] when row `row` of it was measured
   * @throws RangeError for a lidar that the robot does not have
   */
  write(sensor: string, range: Float64Array, row: number, stampS: number, numResets: number): void {
    const part = this.#parts.find(({ name }) => name === sensor);
    if (part === undefined) throw new RangeError(`ScanOutbox: the robot has no lidar '${sensor}'`);
    const { offset, numRays } = part;
    this.#row[offset + STAMP] = stampS;
    this.#row[offset + RESETS] = numResets;
    for (let r = 0; r < numRays; r++) {
      this.#row[offset + HEADER + r] = range[row * numRays + r]!;
    }
    this.#mailbox.view().set(this.#row);
    this.#mailbox.publish();
  }
}

/** The reading end of all robots' scans, for a policy that looks at some of the lidars. */
export class ScanInbox {
  readonly scans: ScanBatch;
  readonly #mailboxes: readonly MailboxReader[];
  readonly #parts: readonly Part[];
  /** [numRobots, numParts] s */
  readonly #stampS: Float64Array;
  /** [numRobots, numParts] */
  readonly #numResets: Float64Array;

  /** @param sensors lidars that the policy observes */
  constructor(
    model: RobotModel,
    mailboxes: readonly MailboxReader[],
    sensors: ReadonlySet<string>,
  ) {
    this.scans = makeScanBatch(model, mailboxes.length);
    this.#mailboxes = mailboxes;
    this.#parts = listParts(model).filter(({ name }) => sensors.has(name));
    const rows = mailboxes.length * this.#parts.length;
    this.#stampS = new Float64Array(rows).fill(Number.NaN);
    this.#numResets = new Float64Array(rows).fill(Number.NaN);
  }

  /** Takes the newest scans of one robot. */
  receive(robot: number): void {
    if (this.#parts.length === 0) return;
    const mailbox = this.#mailboxes[robot]!;
    if (!mailbox.receive()) return;
    const row = mailbox.view();
    for (let p = 0; p < this.#parts.length; p++) {
      const { name, offset, numRays } = this.#parts[p]!;
      const ranges = this.scans.get(name)!;
      this.#stampS[robot * this.#parts.length + p] = row[offset + STAMP]!;
      this.#numResets[robot * this.#parts.length + p] = row[offset + RESETS]!;
      for (let r = 0; r < numRays; r++) ranges[robot * numRays + r] = row[offset + HEADER + r]!;
    }
  }

  /**
   * Whether every lidar that the policy looks at has been heard since the robot's reset, and not too long ago: three
   * of its periods and its latency.
   * Numbers come in arrays: a call that is not inlined would put each of them on the heap, in every tick.
   * @param nowS [1] s in the time of the stamps
   * @param numResets [numRobots] of each robot so far
   */
  isFresh(robot: number, nowS: Float64Array, numResets: Float64Array): boolean {
    for (let p = 0; p < this.#parts.length; p++) {
      const k = robot * this.#parts.length + p;
      if (this.#numResets[k] !== numResets[robot]) return false;
      if (!(Math.abs(nowS[0]! - this.#stampS[k]!) <= this.#parts[p]!.maxAgeS)) return false;
    }
    return true;
  }
}
