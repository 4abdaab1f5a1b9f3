import { describe, expect, it } from 'vitest';
import { encodeDeltas } from '../../../sim/dataset/delta-encoding.ts';

const HEAD = [128, 1, 4];

describe('encodeDeltas', () => {
  it('needs no bits for numbers that rise evenly', () => {
    // 128 in a block (128, 1 as a varint) of 4 parts, 5 numbers, the first is 7 (zigzag 14); each is 1 more (zigzag 2), 0 bits.
    expect([...encodeDeltas(Float64Array.of(7, 8, 9, 10, 11))]).toEqual([
      ...[...HEAD, 5, 14],
      ...[2, 0, 0, 0, 0],
    ]);
  });

  it('has what a difference is above the smallest of its block, lowest bit first', () => {
    // The example of Encodings.md: 7, 5, 3, 1, 2, 3, 4, 5 differ by −2 (zigzag 3) three times, then by 1, which is 3 more:
    // 0 0 0 3 3 3 3 in two bits each are 0b11000000, 0b00111111; 25 zeros fill the part of 32, 8 bytes in all.
    expect([...encodeDeltas(Float64Array.of(7, 5, 3, 1, 2, 3, 4, 5))]).toEqual([
      ...[...HEAD, 8, 14],
      ...[3, 2, 0, 0, 0],
      ...[0b11000000, 0b00111111, 0, 0, 0, 0, 0, 0],
    ]);
  });

  it('has one number, or none, in its head alone', () => {
    expect([...encodeDeltas(Float64Array.of(-1))]).toEqual([...HEAD, 1, 1]);
    expect([...encodeDeltas(new Float64Array(0))]).toEqual([...HEAD, 0, 0]);
  });

  it('refuses differences that it could not write', () => {
    expect(() => encodeDeltas(Float64Array.of(0, 2 ** 32, 0))).toThrow(/differences/);
  });
});
