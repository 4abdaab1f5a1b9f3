import { readFile } from 'node:fs/promises';
import { Worker } from 'node:worker_threads';
import { computeObservationWidth, type PolicyManifest } from '../../policies/manifest.ts';
import { readManifest } from '../../policies/onnx/read-manifest.ts';
import { makeTensor, openBlockingSession } from '../../policies/onnx/session.ts';
import { readWallClockS } from '../../policies/runtime/clock.ts';
import { startControlThread } from '../../policies/runtime/control-thread.ts';
import { loadPolicy } from '../../policies/runtime/policy.ts';
import type { TimingSnapshot } from '../../policies/runtime/timing.ts';
import type { RobotModel } from '../../sim/robot/model.ts';
import type { GarbageWorkerData } from './garbage-worker.ts';
import { HEAP_METER_RESOLUTION } from './heap-meter.ts';
import { makeBusyReference, makeBusyState, TickBench } from './tick-bench.ts';

export interface BenchLoopOptions {
  /** Path of the .onnx file. */
  readonly policy: string;
  /** The robot it was trained for. */
  readonly model: RobotModel;
  /** [s] of each of the three real-time runs */
  readonly durationS: number;
  readonly onProgress?: (text: string) => void;
}

/** One measured figure; `baseline` and `ratio` where it is measured against something. */
export interface BenchResult {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly baseline?: number;
  readonly ratio?: number;
}

const NUM_BLOCKS = 9;
const RUNS_PER_BLOCK = 2000;
const WARM_UP_RUNS = 5000;
const FAST_RATE_HZ = 1000;

/**
 * Measures the control loop: a full tick of one robot against a bare `session.run` of the same model in
 * alternating blocks, the punctuality of a real thread at the policy's rate and at 1 kHz, what rehearsals make of its ticks, and
 * the garbage that a tick makes apart from the inference.
 */
export async function benchLoop(
  options: BenchLoopOptions,
): Promise<{ readonly results: readonly BenchResult[] }> {
  const bytes = await readFile(options.policy);
  const manifest = readManifest(bytes, options.policy);
  const say = options.onProgress ?? (() => {});
  say('garbage per tick');
  const garbage: BenchResult = {
    name: 'tick.allocated',
    value: await measureTickGarbage(options.model, manifest),
    unit: 'B',
    baseline: HEAP_METER_RESOLUTION,
  };
  say('tick against bare inference');
  const tick = await measureTick(options, bytes, manifest);
  const ownRateHz = Math.round(1 / manifest.periodS);
  say(`thread at ${ownRateHz} Hz`);
  const own = await measureThread(options, bytes, manifest.periodS);
  say(`thread at ${ownRateHz} Hz, nothing rehearsed`);
  const cold = await measureThread(options, bytes, manifest.periodS, false);
  say(`thread at ${FAST_RATE_HZ} Hz`);
  const fast = await measureThread(options, bytes, 1 / FAST_RATE_HZ);
  return {
    results: [
      ...tick,
      ...listThreadResults(own, ownRateHz, options.durationS),
      ...compareTicks(own, cold, ownRateHz),
      ...listThreadResults(fast, FAST_RATE_HZ, options.durationS),
      garbage,
    ],
  };
}

async function measureTick(
  options: BenchLoopOptions,
  bytes: Uint8Array,
  manifest: PolicyManifest,
): Promise<BenchResult[]> {
  const policy = await loadPolicy(bytes, { expect: { robotModel: options.model } });
  const bench = new TickBench(options.model, policy);
  const session = openBlockingSession(bytes, 'cpu');
  const width = computeObservationWidth(manifest.observations);
  const numActions = manifest.jointNames.length;
  const feeds = { [manifest.inputName]: makeTensor(new Float32Array(width), [1, width]) };
  const fetches = {
    [manifest.outputName]: makeTensor(new Float32Array(numActions), [1, numActions]),
  };
  for (const { input, output, shape, batchAxis } of manifest.recurrent) {
    const full = shape.toSpliced(batchAxis, 0, 1);
    const length = full.reduce((a, b) => a * b, 1);
    feeds[input] = makeTensor(new Float32Array(length), full);
    fetches[output] = makeTensor(new Float32Array(length), full);
  }
  const runTick = (): void => {
    bench.begin();
    bench.end();
  };
  const runBare = (): void => session.run(feeds, fetches);
  for (const run of [runTick, runBare]) {
    for (let i = 0; i < WARM_UP_RUNS; i++) run();
  }
  const ticks: Quantiles[] = [];
  const bares: Quantiles[] = [];
  for (let block = 0; block < NUM_BLOCKS; block++) {
    // The order changes from block to block, so that neither always runs on a warmer machine.
    const isTickFirst = block % 2 === 0;
    if (isTickFirst) ticks.push(measureBlock(runTick));
    bares.push(measureBlock(runBare));
    if (!isTickFirst) ticks.push(measureBlock(runTick));
  }
  session.release();
  policy.release();
  return (['p50', 'p99'] as const).map((q) => {
    const value = 1e6 * computeMedian(ticks.map((block) => block[q]));
    const baseline = 1e6 * computeMedian(bares.map((block) => block[q]));
    return { name: `tick.${q}`, value, unit: 'µs', baseline, ratio: value / baseline };
  });
}

interface Quantiles {
  /** [s] */
  readonly p50: number;
  readonly p99: number;
}

function measureBlock(run: () => void): Quantiles {
  const times = new Float64Array(RUNS_PER_BLOCK);
  for (let i = 0; i < RUNS_PER_BLOCK; i++) {
    const startS = readWallClockS();
    run();
    times[i] = readWallClockS() - startS;
  }
  times.sort();
  return {
    p50: times[Math.floor(0.5 * RUNS_PER_BLOCK)]!,
    p99: times[Math.floor(0.99 * RUNS_PER_BLOCK)]!,
  };
}

/** A real thread on the machine's clock, fed with states at its own rate. */
async function measureThread(
  options: BenchLoopOptions,
  policy: Uint8Array,
  periodS: number,
  rehearse = true,
): Promise<TimingSnapshot> {
  const thread = await startControlThread({
    policy,
    model: options.model,
    numRobots: 1,
    rateHz: 1 / periodS,
    rehearse,
  });
  const state = makeBusyState(options.model);
  const reference = makeBusyReference(options.model);
  const feed = (): void => {
    const nowS = readWallClockS();
    thread.inputs.writeReference(0, reference, 0, nowS);
    thread.inputs.writeState(0, state, 0, nowS);
  };
  feed();
  const timer = setInterval(feed, Math.max(1, periodS * 1e3));
  await new Promise((resolve) => setTimeout(resolve, options.durationS * 1e3));
  clearInterval(timer);
  const timing = thread.stats();
  await thread.stop();
  return timing;
}

/** What a tick takes that finds its caches as they are after a period of idleness, against one that was not rehearsed. */
function compareTicks(own: TimingSnapshot, cold: TimingSnapshot, rateHz: number): BenchResult[] {
  return (['p50', 'p99'] as const).map((q) => {
    const [value, baseline] = [1e6 * own.tick[q], 1e6 * cold.tick[q]];
    const name = `loop${rateHz}Hz.tick.${q} / not rehearsed`;
    return { name, unit: 'µs', value, baseline, ratio: value / baseline };
  });
}

function listThreadResults(
  timing: TimingSnapshot,
  rateHz: number,
  durationS: number,
): BenchResult[] {
  const name = `loop${rateHz}Hz`;
  const quantiles = (['p50', 'p99', 'p999', 'max'] as const).map((q) => ({
    name: `${name}.jitter.${q}`,
    value: 1e6 * timing.lateness[q],
    unit: 'µs',
  }));
  const wanted = rateHz * durationS;
  return [
    ...quantiles,
    {
      name: `${name}.ticks`,
      value: timing.ticks,
      unit: '1',
      baseline: wanted,
      ratio: timing.ticks / wanted,
    },
    { name: `${name}.overruns`, value: timing.overruns, unit: '1' },
  ];
}

/**
 * [B] that a tick leaves on the heap, its command taken and judged, with an inference that answers at once
 * so that what is seen is ours. In a thread of its own, as policies run: in a process that has also read
 * robots and built worlds, the same functions are compiled for more kinds of arrays, which costs objects.
 */
export async function measureTickGarbage(
  model: RobotModel,
  manifest: PolicyManifest,
): Promise<number> {
  const data: GarbageWorkerData = { model, manifest };
  const url = new URL('./garbage-worker-entry.js', import.meta.url);
  const worker = new Worker(url, { workerData: data, execArgv: [], name: 'garbage' });
  return new Promise((resolve, reject) => {
    worker.on('message', resolve);
    worker.on('error', reject);
    worker.on('exit', (code) => reject(new Error(`garbage worker ended with code ${code}`)));
  });
}

function computeMedian(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1]!;
}
