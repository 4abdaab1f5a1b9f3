import { UserError } from '../../sim/errors.ts';

/**
 * ROS 2 names: https://design.ros2.org/articles/topic_and_service_names.html and, for remapping,
 * https://design.ros2.org/articles/static_remapping.html.
 */

/** Who asks: what relative and private names are resolved against. */
export interface NodeIdentity {
  readonly name: string;
  /** Absolute; `/` is the root. */
  readonly namespace: string;
}

/** What a node is called, and how it renames topics and services. */
export interface ResolvedNode extends NodeIdentity {
  readonly fullyQualifiedName: string;
  /** Fully qualified name → fully qualified name. */
  readonly remappings: ReadonlyMap<string, string>;
}

/**
 * Applies `__node`, `__name` and `__ns`, then resolves the other remappings against the result. A rule
 * headed `other_node:` is left to that node; of two rules for one name the first wins.
 * @throws UserError on an invalid name
 */
export function resolveNode(
  name: string,
  namespace: string,
  remappings: Readonly<Record<string, string>>,
): ResolvedNode {
  const own = Object.entries(remappings).flatMap(([from, to]) => {
    const [, target, rest] = /^([^:/]+):(.+)$/.exec(from) ?? [];
    if (target === undefined || rest === undefined) return [[from, to] as const];
    return target === name ? [[rest, to] as const] : [];
  });
  const find = (...keys: string[]) => own.find(([from]) => keys.includes(from))?.[1];
  const identity = {
    name: checkNodeName(find('__node', '__name') ?? name),
    namespace: checkNamespace(find('__ns') ?? namespace),
  };
  const resolved = new Map<string, string>();
  for (const [from, to] of own) {
    if (from.startsWith('__')) continue;
    const source = expandName(from, identity);
    if (!resolved.has(source)) resolved.set(source, expandName(to, identity));
  }
  return {
    ...identity,
    fullyQualifiedName: joinName(identity.namespace, identity.name),
    remappings: resolved,
  };
}

/** Full name of a topic or service as this node means it, remapped. @throws UserError on an invalid name */
export function resolveName(name: string, node: ResolvedNode): string {
  const full = expandName(name, node);
  return node.remappings.get(full) ?? full;
}

/** Full name before remapping: `/x` as it is, `x` in the namespace, `~/x` under the node. @throws UserError */
export function expandName(name: string, node: NodeIdentity): string {
  const substituted = name.replace(/\{([^{}]*)\}/g, (whole, key: string) => {
    if (key === 'node') return node.name;
    if (key === 'ns' || key === 'namespace') return node.namespace.slice(1);
    throw invalid(name, `unknown substitution '${whole}'`, '{node}, {ns} or {namespace}');
  });
  if (substituted === '~' || substituted.startsWith('~/')) {
    return checkFullName(joinName(joinName(node.namespace, node.name), substituted.slice(2)), name);
  }
  const full = substituted.startsWith('/') ? substituted : joinName(node.namespace, substituted);
  if (substituted === '') throw invalid(name, 'the name is empty', 'at least one character');
  return checkFullName(full, name);
}

function joinName(namespace: string, name: string): string {
  if (name === '') return namespace;
  return namespace === '/' ? `/${name}` : `${namespace}/${name}`;
}

function checkFullName(full: string, given: string): string {
  if (full.includes('~')) {
    throw invalid(given, `'~' is not at the start, followed by '/'`, 'a private name like ~/x');
  }
  if (!/^[A-Za-z0-9_/]*$/.test(full)) {
    throw invalid(
      given,
      'the name has characters that are not allowed',
      'letters, digits, _ and /',
    );
  }
  if (full.includes('//')) throw invalid(given, `the name has '//'`, 'single slashes');
  if (full.endsWith('/')) throw invalid(given, `the name ends in '/'`, 'a last part');
  if (full.includes('__')) throw invalid(given, `the name has '__'`, 'single underscores');
  if (/\/[0-9]/.test(full)) {
    throw invalid(given, 'a part of the name starts with a digit', 'a letter or _ first');
  }
  return full;
}

function checkNodeName(name: string): string {
  if (/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) return name;
  throw invalid(name, 'not a node name', 'letters, digits and _, not starting with a digit');
}

/** @param namespace absolute, or relative to the root */
function checkNamespace(namespace: string): string {
  if (namespace === '/' || namespace === '') return '/';
  return checkFullName(namespace.startsWith('/') ? namespace : `/${namespace}`, namespace);
}

function invalid(name: string, problem: string, expected: string): UserError {
  return new UserError({
    where: `ROS name '${name}'`,
    problem,
    expected,
    got: `'${name}'`,
    remedy: 'Correct the name.',
  });
}
