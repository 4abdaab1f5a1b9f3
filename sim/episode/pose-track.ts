import type { StateBatch } from '../robot/state.ts';
import { FrameRows } from './frame-rows.ts';

/** [1] numbers of a base: position, orientation */
const BASE_WIDTH = 7;

/** [1] numbers of a frame: where the base is and how it is turned, x, y, z, w, then the angle of every joint */
export function computePoseWidth(numJoints: number): number {
  return BASE_WIDTH + numJoints;
}

/** Where every robot truly was in every frame of its episode, for whoever wants to see it. */
export class PoseTrack {
  readonly #truth: StateBatch;
  readonly #width: number;
  readonly #rows: FrameRows;

  /** @param capacity frames that there is room for at first */
  constructor(truth: StateBatch, numRobots: number, capacity: number) {
    this.#truth = truth;
    this.#width = computePoseWidth(truth.numJoints);
    this.#rows = new FrameRows(numRobots, this.#width, capacity);
  }

  record(robot: number, frame: number): void {
    const { position, orientation, jointPosition, numJoints } = this.#truth;
    const rows = this.#rows.open(robot, frame);
    const at = frame * this.#width;
    for (let k = 0; k < 3; k++) rows[at + k] = position[3 * robot + k]!;
    for (let k = 0; k < 4; k++) rows[at + 3 + k] = orientation[4 * robot + k]!;
    for (let k = 0; k < numJoints; k++) {
      rows[at + BASE_WIDTH + k] = jointPosition[numJoints * robot + k]!;
    }
  }

  /** The first frames; borrowed until the robot's next episode. */
  view(robot: number, numFrames: number): Float32Array {
    return this.#rows.view(robot, numFrames);
  }
}
