import type { EpisodeId } from '../../sim/episode/plan.ts';
import type { Rng } from '../../sim/math/rng.ts';
import type { RolloutBuffer } from './rollout-buffer.ts';

export interface ReplaySettings {
  /** [-] of the episodes that are started between rounds */
  readonly share: number;
  readonly capacity: number;
  readonly temperature: number;
  readonly staleShare: number;
}

/** Numbers of an entry: seed, env, episode, difficulty (NaN: as drawn), score, round in which it was last begun or scored. */
const WIDTH = 6;
const [SEED, ENV, EPISODE, DIFFICULTY, SCORE, ROUND] = [0, 1, 2, 3, 4, 5] as const;

/**
 * Remembers the episodes from which most was to be learnt, and has them begin again now and then: M. Jiang, E. Grefenstette
 * and T. Rocktäschel, "Prioritized level replay" (ICML 2021). The score of an episode is the mean of its advantages where
 * they are above 0, the value loss on its positive side. Every episode was drawn from the randomisation as it is, and no
 * more than a share of those that begin are old ones: what is learnt stays near what robots are to meet.
 */
export class HardEpisodes {
  readonly #settings: ReplaySettings;
  /** [capacity, WIDTH] the first `count` rows */
  #entries: Float64Array;
  #count = 0;
  #round = 0;
  /** [numEnvs] of the episode that runs: sum of advantages above 0, and steps */
  readonly #sum: Float64Array;
  readonly #steps: Float64Array;

  constructor(settings: ReplaySettings, numEnvs: number) {
    this.#settings = settings;
    this.#entries = new Float64Array(settings.capacity * WIDTH);
    this.#sum = new Float64Array(numEnvs);
    this.#steps = new Float64Array(numEnvs);
  }

  /** [1] episodes that are remembered */
  get count(): number {
    return this.#count;
  }

  /** [-] mean score of them; 0: there are none */
  get meanScore(): number {
    let sum = 0;
    for (let k = 0; k < this.#count; k++) sum += this.#entries[k * WIDTH + SCORE]!;
    return this.#count === 0 ? 0 : sum / this.#count;
  }

  /** Episodes began anew in these environments. @param mask [numEnvs]; absent: in all */
  forget(mask?: Uint8Array): void {
    for (let env = 0; env < this.#sum.length; env++) {
      if (mask === undefined || mask[env] === 1) this.#clear(env);
    }
  }

  /** Scores the episodes that ended in a round. @param advantage [numSteps, numEnvs] in units of the returns */
  score({ numEnvs, numSteps, isEnd, ended }: RolloutBuffer, advantage: Float32Array): void {
    this.#round++;
    const ids = new Map(ended.map(({ index, id }) => [index, id]));
    for (let step = 0; step < numSteps; step++) {
      for (let env = 0; env < numEnvs; env++) {
        const index = step * numEnvs + env;
        this.#sum[env]! += Math.max(0, advantage[index]!);
        this.#steps[env]! += 1;
        if (isEnd[index] === 0) continue;
        const id = ids.get(index);
        if (id !== undefined) this.#keep(id, this.#sum[env]! / this.#steps[env]!);
        this.#clear(env);
      }
    }
  }

  /** What begins again, of the environments in which something begins. @param mask [numEnvs] 1 in these */
  choose(mask: Uint8Array, rng: Rng): readonly (EpisodeId | undefined)[] {
    return Array.from(mask, (begins) => {
      if (begins !== 1 || this.#count === 0 || !rng.bernoulli(this.#settings.share)) {
        return undefined;
      }
      const row = this.#draw(rng);
      this.#entries[row * WIDTH + ROUND] = this.#round;
      const read = (column: number) => this.#entries[row * WIDTH + column]!;
      const id = { seed: read(SEED), env: read(ENV), episode: read(EPISODE) };
      const difficulty = read(DIFFICULTY);
      return Number.isNaN(difficulty) ? id : { ...id, difficulty };
    });
  }

  /** With how many are remembered and the round in front. */
  copyState(): Float64Array {
    return Float64Array.of(this.#count, this.#round, ...this.#entries);
  }

  restore(state: Float64Array): void {
    this.#count = state[0]!;
    this.#round = state[1]!;
    this.#entries = state.slice(2);
  }

  #clear(env: number): void {
    this.#sum[env] = 0;
    this.#steps[env] = 0;
  }

  /** In the place of its older score, of nothing, or of the lowest score. */
  #keep({ seed, env, episode, difficulty = Number.NaN }: EpisodeId, score: number): void {
    const values = [seed, env, episode, difficulty, score, this.#round];
    let row = this.#find(seed, env, episode);
    if (row === undefined && this.#count < this.#settings.capacity) row = this.#count++;
    if (row === undefined) {
      const lowest = this.#findLowest();
      if (this.#entries[lowest * WIDTH + SCORE]! < score) row = lowest;
    }
    if (row !== undefined) this.#entries.set(values, row * WIDTH);
  }

  #find(seed: number, env: number, episode: number): number | undefined {
    for (let at = 0; at < this.#count * WIDTH; at += WIDTH) {
      const isSame = this.#entries[at + EPISODE] === episode && this.#entries[at + ENV] === env;
      if (isSame && this.#entries[at + SEED] === seed) return at / WIDTH;
    }
    return undefined;
  }

  #findLowest(): number {
    let lowest = 0;
    for (let k = 1; k < this.#count; k++) {
      const isLower = this.#entries[k * WIDTH + SCORE]! < this.#entries[lowest * WIDTH + SCORE]!;
      if (isLower) lowest = k;
    }
    return lowest;
  }

  /** By rank of the score, (1/rank)^(1/temperature); a share by how long ago an entry was looked at: equation 4 there. */
  #draw(rng: Rng): number {
    const { temperature, staleShare } = this.#settings;
    const column = (k: number, which: number) => this.#entries[k * WIDTH + which]!;
    const rows = Array.from({ length: this.#count }, (_, k) => k);
    const weights = new Float64Array(this.#count);
    if (rng.bernoulli(staleShare)) {
      // One more, so that there is somebody to draw where all are fresh.
      for (const k of rows) weights[k] = this.#round - column(k, ROUND) + 1;
    } else {
      rows.sort((a, b) => column(b, SCORE) - column(a, SCORE) || a - b);
      rows.forEach((k, rank) => {
        weights[k] = (1 / (rank + 1)) ** (1 / temperature);
      });
    }
    return drawIndex(weights, rng);
  }
}

/** In proportion to weights of which one at least is above 0. */
function drawIndex(weights: Float64Array, rng: Rng): number {
  let left = rng.uniform(
    0,
    weights.reduce((sum, weight) => sum + weight, 0),
  );
  for (let k = 0; k < weights.length; k++) {
    left -= weights[k]!;
    if (left < 0) return k;
  }
  return weights.length - 1;
}
