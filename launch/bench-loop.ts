import { readFile } from 'node:fs/promises';
import { PerformanceObserver } from 'node:perf_hooks';
import v8 from 'node:v8';
import vm from 'node:vm';
import { computeObservationWidth, type PolicyManifest } from '../policies/manifest.ts';
import { readManifest } from '../policies/onnx/read-manifest.ts';
import { createSession, makeTensor } from '../policies/onnx/session.ts';
import { readWallClockS } from '../policies/runtime/clock.ts';
import { startControlThread } from '../policies/runtime/control-thread.ts';
import {
  ControlTick,
  makeControlMailboxes,
  type TickPolicy,
} from '../policies/runtime/control-tick.ts';
import { makeMailboxReader, makeMailboxWriter } from '../policies/runtime/mailbox.ts';
import { loadPolicy } from '../policies/runtime/policy.ts';
import {
  makePolicyCommand,
  REFERENCE_STAMP,
  readCommandRow,
  STATE_STAMP,
  writeReferenceRow,
  writeStateRow,
} from '../policies/runtime/rows.ts';
import { Timing, type TimingSnapshot } from '../policies/runtime/timing.ts';
import { makeSafetyFilter } from '../policies/safety/filter.ts';
import type { SafetyInput } from '../policies/safety/rules.ts';
import type { RobotModel } from '../sim/robot/model.ts';
import { makeStateBatch, type StateBatch } from '../sim/robot/state.ts';
import { makeReferenceBatch } from '../sim/task/robot-view.ts';

export interface BenchLoopOptions {
  /** Path of the .onnx file. */
  readonly policy: string;
  /** The robot it was trained for. */
  readonly model: RobotModel;
  /** [s] of each of the two real-time runs */
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
const ALLOCATION_TICKS = 100_000;
const MAX_ALLOCATION_RUNS = 50;
const FAST_RATE_HZ = 1000;

/**
 * Measures the control loop: a full tick of one robot against a bare `session.run` of the same model in
 * alternating blocks, the punctuality of a real thread at the policy's rate and at 1 kHz, and the
 * garbage that a tick makes apart from the inference.
 */
export async function benchLoop(
  options: BenchLoopOptions,
): Promise<{ readonly results: readonly BenchResult[] }> {
  const bytes = await readFile(options.policy);
  const manifest = readManifest(bytes, options.policy);
  const say = options.onProgress ?? (() => {});
  // First, while nothing else has been compiled or is under way in this thread.
  say('garbage per tick');
  const garbage = await measureGarbage(options.model, manifest);
  say('tick against bare inference');
  const tick = await measureTick(options, bytes, manifest);
  say(`thread at ${Math.round(1 / manifest.periodS)} Hz`);
  const own = await measureThread(options, bytes, manifest.periodS);
  say(`thread at ${FAST_RATE_HZ} Hz`);
  const fast = await measureThread(options, bytes, 1 / FAST_RATE_HZ);
  return { results: [...tick, ...own, ...fast, ...garbage] };
}

/** One robot, its policy and its filter, driven by hand. */
class Bench {
  readonly #tick: ControlTick;
  readonly #states: ReturnType<typeof makeMailboxWriter>;
  readonly #references: ReturnType<typeof makeMailboxWriter>;
  readonly #commands: ReturnType<typeof makeMailboxReader>;
  readonly #command;
  readonly #filter;
  readonly #input: SafetyInput;
  readonly #time: { nowS: number; periodS: number };

  constructor(model: RobotModel, policy: TickPolicy) {
    const mailboxes = makeControlMailboxes(model, 1);
    const state = makeHomeState(model);
    const { periodS } = policy.manifest;
    this.#tick = new ControlTick({ policy, model, mailboxes, timing: new Timing() });
    this.#states = makeMailboxWriter(mailboxes.states, 0);
    // The row is written once into each slot; a tick then renews the stamp only.
    for (let slot = 0; slot < 3; slot++) {
      writeStateRow(this.#states.view(), state, 0, 0, 0);
      this.#states.publish();
    }
    this.#references = makeMailboxWriter(mailboxes.references, 0);
    for (let slot = 0; slot < 3; slot++) {
      writeReferenceRow(this.#references.view(), makeHomeReference(model), 0, 0);
      this.#references.publish();
    }
    this.#commands = makeMailboxReader(mailboxes.commands, 0);
    this.#command = makePolicyCommand(model.actuatedJointNames.length);
    this.#filter = makeSafetyFilter({ model, periodS });
    this.#time = { nowS: 0.5 * periodS, periodS };
    this.#input = {
      nowS: Number.NaN,
      command: this.#command.joint,
      commandStampS: Number.NaN,
      state,
      robot: 0,
      stateStampS: Number.NaN,
    };
  }

  /** What a control thread does per tick, as far as the inference. */
  begin(): Promise<unknown> | undefined {
    this.#time.nowS += this.#time.periodS;
    this.#states.view()[STATE_STAMP] = this.#time.nowS;
    this.#states.publish();
    this.#references.view()[REFERENCE_STAMP] = this.#time.nowS;
    this.#references.publish();
    return this.#tick.run(this.#time);
  }

  /** What follows where motors hang: take the command, judge it. */
  end(): void {
    this.#commands.receive();
    readCommandRow(this.#command, this.#commands.view());
    this.#input.nowS = this.#time.nowS;
    this.#input.commandStampS = this.#command.stampS;
    this.#input.stateStampS = this.#time.nowS;
    this.#filter.check(this.#input);
  }
}

async function measureTick(
  options: BenchLoopOptions,
  bytes: Uint8Array,
  manifest: PolicyManifest,
): Promise<BenchResult[]> {
  const policy = await loadPolicy(bytes, { expect: { robotModel: options.model } });
  const bench = new Bench(options.model, policy);
  const session = await createSession(bytes, 'cpu');
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
  const runTick = async (): Promise<void> => {
    await bench.begin();
    bench.end();
  };
  const runBare = async (): Promise<void> => {
    await session.run(feeds, fetches);
  };
  for (const run of [runTick, runBare]) {
    for (let i = 0; i < WARM_UP_RUNS; i++) await run();
  }
  const ticks: Quantiles[] = [];
  const bares: Quantiles[] = [];
  for (let block = 0; block < NUM_BLOCKS; block++) {
    // The order changes from block to block, so that neither always runs on a warmer machine.
    const isTickFirst = block % 2 === 0;
    if (isTickFirst) ticks.push(await measureBlock(runTick));
    bares.push(await measureBlock(runBare));
    if (!isTickFirst) ticks.push(await measureBlock(runTick));
  }
  await session.release();
  await policy.release();
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

async function measureBlock(run: () => Promise<void>): Promise<Quantiles> {
  const times = new Float64Array(RUNS_PER_BLOCK);
  for (let i = 0; i < RUNS_PER_BLOCK; i++) {
    const startS = readWallClockS();
    await run();
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
): Promise<BenchResult[]> {
  const thread = await startControlThread({
    policy,
    model: options.model,
    numRobots: 1,
    clock: 'wall',
    rateHz: 1 / periodS,
  });
  const state = makeHomeState(options.model);
  const reference = makeHomeReference(options.model);
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
  return listThreadResults(timing, Math.round(1 / periodS), options.durationS);
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
 * Heap growth per tick with an inference that answers at once, so that what is seen is ours. `baseline`
 * is what the same number of empty ticks shows: the resolution of the measurement. A run that the
 * garbage collector interrupted says nothing and is repeated.
 */
async function measureGarbage(model: RobotModel, manifest: PolicyManifest): Promise<BenchResult[]> {
  const numObs = computeObservationWidth(manifest.observations);
  const bench = new Bench(model, {
    manifest,
    batch: 1,
    input: new Float32Array(numObs),
    output: new Float32Array(manifest.jointNames.length),
    run: () => undefined,
    reset: () => {},
  });
  const collect = exposeGarbageCollector();
  const empty = await measureHeapGrowth(collect, () => {});
  const ours = await measureHeapGrowth(collect, () => {
    bench.begin();
    bench.end();
  });
  return [{ name: 'tick.allocated', value: ours, unit: 'B', baseline: empty }];
}

/**
 * [bytes per call] of the first run that makes no garbage, else the least of all runs: what else this
 * thread does can only add, and on a busy machine compilation goes on in the background for a while.
 */
async function measureHeapGrowth(collect: () => void, call: () => void): Promise<number> {
  let least = Number.POSITIVE_INFINITY;
  for (let run = 0; run < MAX_ALLOCATION_RUNS && least >= 1; run++) {
    collect();
    const observer = new PerformanceObserver(() => {});
    observer.observe({ entryTypes: ['gc'] });
    const before = process.memoryUsage().heapUsed;
    for (let i = 0; i < ALLOCATION_TICKS; i++) call();
    const growth = (process.memoryUsage().heapUsed - before) / ALLOCATION_TICKS;
    const numCollections = observer.takeRecords().length;
    observer.disconnect();
    if (numCollections === 0) least = Math.min(least, growth);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return least;
}

function exposeGarbageCollector(): () => void {
  v8.setFlagsFromString('--expose-gc');
  return vm.runInNewContext('gc') as () => void;
}

function makeHomeState(model: RobotModel): StateBatch {
  const state = makeStateBatch(1, model.jointNames.length);
  state.position.set(model.home.position);
  state.orientation.set(model.home.orientation);
  state.jointPosition.set(model.home.jointPosition);
  return state;
}

function makeHomeReference(model: RobotModel) {
  const reference = makeReferenceBatch(1);
  reference.position.set(model.home.position);
  return reference;
}

function computeMedian(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1]!;
}
