import type { EpisodeSummary } from '../../sim/env-result.ts';
import type { Rng } from '../../sim/math/rng.ts';
import { clamp } from '../../sim/math/vec3.ts';
import type { Normalizer } from '../onnx/policy-network.ts';
import type { Program } from '../onnx/program.ts';
import type { ReplayBuffer } from './replay-buffer.ts';
import type { TrainingEnv } from './training-env.ts';

export interface Exploring {
  /** [count] parameters; undefined: actions at random from −1 to 1 */
  readonly actor: Float32Array | undefined;
  readonly normalizer: Normalizer;
  /** [raw action] of the noise on what the actor says */
  readonly explorationStd: number;
  readonly rng: Rng;
}

/** Acts in the environments and stores what comes of it. */
export class TransitionCollector {
  readonly #env: TrainingEnv;
  readonly #buffer: ReplayBuffer;
  /** One per group. */
  readonly #actors: readonly Program[];
  readonly #criticKey: 'critic' | 'observation';

  constructor(
    env: TrainingEnv,
    buffer: ReplayBuffer,
    actors: readonly Program[],
    criticKey: 'critic' | 'observation',
  ) {
    this.#env = env;
    this.#buffer = buffer;
    this.#actors = actors;
    this.#criticKey = criticKey;
  }

  /** One control step of every environment: while one group is simulated, the next acts. */
  async step(exploring: Exploring): Promise<EpisodeSummary[]> {
    const { rows, slot, numEnvs } = this.#buffer;
    const { arrays } = this.#env;
    put(rows.observation, arrays.observation, slot);
    put(rows.critic, arrays[this.#criticKey], slot);
    for (let group = 0; group < this.#actors.length; group++) {
      await this.#act(group, exploring);
      await this.#env.beginStep(group);
    }
    const episodes: EpisodeSummary[] = [];
    for (let group = 0; group < this.#actors.length; group++) {
      episodes.push(...(await this.#env.endStep(group)).info.episodes);
    }
    put(rows.reward, arrays.reward, slot);
    put(rows.terminated, arrays.terminated, slot);
    const isEnd = arrays.terminated.map((ended, env) => ended | arrays.truncated[env]!);
    const seen = this.#criticKey === 'critic';
    const putNext = (table: Float32Array, next: Float32Array, final: Float32Array) => {
      const width = next.length / numEnvs;
      put(table, next, slot);
      for (let env = 0; env < numEnvs; env++) {
        if (isEnd[env] === 0) continue;
        const last = final.subarray(env * width, (env + 1) * width);
        table.set(last, (slot * numEnvs + env) * width);
      }
    };
    putNext(rows.nextObservation, arrays.observation, arrays.finalObservation);
    putNext(
      rows.nextCritic,
      arrays[this.#criticKey],
      seen ? arrays.finalCritic : arrays.finalObservation,
    );
    putNext(rows.achieved, arrays.achievedGoal, arrays.finalAchievedGoal);
    putNext(rows.desired, arrays.desiredGoal, arrays.finalDesiredGoal);
    this.#buffer.finishStep(isEnd);
    return episodes;
  }

  async free(): Promise<void> {
    for (const actor of this.#actors) await actor.free();
  }

  async #act(group: number, exploring: Exploring): Promise<void> {
    const { actor, normalizer, explorationStd, rng } = exploring;
    const { arrays, action, numActions, numEnvs } = this.#env;
    const { first, count } = this.#env.getGroupRows(group);
    const width = arrays.observation.length / numEnvs;
    const out = action.subarray(first * numActions, (first + count) * numActions);
    if (actor === undefined) {
      for (let i = 0; i < out.length; i++) out[i] = rng.uniform(-1, 1);
    } else {
      const result = await this.#actors[group]!.run({
        actor,
        observation: arrays.observation.slice(first * width, (first + count) * width),
        observationMean: Float32Array.from(normalizer.mean),
        observationStd: Float32Array.from(normalizer.std),
      });
      result.action!.forEach((value, i) => {
        out[i] = clamp(value + rng.normal(0, explorationStd), -1, 1);
      });
    }
    const { rows, slot } = this.#buffer;
    rows.action.set(out, (slot * numEnvs + first) * numActions);
  }
}

/** All environments' rows, at a slot of a table. */
function put(table: Float32Array, source: ArrayLike<number>, slot: number): void {
  table.set(source, slot * source.length);
}
