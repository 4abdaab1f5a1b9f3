import type { ShardReceipt } from '../../sim/dataset/shard-writer.ts';
import { DatasetDigest } from '../../sim/episode/digest.ts';
import { addOutcomes, NO_OUTCOMES, type Outcomes } from '../../sim/episode/outcomes.ts';
import type { Shard } from '../../sim/episode/plan.ts';
import type { ShardTimes } from '../../sim/episode/run-shard.ts';
import { asFailure, type Crew, type CrewMember, startCrew } from './crew.ts';
import type { EpisodesJob, SimulatedShard } from './job.ts';
import { Schedule } from './schedule.ts';

/** Where finished shards go. */
export interface EpisodesStore {
  /** Of shards 0 … n − 1, in order, which were there before and are not simulated again. */
  readonly receipts: readonly ShardReceipt[];
  /** Of those, the ones that are made again before anything else. */
  readonly damaged: readonly { readonly receipt: ShardReceipt }[];
  /** Takes a damaged shard as it was. */
  repair(receipt: ShardReceipt): void;
  /** Makes a shard part of the dataset; called in the order of the shards, one call at a time. */
  commit(receipt: ShardReceipt): void | Promise<void>;
}

export interface RunOptions {
  readonly job: EpisodesJob;
  readonly shards: readonly Shard[];
  readonly numWorkers: number;
  readonly store: EpisodesStore | undefined;
}

/** [s] where the time of all threads together went */
export interface RunTimes extends ShardTimes {
  readonly writeS: number;
  /** What is left: making worlds, waiting for one another, giving up. */
  readonly otherS: number;
}

export interface RunResult {
  /** Of all episodes that are done, those of earlier runs too. */
  readonly outcomes: Outcomes;
  /** Over the digests of the same episodes. */
  readonly digest: string;
  readonly isComplete: boolean;
  /** [1] episodes that ended in shards that are not complete; whoever resumes has them, where there is a store */
  readonly numUnderWay: number;
  readonly numWorkers: number;
  /** [1] control steps that this run simulated, in shards that were given up too */
  readonly steps: number;
  /** [s] since the first thread was ready */
  readonly wallS: number;
  readonly times: RunTimes;
  /** What ended the run before its end, if not `stop`. */
  readonly error: unknown;
}

export interface RunProgress {
  /** Ended, in earlier runs too; with a store all of them are on disk. */
  readonly episodes: number;
  readonly successes: number;
  /** [1] control steps of this run */
  readonly steps: number;
  /** [s] since the first thread was ready */
  readonly wallS: number;
}

/** A run in progress: threads take shards in order, and what they finish becomes part of the dataset in order. */
export class EpisodesRun {
  readonly #options: RunOptions;
  readonly #crew: Crew;
  readonly #schedule: Schedule;
  /** Done before this run, and whole. */
  readonly #before: Outcomes;
  /** Shards that are to be made again. */
  readonly #damaged: ShardReceipt[];
  readonly #digest = new DatasetDigest();
  #outcomes = NO_OUTCOMES;
  #numCommitted = 0;
  /** Finished shards that wait for earlier ones. */
  readonly #finished = new Map<number, FinishedShard>();
  /** One commit after the other. */
  #committing: Promise<void> = Promise.resolve();
  readonly #times = { actS: 0, simulateS: 0, recordS: 0, writeS: 0 };
  #startMs: number | undefined;
  #error: unknown;
  #isStopping = false;

  constructor(options: RunOptions) {
    const { job, shards, numWorkers, store } = options;
    this.#options = options;
    for (const { digests, outcomes } of store?.receipts ?? []) this.#count({ digests, outcomes });
    this.#schedule = new Schedule(shards, this.#numCommitted, this.#outcomes.steps);
    this.#damaged = (store?.damaged ?? []).map(({ receipt }) => receipt);
    this.#before = (store?.receipts ?? [])
      .filter(({ shard }) => !this.#damaged.some((one) => one.shard === shard))
      .map(({ outcomes }) => outcomes)
      .reduce(addOutcomes, NO_OUTCOMES);
    const numToDo = Math.max(shards.length - this.#numCommitted, this.#damaged.length);
    this.#crew = startCrew(job, Math.min(numWorkers, numToDo));
  }

  /** Runs to the end, which `stop` and errors bring about early; the result says so. Throws nothing. */
  async finish(): Promise<RunResult> {
    const { members } = this.#crew;
    await Promise.all(members.map((member) => this.#repair(member)));
    await Promise.all(members.map((member) => this.#work(member)));
    await Promise.all(members.map((member) => member.end()));
    const wallS = this.#readWallS();
    const { actS, simulateS, recordS, writeS } = this.#times;
    const otherS = members.length * wallS - actS - simulateS - recordS - writeS;
    return {
      outcomes: this.#outcomes,
      digest: this.#digest.compute(),
      isComplete: this.#isComplete(),
      numUnderWay: Math.max(0, this.readProgress().episodes - this.#outcomes.episodes),
      numWorkers: members.length,
      steps: this.#crew.sumProgress()[0],
      wallS,
      times: { ...this.#times, otherS: Math.max(0, otherS) },
      error: this.#error,
    };
  }

  /** Gives up the shards that are being simulated, writes those that are complete, and ends. */
  stop(): void {
    this.#isStopping = true;
    this.#crew.raiseStop();
  }

  readProgress(): RunProgress {
    const [steps, episodes, successes] = this.#crew.sumProgress();
    return {
      steps,
      episodes: this.#before.episodes + episodes,
      successes: this.#before.successes + successes,
      wallS: this.#readWallS(),
    };
  }

  /** Makes damaged shards again until there are none, or somebody stops. */
  async #repair(member: CrewMember): Promise<void> {
    try {
      await member.ready;
      this.#startMs ??= performance.now();
      while (!this.#isStopping) {
        const receipt = this.#damaged.shift();
        if (receipt === undefined) break;
        const { shard: index, firstEpisode, numEpisodes, firstFrame } = receipt;
        const simulated = await member.simulate({ index, firstEpisode, numEpisodes });
        if (simulated === undefined) break;
        this.#addTimes(simulated.times);
        const { written, closed } = member.close(index, firstFrame);
        this.#times.writeS += await written;
        this.#options.store!.repair(await closed);
      }
    } catch (error) {
      this.#error ??= this.#startMs === undefined ? error : asFailure(error);
      this.stop();
    }
  }

  /** Takes shards until there are none, or somebody stops. */
  async #work(member: CrewMember): Promise<void> {
    /** The shard before, while it cannot be numbered: with the one that is simulated, two are in memory. */
    let held: Promise<void> = Promise.resolve();
    try {
      for (;;) {
        const shard = this.#isStopping ? undefined : this.#schedule.take();
        const simulated = shard && (await this.#simulate(member, shard));
        if (simulated === undefined) break;
        const isNext = this.#schedule.isNext(simulated.shard);
        let onAsked = () => {};
        const asked = new Promise<void>((resolve) => {
          onAsked = resolve;
        });
        const finished = this.#finishShard(member, simulated, onAsked);
        // It is awaited below, after others perhaps.
        finished.catch(() => {});
        await held;
        held = finished;
        // What a thread is to write comes before what it is to simulate next, which would need memory beside it.
        if (isNext) await Promise.race([asked, finished]);
      }
      await held;
    } catch (error) {
      this.#error ??= this.#startMs === undefined ? error : asFailure(error);
      this.stop();
    }
  }

  async #simulate(member: CrewMember, shard: Shard): Promise<SimulatedShard | undefined> {
    let simulated: SimulatedShard | undefined;
    try {
      simulated = await member.simulate(shard);
    } finally {
      if (simulated === undefined) this.#schedule.giveUp(shard.index);
    }
    return simulated;
  }

  /** Has a shard written, once it is known where it begins, and makes it count. */
  async #finishShard(
    member: CrewMember,
    simulated: SimulatedShard,
    onAsked: () => void,
  ): Promise<void> {
    const { shard, numFrames } = simulated;
    this.#addTimes(simulated.times);
    const firstFrame = await this.#schedule.number(shard, numFrames);
    if (firstFrame === undefined) return;
    if (this.#options.store === undefined) {
      await this.#commit(shard, simulated);
      return;
    }
    const { written, closed } = member.close(shard, firstFrame);
    onAsked();
    this.#times.writeS += await written;
    await this.#commit(shard, { ...simulated, receipt: await closed });
  }

  #addTimes({ actS, simulateS, recordS }: ShardTimes): void {
    this.#times.actS += actS;
    this.#times.simulateS += simulateS;
    this.#times.recordS += recordS;
  }

  #commit(shard: number, finished: FinishedShard): Promise<void> {
    this.#finished.set(shard, finished);
    this.#committing = this.#committing.then(() => this.#commitInOrder());
    return this.#committing;
  }

  async #commitInOrder(): Promise<void> {
    for (;;) {
      const next = this.#finished.get(this.#numCommitted);
      if (next === undefined) return;
      if (next.receipt !== undefined) await this.#options.store?.commit(next.receipt);
      this.#finished.delete(this.#numCommitted);
      this.#count(next);
    }
  }

  #isComplete(): boolean {
    const { shards, store } = this.#options;
    return this.#numCommitted === shards.length && (store?.damaged ?? []).length === 0;
  }

  #count({ digests, outcomes }: Pick<FinishedShard, 'digests' | 'outcomes'>): void {
    this.#digest.add(digests);
    this.#outcomes = addOutcomes(this.#outcomes, outcomes);
    this.#numCommitted++;
  }

  #readWallS(): number {
    return this.#startMs === undefined ? 0 : (performance.now() - this.#startMs) / 1000;
  }
}

/** A shard with all there is to be known of it. */
interface FinishedShard {
  readonly digests: readonly string[];
  readonly outcomes: Outcomes;
  /** Undefined where nothing is written. */
  readonly receipt?: ShardReceipt;
}
