import type { Field } from './definitions.ts';

/** Whether two definitions of one message lay it out alike; what they nest is not looked into. */
export function haveSameBytes(ours: readonly Field[], theirs: readonly Field[]): boolean {
  return (
    ours.length === theirs.length &&
    ours.every((field, i) => describe(field) === describe(theirs[i]!))
  );
}

function describe({ name, element, array }: Field): string {
  const bound = element.kind === 'primitive' ? (element.maxLength ?? '') : '';
  const list = array === undefined ? '' : `[${array.length ?? ''}<=${array.maxLength ?? ''}]`;
  return `${element.type}<=${bound}${list} ${name}`;
}
