import { parentPort, workerData } from 'node:worker_threads';
import { computeObservationWidth, type PolicyManifest } from '../../policies/manifest.ts';
import type { RobotModel } from '../../sim/robot/model.ts';
import { measureHeapGrowth } from './heap-meter.ts';
import { TickBench } from './tick-bench.ts';

/** What to measure; the answer is bytes per tick. */
export interface GarbageWorkerData {
  readonly model: RobotModel;
  readonly manifest: PolicyManifest;
}

const { model, manifest } = workerData as GarbageWorkerData;
const bench = new TickBench(model, {
  manifest,
  batch: 1,
  input: new Float32Array(computeObservationWidth(manifest.observations)),
  output: new Float32Array(manifest.jointNames.length).fill(0.123),
  run() {},
  reset: () => {},
});
const growth = await measureHeapGrowth(() => {
  bench.begin();
  bench.end();
});
parentPort?.postMessage(growth);
