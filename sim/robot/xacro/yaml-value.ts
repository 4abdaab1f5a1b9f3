import { type Document, isScalar, parseDocument, type ScalarTag, type Tags } from 'yaml';
import { ExpressionError, Float, toKey, type Value } from './value.ts';

/** Units that xacro adds to YAML. */
const UNITS: readonly ScalarTag[] = [
  { tag: '!degrees', resolve: (text: string) => new Float((Number(text) * Math.PI) / 180) },
  { tag: '!radians', resolve: (text: string) => new Float(Number(text)) },
];
/** As PyYAML reads them. YAML 1.1 itself takes `y` and `n` too, which would take the y from every x, y, z. */
const BOOLEANS: readonly ScalarTag[] = [
  { tag: 'tag:yaml.org,2002:bool', default: true, test: /^(true|yes|on)$/i, resolve: () => true },
  { tag: 'tag:yaml.org,2002:bool', default: true, test: /^(false|no|off)$/i, resolve: () => false },
];
/** Of YAML 1.1, what expressions have a value for. */
const KEPT = /:(map|seq|str|null|int|float|merge)$/;

function pickTags(tags: Tags): Tags {
  const isKept = (tag: Tags[number]) => typeof tag !== 'string' && KEPT.test(tag.tag);
  return [...BOOLEANS, ...tags.filter(isKept).map(keepFloats), ...UNITS];
}

/** 2.0 stays a float, which a plain number does not tell. */
function keepFloats(tag: Tags[number]): Tags[number] {
  if (typeof tag === 'string' || !tag.tag.endsWith(':float') || tag.collection) return tag;
  const resolve: ScalarTag['resolve'] = (...args) => {
    const made = tag.resolve(...args);
    return new Float(Number(isScalar(made) ? made.value : made));
  };
  return { ...tag, resolve };
}

const MAX_DEPTH = 50;

/**
 * What YAML holds, as a value of expressions.
 * @throws ExpressionError that names the file
 */
export function parseYamlValue(text: string, path: string): Value {
  const document: Document = parseDocument(text, {
    // ROS reads YAML with PyYAML: `yes` is true, 010 is 8, `<<` merges, and the last of equal keys counts.
    version: '1.1',
    uniqueKeys: false,
    customTags: pickTags,
  });
  const [problem] = document.errors;
  if (problem !== undefined) throw new ExpressionError(`${path}: ${problem.message}`);
  try {
    return toValue(document.toJS({ mapAsMap: true }), 0);
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
  if (value instanceof Float) return value;
  if (Array.isArray(value)) return value.map((item) => toValue(item, depth + 1));
  if (!(value instanceof Map)) throw new Error(`a ${typeof value} is no value here`);
  return new Map(
    [...value].map(([key, item]) => [toKey(toValue(key, depth + 1)), toValue(item, depth + 1)]),
  );
}
