import { availableParallelism } from 'node:os';
import { ADVERSARY_WIDTH, hasAdversary } from '../disturbance/adversary.ts';
import { type EnvArrays, viewEnvRows } from '../env-arrays.ts';
import { NonFiniteError } from '../env-guard.ts';
import type { EnvLayout } from '../env-layout.ts';
import type { SimEnvOptions } from '../env-options.ts';
import { type EnvPlan, planEnv } from '../env-plan.ts';
import { type EpisodeSummary, makeStepResult, type StepResult } from '../env-result.ts';
import type { EpisodeId } from '../episode/plan.ts';
import type { RobotModel } from '../robot/model.ts';
import type { PolicyMirror } from '../task/mirror.ts';
import type { TaskDefinition } from '../task/task.ts';
import { type Crew, makeLocalCrew, makeWorkerCrew, WorkerDeath } from './crew.ts';
import { makeVecMemory, STARTS, type StartArrays } from './memory.ts';
import { ORDERS, type Order } from './orders.ts';
import { computeBatchRobots, planVecShards, type VecShard } from './plan.ts';
import type { ShardNews } from './shard-host.ts';

export type VecEnvOptions = SimEnvOptions & {
  /**
   * Threads that simulate; 0: the thread that asks. More than there are shards are not started. Default: one a core; 0
   * for a single shard, which is simulated sooner where it is asked for.
   */
  readonly numWorkers?: number | undefined;
  /** Parts of the environments that can be stepped one by one; default 1. */
  readonly numGroups?: number | undefined;
  /** Environments that are stepped together by one thread; default {@link computeBatchRobots}. */
  readonly shardRobots?: number | undefined;
  /** Shards that there are at least, by default: as many as that takes are smaller. Default 1. */
  readonly minShards?: number | undefined;
  /** Module that a worker starts with, to serve tasks of your own: worker-entry.js shows how. */
  readonly workerEntry?: URL | undefined;
};

/** Which episodes start. */
export interface VecReset {
  /**
   * Of the run; or one per environment, which then runs as environment 0 of its own seed. Absent: each environment
   * goes on to its next episode.
   */
  readonly seed?: number | readonly number[] | undefined;
  /** [numEnvs] 1 where an episode is to start; absent: everywhere */
  readonly mask?: Uint8Array | undefined;
  /**
   * [numEnvs] [-] what a curriculum goes on from in each environment, with a seed; absent, or NaN: from its beginning.
   * `arrays.difficulty` is where it is.
   */
  readonly difficulty?: Float64Array | undefined;
}

/**
 * Environments of one task over worker threads, cut into shards. The robots of a shard share a world where none
 * could leave a trace in another, else each has its own (sim/README.md, Same bits again). All arrays lie in memory that the threads share, one
 * row per environment: write {@link action}, `step`, read {@link arrays}. What SimEnv says of episodes, autoreset and
 * randomness holds here too: same seed, same bits, whatever the number of workers.
 *
 * To act on one half while the other is simulated: two groups, and `beginStep(0)`, act on 1, `endStep(0)`,
 * `beginStep(1)`, act on 0, and so on.
 */
export class VecEnv {
  readonly task: TaskDefinition;
  readonly model: RobotModel;
  readonly layout: EnvLayout;
  readonly mirror: PolicyMirror | undefined;
  readonly numEnvs: number;
  readonly numActions: number;
  readonly numGroups: number;
  /** Threads that were started. */
  readonly numWorkers: number;
  /** [s] */
  readonly controlPeriodS: number;
  /** What steps and resets write. While an environment's group is being stepped, its rows are not to be read. */
  readonly arrays: EnvArrays;
  /** [numEnvs, numActions] raw output of the policy, to be written before a step */
  readonly action: Float32Array;
  /**
   * [numEnvs, 6] what an adversary chooses, to be written before a step: a force, then a torque, each as a share of its
   * bound [-] [@frame base_link]. Empty where the randomisation leaves it no force.
   */
  readonly adversary: Float32Array;
  readonly #starts: StartArrays;
  readonly #shards: readonly VecShard[];
  readonly #crew: Crew;
  readonly #groups: readonly Group[];
  /** The whole of the environments as one group. */
  readonly #all: Group;
  /** Index of the first environment in the run. */
  readonly #firstEnv: number;
  /** Indices of the shards that are carrying out an order. */
  readonly #busy = new Set<number>();
  /** [numEnvs] 1 where an episode has been started */
  readonly #isStarted: Uint8Array;
  #isReset = false;
  #failure: unknown;
  #isClosed = false;

  constructor(plan: EnvPlan, parts: VecParts) {
    const { shards, memory, crew } = parts;
    this.task = plan.task;
    this.model = plan.model;
    this.layout = plan.layout;
    this.mirror = plan.mirror;
    this.numEnvs = memory.arrays.reward.length;
    this.numActions = plan.layout.actionNames.length;
    this.numGroups = parts.numGroups;
    this.numWorkers = parts.numWorkers;
    this.controlPeriodS = 1 / plan.task.controlRateHz;
    this.arrays = memory.arrays;
    this.action = memory.action;
    this.adversary = memory.adversary;
    this.#starts = memory.starts;
    this.#firstEnv = plan.config.firstEnv;
    this.#isStarted = new Uint8Array(this.numEnvs);
    this.#shards = shards;
    this.#crew = crew;
    this.#all = makeGroup(shards, memory.arrays);
    this.#groups = Array.from({ length: parts.numGroups }, (_, group) =>
      makeGroup(
        shards.filter((shard) => shard.group === group),
        memory.arrays,
      ),
    );
  }

  /**
   * First row and number of the environments of a group.
   * @throws RangeError for a group that there is not
   */
  getGroupRows(group: number): { readonly first: number; readonly count: number } {
    const { first, count } = this.#getGroup(group);
    return { first, count };
  }

  /**
   * Starts episodes: number 0 of every environment, where a seed is given.
   * @throws NonFiniteError, or VecEnvError for a worker that died
   */
  async reset({ seed, mask, difficulty }: VecReset = {}): Promise<EnvArrays> {
    if (seed !== undefined && typeof seed !== 'number' && seed.length !== this.numEnvs) {
      throw new RangeError(`VecEnv.reset: needs ${this.numEnvs} seeds, got ${seed.length}`);
    }
    if (seed === undefined && !this.#isReset) {
      throw new RangeError('VecEnv.reset: the first one needs a seed');
    }
    if (mask !== undefined) assertMask(mask, this.numEnvs);
    if (seed === undefined) this.#assertStarted(mask);
    for (let row = 0; row < this.numEnvs; row++) {
      const index = this.#firstEnv + row;
      const level = difficulty === undefined ? {} : { difficulty: difficulty[row] };
      if (mask !== undefined && mask[row] !== 1) this.#starts.wanted[row] = STARTS.none;
      else if (seed === undefined) this.#starts.wanted[row] = STARTS.next;
      else {
        const run = typeof seed === 'number' ? { seed, env: index } : { seed: seed[row]!, env: 0 };
        this.#setStart(row, { ...run, episode: 0, ...level }, index);
      }
    }
    return this.#startWanted();
  }

  /** Starts named episodes; rows without an id are left as they are. @param ids [numEnvs] */
  async startEpisodes(ids: readonly (EpisodeId | undefined)[]): Promise<EnvArrays> {
    for (let row = 0; row < this.numEnvs; row++) {
      const id = ids[row];
      if (id === undefined) this.#starts.wanted[row] = STARTS.none;
      else this.#setStart(row, id, id.env);
    }
    return this.#startWanted();
  }

  /**
   * Starts new episodes where `mask` says so: the named ones as visits, see SimEnv.visitEpisode, elsewhere the
   * environments' own next ones.
   * @param mask [numEnvs] 1 where an episode is to start @param visits [numEnvs]
   */
  async cutEpisodes(
    mask: Uint8Array,
    visits: readonly (EpisodeId | undefined)[],
  ): Promise<EnvArrays> {
    this.#assertStarted(mask);
    for (let row = 0; row < this.numEnvs; row++) {
      const id = visits[row];
      this.#starts.wanted[row] = mask[row] === 1 ? STARTS.next : STARTS.none;
      if (mask[row] !== 1 || id === undefined) continue;
      this.#setStart(row, id, id.env);
      this.#starts.wanted[row] = STARTS.visit;
    }
    return this.#startWanted();
  }

  /**
   * One control period of every environment.
   * @throws RangeError where one has had no episode; NonFiniteError naming environment, step and quantity; VecEnvError
   *   for a worker that died
   */
  async step(): Promise<StepResult> {
    this.#begin(this.#all, ORDERS.step);
    return this.#end(this.#all);
  }

  /** Starts one control period of a group; its rows of {@link action} must be written. @throws as `step` */
  beginStep(group: number): void {
    this.#begin(this.#getGroup(group), ORDERS.step);
  }

  /** Waits for it. Arrays and rows of the result are those of the group. @throws as `step` */
  endStep(group: number): Promise<StepResult> {
    return this.#end(this.#getGroup(group));
  }

  /** Waits for what is under way, ends all threads and frees all worlds. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    await this.#crew.close();
  }

  #getGroup(group: number): Group {
    const found = this.#groups[group];
    if (found !== undefined) return found;
    throw new RangeError(`VecEnv: there are ${this.numGroups} groups, got group ${group}`);
  }

  /** Only where something was there is a next one. */
  #assertStarted(mask: Uint8Array | undefined): void {
    const row = this.#isStarted.findIndex((is, k) => is === 0 && (mask?.[k] ?? 1) === 1);
    if (row >= 0) throw refuseUnstarted(row);
  }

  #assertAllStarted({ first, count }: Group): void {
    for (let row = first; row < first + count; row++) {
      if (this.#isStarted[row] === 0) throw refuseUnstarted(row);
    }
  }

  #setStart(row: number, id: EpisodeId, name: number): void {
    const starts = this.#starts;
    starts.wanted[row] = STARTS.named;
    this.#isStarted[row] = 1;
    starts.seed[row] = id.seed;
    starts.env[row] = id.env;
    starts.episode[row] = id.episode;
    starts.difficulty[row] = id.difficulty ?? Number.NaN;
    starts.name[row] = name;
  }

  async #startWanted(): Promise<EnvArrays> {
    this.#isReset = true;
    this.#begin(this.#all, ORDERS.start);
    await this.#end(this.#all);
    return this.arrays;
  }

  #begin(group: Group, order: Order): void {
    this.#assertUsable();
    if (!this.#isReset) throw new RangeError('VecEnv: call reset({ seed }) first');
    if (order === ORDERS.step) this.#assertAllStarted(group);
    const busy = group.shards.find(({ index }) => this.#busy.has(index));
    if (busy !== undefined) {
      throw new RangeError(`VecEnv: group ${busy.group} is being stepped; wait for its endStep`);
    }
    for (const { index } of group.shards) this.#busy.add(index);
    this.#crew.give(group.shards, order);
  }

  async #end(group: Group): Promise<StepResult> {
    this.#assertUsable();
    if (!group.shards.every(({ index }) => this.#busy.has(index))) {
      throw new RangeError('VecEnv.endStep: call beginStep of the same group first');
    }
    let news: readonly ShardNews[];
    try {
      news = await this.#crew.finish(group.shards);
    } catch (error) {
      throw this.#fail(error instanceof WorkerDeath ? this.#explain(error) : error);
    }
    for (const { index } of group.shards) this.#busy.delete(index);
    const { episodes, rows } = group.result.info;
    episodes.length = 0;
    rows.length = 0;
    for (const told of news) this.#take(told, group, episodes, rows);
    return group.result;
  }

  #take(told: ShardNews, group: Group, episodes: EpisodeSummary[], rows: number[]): void {
    if (told.kind === 'notFinite') throw this.#fail(new NonFiniteError(told.dump));
    const shard = this.#shards[told.shard]!;
    if (told.kind === 'failure') {
      throw this.#fail(new VecEnvError(`${describeShards([shard])}: ${told.text}`, [shard.index]));
    }
    episodes.push(...told.episodes);
    for (const row of told.rows) rows.push(shard.firstEnv - group.first + row);
  }

  #assertUsable(): void {
    if (this.#isClosed) throw new RangeError('VecEnv: it is closed');
    if (this.#failure !== undefined) throw this.#failure;
  }

  /** Nothing goes on after a failure: what the threads hold is no longer one state. */
  #fail(error: unknown): unknown {
    this.#failure = error;
    return error;
  }

  #explain({ worker, message }: WorkerDeath): VecEnvError {
    const shards = this.#shards.filter(
      (shard) => shard.worker === worker && this.#busy.has(shard.index),
    );
    const { episodeSeed, episodeEnv, episodeIndex } = this.arrays;
    const episodes = shards.flatMap(({ firstEnv, numEnvs }) =>
      Array.from({ length: numEnvs }, (_, k) => ({
        seed: episodeSeed[firstEnv + k]!,
        env: episodeEnv[firstEnv + k]!,
        episode: episodeIndex[firstEnv + k]!,
      })),
    );
    const names = episodes.map(({ seed, env, episode }) => `${seed}/${env}/${episode}`);
    return new VecEnvError(
      `worker ${worker} died in ${describeShards(shards)}: ${message}. The episodes that it was in, by ` +
        `seed/env/episode: ${names.join(' ')}. Run them with numWorkers 0 to see it happen in this thread.`,
      shards.map(({ index }) => index),
      episodes,
    );
  }
}

function refuseUnstarted(row: number): RangeError {
  return new RangeError(`VecEnv: environment ${row} has had no episode; its first needs a seed`);
}

/** A shard failed, or the thread that simulated it. */
export class VecEnvError extends Error {
  override readonly name = 'VecEnvError';
  readonly shards: readonly number[];
  /** That they were in, as far as is known. */
  readonly episodes: readonly EpisodeId[];

  constructor(message: string, shards: readonly number[], episodes: readonly EpisodeId[] = []) {
    super(message);
    this.shards = shards;
    this.episodes = episodes;
  }
}

function describeShards(shards: readonly VecShard[]): string {
  return shards
    .map(
      ({ index, firstEnv, numEnvs }) =>
        `shard ${index} (environments ${firstEnv} to ${firstEnv + numEnvs - 1})`,
    )
    .join(', ');
}

interface Group {
  readonly shards: readonly VecShard[];
  /** Row of the first environment. */
  readonly first: number;
  readonly count: number;
  readonly result: ReturnType<typeof makeStepResult>;
}

function assertMask(mask: Uint8Array, numEnvs: number): void {
  const odd = mask.findIndex((flag) => flag > 1);
  if (odd < 0 && mask.length === numEnvs) return;
  const got = odd < 0 ? `${mask.length} flags` : `${mask[odd]} for environment ${odd}`;
  throw new RangeError(`reset: mask needs 0 or 1 for each of ${numEnvs} environments, got ${got}`);
}

function makeGroup(shards: readonly VecShard[], arrays: EnvArrays): Group {
  const first = shards[0]!.firstEnv;
  const count = shards.reduce((sum, { numEnvs }) => sum + numEnvs, 0);
  return { shards, first, count, result: makeStepResult(viewEnvRows(arrays, first, count)) };
}

interface VecParts {
  readonly shards: readonly VecShard[];
  readonly memory: ReturnType<typeof makeVecMemory>;
  readonly crew: Crew;
  readonly numGroups: number;
  readonly numWorkers: number;
}

/**
 * Makes the environments of a task over worker threads; `reset({ seed })` starts them, `close()` ends the threads.
 * @throws UserError as makeSimEnv does; RangeError for counts that make no sense, or a task with workers that is not
 *   one of sim/tasks and has no `workerEntry` that knows it
 */
export async function makeVecEnv(options: VecEnvOptions): Promise<VecEnv> {
  const { numWorkers: asked, numGroups = 1, shardRobots: robots, minShards = 1, ...rest } = options;
  const { workerEntry, ...envOptions } = rest;
  for (const [name, value, lowest] of [
    ['numWorkers', asked, 0],
    ['numGroups', numGroups, 1],
    ['shardRobots', robots, 1],
    ['minShards', minShards, 1],
  ] as const) {
    if (value === undefined || (Number.isInteger(value) && value >= lowest)) continue;
    throw new RangeError(`makeVecEnv: ${name} must be at least ${lowest}, got ${value}`);
  }
  if (
    asked !== undefined &&
    asked > 0 &&
    typeof options.task !== 'string' &&
    workerEntry === undefined
  ) {
    throw new RangeError(
      `makeVecEnv: task '${options.task.name}' is code, which no worker can be sent: name one of sim/tasks, give a workerEntry that finds it by its name, or use numWorkers 0`,
    );
  }
  const plan = await planEnv(envOptions);
  const { numEnvs } = plan.config;
  const fitting = Math.min(computeBatchRobots(plan.model), Math.ceil(numEnvs / minShards));
  const shardRobots = robots ?? fitting;
  const numShards = Math.ceil(numEnvs / shardRobots);
  const canHaveWorkers = typeof options.task === 'string' || workerEntry !== undefined;
  const byDefault = numShards > 1 && canHaveWorkers ? availableParallelism() : 0;
  const numWorkers = Math.min(asked ?? byDefault, numShards);
  const shards = planVecShards({ numEnvs, numWorkers, numGroups, shardRobots });
  const numAdversary = hasAdversary(plan.randomization) ? ADVERSARY_WIDTH : 0;
  const memory = makeVecMemory(numEnvs, plan.layout, numAdversary);
  const entry = workerEntry ?? new URL('./worker-entry.js', import.meta.url);
  const crew =
    numWorkers === 0
      ? await makeLocalCrew(plan, shards, memory)
      : await makeWorkerCrew(plan, shards, memory, { numWorkers, entry });
  return new VecEnv(plan, { shards, memory, crew, numGroups, numWorkers });
}
