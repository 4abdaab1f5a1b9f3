import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plusFromState } from 'pure-rand/generator/xoroshiro128plus';
import type { JumpableRandomGenerator } from 'pure-rand/types/JumpableRandomGenerator';

/**
 * A seeded stream of random numbers (xoroshiro128+). Streams are named: `fork('imu', 3)` gives a
 * stream that depends on the seed and the names alone, never on how much another stream has drawn,
 * so adding a draw in one place changes no other place.
 */
export class Rng {
  readonly #seed: number;
  /** Its names, one after the other with a slash between; undefined where it has none. */
  readonly #path: string | undefined;
  readonly #generator: JumpableRandomGenerator;
  /** NaN: none. Never undefined, so that it is kept as a plain double and no draw allocates. */
  #spareNormal = Number.NaN;

  /** @param seed any safe integer */
  constructor(seed: number, ...path: readonly (string | number)[]) {
    if (!Number.isSafeInteger(seed)) {
      throw new RangeError(`Rng: seed must be a safe integer, got ${seed}`);
    }
    this.#seed = seed;
    this.#path = path.length === 0 ? undefined : path.join('/');
    const key = this.#path === undefined ? `${seed}` : `${seed}/${this.#path}`;
    this.#generator = xoroshiro128plusFromState(hashToState(key));
  }

  /** An independent stream under a name of its own. */
  fork(...path: readonly (string | number)[]): Rng {
    if (this.#path === undefined) return new Rng(this.#seed, ...path);
    return new Rng(this.#seed, this.#path, ...path);
  }

  /** In [lower, upper). */
  uniform(lower: number, upper: number): number {
    return lower + (upper - lower) * uniformFloat64(this.#generator);
  }

  /** Normal by Marsaglia's polar method (1964). */
  normal(mean: number, standardDeviation: number): number {
    const spare = this.#spareNormal;
    if (!Number.isNaN(spare)) {
      this.#spareNormal = Number.NaN;
      return mean + standardDeviation * spare;
    }
    let u = 0;
    let v = 0;
    let s = 0;
    do {
      u = this.uniform(-1, 1);
      v = this.uniform(-1, 1);
      s = u * u + v * v;
    } while (s >= 1 || s === 0);
    const factor = Math.sqrt((-2 * Math.log(s)) / s);
    this.#spareNormal = v * factor;
    return mean + standardDeviation * u * factor;
  }

  /** Integer in [lower, upper], both ends included. */
  integer(lower: number, upper: number): number {
    return uniformInt(this.#generator, lower, upper);
  }

  choice<T>(items: readonly T[]): T {
    if (items.length === 0) throw new RangeError('Rng.choice: the list is empty');
    return items[this.integer(0, items.length - 1)] as T;
  }

  /** True with the given probability. */
  bernoulli(probability: number): boolean {
    return uniformFloat64(this.#generator) < probability;
  }
}

/** Four 32-bit words from a text: FNV-1a per word, finished with murmur3's mixer; never all zero. */
function hashToState(text: string): [number, number, number, number] {
  let [a, b, c, d] = [seedWord(1), seedWord(2), seedWord(3), seedWord(4)];
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    a = Math.imul(a ^ code, FNV_PRIME);
    b = Math.imul(b ^ code, FNV_PRIME);
    c = Math.imul(c ^ code, FNV_PRIME);
    d = Math.imul(d ^ code, FNV_PRIME);
  }
  return [mix(a) | 1, mix(b), mix(c), mix(d)];
}

const FNV_PRIME = 0x01000193;

function seedWord(word: number): number {
  return 0x811c9dc5 ^ Math.imul(word, 0x9e3779b9);
}

function mix(word: number): number {
  let hash = Math.imul(word ^ (word >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}
