import { describe, expect, it } from 'vitest';
import { encodeModel, type OnnxGraph, type OnnxNode } from '../../../policies/onnx/model-proto.ts';
import { readDenseLayers } from '../../../sim/onnx/dense-layers.ts';

/** W = [[1, 2], [3, 4], [5, 6]] takes two numbers to three. */
const WEIGHT = [1, 2, 3, 4, 5, 6];

function encode(nodes: readonly OnnxNode[], change: Partial<OnnxGraph> = {}): Uint8Array {
  const constant = (name: string, shape: number[], data: number[]) => ({
    name,
    shape,
    data: Float32Array.from(data),
  });
  return encodeModel({
    name: 'net',
    irVersion: 8,
    opset: 17,
    producerName: 'test',
    nodes,
    constants: [
      constant('outFirst', [3, 2], WEIGHT),
      constant('inFirst', [2, 3], [1, 3, 5, 2, 4, 6]),
      constant('bias', [3], [0.1, 0.2, 0.3]),
      constant('head', [3, 1], [1, 1, 1]),
      constant('broken', [3, 1], [1, Number.NaN, 1]),
    ],
    inputs: [{ name: 'x', shape: ['batch', 2] }],
    outputs: [{ name: 'y', shape: ['batch', 3] }],
    ...change,
  });
}

const node = (
  op: string,
  inputs: readonly string[],
  output: string,
  attributes?: OnnxNode['attributes'],
): OnnxNode => ({ op, inputs, outputs: [output], ...(attributes ? { attributes } : {}) });

describe('readDenseLayers', () => {
  it('reads Gemm, transposed Gemm and MatMul with Add as the same layer', () => {
    const layer = {
      weight: Float32Array.from(WEIGHT),
      bias: Float32Array.from([0.1, 0.2, 0.3]),
      activation: 'none',
    };
    const graphs = [
      [node('Gemm', ['x', 'inFirst', 'bias'], 'y')],
      [node('Gemm', ['x', 'outFirst', 'bias'], 'y', { transB: { int: 1 } })],
      [node('MatMul', ['x', 'inFirst'], 'h'), node('Add', ['h', 'bias'], 'y')],
      [node('MatMul', ['x', 'inFirst'], 'h'), node('Add', ['bias', 'h'], 'y')],
      // In any order of nodes.
      [node('Add', ['h', 'bias'], 'y'), node('MatMul', ['x', 'inFirst'], 'h')],
    ];
    for (const nodes of graphs) expect(readDenseLayers(encode(nodes), 'f')).toEqual([layer]);
  });

  it('gives each layer the activation that follows it', () => {
    const nodes = [
      node('Gemm', ['x', 'inFirst', 'bias'], 'h'),
      node('Softsign', ['h'], 'a'),
      node('Gemm', ['a', 'head'], 'y'),
    ];
    const layers = readDenseLayers(encode(nodes), 'f');
    expect(layers.map(({ activation }) => activation)).toEqual(['softsign', 'none']);
    expect([...layers[1]!.bias]).toEqual([0]);
  });

  const GEMM = node('Gemm', ['x', 'inFirst', 'bias'], 'h');
  it.each([
    [
      'an unknown operator',
      [GEMM, node('LSTM', ['h'], 'y')],
      /node 'LSTM_1' \(LSTM\) .*not understood/,
    ],
    [
      'a scaled Gemm',
      [node('Gemm', ['x', 'inFirst', 'bias'], 'y', { alpha: { float: 0.5 } })],
      /not x · W \+ b/,
    ],
    [
      'another ELU',
      [GEMM, node('Elu', ['h'], 'y', { alpha: { float: 0.5 } })],
      /Elu_1.*alpha is 0\.5/,
    ],
    ['a missing weight', [node('Gemm', ['x', 'nothing'], 'y')], /'nothing' is not a constant/],
    ['layers that do not chain', [GEMM, node('Gemm', ['h', 'inFirst'], 'y')], /takes 2 numbers/],
    ['an activation before any layer', [node('Tanh', ['x'], 'y')], /follows no layer/],
    ['a chain that ends early', [GEMM], /nothing follows 'h'/],
    ['a second branch', [GEMM, node('Tanh', ['h'], 'y'), node('Relu', ['h'], 'z')], /Relu_2/],
    ['weights that are not finite', [GEMM, node('Gemm', ['h', 'broken'], 'y')], /finite float32/],
  ] as const)('refuses %s, by name', (_what, nodes, message) => {
    expect(() => readDenseLayers(encode(nodes), 'net.onnx')).toThrow(message);
  });

  it('refuses two inputs, and bytes that are no model', () => {
    const inputs = ['x', 'hidden'].map((name) => ({ name, shape: [1, 2] }));
    expect(() => readDenseLayers(encode([GEMM], { inputs }), 'net.onnx')).toThrow(/2 inputs/);
    expect(() => readDenseLayers(new Uint8Array([1, 2, 3]), 'net.onnx')).toThrow(
      /net\.onnx: this is not a complete ONNX model/,
    );
  });
});
