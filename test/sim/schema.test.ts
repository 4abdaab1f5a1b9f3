import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { parseValue } from '../../sim/schema.ts';

const Shape = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('ball'), radius: z.number() }),
  z.strictObject({
    kind: z.literal('box'),
    size: z.union([z.number(), z.tuple([z.number(), z.number()])]),
  }),
]);
const parse = (shape: unknown) =>
  parseValue(z.strictObject({ shape: Shape }), { shape }, { where: 'file', remedy: 'Fix it.' });

describe('an error of a choice', () => {
  it('by name lists the names and says which was given', () => {
    expect(() => parse({ kind: 'cone' })).toThrow(
      "file: shape.kind: the value does not fit (expected ball | box, got 'cone'). Fix it.",
    );
    expect(() => parse({})).toThrow(/expected ball \| box, got nothing/);
  });

  it('by name lists the keys of the one that is named', () => {
    expect(() => parse({ kind: 'ball', radius: 1, size: 2 })).toThrow(
      /shape\.size: unknown key \(expected one of kind, radius, got size\)/,
    );
  });

  it('between values says what each alternative would take', () => {
    expect(() => parse({ kind: 'box', size: 'large' })).toThrow(
      /shape\.size: .*expected number, or tuple, got 'large'/,
    );
    expect(() => parse({ kind: 'box', size: [1] })).toThrow(
      /expected number, or at least 2 entries, got \[1\]/,
    );
  });
});
