import type { Found } from '../packages.ts';
import { makeBuiltins } from './builtins.ts';
import { evaluateExpression } from './expression.ts';
import type { Names } from './names.ts';
import type { Scope } from './scope.ts';
import { evaluateText } from './text.ts';
import { ExpressionError, toLiteral, type Value } from './value.ts';
import { parseYamlValue } from './yaml-value.ts';

/** How the expander reaches files. */
export interface XacroFiles {
  /** Undefined for a file that cannot be read. */
  readText(path: string): string | undefined;
  /** The path that a path written in a file means. */
  resolve(path: string, fromFile: string): string;
  /** The folder of a ROS package. */
  findPackage(name: string, fromFile: string): Found;
  folderOf(path: string): string;
  /** A variable of the environment; undefined where it is not set. */
  readEnvironment(name: string): string | undefined;
}

export interface XacroOptions {
  /** Values of `$(arg name)`, before the defaults in the file. */
  readonly arguments?: Readonly<Record<string, string>> | undefined;
  readonly onWarning?: ((message: string) => void) | undefined;
}

/** Elements, expressions and calls that one expansion may make: a robot of 1000 links makes a tenth of it. */
const MAX_WORK = 1_000_000;
/** Macros in macros; a recursive one may count this far. */
const MAX_DEPTH = 150;

/** Computes the texts of one expansion, knows in which file it is, and how much it may still do. */
export class Evaluator {
  readonly files: XacroFiles;
  readonly arguments = new Map<string, string>();
  /** Arguments that the files declare or ask for. */
  readonly #wanted = new Set<string>();
  readonly #builtins: ReadonlyMap<string, Value>;
  readonly #opened: string[] = [];
  #work = 0;
  #depth = 0;

  constructor(path: string, files: XacroFiles, options: XacroOptions) {
    this.files = files;
    this.#opened.push(path);
    for (const [name, value] of Object.entries(options.arguments ?? {})) {
      this.arguments.set(name, value);
    }
    this.#builtins = makeBuiltins({
      loadYaml: (file) => this.#loadYaml(file),
      warn: (message) => options.onWarning?.(`${this.file}: ${message}`),
      getArgument: (name) => this.#getArgument(name),
    });
  }

  /** The file that is being expanded. */
  get file(): string {
    return this.#opened.at(-1)!;
  }

  /** @throws ExpressionError for a file that is open already: it would never end */
  inFile<T>(path: string, work: () => T): T {
    if (this.#opened.includes(path)) {
      const ring = [...this.#opened, path].join(' → ');
      throw new ExpressionError(`files include one another in a ring: ${ring}`);
    }
    this.#opened.push(path);
    try {
      return work();
    } finally {
      this.#opened.pop();
    }
  }

  readText(path: string): string {
    const text = this.files.readText(path);
    if (text === undefined) throw new ExpressionError(`${path} cannot be read`);
    return text;
  }

  spend(amount = 1): void {
    this.#work += amount;
    if (this.#work <= MAX_WORK) return;
    throw new ExpressionError(`the expansion does not end: more than ${MAX_WORK} steps`);
  }

  /** Does something one level further down. */
  deeper<T>(work: () => T): T {
    if (++this.#depth > MAX_DEPTH) {
      throw new ExpressionError(
        `elements, macros or properties nested more than ${MAX_DEPTH} deep`,
      );
    }
    try {
      return work();
    } finally {
      this.#depth--;
    }
  }

  /** The value of a text with `${…}` and `$(…)`. @throws ExpressionError */
  evaluate(text: string, scope: Scope): Value {
    const names: Names = {
      lookUp: (name) => this.#lookUp(name, scope),
      spend: (amount) => this.spend(amount),
    };
    return evaluateText(text, names, {
      substitute: (command, argument) => this.#substitute(command, argument, names),
    });
  }

  getProperty(name: string, scope: Scope): Value {
    return this.deeper(() => scope.get(name, (text, at) => this.evaluate(text, at)));
  }

  #lookUp(name: string, scope: Scope): Value {
    this.spend();
    if (scope.has(name)) return this.getProperty(name, scope);
    if (this.#builtins.has(name)) return this.#builtins.get(name);
    const known = [...new Set(scope.listNames())].slice(0, 40).join(', ') || 'none';
    throw new ExpressionError(`nothing is called '${name}'; properties here: ${known}`);
  }

  /** Gives an argument its default, unless it has a value. */
  declareArgument(name: string, fallback: string | undefined): void {
    this.#wanted.add(name);
    if (fallback !== undefined && !this.arguments.has(name)) this.arguments.set(name, fallback);
  }

  /** Those with a value that no file declared or asked for, and those that some file did. */
  compareArguments(): { readonly unknown: readonly string[]; readonly known: readonly string[] } {
    const unknown = [...this.arguments.keys()].filter((name) => !this.#wanted.has(name));
    return { unknown, known: [...this.#wanted] };
  }

  #getArgument(name: string): string {
    this.#wanted.add(name);
    const value = this.arguments.get(name);
    if (value !== undefined) return value;
    const names = [...this.arguments.keys()].join(', ') || 'none';
    throw new ExpressionError(
      `argument '${name}' has no value; those with one: ${names}. Give it with --xacro-arg ${name}:=…`,
    );
  }

  #substitute(command: string, argument: string, names: Names): Value {
    switch (command) {
      case 'find':
        return this.#findPackage(argument);
      case 'arg':
        return this.#getArgument(argument);
      case 'env':
      case 'optenv':
        return this.#getVariable(command, argument);
      case 'dirname':
        return this.files.folderOf(this.file);
      case 'eval':
        return evaluateExpression(argument, {
          lookUp: (name) =>
            this.arguments.has(name) ? toLiteral(this.#getArgument(name)) : names.lookUp(name),
          spend: (amount) => names.spend(amount),
        });
      default:
        throw new ExpressionError(
          `'${command}' is not supported; known are find, arg, env, optenv, dirname and eval`,
        );
    }
  }

  /** `$(env NAME)`, or `$(optenv NAME default)`, where what is not set is its default or nothing. */
  #getVariable(command: 'env' | 'optenv', argument: string): string {
    const [, name = '', fallback = ''] = /^(\S*)\s*(.*)$/s.exec(argument) ?? [];
    const value = this.files.readEnvironment(name);
    if (value !== undefined) return value;
    if (command === 'optenv') return fallback;
    throw new ExpressionError(`the environment variable '${name}' is not set`);
  }

  #findPackage(name: string): string {
    const found = this.files.findPackage(name, this.file);
    if (found.path !== undefined) return found.path;
    throw new ExpressionError(
      `${found.why}; searched ${found.searched.join(', ')}. Give its folder with --package-path`,
    );
  }

  #loadYaml(written: string): Value {
    const path = this.files.resolve(written, this.file);
    return parseYamlValue(this.readText(path), path);
  }
}
