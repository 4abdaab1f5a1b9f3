import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { createSession, makeTensor, openBlockingSession } from '../../../policies/onnx/session.ts';

const bytes = readFileSync('policies/trained/go2-velocity.onnx');

describe('a blocking session', () => {
  it('has written its outputs when it returns: what the library’s own session computes later', async () => {
    const own = await createSession(bytes, 'cpu');
    const [{ name, shape }] = own.inputMetadata as unknown as [{ name: string; shape: number[] }];
    const input = Float32Array.from({ length: shape[1]! }, (_, k) => Math.sin(k));
    const feeds = { [name]: makeTensor(input, [1, input.length]) };
    const expected = (await own.run(feeds))[own.outputNames[0]!]!.data as Float32Array;
    const output = new Float32Array(expected.length);
    const session = openBlockingSession(bytes, 'cpu');
    session.run(feeds, { [own.outputNames[0]!]: makeTensor(output, [1, output.length]) });
    expect(output).toEqual(expected);
    expect(output.some((value) => value !== 0)).toBe(true);
    session.release();
    await own.release();
  });

  it('throws what is wrong: no graph, no input, a session that is over', () => {
    expect(() => openBlockingSession(Uint8Array.of(1, 2, 3), 'cpu')).toThrow(/Failed to load/);
    const session = openBlockingSession(bytes, 'cpu');
    const fetches = { actions: makeTensor(new Float32Array(12), [1, 12]) };
    expect(() => session.run({}, fetches)).toThrow(/obs/);
    session.release();
    expect(() => session.run({}, fetches)).toThrow(/disposed/);
  });
});
