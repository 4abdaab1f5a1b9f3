import { cpus, loadavg, release } from 'node:os';
import type { RoleName } from '../../../launch/node/roles.ts';
import type { StampStream } from './stream.ts';
import { fitSlope, type Sample } from './usage.ts';
import type { Watch } from './watch.ts';

/** [s] Runs that are shorter say nothing about memory: a heap finds its size first. */
const MIN_MEMORY_S = 1800;
/** [1/h] of what a process has: less is not told from a heap that breathes */
const MAX_GROWTH = 0.05;

/** [1] of the rate that was asked for: what one sample's timing may be off */
const MIN_RATE = 0.99;

/** Counters of the nodes by which a run is judged; they begin with the nodes, the run after them. */
const COUNTERS = {
  'timing: simulator': ['late commands', 'overruns', 'skipped'],
  'timing: policy': ['overruns', 'skipped'],
} as const;

export type Counters = Readonly<Record<string, number>>;

/** `timing: simulator/overruns` → count. [@invalid NaN where nothing was told yet] */
export function readCounters({ status }: Watch): Counters {
  const entries = Object.entries(COUNTERS).flatMap(([name, keys]) =>
    keys.map((key) => [`${name}/${key}`, Number(status.get(name)?.[key])] as const),
  );
  return Object.fromEntries(entries);
}

export interface RunFacts {
  readonly robot: string;
  readonly watch: Watch;
  readonly before: Counters;
  /** [s] wall time */
  readonly durationS: number;
  readonly periodS: number;
  /** [1/s] periods per second of wall time that were asked for */
  readonly rateHz: number;
  /** Of each process, over time. [B] */
  readonly memory: ReadonlyMap<RoleName, readonly Sample[]>;
  /** Processor time of each process in this run. [s] */
  readonly processorS: ReadonlyMap<RoleName, number>;
}

/** Everything that was found, ready to be written as JSON. */
export function makeReport(facts: RunFacts) {
  const { watch, durationS, periodS, rateHz, robot, before } = facts;
  const now = readCounters(watch);
  const counted = Object.fromEntries(
    Object.keys(now).map((key) => [key, now[key]! - before[key]!]),
  );
  watch.policy.end();
  watch.motors.end();
  const memory = Object.fromEntries(
    [...facts.memory].map(([role, samples]) => [role, describeMemory(samples)]),
  );
  return {
    machine: { cpu: cpus()[0]?.model ?? '', numCpus: cpus().length, kernel: release() },
    load: loadavg(),
    node: process.version,
    ros: { distro: process.env.ROS_DISTRO, rmw: process.env.RMW_IMPLEMENTATION },
    durationS,
    asked: { rateHz, realTimeFactor: rateHz * periodS },
    achievedRateHz: watch.motors.numPeriods / durationS,
    policyCommands: describeStream(watch.policy),
    motorCommands: describeStream(watch.motors),
    counted,
    timing: {
      simulator: watch.status.get('timing: simulator'),
      policy: watch.status.get('timing: policy'),
    },
    safety: watch.status.get(`safety: ${robot}`),
    memory,
    /** Of processor time. */
    msPerPeriod: Object.fromEntries(
      [...facts.processorS].map(([role, spentS]) => [
        role,
        (1e3 * spentS) / watch.motors.numPeriods,
      ]),
    ),
    failures: [
      ...judgeRate(watch.motors.numPeriods / durationS, rateHz),
      ...judgeStream('policy', watch.policy),
      ...judgeStream('motors', watch.motors),
      ...judgeCounter(counted, 'timing: simulator/late commands'),
      ...(durationS < MIN_MEMORY_S ? [] : Object.entries(memory).flatMap(judgeMemory)),
    ],
  };
}

export type Report = ReturnType<typeof makeReport>;

function describeStream({ numPeriods, numHeard, numMissing, numRepeated }: StampStream) {
  return { periods: numPeriods, heard: numHeard, missing: numMissing, repeated: numRepeated };
}

function describeMemory(samples: readonly Sample[]) {
  const settled = samples.slice(Math.floor(samples.length / 2));
  const { slope, error } = fitSlope(settled);
  const toMb = (bytes = Number.NaN) => Math.round(bytes / 1e5) / 10;
  const values = samples.map(({ value }) => value);
  return {
    firstMb: toMb(values[0]),
    lastMb: toMb(values.at(-1)),
    maxMb: toMb(Math.max(...values)),
    /** One in a minute or so. */
    everyMb: values.filter((_, i) => i % 12 === 11).map((value) => toMb(value)),
    /** Over the second half. */
    slopeMbPerH: toMb(slope * 3600),
    slopeErrorMbPerH: toMb(error * 3600),
  };
}

function judgeRate(achievedHz: number, askedHz: number): string[] {
  if (achievedHz >= MIN_RATE * askedHz) return [];
  return [
    `${achievedHz.toFixed(1)} periods a second, not ${askedHz}: this machine had no time for more`,
  ];
}

function judgeStream(name: string, { numMissing, numHeard }: StampStream): string[] {
  if (numHeard === 0) return [`${name}: no command was heard at all`];
  return numMissing === 0 ? [] : [`${name}: ${numMissing} periods without a command`];
}

function judgeCounter(counted: Counters, key: string): string[] {
  return counted[key] === 0 ? [] : [`${key}: ${counted[key]}`];
}

function judgeMemory([role, memory]: [string, ReturnType<typeof describeMemory>]): string[] {
  const { slopeMbPerH, lastMb } = memory;
  if (slopeMbPerH <= MAX_GROWTH * lastMb) return [];
  return [`${role} grows by ${slopeMbPerH} MB an hour`];
}
