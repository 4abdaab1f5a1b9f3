import type { SimEnv } from '../env.ts';
import type { EpisodeSummary } from '../env-result.ts';
import { computeMaxSteps } from '../env-score.ts';
import { FrameRows } from './frame-rows.ts';
import { PoseTrack } from './pose-track.ts';
import { type EpisodeRecord, listFrameCriticNames } from './record.ts';

/** [1] frames that a buffer has room for at first, if the task has as many; it doubles for a longer episode */
const FIRST_CAPACITY = 2048;

/** One array of the record of every robot: rows of `width` numbers, one row per frame. */
class Column {
  readonly #source: Float32Array;
  /** [1] numbers of a robot in the source */
  readonly #stride: number;
  /** [width] which of them are recorded */
  readonly #picked: Int32Array;
  readonly #width: number;
  readonly #rows: FrameRows;

  /**
   * @param source [numRobots, stride] where the numbers of a frame are to be found
   * @param picked which of them to record; default: all
   */
  constructor(numRobots: number, source: Float32Array, capacity: number, picked?: Int32Array) {
    this.#source = source;
    this.#stride = source.length / numRobots;
    this.#picked = picked ?? Int32Array.from({ length: this.#stride }, (_, k) => k);
    const width = this.#picked.length;
    this.#width = width;
    this.#rows = new FrameRows(numRobots, width, capacity);
  }

  /** Copies the robot's row of the source to a frame. */
  record(robot: number, frame: number): void {
    const width = this.#width;
    const source = this.#source;
    const picked = this.#picked;
    const rows = this.#rows.open(robot, frame);
    const from = robot * this.#stride;
    const to = frame * width;
    for (let k = 0; k < width; k++) rows[to + k] = source[from + picked[k]!]!;
  }

  /** The first frames; borrowed until the robot's next episode. */
  view(robot: number, numFrames: number): Float32Array {
    return this.#rows.view(robot, numFrames);
  }
}

/** Keeps what every robot of an environment sees, does and earns in the episode that it is in. */
export class EpisodeRecorder {
  /** [numRobots] frames of the present episode that are complete */
  readonly #numFrames: Int32Array;
  readonly #observation: Column;
  readonly #critic: Column;
  readonly #criticConstants: Column;
  readonly #achievedGoal: Column;
  readonly #desiredGoal: Column;
  readonly #action: Column;
  readonly #reward: Column;
  readonly #rewardTerms: Column;
  readonly #costTerms: Column;
  /** Whoever runs episodes in bulk lets the policy decide alone; zeros say so. */
  #controller: Uint8Array;

  /** Absent where nobody wants to see the robots. */
  readonly #poses: PoseTrack | undefined;

  /** @param raw [numRobots, numActions] where the actions of a step are to be found */
  constructor(env: SimEnv, raw: Float32Array, options: { readonly recordsPoses: boolean }) {
    const { task, numEnvs, result, layout, world } = env;
    const capacity = Math.min(computeMaxSteps(task) + 1, FIRST_CAPACITY);
    const make = (source: Float32Array) => new Column(numEnvs, source, capacity);
    const { criticNames, constantCriticNames } = layout;
    const pick = (names: readonly string[]) =>
      Int32Array.from(names, (name) => criticNames.indexOf(name));
    const { critic } = result;
    this.#numFrames = new Int32Array(numEnvs);
    this.#observation = make(result.observation);
    this.#critic = new Column(numEnvs, critic, capacity, pick(listFrameCriticNames(layout)));
    this.#criticConstants = new Column(numEnvs, critic, 1, pick(constantCriticNames));
    this.#achievedGoal = make(result.achievedGoal);
    this.#desiredGoal = make(result.desiredGoal);
    this.#action = make(raw);
    this.#reward = make(result.reward);
    this.#rewardTerms = make(result.rewardTerms);
    this.#costTerms = make(result.costTerms);
    this.#controller = new Uint8Array(capacity);
    if (options.recordsPoses) this.#poses = new PoseTrack(world.truth, numEnvs, capacity);
  }

  /** After the robot's episode was started: forgets the one before, takes what is seen first. */
  begin(robot: number): void {
    this.#numFrames[robot] = 0;
    this.#criticConstants.record(robot, 0);
    this.#recordSeen(robot, 0);
  }

  /** Before the step. */
  recordAction(robot: number): void {
    this.#action.record(robot, this.#numFrames[robot]!);
  }

  /** After the step: its reward, and what is seen now. */
  recordOutcome(robot: number): void {
    const frame = this.#numFrames[robot]!;
    this.#reward.record(robot, frame);
    this.#rewardTerms.record(robot, frame);
    this.#costTerms.record(robot, frame);
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
      observation: this.#observation.view(robot, numFrames + 1),
      critic: this.#critic.view(robot, numFrames + 1),
      criticConstants: this.#criticConstants.view(robot, 1),
      action: this.#action.view(robot, numFrames),
      reward: this.#reward.view(robot, numFrames),
      rewardTerms: this.#rewardTerms.view(robot, numFrames),
      costTerms: this.#costTerms.view(robot, numFrames),
      achievedGoal: this.#achievedGoal.view(robot, numFrames + 1),
      desiredGoal: this.#desiredGoal.view(robot, numFrames + 1),
      controller: this.#controller.subarray(0, numFrames),
      pose: this.#poses?.view(robot, numFrames + 1) ?? NO_POSES,
    };
  }

  #recordSeen(robot: number, frame: number): void {
    this.#observation.record(robot, frame);
    this.#critic.record(robot, frame);
    this.#achievedGoal.record(robot, frame);
    this.#desiredGoal.record(robot, frame);
    this.#poses?.record(robot, frame);
  }
}

const NO_POSES = new Float32Array(0);
