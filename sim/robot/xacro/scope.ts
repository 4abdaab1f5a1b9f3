import type { XmlElement } from '../xml.ts';
import { describe, ExpressionError, toLiteral, type Value } from './value.ts';

/** A `<xacro:macro>`. */
export interface Macro {
  readonly name: string;
  readonly params: readonly MacroParam[];
  readonly body: XmlElement;
}

export interface MacroParam {
  readonly name: string;
  /** `element`: the next child of the call; `content`: what stands in it */
  readonly kind: 'value' | 'element' | 'content';
  /** Takes the caller's value of the same name first, where it has one (`^`). */
  readonly isForwarded: boolean;
  readonly fallback?: string | undefined;
}

/** Properties, blocks and macros of one call, in front of those of its caller. */
export class Scope {
  readonly parent: Scope | undefined;
  readonly blocks = new Map<string, readonly XmlElement[]>();
  readonly macros = new Map<string, Macro>();
  /** Of includes, by their `ns`. */
  readonly namespaces = new Map<string, Scope>();
  readonly #values = new Map<string, Value>();
  /** Texts that are computed when they are first asked for. */
  readonly #lazy = new Set<string>();
  readonly #underWay = new Set<string>();

  constructor(parent?: Scope) {
    this.parent = parent;
  }

  get top(): Scope {
    return this.parent?.top ?? this;
  }

  set(name: string, value: Value, when: 'now' | 'lazily'): void {
    const literal = typeof value === 'string' ? toLiteral(value) : value;
    this.#values.set(name, literal);
    if (when === 'lazily' && typeof literal === 'string' && literal.includes('$')) {
      this.#lazy.add(name);
    } else this.#lazy.delete(name);
  }

  remove(name: string): void {
    this.#values.delete(name);
    this.#lazy.delete(name);
    this.blocks.delete(name);
  }

  has(name: string): boolean {
    return this.#values.has(name) || (this.parent?.has(name) ?? false);
  }

  /** Whether this very scope has it. */
  owns(name: string): boolean {
    return this.#values.has(name);
  }

  /**
   * The value of a property; a text with expressions is computed in the scope where it was set.
   * @throws ExpressionError for a property that is defined by itself
   */
  get(name: string, evaluate: (text: string, scope: Scope) => Value): Value {
    if (!this.#values.has(name)) return this.parent?.get(name, evaluate);
    const value = this.#values.get(name);
    if (!this.#lazy.has(name) || typeof value !== 'string') return value;
    if (this.#underWay.has(name)) {
      throw new ExpressionError(`property '${name}' is defined by itself: ${describe(value)}`);
    }
    this.#underWay.add(name);
    try {
      this.set(name, evaluate(value, this), 'now');
    } finally {
      this.#underWay.delete(name);
    }
    return this.#values.get(name);
  }

  findBlock(name: string): readonly XmlElement[] | undefined {
    return this.blocks.get(name) ?? this.parent?.findBlock(name);
  }

  /** A macro of this scope, of those around it, or, as `ns.name`, of a namespace; `home` is the scope that it sees. */
  findMacro(name: string): { readonly macro: Macro; readonly home: Scope } | undefined {
    const macro = this.#findOwnMacro(name);
    if (macro !== undefined) return { macro, home: this };
    const dot = name.indexOf('.');
    const inner = dot < 0 ? undefined : this.#findNamespace(name.slice(0, dot));
    return inner?.findMacro(name.slice(dot + 1));
  }

  #findOwnMacro(name: string): Macro | undefined {
    const own = this.macros.get(name);
    if (own !== undefined || this.parent === undefined) return own;
    return this.parent.#findOwnMacro(name);
  }

  #findNamespace(name: string): Scope | undefined {
    const own = this.namespaces.get(name);
    if (own !== undefined || this.parent === undefined) return own;
    return this.parent.#findNamespace(name);
  }

  listNames(): string[] {
    return [...this.#values.keys(), ...(this.parent?.listNames() ?? [])];
  }

  listMacros(): string[] {
    const inner = [...this.namespaces].flatMap(([ns, { macros }]) =>
      [...macros.keys()].map((name) => `${ns}.${name}`),
    );
    return [...this.macros.keys(), ...inner, ...(this.parent?.listMacros() ?? [])];
  }
}

const PARAM = /^\s*([^\s:=]+?)\s*:?=\s*(\^\|?)?((?:'[^']*'|[^\s'"])*)(?:\s+|$)/;
const BARE = /^\s*(\S+)(?:\s+|$)/;

/** `params="name *block **content size:=1 text:='a b' inherited:=^|0"` */
export function parseParams(text: string): MacroParam[] {
  const params: MacroParam[] = [];
  let rest = text;
  while (rest.trim() !== '') {
    const match = PARAM.exec(rest);
    const bare = match === null ? BARE.exec(rest) : null;
    rest = rest.slice((match ?? bare)![0].length);
    if (match !== null) {
      const [, name = '', forward, fallback = ''] = match;
      const isBareForward = forward === '^';
      params.push({
        name,
        kind: 'value',
        isForwarded: forward !== undefined,
        fallback: isBareForward ? undefined : fallback,
      });
    } else {
      const word = bare![1]!;
      const name = word.replace(/^\*{1,2}/, '');
      const kind = word.startsWith('**') ? 'content' : word.startsWith('*') ? 'element' : 'value';
      params.push({ name, kind, isForwarded: false });
    }
  }
  return params;
}
