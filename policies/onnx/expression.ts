import type { GraphBuilder } from './graph-builder.ts';

type Operand = Expression | number;

/**
 * A float32 tensor of a graph that is being written: a name and a shape, no numbers. Each operation writes one ONNX node
 * and tells the graph how gradients go back through it. Two operands are broadcast as in numpy.
 */
export class Expression {
  readonly graph: GraphBuilder;
  readonly name: string;
  readonly shape: readonly number[];

  constructor(graph: GraphBuilder, name: string, shape: readonly number[]) {
    this.graph = graph;
    this.name = name;
    this.shape = shape;
  }

  add(other: Operand): Expression {
    return this.#pairwise('Add', other, (g, a, b) => [() => sumTo(g, a), () => sumTo(g, b)]);
  }

  sub(other: Operand): Expression {
    return this.#pairwise('Sub', other, (g, a, b) => [() => sumTo(g, a), () => sumTo(g.neg(), b)]);
  }

  mul(other: Operand): Expression {
    return this.#pairwise('Mul', other, (g, a, b) => [
      () => sumTo(g.mul(b), a),
      () => sumTo(g.mul(a), b),
    ]);
  }

  div(other: Operand): Expression {
    return this.#pairwise('Div', other, (g, a, b, out) => [
      () => sumTo(g.div(b), a),
      () => sumTo(g.mul(out).div(b).neg(), b),
    ]);
  }

  /** The lesser of the two; where they are equal the gradient goes to the first. */
  min(other: Operand): Expression {
    return this.#pairwise('Min', other, (g, a, b) => [
      () => sumTo(g.where('LessOrEqual', a, b), a),
      () => sumTo(g.where('Greater', a, b), b),
    ]);
  }

  /** The greater of the two; where they are equal the gradient goes to the first. */
  max(other: Operand): Expression {
    return this.#pairwise('Max', other, (g, a, b) => [
      () => sumTo(g.where('GreaterOrEqual', a, b), a),
      () => sumTo(g.where('Less', a, b), b),
    ]);
  }

  clip(lower: number, upper: number): Expression {
    return this.max(lower).min(upper);
  }

  neg(): Expression {
    return this.#map('Neg', (g) => g.neg());
  }

  exp(): Expression {
    return this.#map('Exp', (g, _, y) => g.mul(y));
  }

  log(): Expression {
    return this.#map('Log', (g, x) => g.div(x));
  }

  sqrt(): Expression {
    return this.#map('Sqrt', (g, _, y) => g.div(y).mul(0.5));
  }

  square(): Expression {
    return this.mul(this);
  }

  tanh(): Expression {
    return this.#map('Tanh', (g, _, y) => g.sub(g.mul(y.square())));
  }

  sigmoid(): Expression {
    return this.#map('Sigmoid', (g, _, y) => g.mul(y.sub(y.square())));
  }

  relu(): Expression {
    return this.#map('Relu', (g, _, y) => g.where('Greater', y, this.graph.constant(0)));
  }

  /** x above 0, exp(x) − 1 below, where the slope exp(x) is the value plus 1. */
  elu(): Expression {
    return this.#map('Elu', (g, _, y) => g.mul(y.min(0).add(1)));
  }

  /** log(1 + exp(x)) */
  softplus(): Expression {
    return this.#map('Softplus', (g, x) => g.mul(x.sigmoid()));
  }

  /** x · weight + bias for x [rows, numIn], weight [numIn, numOut], bias [numOut]. */
  dense(weight: Expression, bias: Expression): Expression {
    const [rows, numIn] = this.shape as [number, number];
    const numOut = bias.shape[0]!;
    assertShape('dense', this.shape, [rows, numIn]);
    assertShape('dense weight', weight.shape, [numIn, numOut]);
    return this.graph.emit('Gemm', [this, weight, bias], [rows, numOut], {
      backward: ([g]) => [
        () => g!.#product(weight, { transB: { int: 1 } }, [rows, numIn]),
        () => this.#product(g!, { transA: { int: 1 } }, [numIn, numOut]),
        () => g!.sum(0),
      ],
    });
  }

  /** Sum over one axis, which goes; without one, over all. */
  sum(axis?: number): Expression {
    const { graph, shape } = this;
    const kept = axis === undefined ? [] : shape.filter((_, i) => i !== axis);
    const spread = shape.map((size, i) => (axis === undefined || i === axis ? 1 : size));
    const axes = axis === undefined ? [] : [graph.integers([axis])];
    return graph.emit('ReduceSum', [this, ...axes], kept, {
      attributes: { keepdims: { int: 0 } },
      backward: ([g]) => [() => g!.reshape(spread).expand(shape)],
    });
  }

  mean(axis?: number): Expression {
    const count = axis === undefined ? countOf(this.shape) : this.shape[axis]!;
    return this.sum(axis).mul(1 / count);
  }

  reshape(shape: readonly number[]): Expression {
    if (countOf(shape) !== countOf(this.shape)) {
      throw new RangeError(`reshape: [${this.shape}] does not fit [${shape}]`);
    }
    return this.graph.emit('Reshape', [this, this.graph.integers(shape)], shape, {
      backward: ([g]) => [() => g!.reshape(this.shape)],
    });
  }

  /** Broadcasts to a shape of as many axes. */
  expand(shape: readonly number[]): Expression {
    if (sameShape(this.shape, shape)) return this;
    return this.graph.emit('Expand', [this, this.graph.integers(shape)], shape, {
      backward: ([g]) => [() => sumTo(g!, this)],
    });
  }

  /** Cuts along an axis into pieces of the given sizes. */
  split(axis: number, sizes: readonly number[]): Expression[] {
    if (sizes.reduce((sum, size) => sum + size, 0) !== this.shape[axis]) {
      throw new RangeError(`split: pieces of ${sizes} do not make axis ${axis} of [${this.shape}]`);
    }
    if (sizes.length === 1) return [this];
    const shapes = sizes.map((size) => this.shape.map((all, i) => (i === axis ? size : all)));
    return this.graph.emitMany('Split', [this, this.graph.integers(sizes)], shapes, {
      attributes: { axis: { int: axis } },
      backward: (gradients) => [() => concat(gradients, axis)],
    });
  }

  /** Rows of a table of data, by number; no gradient goes back through it. @param rows an int32 input [count] */
  gather(rows: Expression): Expression {
    return this.graph.emit('Gather', [this, rows], [rows.shape[0]!, ...this.shape.slice(1)], {
      attributes: { axis: { int: 0 } },
    });
  }

  /** This where `a` compares so with `b`, elsewhere 0. For gradients and masks: the condition itself has none. */
  where(comparison: Comparison, a: Expression, b: Operand): Expression {
    const { graph } = this;
    const right = graph.operand(b);
    const shape = broadcast(a.shape, right.shape);
    const condition = graph.emit(comparison, [a, right], shape);
    return graph.emit('Where', [condition, this, graph.constant(0)], broadcast(shape, this.shape), {
      backward: ([g]) => [
        () => graph.constant(0),
        () => sumTo(g!.where(comparison, a, right), this),
        () => graph.constant(0),
      ],
    });
  }

  /** The same numbers, through which no gradient goes back. */
  detach(): Expression {
    return this.graph.emit('Identity', [this], this.shape);
  }

  #product(other: Expression, attributes: Attributes, shape: readonly number[]): Expression {
    return this.graph.emit('Gemm', [this, other], shape, { attributes });
  }

  #map(
    op: string,
    backward: (g: Expression, x: Expression, y: Expression) => Expression,
  ): Expression {
    return this.graph.emit(op, [this], this.shape, {
      backward: ([g], [y]) => [() => backward(g!, this, y!)],
    });
  }

  #pairwise(
    op: string,
    other: Operand,
    backward: (
      g: Expression,
      a: Expression,
      b: Expression,
      out: Expression,
    ) => readonly (() => Expression)[],
  ): Expression {
    const b = this.graph.operand(other);
    return this.graph.emit(op, [this, b], broadcast(this.shape, b.shape), {
      backward: ([g], [out]) => backward(g!, this, b, out!),
    });
  }
}

type Comparison = 'Greater' | 'GreaterOrEqual' | 'Less' | 'LessOrEqual';
type Attributes = Readonly<Record<string, { readonly int: number }>>;

/** Puts pieces together along an axis. */
export function concat(pieces: readonly Expression[], axis: number): Expression {
  const first = pieces[0]!;
  if (pieces.length === 1) return first;
  const sizes = pieces.map(({ shape }) => shape[axis]!);
  const total = sizes.reduce((sum, size) => sum + size, 0);
  const shape = first.shape.map((size, i) => (i === axis ? total : size));
  return first.graph.emit('Concat', pieces, shape, {
    attributes: { axis: { int: axis } },
    backward: ([g]) => {
      let parts: Expression[] | undefined;
      return pieces.map((_, i) => () => {
        parts ??= g!.split(axis, sizes);
        return parts[i]!;
      });
    },
  });
}

/** Undoes a broadcast: the gradient of what was repeated is the sum over its copies. */
function sumTo(gradient: Expression, { shape }: Expression): Expression {
  if (sameShape(gradient.shape, shape)) return gradient;
  if (countOf(shape) === 1) return gradient.sum().reshape(shape);
  let value = gradient;
  while (value.shape.length > shape.length) value = value.sum(0);
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    if (shape[axis] === 1 && value.shape[axis] !== 1) {
      const kept = value.shape.map((size, i) => (i === axis ? 1 : size));
      value = value.sum(axis).reshape(kept);
    }
  }
  // A number that stood for many is repeated where its gradient was not.
  return value.expand(shape);
}

export function countOf(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

function sameShape(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((size, i) => size === b[i]);
}

function assertShape(what: string, got: readonly number[], wanted: readonly number[]): void {
  if (!sameShape(got, wanted)) {
    throw new RangeError(`${what}: expected a shape of [${wanted}], got [${got}]`);
  }
}

function broadcast(a: readonly number[], b: readonly number[]): readonly number[] {
  const length = Math.max(a.length, b.length);
  return Array.from({ length }, (_, i) => {
    const x = a[a.length - length + i] ?? 1;
    const y = b[b.length - length + i] ?? 1;
    if (x !== y && x !== 1 && y !== 1) throw new RangeError(`[${a}] and [${b}] do not broadcast`);
    return x === 1 ? y : x;
  });
}
