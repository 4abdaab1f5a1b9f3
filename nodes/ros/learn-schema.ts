import { haveSameBytes } from './compare-fields.ts';
import { addMessageDefinition, getStruct, isKnownType, parseFields } from './definitions.ts';

/** Whether a message laid out by a schema reads the same by the definitions in the box. */
export type Agreement = 'same' | 'other';

/**
 * Takes in what a recording says of a message type and of all that it nests (`ros2msg`, as rosbag2 embeds it): types
 * that the box lacks are known from then on, and those that it has stay as they are.
 * @param type `package/msg/Name`
 * @throws Error for a text that is no definition, or that nests what it does not define
 */
export function learnSchema(type: string, text: string): Agreement {
  const sections = splitSections(type, text);
  let agreement: Agreement = 'same';
  for (const [name, own] of sections) {
    const [package_ = ''] = name.split('/');
    const qualified = qualify(own, package_, sections);
    // Read before it is added: what cannot be read must not become known.
    const theirs = parseFields(qualified, package_);
    for (const { element } of theirs) {
      if (element.kind !== 'message' || sections.has(element.type) || isKnownType(element.type)) {
        continue;
      }
      throw new Error(`${name} nests ${element.type}, which the schema does not define`);
    }
    if (!isKnownType(name)) addMessageDefinition(name, qualified);
    else if (!haveSameBytes(getStruct(name).fields, theirs)) agreement = 'other';
  }
  return agreement;
}

/** By full name: the type itself, then each `MSG: package/Name` between lines of `=`. */
function splitSections(type: string, text: string): ReadonlyMap<string, string> {
  const [root = '', ...nested] = text.replaceAll('\r', '').split(/^={20,}\n/m);
  const sections = new Map([[type, root]]);
  for (const section of nested) {
    const [, name = '', own = ''] = /^MSG:\s*(\S+)[^\n]*\n?([\s\S]*)$/.exec(section) ?? [];
    if (name !== '') sections.set(toMessageType(name), own);
  }
  return sections;
}

/** `package/Name` as ROS 2 names it; what is named in full stays as it is. */
export function toMessageType(name: string): string {
  return /^[^/]+\/[^/]+$/.test(name) ? name.replace('/', '/msg/') : name;
}

const PRIMITIVE =
  /^(bool|byte|char|float32|float64|u?int(8|16|32|64)|w?string(<=\d+)?|time|duration)$/;
const FIELD = /^(\s*)([A-Za-z][\w/]*(?:<=\d+)?)(?=\[|\s)/;

/** Nested types with their packages, which a schema may leave out where it is the type's own. */
function qualify(text: string, package_: string, known: ReadonlyMap<string, string>): string {
  const find = (name: string) => {
    if (name.includes('/')) return name.replace('/msg/', '/');
    const full = known.has(`${package_}/msg/${name}`)
      ? undefined
      : [...known.keys()].find((one) => one.endsWith(`/msg/${name}`));
    return full === undefined ? `${package_}/${name}` : full.replace('/msg/', '/');
  };
  return text
    .split('\n')
    .map((line) =>
      line.replace(FIELD, (_, indent: string, name: string) =>
        PRIMITIVE.test(name) ? `${indent}${name}` : `${indent}${find(name)}`,
      ),
    )
    .join('\n');
}
