import { planEnv } from '../env-plan.ts';
import type { EpisodeSummary } from '../env-result.ts';
import type { RandomizationConfig } from '../randomize/config.ts';
import { makeVecEnv, type VecEnv, type VecEnvOptions } from '../vec-env/vec-env.ts';
import { describeEnv, listServedArrays, type ServedArray } from './describe-env.ts';
import type { Numbers } from './layout.ts';
import type { EnvDescription, ResetRequest, ServedEnv } from './served-env.ts';

/**
 * Makes the environments of a task for a client.
 * @throws UserError as makeSimEnv does
 */
export async function makeTaskEnv(options: VecEnvOptions): Promise<ServedEnv> {
  const plan = await planEnv(pickEnvOptions(options));
  const make = () => makeVecEnv({ ...options, robot: plan.model });
  const vec = await make();
  const description = describeEnv(plan, vec.numWorkers);
  return new TaskEnv(description, plan.randomization, vec, make);
}

function pickEnvOptions({ numWorkers: _w, numGroups: _g, ...more }: VecEnvOptions) {
  const { shardRobots: _s, workerEntry: _e, ...rest } = more;
  return rest;
}

class TaskEnv implements ServedEnv {
  readonly description: EnvDescription;
  readonly #randomization: RandomizationConfig;
  readonly #make: () => Promise<VecEnv>;
  #vec: VecEnv;
  #step: readonly ServedArray[];
  #tail: readonly ServedArray[];
  #hasFailed = false;

  constructor(
    description: EnvDescription,
    randomization: RandomizationConfig,
    vec: VecEnv,
    make: () => Promise<VecEnv>,
  ) {
    this.description = { ...description, attributes: { randomization: { isWritable: false } } };
    this.#randomization = randomization;
    this.#make = make;
    this.#vec = vec;
    this.#step = listServedArrays('step', vec.arrays, vec.layout);
    this.#tail = listServedArrays('tail', vec.arrays, vec.layout);
  }

  get stepArrays(): readonly ServedArray[] {
    return this.#step;
  }

  get tailArrays(): readonly ServedArray[] {
    return this.#tail;
  }

  get action(): Float32Array {
    return this.#vec.action;
  }

  async reset(request: ResetRequest): Promise<void> {
    if (this.#hasFailed) await this.#makeAnew();
    await this.#tellFailure(this.#vec.reset(request));
  }

  async step(): Promise<readonly EpisodeSummary[]> {
    return (await this.#tellFailure(this.#vec.step())).info.episodes;
  }

  writeStep(out: readonly Numbers[]): void {
    copyAll(out, this.#step);
  }

  writeTail(out: readonly Numbers[]): void {
    copyAll(out, this.#tail);
  }

  getAttribute(_name: string): unknown {
    return this.#randomization;
  }

  setAttribute(name: string): void {
    throw new RangeError(`TaskEnv: ${name} cannot be set`);
  }

  free(): Promise<void> {
    return this.#vec.close();
  }

  /** What was interrupted within a step is no longer one state: worlds and threads are made again. */
  async #makeAnew(): Promise<void> {
    await this.#vec.close();
    this.#vec = await this.#make();
    this.#step = listServedArrays('step', this.#vec.arrays, this.#vec.layout);
    this.#tail = listServedArrays('tail', this.#vec.arrays, this.#vec.layout);
    this.#hasFailed = false;
  }

  async #tellFailure<Result>(work: Promise<Result>): Promise<Result> {
    try {
      return await work;
    } catch (error) {
      this.#hasFailed = true;
      throw error;
    }
  }
}

function copyAll(out: readonly Numbers[], arrays: readonly ServedArray[]): void {
  for (let k = 0; k < arrays.length; k++) out[k]!.set(arrays[k]!.source);
}
