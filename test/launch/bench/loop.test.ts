import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { HEAP_METER_RESOLUTION } from '../../../launch/bench/heap-meter.ts';
import { benchLoop, measureTickGarbage } from '../../../launch/bench/loop.ts';
import { TickBench } from '../../../launch/bench/tick-bench.ts';
import { readManifest } from '../../../policies/onnx/read-manifest.ts';
import { loadRobot } from '../../../sim/robot/load.ts';
import { makeTinyPolicy, makeTinyRobot } from '../../kit/tiny-policy.ts';

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

describe('a tick of the shipped policy', () => {
  const path = fileURLToPath(
    new URL('../../../policies/trained/crazyflie-track.onnx', import.meta.url),
  );
  const manifest = readManifest(readFileSync(path), path);
  const model = loadRobot('crazyflie');

  it('leaves nothing on the heap, from the measurement to the judged command', async () => {
    expect(await measureTickGarbage(model, manifest)).toBeLessThan(HEAP_METER_RESOLUTION);
  }, 20_000);

  it('is measured with a command that passes', () => {
    const output = new Float32Array(manifest.jointNames.length).fill(0.123);
    const input = new Float32Array(20);
    const run = () => undefined;
    const bench = new TickBench(model, { manifest, batch: 1, input, output, run, reset: () => {} });
    for (let k = 0; k < 50; k++) {
      void bench.begin();
      bench.end();
    }
    void bench.begin();
    expect(bench.end().verdict.action).toBe('pass');
    expect(
      [...input].filter((value) => !Number.isFinite(value) || Number.isInteger(value)),
    ).toEqual([]);
  });
});
