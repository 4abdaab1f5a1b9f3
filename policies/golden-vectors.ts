import { z } from 'zod';

/** One observation and what the network made of it. */
export const GoldenVector = z.strictObject({
  input: z.array(z.number()),
  output: z.array(z.number()),
  continues: z.literal(true).optional().meta({
    description:
      'From the recurrent state that the vector before it left; absent: from the initial one',
  }),
});
export type GoldenVector = z.infer<typeof GoldenVector>;

// Two runtimes add up a layer's products in different orders. A sum of n products of single precision
// differs by about sqrt(n) · 2^-24 of its size then, by n · 2^-24 at worst: 6e-5 for a layer of 1000. An order
// of magnitude more is left for layers that follow one another. Half precision, 2^-11 = 5e-4 per product,
// is another policy and not a rounding error.
/** [-] */
const LARGEST_GOLDEN_TOLERANCE = 1e-3;

export const GoldenTolerance = z
  .number()
  .positive()
  .max(LARGEST_GOLDEN_TOLERANCE)
  .default(1e-5)
  .meta({ description: 'Largest |difference| / max(1, |golden|) between two runtimes' });

/** Told for every problem. */
export type Report = (
  path: (string | number)[],
  message: string,
  expected: string,
  got: unknown,
) => void;

/** What a policy remembers is only seen in a sequence. */
export function checkSequences(
  manifest: { readonly golden: readonly GoldenVector[]; readonly recurrent: readonly unknown[] },
  report: Report,
): void {
  const { golden, recurrent } = manifest;
  const first = golden.findIndex(({ continues }) => continues);
  if (first >= 0 && recurrent.length === 0) {
    const message = 'the golden vector goes on from a state, and the policy has none';
    report(['golden', first, 'continues'], message, 'nothing', true);
  } else if (first === 0) {
    const message = 'the golden vector goes on from one before it, and there is none';
    report(['golden', 0, 'continues'], message, 'nothing', true);
  } else if (first < 0 && recurrent.length > 0) {
    const message = 'no golden vector goes on from another: what is remembered is not checked';
    report(['golden'], message, 'a sequence, by `continues`', golden.length);
  }
}
