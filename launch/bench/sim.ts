import { availableParallelism } from 'node:os';
import { readWallClockS } from '../../policies/runtime/clock.ts';
import { AskedThread } from '../../sim/asked-thread.ts';
import type { EngineName } from '../../sim/engine/engine.ts';
import { openRobot } from '../../sim/robot/open.ts';
import { getTask } from '../../sim/tasks/registry.ts';
import { computeBatchRobots } from '../../sim/vec-env/plan.ts';
import { makeVecEnv, type VecEnv } from '../../sim/vec-env/vec-env.ts';
import type { BenchResult } from './loop.ts';
import type { SimBenchRequest } from './sim-thread.ts';

export interface BenchSimOptions {
  readonly tasks: readonly string[];
  /** [1] turns that count, of each contender; the median is told */
  readonly turns: number;
  readonly onProgress: (text: string) => void;
}

/** [1] of all threads together, where there are no more than eight: as many as fly in the training of crazyflie-track */
const NUM_LEARNING = 512;
const ROBOTS_PER_CORE = 64;
const SEED = 1;
/** Code is not compiled yet in the first turns. */
const WARM_UP_TURNS = 2;
/** [s] simulated in a turn, of every robot */
const TURN_S = { env: 2, workers: 1.25 } as const;
const THREAD = new URL('./sim-thread-entry.js', import.meta.url);

/**
 * Control steps per second of whole environments (actuators, engine, sensors, observations, rewards, resets, all that
 * the task randomises; a classical controller acts, off the clock) against baselines by turns in the same run:
 *
 * - `…/rapier`: `world.step` of copies of the same Rapier worlds, left alone: no input, no output;
 * - `…/rapier-servos`, where robots have servos: the same with Rapier's own servos in the joints, and as many sweeps as it
 *   then needs to know their torques to 1 %, which ours are known to with the sweeps that it has;
 * - `…/mujoco`: MuJoCo by itself on the same robot at the same rate: inputs written, `mj_step`, states read;
 * - `…/mujoco-env`: the same environments with MuJoCo for an engine.
 *
 * Each engine has a thread of its own, as in training: where one thread runs both, the compiler has to make code that
 * serves either. These figures are per second of processor time, which a busy machine disturbs less than time on the wall;
 * `…/workers` is by the wall.
 */
export async function benchSim(options: BenchSimOptions): Promise<readonly BenchResult[]> {
  const results: BenchResult[] = [];
  for (const task of options.tasks) {
    options.onProgress(`${task}: one core`);
    results.push(...(await benchOneCore(task, options.turns)));
    options.onProgress(`${task}: all cores`);
    results.push(await benchWorkers(task, options.turns));
  }
  return results;
}

async function benchOneCore(task: string, turns: number): Promise<BenchResult[]> {
  const model = await openRobot(getTask(task).robot);
  const hasServos = model.actuators.some((a) => 'integration' in a && a.integration === 'solver');
  const numRobots = computeBatchRobots(model);
  const rapier = await openEngine(task, 'rapier', numRobots);
  const mujoco = await openEngine(task, 'mujoco', numRobots);
  /** Control steps per second, one number a turn. */
  const env: number[] = [];
  const bareRapier: number[] = [];
  const bareServos: number[] = [];
  const bareMujoco: number[] = [];
  const mujocoEnv: number[] = [];
  for (let turn = 0; turn < WARM_UP_TURNS + turns; turn++) {
    env.push(await rapier.ask({ kind: 'env' }));
    bareRapier.push(await rapier.ask({ kind: 'bare' }));
    if (hasServos) bareServos.push(await rapier.ask({ kind: 'bareServos' }));
    bareMujoco.push(await mujoco.ask({ kind: 'bare' }));
    mujocoEnv.push(await mujoco.ask({ kind: 'env' }));
  }
  await Promise.all([rapier.end(), mujoco.end()]);
  return [
    makeResult(`${task}/rapier`, env, bareRapier),
    ...(hasServos ? [makeResult(`${task}/rapier-servos`, env, bareServos)] : []),
    makeResult(`${task}/mujoco`, env, bareMujoco),
    makeResult(`${task}/mujoco-env`, env, mujocoEnv),
  ];
}

/** Two workers, or as many as there are cores, against one. */
async function benchWorkers(task: string, turns: number): Promise<BenchResult> {
  const cores = Math.max(2, availableParallelism());
  const options = { task, numEnvs: Math.max(NUM_LEARNING, ROBOTS_PER_CORE * cores) };
  const one = await makeVecEnv({ ...options, numWorkers: 1 });
  const all = await makeVecEnv({ ...options, numWorkers: cores });
  const ofOne: number[] = [];
  const ofAll: number[] = [];
  for (const vec of [one, all]) await vec.reset({ seed: SEED });
  for (let turn = 0; turn < WARM_UP_TURNS + turns; turn++) {
    ofOne.push(await timeVecEnv(one));
    ofAll.push(await timeVecEnv(all));
  }
  await one.close();
  await all.close();
  return makeResult(`${task}/workers-${cores}`, ofAll, ofOne);
}

async function openEngine(
  task: string,
  engine: EngineName,
  numRobots: number,
): Promise<AskedThread<SimBenchRequest, number>> {
  const thread = new AskedThread<SimBenchRequest, number>({ entry: THREAD, name: engine });
  await thread.ask({ kind: 'open', task, engine, numRobots, seed: SEED, turnS: TURN_S.env });
  return thread;
}

/** The controller is that of a robot that is told to do nothing: what counts is how threads share the work. */
async function timeVecEnv(vec: VecEnv): Promise<number> {
  const steps = Math.round(TURN_S.workers / vec.controlPeriodS);
  const start = readWallClockS();
  for (let step = 0; step < steps; step++) await vec.step();
  return (steps * vec.numEnvs) / (readWallClockS() - start);
}

/** @param all, baselines control steps per second of every turn, those that warm up first */
function makeResult(
  name: string,
  all: readonly number[],
  baselines: readonly number[],
): BenchResult {
  const values = all.slice(WARM_UP_TURNS);
  const baseline = baselines.slice(WARM_UP_TURNS);
  // Of one turn each: what disturbs a turn disturbs both.
  const ratio = computeMedian(values.map((speed, turn) => speed / baseline[turn]!));
  return {
    name,
    value: computeMedian(values),
    unit: 'control steps/s',
    baseline: computeMedian(baseline),
    ratio,
  };
}

function computeMedian(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
