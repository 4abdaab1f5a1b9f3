import { countOf, type Expression } from '../onnx/expression.ts';

export interface ParameterShape {
  readonly name: string;
  readonly shape: readonly number[];
}

/** Where the pieces of all networks of a learner lie in one vector. */
export interface ParameterLayout {
  readonly pieces: readonly ParameterShape[];
  readonly count: number;
}

export function makeParameterLayout(pieces: readonly ParameterShape[]): ParameterLayout {
  return { pieces, count: pieces.reduce((sum, { shape }) => sum + countOf(shape), 0) };
}

/** The piece of that name. Borrowed. */
export function viewParameters(
  vector: Float32Array,
  layout: ParameterLayout,
  name: string,
): Float32Array {
  let offset = 0;
  for (const piece of layout.pieces) {
    const size = countOf(piece.shape);
    if (piece.name === name) return vector.subarray(offset, offset + size);
    offset += size;
  }
  throw new RangeError(
    `no parameters '${name}': there are ${layout.pieces.map((p) => p.name).join(', ')}`,
  );
}

/** Pieces by name, in the layout's order. */
export type Pieces = ReadonlyMap<string, Expression>;

/** Cuts the vector into its pieces. */
export function splitParameters(vector: Expression, { pieces }: ParameterLayout): Pieces {
  const sizes = pieces.map(({ shape }) => countOf(shape));
  const parts = vector.split(0, sizes);
  return new Map(pieces.map(({ name, shape }, i) => [name, parts[i]!.reshape(shape)]));
}

export function getPiece(pieces: Pieces, name: string): Expression {
  const piece = pieces.get(name);
  if (piece === undefined) throw new RangeError(`no parameters '${name}'`);
  return piece;
}
