import { availableParallelism } from 'node:os';
import { makePilot } from '../../policies/evaluation/pilot.ts';
import { readWallClockS } from '../../policies/runtime/clock.ts';
import type { EngineName } from '../../sim/engine/engine.ts';
import { type BareMujoco, makeBareMujoco } from '../../sim/engine/mujoco/bare.ts';
import { makeSimEnv, type SimEnv } from '../../sim/env.ts';
import type { Actor } from '../../sim/episode/actor.ts';
import { Rng } from '../../sim/math/rng.ts';
import { computeTotalMass, type RobotModel } from '../../sim/robot/model.ts';
import { makeVecEnv, type VecEnv } from '../../sim/vec-env/vec-env.ts';
import type { BenchResult } from './loop.ts';

export interface BenchSimOptions {
  readonly tasks: readonly string[];
  /** [1] turns that count, of each contender; the median is told */
  readonly turns: number;
  readonly onProgress: (text: string) => void;
}

const NUM_ROBOTS = 64;
const SEED = 1;
/** Code is not compiled yet in the first turns. */
const WARM_UP_TURNS = 2;
/** [s] simulated in a turn, of every robot */
const TURN_S = { env: 2, workers: 5 } as const;
/** [s] simulated before copies of Rapier's worlds are made anew */
const SLICE_S = 0.1;

/**
 * Control steps per second of whole environments (actuators, engine, sensors, observations, rewards, resets, all that
 * the task randomises; a classical controller acts, off the clock) against three baselines by turns in the same run:
 *
 * - `…/rapier`: `world.step` of copies of the same Rapier worlds, left alone: no input, no output;
 * - `…/mujoco`: MuJoCo by itself on the same robot at the same rate: inputs written, `mj_step`, states read;
 * - `…/mujoco-env`: the same environments with MuJoCo for an engine.
 *
 * The first two figures are per second of processor time, which a busy machine disturbs less than time on the wall;
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
  const rapier = await openContender(task, 'rapier');
  const mujoco = await openContender(task, 'mujoco');
  const bare = await openBareMujoco(rapier.env);
  /** Control steps per second, one number a turn. */
  const speeds = { env: [], rapier: [], mujoco: [], mujocoEnv: [] } as Record<
    'env' | 'rapier' | 'mujoco' | 'mujocoEnv',
    number[]
  >;
  for (let turn = 0; turn < WARM_UP_TURNS + turns; turn++) {
    speeds.env.push(timeEnv(rapier));
    speeds.rapier.push(timeBareRapier(rapier.env));
    speeds.mujoco.push(timeBareMujoco(bare, rapier.env));
    speeds.mujocoEnv.push(timeEnv(mujoco));
  }
  bare.free();
  for (const { env, actor } of [rapier, mujoco]) {
    env.free();
    actor.release();
  }
  return [
    makeResult(`${task}/rapier`, speeds.env, speeds.rapier),
    makeResult(`${task}/mujoco`, speeds.env, speeds.mujoco),
    makeResult(`${task}/mujoco-env`, speeds.env, speeds.mujocoEnv),
  ];
}

/** Two workers, or as many as there are cores, against one. */
async function benchWorkers(task: string, turns: number): Promise<BenchResult> {
  const cores = Math.max(2, availableParallelism());
  const options = { task, numEnvs: NUM_ROBOTS * cores };
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

interface Contender {
  readonly env: SimEnv;
  readonly actor: Actor;
  readonly raw: Float32Array;
}

async function openContender(task: string, engine: EngineName): Promise<Contender> {
  const env = await makeSimEnv({ task, engine, numEnvs: NUM_ROBOTS });
  const actor = await makePilot({ kind: 'classical' }, env.task, env.model, NUM_ROBOTS);
  env.reset(SEED);
  for (let robot = 0; robot < NUM_ROBOTS; robot++)
    actor.reset(robot, new Rng(SEED, 'bench', robot));
  return { env, actor, raw: new Float32Array(NUM_ROBOTS * env.numActions) };
}

/** The whole step is on the clock, whoever acts is not. */
function timeEnv({ env, actor, raw }: Contender): number {
  const steps = Math.round(TURN_S.env / env.world.controlPeriodS);
  let cpuS = 0;
  for (let step = 0; step < steps; step++) {
    actor.act(raw, env.result, env.view);
    cpuS += measureCpuS(() => void env.step(raw));
  }
  return (steps * NUM_ROBOTS) / cpuS;
}

/**
 * From where the environments have got to, again and again: the same poses and contacts, before robots that nobody
 * holds fall over.
 */
function timeBareRapier({ world }: SimEnv): number {
  const numSlices = Math.round(TURN_S.env / SLICE_S);
  const steps = Math.round(SLICE_S / world.controlPeriodS);
  let cpuS = 0;
  for (let slice = 0; slice < numSlices; slice++) {
    const worlds = world.engine.copyWorlds!();
    cpuS += measureCpuS(() => {
      for (let k = 0; k < steps * world.substeps; k++) worlds.step();
    });
    worlds.free();
  }
  return (numSlices * steps * NUM_ROBOTS) / cpuS;
}

async function openBareMujoco({ world, model }: SimEnv): Promise<BareMujoco> {
  const servos = model.actuators.flatMap((actuator) => (actuator.kind === 'pd' ? [actuator] : []));
  const bare = await makeBareMujoco(world.engine.config, servos);
  const homes = servos.map(({ joint }) => getHome(model, joint));
  const weight = computeTotalMass(model) * Math.abs(world.engine.config.gravityW[2]);
  for (let robot = 0; robot < NUM_ROBOTS; robot++) {
    bare.targets.set(homes, robot * homes.length);
    // What flies hovers.
    if (servos.length === 0) bare.wrenches[6 * robot + 2] = weight;
  }
  return bare;
}

function timeBareMujoco(bare: BareMujoco, { world }: SimEnv): number {
  const steps = Math.round(TURN_S.env / world.controlPeriodS);
  const cpuS = measureCpuS(() => {
    for (let step = 0; step < steps; step++) bare.step(world.substeps);
  });
  return (steps * NUM_ROBOTS) / cpuS;
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

function getHome(model: RobotModel, joint: string): number {
  return model.home.jointPosition[model.jointNames.indexOf(joint)]!;
}

function computeMedian(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** [s] of processor time */
function measureCpuS(work: () => void): number {
  const start = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1e6;
}
