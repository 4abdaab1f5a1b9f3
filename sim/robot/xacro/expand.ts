import { throwIfAny, UserError } from '../../errors.ts';
import { parseXml, type XmlElement } from '../xml.ts';
import { Evaluator, type XacroFiles, type XacroOptions } from './evaluator.ts';
import { defineMacro, findMacro, passBlocks, passValues } from './macro-call.ts';
import { Scope } from './scope.ts';
import { describeUnknownArgument } from './unknown-argument.ts';
import { ExpressionError, isTrue, Namespace, toLiteral, toText } from './value.ts';

const PREFIX = 'xacro:';
const NO_ELEMENT: XmlElement = { name: 'robot', attributes: {}, children: [], text: '', line: 1 };

/**
 * Expands a xacro file (http://wiki.ros.org/xacro) into the elements of a URDF. Each element keeps the file and line it
 * was written in. `$(anon)` and the parts of Python that expression.ts leaves out are refused by name.
 * @throws UserError with file and line of the first problem
 */
export function expandXacro(
  path: string,
  files: XacroFiles,
  options: XacroOptions = {},
): XmlElement {
  try {
    return new Expander(path, files, options).expand();
  } catch (error) {
    // Its limits are for what is met; what is made to break them together ends here.
    if (!(error instanceof RangeError)) throw error;
    throw new UserError({
      where: path,
      problem: 'macros, properties and brackets are nested too deeply together',
      expected: 'a xacro that a person can follow',
      got: error.message,
      remedy: 'Simplify it.',
      cause: error,
    });
  }
}

/** One expansion, element by element. */
class Expander {
  readonly #evaluator: Evaluator;

  constructor(path: string, files: XacroFiles, options: XacroOptions) {
    this.#evaluator = new Evaluator(path, files, options);
  }

  get #file(): string {
    return this.#evaluator.file;
  }

  expand(): XmlElement {
    // No element can be blamed for a file that is not there.
    const root = this.#at({ ...NO_ELEMENT, file: this.#file }, () => this.#readFile(this.#file));
    const scope = new Scope();
    const expanded = this.#at(root, () => {
      const children = this.#expandContent(root, scope);
      return { ...root, text: '', attributes: this.#evaluateAttributes(root, scope), children };
    });
    this.#refuseUnknownArguments();
    return expanded;
  }

  /** Where nobody asks for a value, it was meant for another name, which then has its default unseen. */
  #refuseUnknownArguments(): void {
    const { unknown, known } = this.#evaluator.compareArguments();
    throwIfAny(unknown.map((name) => describeUnknownArgument(name, known, this.#file)));
  }

  #readFile(path: string): XmlElement {
    return withFile(parseXml(this.#evaluator.readText(path), path), path);
  }

  #expandAll(elements: readonly XmlElement[], scope: Scope): XmlElement[] {
    return elements.flatMap((element) => this.#expandOne(element, scope));
  }

  #expandOne(element: XmlElement, scope: Scope): readonly XmlElement[] {
    return this.#at(element, () => {
      this.#evaluator.spend();
      return this.#expandKind(element, scope);
    });
  }

  /** Does something for an element; what goes wrong is put where the innermost element stands. */
  #at<T>(element: XmlElement, work: () => T): T {
    try {
      return this.#evaluator.deeper(work);
    } catch (error) {
      if (!(error instanceof ExpressionError)) throw error;
      throw new UserError({
        where: `${element.file ?? this.#file}:${element.line}: <${element.name}>`,
        problem: error.message,
        expected: 'a xacro that can be expanded',
        got: `<${element.name}${formatAttributes(element)}>`,
        remedy: 'Correct it, or expand the file with ROS (`xacro FILE > robot.urdf`) and use that.',
        cause: error,
      });
    }
  }

  #expandKind(element: XmlElement, scope: Scope): readonly XmlElement[] {
    if (!element.name.startsWith(PREFIX)) return [this.#expandPlain(element, scope)];
    const kind = element.name.slice(PREFIX.length);
    switch (kind) {
      case 'property':
        this.#defineProperty(element, scope);
        return [];
      case 'macro':
        defineMacro(element, scope);
        return [];
      case 'arg':
        this.#defineArgument(element, scope);
        return [];
      case 'include':
        return this.#include(element, scope);
      case 'if':
      case 'unless':
        return this.#isMet(element, scope) === (kind === 'if')
          ? this.#expandContent(element, scope)
          : [];
      case 'insert_block':
        return this.#insertBlock(element, scope);
      case 'call':
        return this.#call(this.#getText(element, 'macro', scope), element, scope, ['macro']);
      case 'element':
        return [this.#makeElement(element, scope)];
      case 'attribute':
        throw new ExpressionError('<xacro:attribute> stands outside of an element');
      default:
        return this.#call(kind, element, scope, []);
    }
  }

  /** Its children, and what stands between them for its own sake, once they are known: `${xacro.warning(…)}`. */
  #expandContent(element: XmlElement, scope: Scope): XmlElement[] {
    const children = this.#expandAll(element.children, scope);
    if (element.text !== '') this.#evaluator.evaluate(element.text, scope);
    return children;
  }

  #expandPlain(element: XmlElement, scope: Scope): XmlElement {
    const attributes: Record<string, string> = { ...this.#evaluateAttributes(element, scope) };
    const inner = element.children.filter((child) => child.name === `${PREFIX}attribute`);
    for (const child of inner) {
      attributes[this.#getText(child, 'name', scope)] = this.#getText(child, 'value', scope);
    }
    return {
      ...element,
      attributes,
      text: element.text === '' ? '' : toText(this.#evaluator.evaluate(element.text, scope)),
      children: this.#expandAll(
        element.children.filter((child) => !inner.includes(child)),
        scope,
      ),
    };
  }

  #makeElement(element: XmlElement, scope: Scope): XmlElement {
    const { [`${PREFIX}name`]: name = '', ...attributes } = element.attributes;
    if (name === '') throw new ExpressionError("attribute 'xacro:name' is missing");
    return this.#expandPlain(
      { ...element, name: toText(this.#evaluator.evaluate(name, scope)), attributes },
      scope,
    );
  }

  #evaluateAttributes(element: XmlElement, scope: Scope): Record<string, string> {
    return Object.fromEntries(
      Object.entries(element.attributes)
        .filter(([name]) => name !== 'xmlns:xacro')
        .map(([name, value]) => [name, toText(this.#evaluator.evaluate(value, scope))]),
    );
  }

  #defineProperty(element: XmlElement, scope: Scope): void {
    const { value, default: fallback, scope: reach } = element.attributes;
    const name = this.#getText(element, 'name', scope);
    const target = reach === 'global' ? scope.top : reach === 'parent' ? scope.parent : scope;
    if (isSaid(element, 'remove')) {
      scope.remove(name);
      return;
    }
    if (value === undefined && fallback !== undefined && scope.has(name)) return;
    const text = value ?? fallback;
    if (text === undefined) {
      (target ?? scope).blocks.set(name, element.children);
      return;
    }
    const isNow = (reach ?? 'local') !== 'local' || element.attributes.lazy_eval === 'false';
    (target ?? scope).set(
      name,
      isNow ? this.#evaluator.evaluate(text, scope) : text,
      isNow ? 'now' : 'lazily',
    );
  }

  #defineArgument(element: XmlElement, scope: Scope): void {
    const name = this.#getText(element, 'name', scope);
    const { default: fallback } = element.attributes;
    const isOpen = fallback !== undefined && !this.#evaluator.arguments.has(name);
    this.#evaluator.declareArgument(
      name,
      isOpen ? toText(this.#evaluator.evaluate(fallback, scope)) : undefined,
    );
  }

  #include(element: XmlElement, scope: Scope): readonly XmlElement[] {
    const target = this.#openNamespace(element, scope);
    const written = this.#getText(element, 'filename', scope);
    const path = this.#evaluator.files.resolve(written, this.#file);
    return this.#evaluator.inFile(path, () => {
      const text = this.#evaluator.files.readText(path);
      if (text === undefined && isSaid(element, 'optional')) return [];
      return this.#expandContent(this.#readFile(path), target);
    });
  }

  /** Where an include puts its properties and macros: a scope of its own if it has an `ns`. */
  #openNamespace(element: XmlElement, scope: Scope): Scope {
    if (element.attributes.ns === undefined) return scope;
    const name = this.#getText(element, 'ns', scope);
    const inner = new Scope(scope);
    const members = {
      has: (key: string) => inner.has(key),
      get: (key: string) => this.#evaluator.getProperty(key, inner),
      keys: () => inner.listNames().values(),
    };
    scope.namespaces.set(name, inner);
    scope.set(name, new Namespace(members), 'now');
    return inner;
  }

  #isMet(element: XmlElement, scope: Scope): boolean {
    const written = this.#getAttribute(element, 'value');
    const value = this.#evaluator.evaluate(written, scope);
    const literal = typeof value === 'string' ? toLiteral(value.trim()) : value;
    if (typeof literal !== 'string') return isTrue(literal);
    throw new ExpressionError(`the condition is '${literal}', not true or false`);
  }

  #insertBlock(element: XmlElement, scope: Scope): readonly XmlElement[] {
    const name = this.#getText(element, 'name', scope);
    const block = scope.findBlock(name);
    if (block === undefined) throw new ExpressionError(`there is no block '${name}'`);
    return this.#expandAll(block, scope);
  }

  #call(
    name: string,
    element: XmlElement,
    scope: Scope,
    reserved: readonly string[],
  ): readonly XmlElement[] {
    // Of a namespace, also what is passed is computed there, as in ROS.
    const { macro, home } = findMacro(name, scope);
    const inner = new Scope(home);
    passValues(this.#evaluator, { macro, element, reserved }, home, inner);
    passBlocks(macro, this.#expandContent(element, home), inner);
    return this.#expandContent(macro.body, inner);
  }

  #getAttribute(element: XmlElement, name: string): string {
    const value = element.attributes[name];
    if (value === undefined) throw new ExpressionError(`attribute '${name}' is missing`);
    return value;
  }

  #getText(element: XmlElement, name: string, scope: Scope): string {
    return toText(this.#evaluator.evaluate(this.#getAttribute(element, name), scope));
  }
}

function withFile(element: XmlElement, file: string): XmlElement {
  return { ...element, file, children: element.children.map((child) => withFile(child, file)) };
}

function isSaid(element: XmlElement, attribute: string): boolean {
  return /^(true|1)$/i.test(element.attributes[attribute] ?? '');
}

function formatAttributes({ attributes }: XmlElement): string {
  const text = Object.entries(attributes)
    .map(([name, value]) => ` ${name}="${value}"`)
    .join('');
  return text.length > 120 ? `${text.slice(0, 117)}...` : text;
}
