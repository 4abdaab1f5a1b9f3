import { makePilot } from '../../policies/evaluation/pilot.ts';
import type { EngineName } from '../../sim/engine/engine.ts';
import { type BareMujoco, makeBareMujoco } from '../../sim/engine/mujoco/bare.ts';
import { makeSimEnv, type SimEnv } from '../../sim/env.ts';
import type { Actor } from '../../sim/episode/actor.ts';
import { Rng } from '../../sim/math/rng.ts';
import { computeTotalMass, type RobotModel } from '../../sim/robot/model.ts';
import { serveThread } from '../../sim/serve-thread.ts';

/**
 * What the thread of an engine is asked by `zerogap bench sim`: to set up, then for turns of its environments or of the
 * engine by itself, each answered with control steps per second of processor time.
 */
export type SimBenchRequest =
  | {
      readonly kind: 'open';
      readonly task: string;
      readonly engine: EngineName;
      /** [1] */
      readonly numRobots: number;
      readonly seed: number;
      /** [s] simulated in a turn, of every robot */
      readonly turnS: number;
    }
  | { readonly kind: 'env' }
  | { readonly kind: 'bare' }
  | { readonly kind: 'bareServos' };

/** The engine of one environment and what is compared with it. */
interface Bench {
  runEnv(): number;
  runBare(): number;
  /** With the engine's own servos, where robots have any and the engine can. */
  runBareServos(): number;
}

/**
 * [1] Sweeps with which Rapier's own servos hold a standing go2 at 200 Hz with torques within 1 % of what many sweeps come
 * to: knees 0.3 %, hips 0.8 %. With 8 they are 1.2 and 2 % off, with the 4 of ours 4 and 11 %.
 */
const SERVO_SWEEPS = 16;
/** [s] simulated before copies of Rapier's worlds are made anew */
const SLICE_S = 0.1;

let bench: Bench | undefined;
serveThread(async (request: SimBenchRequest): Promise<number> => {
  if (request.kind === 'open') {
    bench = await open(request);
    return 0;
  }
  if (bench === undefined) throw new RangeError('bench sim: the thread was not opened');
  if (request.kind === 'env') return bench.runEnv();
  return request.kind === 'bare' ? bench.runBare() : bench.runBareServos();
});

async function open(request: Extract<SimBenchRequest, { kind: 'open' }>): Promise<Bench> {
  const { task, engine, numRobots, seed, turnS } = request;
  const env = await makeSimEnv({ task, engine, numEnvs: numRobots });
  const actor = await makePilot({ kind: 'classical' }, env.task, env.model, numRobots);
  env.reset(seed);
  for (let robot = 0; robot < numRobots; robot++) actor.reset(robot, new Rng(seed, 'bench', robot));
  const numSteps = Math.round(turnS / env.world.controlPeriodS);
  const raw = new Float32Array(numRobots * env.numActions);
  const runBare =
    engine === 'rapier'
      ? () => runBareRapier(env, numSteps)
      : makeBareMujocoTurn(await openBareMujoco(env, numRobots), env, numSteps);
  return {
    runEnv: () => (numSteps * numRobots) / runEnv(env, actor, raw, numSteps),
    runBare: () => (numSteps * numRobots) / runBare(),
    runBareServos: () =>
      (numSteps * numRobots) / runBareRapier(env, numSteps, { sweeps: SERVO_SWEEPS }),
  };
}

/** The whole step is on the clock, whoever acts is not. @returns [s] of processor time */
function runEnv(env: SimEnv, actor: Actor, raw: Float32Array, numSteps: number): number {
  let cpuS = 0;
  for (let step = 0; step < numSteps; step++) {
    actor.act(raw, env.result, env.view);
    cpuS += measureCpuS(() => void env.step(raw));
  }
  return cpuS;
}

/**
 * From where the environments have got to, again and again: the same poses and contacts, before robots that nobody
 * holds fall over. @returns [s] of processor time
 */
function runBareRapier(
  { world }: SimEnv,
  numSteps: number,
  servos?: { readonly sweeps: number },
): number {
  const perSlice = Math.round(SLICE_S / world.controlPeriodS);
  let cpuS = 0;
  for (let left = numSteps; left > 0; left -= perSlice) {
    const worlds = world.engine.copyWorlds!(servos);
    cpuS += measureCpuS(() => {
      for (let k = 0; k < Math.min(left, perSlice) * world.substeps; k++) worlds.step();
    });
    worlds.free();
  }
  return cpuS;
}

async function openBareMujoco({ world, model }: SimEnv, numRobots: number): Promise<BareMujoco> {
  const servos = model.actuators.flatMap((actuator) => (actuator.kind === 'pd' ? [actuator] : []));
  const bare = await makeBareMujoco(world.engine.config, servos);
  const homes = servos.map(({ joint }) => getHome(model, joint));
  const weight = computeTotalMass(model) * Math.abs(world.engine.config.gravityW[2]);
  for (let robot = 0; robot < numRobots; robot++) {
    bare.targets.set(homes, robot * homes.length);
    // What flies hovers.
    if (servos.length === 0) bare.wrenches[6 * robot + 2] = weight;
  }
  return bare;
}

/** What it makes returns [s] of processor time. */
function makeBareMujocoTurn(bare: BareMujoco, { world }: SimEnv, numSteps: number): () => number {
  const run = () => {
    for (let step = 0; step < numSteps; step++) bare.step(world.substeps);
  };
  return () => measureCpuS(run);
}

function getHome(model: RobotModel, joint: string): number {
  return model.home.jointPosition[model.jointNames.indexOf(joint)]!;
}

/** Of the process: nobody else in it works meanwhile. */
function measureCpuS(work: () => void): number {
  const start = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1e6;
}
