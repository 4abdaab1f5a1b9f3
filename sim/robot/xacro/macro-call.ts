import type { XmlElement } from '../xml.ts';
import type { Evaluator } from './evaluator.ts';
import { type Macro, type MacroParam, parseParams, type Scope } from './scope.ts';
import { ExpressionError, type Value } from './value.ts';

// Macros: how they are defined, found, and given what they are called with.

/** Keeps a `<xacro:macro>` in a scope. @throws ExpressionError where it has no name */
export function defineMacro(element: XmlElement, scope: Scope): void {
  const name = element.attributes.name?.replace(/^xacro:/, '');
  if (name === undefined || name === '') throw new ExpressionError("attribute 'name' is missing");
  scope.macros.set(name, {
    name,
    params: parseParams(element.attributes.params ?? ''),
    body: element,
  });
}

/** The macro that a call means, and the scope that it sees. @throws ExpressionError that lists those that there are */
export function findMacro(name: string, scope: Scope): { macro: Macro; home: Scope } {
  const found = scope.findMacro(name);
  if (found !== undefined) return found;
  const names = [...new Set(scope.listMacros())].join(', ') || 'none';
  throw new ExpressionError(`there is no macro '${name}'; there are: ${names}`);
}

/**
 * Puts the values of a call into the scope of its macro.
 * @param call `reserved`: attributes that are no parameters
 * @throws ExpressionError for a parameter that is unknown, or that has no value
 */
export function passValues(
  evaluator: Evaluator,
  call: {
    readonly macro: Macro;
    readonly element: XmlElement;
    readonly reserved: readonly string[];
  },
  scope: Scope,
  inner: Scope,
): void {
  const { name, params } = call.macro;
  const { attributes } = call.element;
  const known = params.filter((param) => param.kind === 'value');
  for (const key of Object.keys(attributes)) {
    if (call.reserved.includes(key) || known.some((param) => param.name === key)) continue;
    const names = known.map((param) => param.name).join(', ') || 'none';
    throw new ExpressionError(`macro '${name}' has no parameter '${key}'; it has: ${names}`);
  }
  for (const param of known) {
    const value = attributes[param.name] ?? getDefault(evaluator, name, param, scope);
    inner.set(
      param.name,
      typeof value === 'string' ? evaluator.evaluate(value, scope) : value,
      'now',
    );
  }
}

function getDefault(evaluator: Evaluator, macro: string, param: MacroParam, scope: Scope): Value {
  if (param.isForwarded && scope.has(param.name)) return evaluator.getProperty(param.name, scope);
  if (param.fallback !== undefined) return param.fallback;
  throw new ExpressionError(`macro '${macro}' needs a value for '${param.name}'`);
}

/**
 * Puts the blocks of a call, its children, into the scope of its macro.
 * @throws ExpressionError for another number of them than it takes
 */
export function passBlocks(
  { name, params }: Macro,
  given: readonly XmlElement[],
  inner: Scope,
): void {
  const wanted = params.filter((param) => param.kind !== 'value');
  if (given.length !== wanted.length) {
    const names = wanted.map((param) => param.name).join(', ');
    throw new ExpressionError(
      `macro '${name}' takes ${wanted.length} block(s) (${names}), got ${given.length}`,
    );
  }
  wanted.forEach((param, i) => {
    const block = given[i]!;
    inner.blocks.set(param.name, param.kind === 'content' ? block.children : [block]);
  });
}
