import { planEnv } from '../env-plan.ts';
import type { EpisodeSummary, StepResult } from '../env-result.ts';
import type { RandomizationConfig } from '../randomize/config.ts';
import { makeVecEnv, type VecEnv, type VecEnvOptions } from '../vec-env/vec-env.ts';
import { describeEnv, listServedArrays, type ServedArray } from './describe-env.ts';
import type { ArraySpec, Numbers } from './layout.ts';
import type { EnvDescription, ResetRequest, ServedEnv, ServedNews } from './served-env.ts';

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
  readonly tailArrays: readonly ArraySpec[];
  readonly #randomization: RandomizationConfig;
  readonly #make: () => Promise<VecEnv>;
  #vec: VecEnv;
  #step: readonly ServedArray[];
  #tail: readonly ServedArray[];
  #hasFailed = false;
  /** [numEnvs] name of the episode that was told last of each environment */
  readonly #told: readonly { seed: number; env: number; index: number }[];
  /** [numEnvs, numContext] what was told last; some numbers are drawn anew within an episode */
  readonly #toldContext: Float64Array;
  /** [numEnvs] of its last episode that has ended, as drawn at its start */
  readonly #finalContexts: (EpisodeSummary['context'] | undefined)[];

  constructor(
    description: EnvDescription,
    randomization: RandomizationConfig,
    vec: VecEnv,
    make: () => Promise<VecEnv>,
  ) {
    const { numEnvs, contextNames } = description;
    this.description = { ...description, attributes: { randomization: { isWritable: false } } };
    this.#randomization = randomization;
    this.#make = make;
    this.#vec = vec;
    this.#step = listServedArrays('step', vec.arrays, vec.layout);
    this.#tail = listServedArrays('tail', vec.arrays, vec.layout);
    this.tailArrays = [
      { name: 'row', dtype: 'float64', shape: [] },
      ...this.#tail,
      { name: 'finalContext', dtype: 'float64', shape: [contextNames.length] },
    ];
    const nothing = Number.NaN;
    this.#told = Array.from({ length: numEnvs }, () => {
      return { seed: nothing, env: nothing, index: nothing };
    });
    this.#toldContext = new Float64Array(vec.arrays.context.length);
    this.#finalContexts = new Array(numEnvs).fill(undefined);
  }

  get stepArrays(): readonly ServedArray[] {
    return this.#step;
  }

  get action(): Float32Array {
    return this.#vec.action;
  }

  get adversary(): Float32Array {
    return this.#vec.adversary;
  }

  async reset(request: ResetRequest): Promise<ServedNews> {
    if (this.#hasFailed) await this.#makeAnew();
    await this.#tellFailure(this.#vec.reset(request));
    const { mask } = request;
    const { numEnvs } = this.description;
    // An episode may have been started again: then it has the name that was told last.
    for (let env = 0; env < numEnvs; env++) if (mask?.[env] !== 0) this.#told[env]!.index = -1;
    return { episodes: [], changed: this.#listChanged([]) };
  }

  async step(): Promise<ServedNews> {
    const { info } = await this.#tellFailure(this.#vec.step());
    const changed = this.#listChanged(info.rows);
    return { episodes: this.#keepContexts(info), changed };
  }

  writeStep(out: readonly Numbers[]): void {
    for (let k = 0; k < this.#step.length; k++) out[k]!.set(this.#step[k]!.source);
  }

  writeTail(out: readonly Numbers[], env: number): void {
    out[0]![0] = env;
    for (let k = 0; k < this.#tail.length; k++) {
      const { source, width } = this.#tail[k]!;
      const row = out[k + 1]!;
      for (let i = 0; i < width; i++) row[i] = source[env * width + i]!;
    }
    const final = out[this.#tail.length + 1]!;
    const context = this.#finalContexts[env];
    const { contextNames } = this.description;
    for (let i = 0; i < contextNames.length; i++) {
      final[i] = context?.[contextNames[i]!] ?? 0;
    }
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

  #keepContexts({ episodes, rows }: StepResult['info']): ServedNews['episodes'] {
    return episodes.map(({ context, ...summary }, k) => {
      this.#finalContexts[rows[k]!] = context;
      return { ...summary, env: rows[k]! };
    });
  }

  /** Environments whose episode has ended, or whose episode or draw is another than was told. */
  #listChanged(ended: readonly number[]): readonly number[] {
    const { episodeSeed, episodeEnv, episodeIndex } = this.#vec.arrays;
    const changed: number[] = [];
    let next = 0;
    for (let row = 0; row < this.#told.length; row++) {
      const told = this.#told[row]!;
      const hasEnded = ended[next] === row;
      if (hasEnded) next++;
      const isSame =
        told.index === episodeIndex[row] &&
        told.env === episodeEnv[row] &&
        told.seed === episodeSeed[row] &&
        this.#isContextTold(row);
      if (isSame && !hasEnded) continue;
      told.seed = episodeSeed[row]!;
      told.env = episodeEnv[row]!;
      told.index = episodeIndex[row]!;
      this.#keepContext(row);
      changed.push(row);
    }
    return changed;
  }

  #isContextTold(row: number): boolean {
    const { context } = this.#vec.arrays;
    const width = this.description.contextNames.length;
    for (let k = row * width; k < (row + 1) * width; k++) {
      if (context[k] !== this.#toldContext[k]) return false;
    }
    return true;
  }

  #keepContext(row: number): void {
    const { context } = this.#vec.arrays;
    const width = this.description.contextNames.length;
    for (let k = row * width; k < (row + 1) * width; k++) this.#toldContext[k] = context[k]!;
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
