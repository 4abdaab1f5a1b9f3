import type { EpisodeSummary } from '../../sim/env-result.ts';
import type { Rng } from '../../sim/math/rng.ts';
import type { Normalizer } from '../onnx/policy-network.ts';
import type { Program } from '../onnx/program.ts';
import { type ActorCritic, compileActor } from './actor-critic.ts';
import type { RowsForward } from './forward.ts';
import { writeSample } from './gaussian.ts';
import { viewParameters } from './parameters.ts';
import type { RolloutBuffer } from './rollout-buffer.ts';
import type { TrainingEnv } from './training-env.ts';

export interface Acting {
  /** [count] */
  readonly parameters: Float32Array;
  readonly observationNormalizer: Normalizer;
  readonly rng: Rng;
  /** Says the mean action from what the critic sees, in the actor's stead. */
  readonly substitute?: RowsForward;
}

interface Group {
  readonly index: number;
  readonly first: number;
  readonly count: number;
  readonly actor: Program;
}

/**
 * Acts in the environments, one group while the others are simulated. Of a recurrent actor it holds the states, and sets
 * them to zero where an episode begins.
 */
export class RolloutCollector {
  readonly #env: TrainingEnv;
  readonly #network: ActorCritic;
  readonly #groups: readonly Group[];
  /** [numEnvs, numState] */
  readonly #state: Float32Array;
  /** [numEnvs] 1 where an episode goes on from the step before */
  readonly #goesOn: Float32Array;

  private constructor(env: TrainingEnv, network: ActorCritic, groups: readonly Group[]) {
    this.#env = env;
    this.#network = network;
    this.#groups = groups;
    this.#state = new Float32Array(env.numEnvs * (network.actor.numState ?? 0));
    this.#goesOn = new Float32Array(env.numEnvs);
  }

  static async make(env: TrainingEnv, network: ActorCritic): Promise<RolloutCollector> {
    const groups: Group[] = [];
    for (let index = 0; index < env.numGroups; index++) {
      const { first, count } = env.getGroupRows(index);
      groups.push({ index, first, count, actor: await compileActor(network, count) });
    }
    return new RolloutCollector(env, network, groups);
  }

  /** [numEnvs, numState] as they are between two rounds. Borrowed. */
  get state(): Float32Array {
    return this.#state;
  }

  /** Episodes began in these environments. @param mask [numEnvs]; absent: in all */
  forget(mask?: Uint8Array): void {
    const width = this.#network.actor.numState ?? 0;
    for (let env = 0; env < this.#env.numEnvs; env++) {
      if (mask !== undefined && mask[env] !== 1) continue;
      this.#goesOn[env] = 0;
      this.#state.fill(0, env * width, (env + 1) * width);
    }
  }

  /** Fills the buffer. @returns the episodes that ended meanwhile */
  async collect(buffer: RolloutBuffer, acting: Acting): Promise<EpisodeSummary[]> {
    const episodes: EpisodeSummary[] = [];
    buffer.cuts.length = 0;
    buffer.ended.length = 0;
    for (let step = 0; step <= buffer.numSteps; step++) {
      for (const group of this.#groups) {
        if (step > 0) await this.#receive(buffer, step - 1, group, episodes);
        if (step < buffer.numSteps) await this.#act(buffer, step, group, acting);
      }
    }
    buffer.lastCritic.set(this.#env.arrays[this.#network.sight.critic]);
    // Groups ended their episodes in turns; what follows must not depend on how many there are.
    buffer.cuts.sort((a, b) => a.index - b.index);
    buffer.ended.sort((a, b) => a.index - b.index);
    return episodes;
  }

  async free(): Promise<void> {
    for (const { actor } of this.#groups) await actor.free();
  }

  async #act(buffer: RolloutBuffer, step: number, group: Group, acting: Acting): Promise<void> {
    const { first, count, index } = group;
    const { arrays, numActions, action, numEnvs } = this.#env;
    const { numIn, numState = 0 } = this.#network.actor;
    const row = step * numEnvs + first;
    const { sight } = this.#network;
    const observation = arrays[sight.actor].slice(first * numIn, (first + count) * numIn);
    const seen = arrays[sight.critic];
    const width = seen.length / numEnvs;
    buffer.observation.set(observation, row * numIn);
    buffer.critic.set(seen.subarray(first * width, (first + count) * width), row * width);
    buffer.goesOn.set(this.#goesOn.subarray(first, first + count), row);
    const { mean: observationMean, std: observationStd } = acting.observationNormalizer;
    const result = await group.actor.run({
      parameters: acting.parameters,
      observation,
      observationMean: Float32Array.from(observationMean),
      observationStd: Float32Array.from(observationStd),
      ...(numState > 0 && {
        state: this.#state.subarray(first * numState, (first + count) * numState),
      }),
    });
    if (numState > 0) this.#state.set(result.nextState!, first * numState);
    const rows = (array: Float32Array, size: number) =>
      array.subarray(row * size, (row + count) * size);
    const mean = result.mean!;
    acting.substitute?.(mean, rows(buffer.critic, width), count);
    rows(buffer.mean, numActions).set(mean);
    const drawn = rows(buffer.action, numActions);
    writeSample(
      {
        mean,
        logStd: viewParameters(acting.parameters, this.#network.layout, 'logStd'),
        action: drawn,
        logProbability: rows(buffer.logProbability, 1),
      },
      acting.rng,
    );
    action.set(drawn, first * numActions);
    await this.#env.beginStep(index);
  }

  async #receive(
    buffer: RolloutBuffer,
    step: number,
    group: Group,
    episodes: EpisodeSummary[],
  ): Promise<void> {
    const result = await this.#env.endStep(group.index);
    episodes.push(...result.info.episodes);
    const { arrays, numEnvs } = this.#env;
    const hasCurriculum = !Number.isNaN(arrays.difficulty[0]!);
    result.info.rows.forEach((row, k) => {
      const { seed, env, episode, context } = result.info.episodes[k]!;
      const difficulty = hasCurriculum ? { difficulty: context.difficulty } : {};
      const index = step * numEnvs + group.first + row;
      buffer.ended.push({ index, id: { seed, env, episode, ...difficulty } });
    });
    const { numState = 0 } = this.#network.actor;
    const final =
      this.#network.sight.critic === 'critic' ? arrays.finalCritic : arrays.finalObservation;
    const width = final.length / numEnvs;
    for (let env = group.first; env < group.first + group.count; env++) {
      const index = step * numEnvs + env;
      const isEnd = arrays.terminated[env] === 1 || arrays.truncated[env] === 1;
      buffer.reward[index] = arrays.reward[env]!;
      buffer.terminated[index] = arrays.terminated[env]!;
      buffer.isEnd[index] = isEnd ? 1 : 0;
      this.#goesOn[env] = isEnd ? 0 : 1;
      if (!isEnd) continue;
      this.#state.fill(0, env * numState, (env + 1) * numState);
      if (arrays.terminated[env] === 1) continue;
      buffer.cuts.push({ index, critic: final.slice(env * width, (env + 1) * width) });
    }
  }
}
