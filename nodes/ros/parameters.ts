import { ParameterError } from './errors.ts';
import type { ParameterCheck, ParameterDescriptor, ParameterValue } from './port.ts';

interface Entry {
  readonly descriptor: ParameterDescriptor<ParameterValue>;
  value: ParameterValue;
}

/** The parameters of one node: declared, typed, bounded. */
export class Parameters {
  readonly #node: string;
  readonly #overrides: Readonly<Record<string, ParameterValue>>;
  readonly #entries = new Map<string, Entry>();
  readonly #checks = new Set<ParameterCheck>();

  /** @param overrides values given at start, which win over the defaults */
  constructor(node: string, overrides: Readonly<Record<string, ParameterValue>>) {
    this.#node = node;
    this.#overrides = overrides;
  }

  /** @throws ParameterError if the override does not fit; RangeError if the default does not, or the name is taken */
  declare<T extends ParameterValue>(descriptor: ParameterDescriptor<T>): T {
    const { name } = descriptor;
    if (this.#entries.has(name)) {
      throw new RangeError(`${this.#node}: parameter '${name}' is declared twice`);
    }
    const misfit = this.#findMisfit(descriptor, descriptor.default);
    if (misfit !== undefined) throw new RangeError(`default value: ${misfit.message}`);
    const override = Object.hasOwn(this.#overrides, name) ? this.#overrides[name] : undefined;
    const value = override ?? descriptor.default;
    const error = this.#findMisfit(descriptor, value);
    if (error !== undefined) throw error;
    this.#entries.set(name, { descriptor, value });
    return value as T;
  }

  /** @throws ParameterError on an unknown name */
  get(name: string): ParameterValue {
    return this.#getEntry(name).value;
  }

  has(name: string): boolean {
    return this.#entries.has(name);
  }

  /** Asks `check` about every value from now on. Returns how to stop. */
  addCheck(check: ParameterCheck): () => void {
    this.#checks.add(check);
    return () => this.#checks.delete(check);
  }

  /** @throws ParameterError on an unknown name, a wrong type, a range, a read-only violation or a refusal */
  set(name: string, value: ParameterValue): void {
    const error = this.findObjection(name, value);
    if (error !== undefined) throw error;
    this.#getEntry(name).value = value;
  }

  /** Why a declared parameter cannot be set to a value; undefined if it can. @throws ParameterError on an unknown name */
  findObjection(name: string, value: ParameterValue): ParameterError | undefined {
    const { descriptor, value: current } = this.#getEntry(name);
    if (descriptor.readOnly === true) {
      return new ParameterError(this.#node, name, {
        problem: 'is read-only',
        expected: `nobody to set it, now ${describe(current)}`,
        got: describe(value),
        remedy: 'Set it when the node starts.',
      });
    }
    return this.#findMisfit(descriptor, value) ?? this.#findRefusal(descriptor, value);
  }

  list(): (ParameterDescriptor<ParameterValue> & { readonly value: ParameterValue })[] {
    return [...this.#entries.values()].map(({ descriptor, value }) => ({ ...descriptor, value }));
  }

  /** Overrides that nothing declared so far: misspelt, or meant for another node. */
  listUnusedOverrides(): string[] {
    return Object.keys(this.#overrides).filter((name) => !this.#entries.has(name));
  }

  #getEntry(name: string): Entry {
    const entry = this.#entries.get(name);
    if (entry !== undefined) return entry;
    throw new ParameterError(this.#node, name, {
      problem: 'is not declared',
      expected: `one of ${[...this.#entries.keys()].join(', ')}`,
      got: `'${name}'`,
      remedy: 'Correct the name.',
    });
  }

  #findRefusal(
    { name, description }: ParameterDescriptor<ParameterValue>,
    value: ParameterValue,
  ): ParameterError | undefined {
    for (const check of this.#checks) {
      const reason = askSafely(check, name, value);
      if (reason === undefined) continue;
      return new ParameterError(this.#node, name, {
        problem: `is refused: ${reason}`,
        expected: 'a value that the node accepts',
        got: describe(value),
        remedy: description,
      });
    }
    return undefined;
  }

  #findMisfit(
    descriptor: ParameterDescriptor<ParameterValue>,
    value: ParameterValue,
  ): ParameterError | undefined {
    const { name, range, unit } = descriptor;
    const suffix = unit === undefined ? '' : ` ${unit}`;
    const [wanted, given] = [getKind(descriptor.default), getKind(value)];
    const isSameKind = wanted === given || bothArraysOneEmpty(descriptor.default, value);
    if (!isSameKind) {
      return new ParameterError(this.#node, name, {
        problem: 'has the wrong type',
        expected: wanted,
        got: describe(value),
        remedy: `${descriptor.description}`,
      });
    }
    const numbers = Array.isArray(value) ? value : [value];
    if (descriptor.integer === true && !numbers.every(Number.isInteger)) {
      return new ParameterError(this.#node, name, {
        problem: 'is not a whole number',
        expected: 'an integer',
        got: describe(value),
        remedy: `${descriptor.description}`,
      });
    }
    if (range === undefined) return undefined;
    if (numbers.every((number) => number >= range[0] && number <= range[1])) return undefined;
    return new ParameterError(this.#node, name, {
      problem: 'is out of range',
      expected: `${range[0]} … ${range[1]}${suffix}`,
      got: describe(value),
      remedy: `${descriptor.description}`,
    });
  }
}

/** A check that throws has not agreed. */
function askSafely(check: ParameterCheck, name: string, value: ParameterValue): string | undefined {
  try {
    return check(name, value);
  } catch (error) {
    return `its check failed: ${error instanceof Error ? error.message : error}`;
  }
}

function getKind(value: ParameterValue): string {
  if (!Array.isArray(value)) return typeof value;
  const kinds = new Set(value.map((one) => typeof one));
  return `${[...kinds].join(' or ')}[]`;
}

/** An empty list has no kind of its own and fits every list. */
function bothArraysOneEmpty(a: ParameterValue, b: ParameterValue): boolean {
  return Array.isArray(a) && Array.isArray(b) && (a.length === 0 || b.length === 0);
}

function describe(value: ParameterValue): string {
  if (typeof value === 'string') return `'${value}'`;
  // JSON has no words for what is not finite.
  return typeof value === 'number' ? String(value) : JSON.stringify(value);
}
