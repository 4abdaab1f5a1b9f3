/**
 * Lets simulator, policy, safety and reference run in processes of their own over DDS, and watches them:
 * `npm run soak:ros -- --help`. Exit code 0 if it kept its rate, lost no command and grew
 * by no memory, 1 if not, 2 for a bad option.
 */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import type { RoleName } from '../../../launch/node/roles.ts';
import { chooseContext } from '../../../nodes/ros/context.ts';
import { makeRosStack, type RosStack, startAll } from '../../kit/ros-stack.ts';
import requireRos from '../require-ros.ts';
import { makeReport, type Report, readCounters } from './report.ts';
import { readProcessorS, readResidentBytes, type Sample } from './usage.ts';
import { type Watch, watchRobot } from './watch.ts';

const USAGE = `npm run soak:ros -- [options]
  --minutes N   how long to watch, 1 unless told
  --rate-hz N   control periods per second of wall time; 100, the policy's own, unless told
  --domain N    ROS_DOMAIN_ID; 77 unless told
  --out FILE    where the report goes, as JSON; to standard output unless told`;

/** As profile.yaml has it, and as its policy was trained. */
const ROBOT = 'cf00';
const PERIOD_S = 0.01;
/** [s] after the first command: what starts up is no measure of what lasts */
const WARM_UP_S = 5;
const SAMPLE_S = 5;
const PROGRESS_S = 60;
const START_TIMEOUT_S = 120;

const sleep = (durationS: number) =>
  new Promise<void>((resolve) => setTimeout(resolve, durationS * 1000));
const say = (text: string) => void process.stderr.write(`${text}\n`);

interface Options {
  readonly minutes: number;
  readonly rateHz: number;
  readonly domain: string;
  readonly out: string | undefined;
}

function readOptions(): Options | undefined {
  const string = { type: 'string' } as const;
  const { values } = parseArgs({
    options: {
      ...{ minutes: string, 'rate-hz': string, domain: string, out: string },
      help: { type: 'boolean' },
    },
  });
  if (values.help) return undefined;
  const [minutes, rateHz] = [Number(values.minutes ?? 1), Number(values['rate-hz'] ?? 100)];
  if (!(minutes > 0 && rateHz > 0)) throw new TypeError('minutes and rate must be above 0');
  return { minutes, rateHz, domain: values.domain ?? '77', out: values.out };
}

async function soak({ minutes, rateHz, domain }: Options): Promise<Report> {
  // Nobody else on this network is to hear it, nor are we to hear them.
  Object.assign(process.env, {
    ...{ ROS_DOMAIN_ID: domain, ROS_LOCALHOST_ONLY: '1' },
    ROS_AUTOMATIC_DISCOVERY_RANGE: 'LOCALHOST',
  });
  const log = (level: string, node: string, message: string) => say(`${level} ${node} ${message}`);
  const { context } = await chooseContext({ middleware: 'ros2', log });
  const watch = watchRobot(context.createNode('soak_watcher'), ROBOT, PERIOD_S);
  const factor = (rateHz * PERIOD_S).toFixed(6);
  const stack = makeRosStack({ parameters: { simulator_node: { real_time_factor: factor } } });
  try {
    startAll(stack);
    await waitForFirst(() => watch.motors.numHeard > 0 && watch.policy.numHeard > 0);
    await sleep(WARM_UP_S);
    await waitForFirst(() => Object.values(readCounters(watch)).every(Number.isFinite));
    watch.restart();
    const before = readCounters(watch);
    const watched = await watchFor(minutes * 60, stack, watch);
    return makeReport({ robot: ROBOT, watch, before, periodS: PERIOD_S, rateHz, ...watched });
  } finally {
    await stack.end();
    await context.shutdown();
  }
}

type Memory = Map<RoleName, Sample[]>;

/** Until the time is over, or Ctrl-C: a run that ended early has a report too. @throws Error if a node ends */
async function watchFor(forS: number, { processes }: RosStack, watch: Watch) {
  let isInterrupted = false;
  process.once('SIGINT', () => {
    isInterrupted = true;
  });
  const startS = performance.now() / 1000;
  const elapsed = () => performance.now() / 1000 - startS;
  const memory: Memory = new Map();
  const readProcessor = () =>
    new Map([...processes].map(([role, { child }]) => [role, readProcessorS(child.pid!)]));
  const spentBefore = readProcessor();
  let progressS = PROGRESS_S;
  while (elapsed() < forS && !isInterrupted) {
    await sleep(Math.min(SAMPLE_S, forS - elapsed()));
    for (const [role, { child, result }] of processes) {
      if (child.exitCode !== null) throw new Error(`${role} ended: ${(await result).stderr}`);
      const samples = memory.get(role) ?? [];
      memory.set(role, samples);
      samples.push({ timeS: elapsed(), value: readResidentBytes(child.pid!) });
    }
    if (elapsed() < progressS) continue;
    progressS += PROGRESS_S;
    say(describeProgress(elapsed(), watch, memory));
  }
  const processorS = new Map(
    [...readProcessor()].map(([role, spentS]) => [role, spentS - spentBefore.get(role)!]),
  );
  return { durationS: elapsed(), memory, processorS };
}

function describeProgress(timeS: number, { motors }: Watch, memory: Memory): string {
  const sizes = [...memory].map(([role, all]) => `${role} ${Math.round(all.at(-1)!.value / 1e6)}`);
  const { numHeard, numMissing } = motors;
  return `${(timeS / 60).toFixed(0)} min: ${numHeard} commands, ${numMissing} lost; MB: ${sizes.join(', ')}`;
}

async function waitForFirst(isThere: () => boolean): Promise<void> {
  const endS = performance.now() / 1000 + START_TIMEOUT_S;
  while (!isThere()) {
    if (performance.now() / 1000 > endS) throw new Error('no command came at all');
    await sleep(0.1);
  }
}

async function main(): Promise<number> {
  let options: Options | undefined;
  try {
    options = readOptions();
  } catch (error) {
    say(`${error instanceof Error ? error.message : error}\n${USAGE}`);
    return 2;
  }
  if (options === undefined) {
    console.log(USAGE);
    return 0;
  }
  requireRos();
  const report = await soak(options);
  const json = JSON.stringify(report, undefined, 2);
  if (options.out === undefined) console.log(json);
  else writeFileSync(options.out, `${json}\n`);
  for (const failure of report.failures) say(failure);
  return report.failures.length === 0 ? 0 : 1;
}

process.exitCode = await main();
