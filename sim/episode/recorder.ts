import type { SimEnv } from '../env.ts';
import type { EpisodeSummary } from '../env-result.ts';
import type { EpisodeRecord } from './record.ts';

/** [1] frames that a buffer has room for at first; it doubles when an episode is longer */
const FIRST_CAPACITY = 512;

const SEEN = ['observation', 'critic', 'achievedGoal', 'desiredGoal'] as const;
const EARNED = ['reward', 'rewardTerms', 'costTerms'] as const;

/** One array of the record of every robot: rows of `width` numbers, one row per frame. */
class Column {
  readonly #width: number;
  /** [numRobots] of [capacity, width] */
  readonly #rows: Float32Array[];

  constructor(numRobots: number, width: number) {
    this.#width = width;
    this.#rows = Array.from({ length: numRobots }, () => new Float32Array(FIRST_CAPACITY * width));
  }

  /** Copies row `robot` of source [numRobots, width] to a frame. */
  write(robot: number, frame: number, source: Float32Array): void {
    const width = this.#width;
    const rows = this.#viewRows(robot, frame);
    const from = robot * width;
    const to = frame * width;
    for (let k = 0; k < width; k++) rows[to + k] = source[from + k]!;
  }

  /** The first frames; borrowed until the robot's next episode. */
  view(robot: number, numFrames: number): Float32Array {
    return this.#rows[robot]!.subarray(0, numFrames * this.#width);
  }

  #viewRows(robot: number, frame: number): Float32Array {
    const rows = this.#rows[robot]!;
    if ((frame + 1) * this.#width <= rows.length) return rows;
    const longer = new Float32Array(2 * rows.length);
    longer.set(rows);
    this.#rows[robot] = longer;
    return longer;
  }
}

/** Keeps what every robot of an environment sees, does and earns in the episode that it is in. */
export class EpisodeRecorder {
  readonly #env: SimEnv;
  /** [numRobots] frames of the present episode that are complete */
  readonly #numFrames: Int32Array;
  /** What is seen, before the first step and after every step. */
  readonly #seen: Readonly<Record<(typeof SEEN)[number], Column>>;
  /** What a step has earned. */
  readonly #earned: Readonly<Record<(typeof EARNED)[number], Column>>;
  readonly #action: Column;
  /** Whoever runs episodes in bulk lets the policy decide alone; zeros say so. */
  #controller = new Uint8Array(FIRST_CAPACITY);

  constructor(env: SimEnv) {
    const { numEnvs, numActions, result } = env;
    const make = (width: number) => new Column(numEnvs, width);
    const makeFor = (name: (typeof SEEN | typeof EARNED)[number]) =>
      make(result[name].length / numEnvs);
    this.#env = env;
    this.#numFrames = new Int32Array(numEnvs);
    this.#action = make(numActions);
    this.#seen = {
      observation: makeFor('observation'),
      critic: makeFor('critic'),
      achievedGoal: makeFor('achievedGoal'),
      desiredGoal: makeFor('desiredGoal'),
    };
    this.#earned = {
      reward: makeFor('reward'),
      rewardTerms: makeFor('rewardTerms'),
      costTerms: makeFor('costTerms'),
    };
  }

  /** After the robot's episode was started: forgets the one before, takes what is seen first. */
  begin(robot: number): void {
    this.#numFrames[robot] = 0;
    this.#recordSeen(robot, 0);
  }

  /** Before the step. @param raw [numRobots, numActions] */
  recordAction(robot: number, raw: Float32Array): void {
    this.#action.write(robot, this.#numFrames[robot]!, raw);
  }

  /** After the step: its reward, and what is seen now. */
  recordOutcome(robot: number): void {
    const frame = this.#numFrames[robot]!;
    for (const name of EARNED) this.#earned[name].write(robot, frame, this.#env.result[name]);
    this.#numFrames[robot] = frame + 1;
    this.#recordSeen(robot, frame + 1);
  }

  /** What was recorded; borrowed until the robot's next episode begins. */
  viewRecord(robot: number, index: number, summary: EpisodeSummary): EpisodeRecord {
    const numFrames = this.#numFrames[robot]!;
    if (this.#controller.length < numFrames) this.#controller = new Uint8Array(2 * numFrames);
    return {
      index,
      summary,
      numFrames,
      observation: this.#seen.observation.view(robot, numFrames + 1),
      critic: this.#seen.critic.view(robot, numFrames + 1),
      action: this.#action.view(robot, numFrames),
      reward: this.#earned.reward.view(robot, numFrames),
      rewardTerms: this.#earned.rewardTerms.view(robot, numFrames),
      costTerms: this.#earned.costTerms.view(robot, numFrames),
      achievedGoal: this.#seen.achievedGoal.view(robot, numFrames + 1),
      desiredGoal: this.#seen.desiredGoal.view(robot, numFrames + 1),
      controller: this.#controller.subarray(0, numFrames),
    };
  }

  #recordSeen(robot: number, frame: number): void {
    for (const name of SEEN) this.#seen[name].write(robot, frame, this.#env.result[name]);
  }
}
