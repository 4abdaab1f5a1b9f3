import fc from 'fast-check';
import { formatXml, parseXml, type XmlElement } from '../../sim/robot/xml.ts';

/** What a hand, an exporter or a broken script may leave where a number or a name was. */
const VALUES = [
  ...['', ' ', '0', '-0', '-1', '1e308', '-1e308', '1e-320', 'NaN', 'nan', 'inf', '-Infinity'],
  ...['1,5', '0x10', '1e', '1e999', '1 2', '1 2 3', '0 0 0', '1e30 1e30 1e30', 'true', 'None'],
  ...['base', 'base_link', 'world', '__proto__', 'constructor', '../../..', 'package://', '%00'],
  ...[`\${1/0}`, `\${x}`, '$(find x)', '$(arg y)', 'ü\u2028名', 'a'.repeat(5000), '&lt;', '\u0000'],
] as const;

const TAGS = ['link', 'joint', 'inertial', 'mass', 'origin', 'mimic', 'limit', 'robot', 'geometry'];

/** One change of a tree; places are taken modulo what there is. */
interface Change {
  readonly kind: (typeof KINDS)[number];
  readonly at: number;
  readonly to: number;
  readonly value: string;
}
const KINDS = [
  ...['delete', 'duplicate', 'move', 'nest', 'rename', 'value', 'value', 'value'],
  ...['drop attribute', 'swap values', 'empty'],
] as const;

interface Editable {
  name: string;
  attributes: Record<string, string>;
  children: Editable[];
  text: string;
}

const change: fc.Arbitrary<Change> = fc.record({
  kind: fc.constantFrom(...KINDS),
  at: fc.nat(100_000),
  to: fc.nat(100_000),
  value: fc.oneof(
    fc.constantFrom(...VALUES),
    fc.double().map(String),
    fc.string({ maxLength: 12 }),
  ),
});

/** Texts made from XML files by changing their elements and attributes, a few at a time. */
export function makeGarbledXml(texts: readonly string[]): fc.Arbitrary<string> {
  const trees = texts.map((text) => parseXml(text, 'seed'));
  return fc
    .tuple(fc.constantFrom(...trees), fc.array(change, { minLength: 1, maxLength: 4 }))
    .map(([tree, changes]) => {
      const copy = toEditable(tree);
      for (const one of changes) apply(copy, one);
      return formatXml(copy as XmlElement & Editable);
    });
}

/** Texts with pieces cut out, doubled or replaced by any bytes, whatever they were. */
export function makeGarbledText(texts: readonly string[]): fc.Arbitrary<string> {
  const piece = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 8 }),
    fc.constantFrom(
      '<',
      '>',
      '&',
      '"',
      '<!--',
      '<![CDATA[',
      '<?xml?>',
      '\uFEFF',
      '</robot>',
      '&x;',
    ),
  );
  const cut = fc.record({ at: fc.nat(), length: fc.nat(60), piece });
  return fc
    .tuple(fc.constantFrom(...texts), fc.array(cut, { minLength: 1, maxLength: 4 }))
    .map(([text, cuts]) =>
      cuts.reduce((made, { at, length, piece: put }) => {
        const start = at % (made.length + 1);
        return made.slice(0, start) + put + made.slice(start + length);
      }, text),
    );
}

function toEditable({ name, attributes, children, text }: XmlElement): Editable {
  return { name, attributes: { ...attributes }, children: children.map(toEditable), text };
}

function list(root: Editable): Editable[] {
  return [root, ...root.children.flatMap(list)];
}

function apply(root: Editable, { kind, at, to, value }: Change): void {
  const all = list(root);
  const parents = all.filter((element) => element.children.length > 0);
  const parent = parents[at % Math.max(1, parents.length)];
  const target = all[to % all.length]!;
  const names = Object.keys(target.attributes);
  const attribute = names[at % Math.max(1, names.length)];
  const child = parent?.children[to % parent.children.length];
  switch (kind) {
    case 'delete':
      parent?.children.splice(to % parent.children.length, 1);
      break;
    case 'duplicate':
      if (child !== undefined) parent!.children.push(structuredClone(child));
      break;
    case 'move':
      if (child !== undefined && !list(child).includes(target)) {
        parent!.children.splice(parent!.children.indexOf(child), 1);
        target.children.push(child);
      }
      break;
    case 'nest':
      for (let depth = at % 300; depth > 0; depth--) {
        target.children = [{ ...target, attributes: {}, children: target.children }];
      }
      break;
    case 'rename':
      target.name = TAGS[at % TAGS.length]!;
      break;
    case 'value':
      if (attribute !== undefined) target.attributes[attribute] = value;
      break;
    case 'drop attribute':
      if (attribute !== undefined) delete target.attributes[attribute];
      break;
    case 'swap values': {
      const other = all[at % all.length]!.attributes;
      if (attribute !== undefined) target.attributes[attribute] = Object.values(other)[0] ?? '';
      break;
    }
    case 'empty':
      target.children = [];
      break;
  }
}
