import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { benchLoop } from '../../launch/bench-loop.ts';
import { makeTinyPolicy, makeTinyRobot } from '../kit/tiny-policy.ts';

const folder = mkdtempSync(join(tmpdir(), 'zerogap-bench-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('benchLoop', () => {
  it('measures tick, punctuality at both rates and garbage, each with its unit', async () => {
    const policy = join(folder, 'tiny.onnx');
    writeFileSync(policy, await makeTinyPolicy());
    const { results } = await benchLoop({ policy, model: makeTinyRobot(), durationS: 0.2 });
    const units = Object.fromEntries(results.map(({ name, unit }) => [name, unit]));
    expect(units).toMatchObject({
      'tick.p50': 'µs',
      'tick.p99': 'µs',
      'loop100Hz.jitter.p99': 'µs',
      'loop1000Hz.jitter.p999': 'µs',
      'loop1000Hz.overruns': '1',
      'tick.allocated': 'B',
    });
    const tick = results.find(({ name }) => name === 'tick.p50');
    expect(tick?.ratio).toBe(tick!.value / tick!.baseline!);
  });
});
