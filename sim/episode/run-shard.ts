import { setImmediate } from 'node:timers/promises';
import { ADVERSARY_WIDTH } from '../disturbance/adversary.ts';
import type { SimEnv } from '../env.ts';
import { type Actor, makeActorStream } from './actor.ts';
import { identifyEpisode, type Shard } from './plan.ts';
import type { EpisodeRecord } from './record.ts';
import { EpisodeRecorder } from './recorder.ts';

export interface ShardRun {
  /**
   * Without autoreset; as many environments as are best stepped together (computeBatchRobots). Whoever wants the same bits from
   * whatever process makes a new one for every shard.
   */
  readonly env: SimEnv;
  readonly actor: Actor;
  /** Chooses forces against the robots, [numEnvs, ADVERSARY_WIDTH]; needs a randomisation that leaves it some. */
  readonly adversary?: Actor | undefined;
  readonly seed: number;
  readonly shard: Shard;
  /** Whether records say where the robots were; by default not. */
  readonly recordsPoses?: boolean;
  /** Indices of episodes of the shard that are there already, and not simulated. */
  readonly skip?: ReadonlySet<number> | undefined;
  /** Gets every episode as it ends, in any order; the record is borrowed until it returns. */
  readonly sink: (record: EpisodeRecord) => void;
  /** Awaited every few steps; by default the rest of the thread gets its turn. */
  readonly letOthersRun?: () => Promise<void>;
  /** Asked before every step; true gives the shard up. */
  readonly shouldStop?: () => boolean;
  /** Called after every step with how many of its environments were in an episode. */
  readonly onStep?: (numSteps: number) => void;
  /** [s] of a clock that only goes forward; by default none, and the times are 0 */
  readonly readClockS?: () => number;
}

/** [s] where the time of a shard went */
export interface ShardTimes {
  readonly actS: number;
  readonly simulateS: number;
  /** Recording, and what the sink does. */
  readonly recordS: number;
}

/** Steps between two moments at which the rest of the thread gets its turn, which takes a tenth of a millisecond. */
const STEPS_PER_TURN = 32;

/**
 * Simulates the episodes of a shard. They are taken in order, each by the first robot that is free, so that which
 * robot runs which depends on the simulation alone; their bits do not depend on it at all, see SimEnv.
 * @returns where the time went; undefined if it was stopped
 * @throws NonFiniteError naming environment, episode and seed
 */
export async function runShard(run: ShardRun): Promise<ShardTimes | undefined> {
  const { env, actor, readClockS = () => 0, letOthersRun = setImmediate } = run;
  const raw = new Float32Array(env.numEnvs * env.numActions);
  const wrench = new Float32Array(env.numEnvs * ADVERSARY_WIDTH);
  const robots = new Robots(run, raw);
  const times = { actS: 0, simulateS: 0, recordS: 0 };
  for (let step = 0; robots.numBusy > 0; step++) {
    if (run.shouldStop?.() === true) return undefined;
    if (step % STEPS_PER_TURN === 0) await letOthersRun();
    const start = readClockS();
    actor.act(raw, env.result, env.view);
    if (run.adversary !== undefined) {
      run.adversary.act(wrench, env.result, env.view);
      robots.applyAdversary(wrench);
    }
    const acted = readClockS();
    robots.recordActions();
    const prepared = readClockS();
    env.step(raw);
    const simulated = readClockS();
    run.onStep?.(robots.numBusy);
    robots.conclude();
    times.actS += acted - start;
    times.simulateS += simulated - prepared;
    times.recordS += prepared - acted + readClockS() - simulated;
  }
  return times;
}

/** Which robot is in which episode. */
class Robots {
  readonly #run: ShardRun;
  readonly #recorder: EpisodeRecorder;
  /** [numEnvs] index of the episode in the dataset; undefined: no episode is left */
  readonly #episode: (number | undefined)[];
  #next: number;
  #numBusy = 0;

  constructor(run: ShardRun, raw: Float32Array) {
    this.#run = run;
    this.#recorder = new EpisodeRecorder(run.env, raw, {
      recordsPoses: run.recordsPoses === true,
    });
    this.#next = run.shard.firstEpisode;
    this.#episode = new Array(run.env.numEnvs).fill(undefined);
    for (let robot = 0; robot < run.env.numEnvs; robot++) this.#startNext(robot);
  }

  /** Robots that are in an episode. */
  get numBusy(): number {
    return this.#numBusy;
  }

  applyAdversary(wrench: Float32Array): void {
    for (let robot = 0; robot < this.#episode.length; robot++) {
      if (this.#episode[robot] === undefined) continue;
      this.#run.env.world.setAdversary(robot, wrench, robot * ADVERSARY_WIDTH);
    }
  }

  recordActions(): void {
    for (let robot = 0; robot < this.#episode.length; robot++) {
      if (this.#episode[robot] !== undefined) this.#recorder.recordAction(robot);
    }
  }

  /** Records what the step led to; hands over episodes that ended and starts the next ones. */
  conclude(): void {
    const { info } = this.#run.env.result;
    for (let robot = 0; robot < this.#episode.length; robot++) {
      if (this.#episode[robot] !== undefined) this.#recorder.recordOutcome(robot);
    }
    info.rows.forEach((robot, k) => {
      const record = this.#recorder.viewRecord(robot, this.#episode[robot]!, info.episodes[k]!);
      this.#run.sink(record);
      this.#numBusy--;
      this.#startNext(robot);
    });
  }

  #startNext(robot: number): void {
    const { env, actor, adversary, seed, shard, skip } = this.#run;
    while (skip?.has(this.#next) === true) this.#next++;
    const index = this.#next;
    if (index >= shard.firstEpisode + shard.numEpisodes) {
      this.#episode[robot] = undefined;
      env.park(robot);
      return;
    }
    this.#next++;
    this.#numBusy++;
    this.#episode[robot] = index;
    const id = identifyEpisode(seed, index);
    env.startEpisode(robot, id);
    actor.reset(robot, makeActorStream(id));
    adversary?.reset(robot, makeActorStream(id, 'adversary'));
    this.#recorder.begin(robot);
  }
}
