import { readFileSync } from 'node:fs';
import { readManifest } from '../../policies/onnx/read-manifest.ts';
import { checkSeesMeasured } from '../../policies/privileged.ts';
import { throwIfAny } from '../../sim/errors.ts';
import { loadRobot } from '../../sim/robot/load.ts';
import { EXIT, makePrinter, printJson } from '../output.ts';
import { findPolicyFile } from '../paths.ts';
import { benchLidar } from './lidar.ts';
import { type BenchResult, benchLoop } from './loop.ts';
import { benchRos } from './ros.ts';
import { benchSim } from './sim.ts';
import { benchTrain } from './train.ts';

interface BenchOptions {
  readonly policy: string;
  readonly seconds: number;
  readonly json: boolean;
}

/** `zerogap bench loop`. */
export async function runBenchLoop(options: BenchOptions): Promise<number> {
  const print = makePrinter(options);
  const policy = findPolicyFile(options.policy, '--policy');
  const manifest = readManifest(readFileSync(policy), policy);
  throwIfAny(checkSeesMeasured(manifest, policy));
  const { results } = await benchLoop({
    policy,
    model: loadRobot(manifest.robot),
    durationS: options.seconds,
    onProgress: (text) => void process.stderr.write(`${text}\n`),
  });
  for (const result of results) print(describe(result));
  if (options.json) printJson({ benchmark: 'loop', policy: manifest.name, results });
  return EXIT.success;
}

/** `zerogap bench lidar`. */
export async function runBenchLidar(options: { readonly json: boolean }): Promise<number> {
  const print = makePrinter(options);
  const results = await benchLidar({
    onProgress: (text) => void process.stderr.write(`${text}\n`),
  });
  for (const result of results) print(describe(result));
  if (options.json) printJson({ benchmark: 'lidar', results });
  return EXIT.success;
}

/** `zerogap bench sim`. */
export async function runBenchSim(options: {
  readonly task: readonly string[];
  readonly turns: number;
  readonly json: boolean;
}): Promise<number> {
  const print = makePrinter(options);
  const tasks = options.task.length > 0 ? options.task : ['go2-stand', 'crazyflie-track'];
  const results = await benchSim({
    tasks,
    turns: options.turns,
    onProgress: (text) => void process.stderr.write(`${text}\n`),
  });
  for (const result of results) print(describe(result));
  if (options.json) printJson({ benchmark: 'sim', tasks, turns: options.turns, results });
  return EXIT.success;
}

/** `zerogap bench train`. */
export async function runBenchTrain(options: {
  readonly task: readonly string[];
  readonly rounds: number;
  readonly json: boolean;
}): Promise<number> {
  const print = makePrinter(options);
  const tasks = options.task.length > 0 ? options.task : ['cartpole-balance', 'crazyflie-hover'];
  const results = await benchTrain({
    tasks,
    rounds: options.rounds,
    onProgress: (text) => void process.stderr.write(`${text}\n`),
  });
  for (const result of results) print(describe(result));
  if (options.json) printJson({ benchmark: 'train', tasks, rounds: options.rounds, results });
  return EXIT.success;
}

/** `zerogap bench ros`. */
export async function runBenchRos(options: {
  readonly policy: string;
  readonly rclcppEcho?: string | undefined;
  readonly rounds: number;
  readonly rate?: number | undefined;
  readonly seconds: number;
  readonly json: boolean;
}): Promise<number> {
  const print = makePrinter(options);
  const results = await benchRos({
    ...{ policy: options.policy, rclcppEcho: options.rclcppEcho },
    ...{ rounds: options.rounds, rateHz: options.rate, durationS: options.seconds },
    onProgress: (text) => void process.stderr.write(`${text}\n`),
  });
  for (const result of results) print(describe(result));
  if (options.json) printJson({ benchmark: 'ros', policy: options.policy, results });
  return EXIT.success;
}

function describe({ name, value, unit, baseline, ratio }: BenchResult): string {
  // A count has the unit 1, which nobody wants to read.
  const suffix = unit === '1' ? '' : ` ${unit}`;
  const against = baseline === undefined ? '' : `   baseline ${format(baseline)}${suffix}`;
  const share = ratio === undefined ? '' : `, ratio ${ratio.toFixed(2)}`;
  return `${name.padEnd(24)} ${format(value).padStart(10)}${suffix}${against}${share}`;
}

function format(value: number): string {
  return Math.abs(value) >= 1000 ? value.toFixed(0) : value.toPrecision(3);
}
