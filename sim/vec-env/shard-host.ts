import { ADVERSARY_WIDTH } from '../disturbance/adversary.ts';
import { SimEnv } from '../env.ts';
import { type EnvDump, NonFiniteError } from '../env-guard.ts';
import { type EnvPlan, makePlannedWorld } from '../env-plan.ts';
import type { EpisodeSummary } from '../env-result.ts';
import { STARTS, type VecMemory } from './memory.ts';
import { ORDERS, type Order } from './orders.ts';
import type { VecShard } from './plan.ts';

/** What a shard has to tell besides what is in shared memory. Can be sent to another thread. */
export type ShardNews =
  | {
      readonly kind: 'episodes';
      readonly shard: number;
      readonly episodes: readonly EpisodeSummary[];
      /** [episodes.length] in the shard */
      readonly rows: readonly number[];
    }
  | { readonly kind: 'notFinite'; readonly shard: number; readonly dump: EnvDump }
  | { readonly kind: 'failure'; readonly shard: number; readonly text: string };

/** One shard's environments, wherever they are simulated: in a worker or in the thread that asks. */
export class ShardHost {
  readonly shard: VecShard;
  readonly #env: SimEnv;
  readonly #rows: VecMemory;

  constructor(shard: VecShard, env: SimEnv, rows: VecMemory) {
    this.shard = shard;
    this.#env = env;
    this.#rows = rows;
  }

  /** Carries out an order. @returns what there is to tell, if anything; an error is told, not thrown */
  perform(order: Order): ShardNews | undefined {
    const shard = this.shard.index;
    try {
      if (order === ORDERS.start) {
        this.#startEpisodes();
        return undefined;
      }
      this.#letAdversaryAct();
      const { episodes, rows } = this.#env.step(this.#rows.action).info;
      return episodes.length === 0 ? undefined : { kind: 'episodes', shard, episodes, rows };
    } catch (error) {
      if (error instanceof NonFiniteError) return { kind: 'notFinite', shard, dump: error.dump };
      const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
      return { kind: 'failure', shard, text };
    }
  }

  free(): void {
    this.#env.free();
  }

  #letAdversaryAct(): void {
    const { adversary } = this.#rows;
    for (let at = 0, env = 0; at < adversary.length; at += ADVERSARY_WIDTH, env++) {
      this.#env.world.setAdversary(env, adversary, at);
    }
  }

  #startEpisodes(): void {
    const { wanted, seed, env, episode, difficulty, name } = this.#rows.starts;
    for (let row = 0; row < wanted.length; row++) {
      if (wanted[row] === STARTS.none) continue;
      if (wanted[row] === STARTS.next) {
        this.#env.resetEnv(row);
        continue;
      }
      const named = { seed: seed[row]!, env: env[row]!, episode: episode[row]! };
      const level = Number.isNaN(difficulty[row]!) ? undefined : difficulty[row];
      const id = { ...named, difficulty: level };
      if (wanted[row] === STARTS.visit) this.#env.visitEpisode(row, id);
      else this.#env.startEpisode(row, id, name[row]!);
    }
  }
}

/**
 * Makes the robots of one shard.
 * @param rows of the shard, see viewVecRows
 * @throws UserError as makeSimEnv does
 */
export async function makeShardHost(
  plan: EnvPlan,
  shard: VecShard,
  rows: VecMemory,
): Promise<ShardHost> {
  const { firstEnv, numEnvs } = shard;
  const world = await makePlannedWorld(plan, numEnvs);
  return new ShardHost(shard, new SimEnv(plan, world, { firstEnv, arrays: rows.arrays }), rows);
}
