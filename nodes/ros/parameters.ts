import { ParameterError } from './errors.ts';
import type { ParameterDescriptor, ParameterValue } from './port.ts';

interface Entry {
  readonly descriptor: ParameterDescriptor<ParameterValue>;
  value: ParameterValue;
}

/** The parameters of one node: declared, typed, bounded. */
export class Parameters {
  readonly #node: string;
  readonly #overrides: Readonly<Record<string, ParameterValue>>;
  readonly #entries = new Map<string, Entry>();

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

  /** @throws ParameterError on an unknown name, a wrong type, a range or a read-only violation */
  set(name: string, value: ParameterValue): void {
    const entry = this.#getEntry(name);
    if (entry.descriptor.readOnly === true) {
      throw new ParameterError(this.#node, name, {
        problem: 'is read-only',
        expected: `its start value ${describe(entry.value)}`,
        got: describe(value),
        remedy: 'Set it when the node starts.',
      });
    }
    const error = this.#findMisfit(entry.descriptor, value);
    if (error !== undefined) throw error;
    entry.value = value;
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
    if (range === undefined) return undefined;
    const numbers = Array.isArray(value) ? value : [value];
    if (numbers.every((number) => number >= range[0] && number <= range[1])) return undefined;
    return new ParameterError(this.#node, name, {
      problem: 'is out of range',
      expected: `${range[0]} … ${range[1]}${suffix}`,
      got: describe(value),
      remedy: `${descriptor.description}`,
    });
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
  return typeof value === 'string' ? `'${value}'` : JSON.stringify(value);
}
