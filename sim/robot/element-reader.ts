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
  /** What is odd but does no harm, each with its place. */
  readonly warnings: string[] = [];
  readonly #where: string;
  /** What has been asked of each element, there or not. */
  readonly #asked = new Map<
    XmlElement,
    { readonly path: string; readonly attributes: Set<string> }
  >();

  constructor(where: string) {
    this.#where = where;
  }

  report(at: Located, problem: string, expected: string, got: string, remedy: string): void {
    this.errors.push(
      new UserError({
        where: this.locate(at),
        problem,
        expected,
        got,
        remedy,
      }),
    );
  }

  warn(at: Located, message: string): void {
    this.warnings.push(`${this.locate(at)}: ${message}`);
  }

  /** File, line and way to an element. */
  locate({ element, path }: Located): string {
    return `${element.file ?? this.#where}:${element.line}: ${path}`;
  }

  /** Warns of children whose names are not among `known`: most are misspelt, and would be lost in silence. */
  warnOfUnknown(parent: Located, known: readonly string[]): void {
    for (const element of parent.element.children) {
      if (known.includes(element.name)) continue;
      this.warn(
        { element, path: `${parent.path}/${element.name}` },
        `element <${element.name}> is not known here and is ignored`,
      );
    }
  }

  /**
   * Warns of attributes that nobody has asked for, of elements of which something was read: a misspelt `velocity`
   * would leave a joint without its limit in silence.
   */
  warnOfUnread(): void {
    for (const [element, { path, attributes }] of this.#asked) {
      // Namespaces are for others.
      const unread = Object.keys(element.attributes).filter(
        (name) => !attributes.has(name) && !/^xmlns|:/.test(name),
      );
      if (unread.length === 0) continue;
      const known = [...attributes].join(', ');
      this.warn(
        { element, path },
        `${unread.map((name) => `'${name}'`).join(', ')} ignored; attributes known here: ${known}`,
      );
    }
  }

  #noteAsked({ element, path }: Located, attribute: string): void {
    const asked = this.#asked.get(element);
    if (asked === undefined) this.#asked.set(element, { path, attributes: new Set([attribute]) });
    else asked.attributes.add(attribute);
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
    this.#noteAsked(at, attribute);
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
    this.#noteAsked(at, attribute);
    const present = at.element.attributes[attribute] !== undefined;
    if (!present && fallback !== undefined) return fallback;
    const text = this.text(at, attribute);
    if (text === undefined) return fallback ?? 0;
    return this.#toNumbers(at, attribute, text, 1)[0]!;
  }

  vector(at: Located, attribute: string, fallback?: Vec3): Vec3 {
    this.#noteAsked(at, attribute);
    const present = at.element.attributes[attribute] !== undefined;
    if (!present && fallback !== undefined) return fallback;
    const text = this.text(at, attribute);
    if (text === undefined) return fallback ?? [0, 0, 0];
    const numbers = this.#toNumbers(at, attribute, text, 3);
    return [numbers[0]!, numbers[1]!, numbers[2]!];
  }

  /** Whether an attribute holds that many numbers; if not, its reading has been reported. */
  isReadable(at: Located, attribute: string, count: 1 | 3): boolean {
    return toNumbers(at.element.attributes[attribute] ?? '', count) !== undefined;
  }

  /** Red, green, blue, alpha in [0, 1]. A colour is for the eye only, so one that cannot be read is only warned of. */
  colour(at: Located, attribute: string): readonly [number, number, number, number] | undefined {
    const text = at.element.attributes[attribute] ?? '';
    const numbers = toNumbers(text, 4);
    if (numbers?.every((value) => value >= 0 && value <= 1)) {
      return [numbers[0]!, numbers[1]!, numbers[2]!, numbers[3]!];
    }
    this.warn(
      at,
      `'${attribute}' is not four numbers from 0 to 1 but '${text}'; no colour is used`,
    );
    return undefined;
  }

  #toNumbers(at: Located, attribute: string, text: string, count: number): number[] {
    const numbers = toNumbers(text, count);
    if (numbers !== undefined) return numbers;
    this.report(
      at,
      `attribute '${attribute}' cannot be read`,
      `${count === 1 ? 'one finite number' : `${count} finite numbers separated by spaces`}${describeLimit(text)}`,
      `'${text}'`,
      'Correct the value.',
    );
    return new Array<number>(count).fill(0);
  }
}

/** Far beyond any robot, and so far from the largest number that sums of products of three stay finite. */
const MAX_MAGNITUDE = 1e30;
/** As in XML Schema's double, without its words for infinity and NaN. */
const DECIMAL = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/;

function toNumbers(text: string, count: number): number[] | undefined {
  const parts = text.trim().split(/\s+/);
  if (parts.length !== count || !parts.every((part) => DECIMAL.test(part))) return undefined;
  const numbers = parts.map(Number);
  return numbers.every((value) => Math.abs(value) <= MAX_MAGNITUDE) ? numbers : undefined;
}

/** Only where the size is the fault: nobody needs to hear of it otherwise. */
function describeLimit(text: string): string {
  const isNumber = text.split(/\s+/).every((part) => DECIMAL.test(part));
  return isNumber ? ` within ±${MAX_MAGNITUDE.toExponential(0)}` : '';
}
