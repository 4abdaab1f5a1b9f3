import { ADVERSARY_NAMES, hasAdversary } from '../../sim/disturbance/adversary.ts';
import type { Numbers } from '../../sim/env-server/layout.ts';
import type { EnvRequest } from '../../sim/env-server/requests.ts';
import type {
  ResetRequest,
  ServedEnv,
  ServedNews,
  ServedSummary,
  Space,
} from '../../sim/env-server/served-env.ts';
import { UserError } from '../../sim/errors.ts';

/** Steps of an episode of environment k. */
export const fakeLength = (env: number): number => 3 + env;

function makeSpace(names: readonly string[], bound: number | undefined): Space {
  return {
    dtype: 'float32',
    shape: [names.length],
    names,
    low: names.map(() => (bound === undefined ? undefined : -bound)),
    high: names.map(() => bound),
  };
}

/**
 * Three environments without physics, whose every number can be told beforehand: the observation is (seed, episode, step),
 * the reward the sum of the actions less that of the adversary's, where there is one; environment k's episodes last fakeLength(k) steps, and the step that ends one starts
 * the next.
 */
export class FakeServedEnv implements ServedEnv {
  readonly description: ServedEnv['description'];
  readonly stepArrays: ServedEnv['stepArrays'];
  readonly tailArrays: ServedEnv['tailArrays'];
  readonly action: Float32Array;
  readonly adversary: Float32Array;
  isFree = false;
  /** What the next step does instead. */
  failure: Error | undefined;
  /** The next steps wait for this. */
  gate: Promise<void> = Promise.resolve();
  readonly #numEnvs: number;
  readonly #seed: number[];
  readonly #episode: number[];
  readonly #step: number[];
  readonly #ended: Uint8Array;
  readonly #final: number[];
  #difficulty = 0;

  constructor({ numEnvs = 3, randomization }: EnvRequest = {}) {
    const adversaryNames = randomization && hasAdversary(randomization) ? ADVERSARY_NAMES : [];
    this.#numEnvs = numEnvs;
    this.action = new Float32Array(numEnvs * 2);
    this.adversary = new Float32Array(numEnvs * adversaryNames.length);
    this.#seed = new Array(numEnvs).fill(0);
    this.#episode = new Array(numEnvs).fill(0);
    this.#step = new Array(numEnvs).fill(0);
    this.#ended = new Uint8Array(numEnvs);
    this.#final = new Array(numEnvs * 3).fill(0);
    this.description = {
      task: 'fake',
      description: 'Counts',
      robot: 'none',
      engine: 'rapier',
      numEnvs,
      numWorkers: 0,
      autoreset: 'same_step',
      rateHz: 10,
      maxSteps: 100,
      spaces: {
        observation: makeSpace(['seed', 'episode', 'step'], undefined),
        action: makeSpace(['left', 'right'], 1),
        adversary: makeSpace(adversaryNames, 1),
        critic: makeSpace([], undefined),
        goal: makeSpace([], undefined),
      },
      rewardNames: ['sum'],
      costNames: [],
      contextNames: ['massScale'],
      attributes: { episode: { isWritable: false }, difficulty: { isWritable: true } },
    };
    this.stepArrays = [
      { name: 'observation', dtype: 'float32', shape: [numEnvs, 3] },
      { name: 'terminated', dtype: 'uint8', shape: [numEnvs] },
      { name: 'reward', dtype: 'float32', shape: [numEnvs] },
    ];
    this.tailArrays = [
      { name: 'row', dtype: 'float64', shape: [] },
      { name: 'context', dtype: 'float64', shape: [1] },
      { name: 'finalObservation', dtype: 'float32', shape: [3] },
    ];
  }

  async reset({ seed, mask }: ResetRequest): Promise<ServedNews> {
    const changed: number[] = [];
    for (let env = 0; env < this.#numEnvs; env++) {
      if (mask !== undefined && mask[env] === 0) continue;
      if (seed !== undefined) this.#seed[env] = typeof seed === 'number' ? seed : seed[env]!;
      this.#episode[env] = seed === undefined ? this.#episode[env]! + 1 : 0;
      this.#step[env] = 0;
      this.#ended[env] = 0;
      changed.push(env);
    }
    this.action.fill(0);
    return { episodes: [], changed };
  }

  async step(): Promise<ServedNews> {
    await this.gate;
    if (this.failure !== undefined) throw this.failure;
    const episodes: ServedSummary[] = [];
    for (let env = 0; env < this.#numEnvs; env++) {
      this.#step[env]!++;
      this.#ended[env] = this.#step[env] === fakeLength(env) ? 1 : 0;
      if (this.#ended[env] === 0) continue;
      episodes.push(this.#summarize(env));
      this.#final.splice(3 * env, 3, this.#seed[env]!, this.#episode[env]!, this.#step[env]!);
      this.#episode[env]!++;
      this.#step[env] = 0;
    }
    return { episodes, changed: episodes.map(({ env }) => env) };
  }

  writeStep([observation, terminated, reward]: readonly Numbers[]): void {
    for (let env = 0; env < this.#numEnvs; env++) {
      observation!.set([this.#seed[env]!, this.#episode[env]!, this.#step[env]!], 3 * env);
      terminated![env] = this.#ended[env]!;
      const adversary = this.adversary.subarray(6 * env, 6 * env + 6);
      const against = adversary.reduce((sum, value) => sum + value, 0);
      reward![env] = this.action[2 * env]! + this.action[2 * env + 1]! - against;
    }
  }

  writeTail([row, context, final]: readonly Numbers[], env: number): void {
    row![0] = env;
    context![0] = 1 + this.#episode[env]! / 10;
    final!.set(this.#final.slice(3 * env, 3 * env + 3));
  }

  getAttribute(name: string): unknown {
    return name === 'difficulty' ? this.#difficulty : this.#episode;
  }

  setAttribute(name: string, value: unknown): void {
    if (typeof value === 'number' && value >= 0 && value <= 1) {
      this.#difficulty = value;
      return;
    }
    throw new UserError({
      where: `set: ${name}`,
      problem: 'the value does not fit',
      expected: 'a number from 0 to 1',
      got: JSON.stringify(value),
      remedy: 'Correct the value',
    });
  }

  async free(): Promise<void> {
    this.isFree = true;
  }

  #summarize(env: number): ServedSummary {
    const summary = {
      env,
      seed: this.#seed[env]!,
      episode: this.#episode[env]!,
      steps: this.#step[env]!,
      lengthS: this.#step[env]! / 10,
      return: 0,
      returnPerTerm: { sum: 0 },
      end: 'terminated',
      reason: 'counted',
      success: true,
      metrics: {},
    };
    // What the protocol carries as it is need not be complete.
    return summary as unknown as ServedSummary;
  }
}
