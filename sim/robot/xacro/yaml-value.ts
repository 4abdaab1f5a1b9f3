import { type Document, parseDocument } from 'yaml';
import { ExpressionError, type Value } from './value.ts';

/** Units that xacro adds to YAML. */
const TAGS = [
  { tag: '!degrees', resolve: (text: string) => (Number(text) * Math.PI) / 180 },
  { tag: '!radians', resolve: (text: string) => Number(text) },
];
const MAX_DEPTH = 50;

/**
 * What YAML holds, as a value of expressions.
 * @throws ExpressionError that names the file
 */
export function parseYamlValue(text: string, path: string): Value {
  const document: Document = parseDocument(text, {
    // ROS reads YAML with PyYAML, where the last of equal keys counts; real descriptions have some.
    uniqueKeys: false,
    customTags: TAGS,
  });
  const [problem] = document.errors;
  if (problem !== undefined) throw new ExpressionError(`${path}: ${problem.message}`);
  try {
    return toValue(document.toJS(), 0);
  } catch (error) {
    // An alias without an anchor, or too many of them.
    throw new ExpressionError(`${path}: ${error instanceof Error ? error.message : error}`);
  }
}

function toValue(value: unknown, depth: number): Value {
  if (depth > MAX_DEPTH) throw new ExpressionError('nested too deeply');
  if (value === null || value === undefined) return undefined;
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') {
    return value;
  }
  if (Array.isArray(value)) return value.map((item) => toValue(item, depth + 1));
  return new Map(Object.entries(value).map(([key, item]) => [key, toValue(item, depth + 1)]));
}
