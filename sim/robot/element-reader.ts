import { UserError } from '../errors.ts';
import type { Vec3 } from '../math/vec3.ts';
import type { XmlElement } from './xml.ts';

/** An element together with the way to it, for messages. */
export interface Located {
  readonly element: XmlElement;
  /** As in `robot/link[arm]/inertial/mass`. */
  readonly path: string;
}

/**
 * Reads attributes of URDF elements. Every problem is collected with its line and element path, and
 * a harmless value is returned in its place, so that one pass finds all problems of a file.
 */
export class ElementReader {
  readonly errors: UserError[] = [];
  readonly #where: string;

  constructor(where: string) {
    this.#where = where;
  }

  report(at: Located, problem: string, expected: string, got: string, remedy: string): void {
    this.errors.push(
      new UserError({
        where: `${this.#where}:${at.element.line}: ${at.path}`,
        problem,
        expected,
        got,
        remedy,
      }),
    );
  }

  list(parent: Located, name: string): Located[] {
    return parent.element.children
      .filter((child) => child.name === name)
      .map((element) => {
        const own = element.attributes.name;
        const label = own === undefined ? name : `${name}[${own}]`;
        return { element, path: `${parent.path}/${label}` };
      });
  }

  optional(parent: Located, name: string): Located | undefined {
    const found = this.list(parent, name);
    if (found.length > 1) {
      this.report(
        found[1]!,
        `element <${name}> stands here twice`,
        'at most one',
        `${found.length}`,
        'Remove all but one.',
      );
    }
    return found[0];
  }

  required(parent: Located, name: string): Located | undefined {
    const found = this.optional(parent, name);
    if (found === undefined) {
      const present = parent.element.children.map((child) => child.name).join(', ');
      this.report(
        parent,
        `element <${name}> is missing`,
        `one <${name}>`,
        present === '' ? 'no child elements' : present,
        'Add it.',
      );
    }
    return found;
  }

  text(at: Located, attribute: string): string | undefined {
    const value = at.element.attributes[attribute];
    if (value !== undefined && value.trim() !== '') return value.trim();
    const present = Object.keys(at.element.attributes).join(', ');
    this.report(
      at,
      `attribute '${attribute}' is missing`,
      `${attribute}="…"`,
      present === '' ? 'no attributes' : `attributes ${present}`,
      'Add it.',
    );
    return undefined;
  }

  /** A finite number. Without a fallback the attribute is required. */
  number(at: Located, attribute: string, fallback?: number): number {
    const present = at.element.attributes[attribute] !== undefined;
    if (!present && fallback !== undefined) return fallback;
    const text = this.text(at, attribute);
    if (text === undefined) return fallback ?? 0;
    return this.#toNumbers(at, attribute, text, 1)[0]!;
  }

  vector(at: Located, attribute: string, fallback?: Vec3): Vec3 {
    const present = at.element.attributes[attribute] !== undefined;
    if (!present && fallback !== undefined) return fallback;
    const text = this.text(at, attribute);
    if (text === undefined) return fallback ?? [0, 0, 0];
    const numbers = this.#toNumbers(at, attribute, text, 3);
    return [numbers[0]!, numbers[1]!, numbers[2]!];
  }

  colour(at: Located, attribute: string): readonly [number, number, number, number] {
    const text = this.text(at, attribute) ?? '0 0 0 1';
    const numbers = this.#toNumbers(at, attribute, text, 4);
    return [numbers[0]!, numbers[1]!, numbers[2]!, numbers[3]!];
  }

  #toNumbers(at: Located, attribute: string, text: string, count: number): number[] {
    const parts = text.split(/\s+/);
    const numbers = parts.map(Number);
    if (numbers.length === count && numbers.every(Number.isFinite)) return numbers;
    this.report(
      at,
      `attribute '${attribute}' cannot be read`,
      count === 1 ? 'one finite number' : `${count} finite numbers separated by spaces`,
      `'${text}'`,
      'Correct the value.',
    );
    return new Array<number>(count).fill(0);
  }
}
