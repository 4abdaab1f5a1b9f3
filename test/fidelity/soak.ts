import { getClassicalController } from '../../policies/classical/registry.ts';
import { ENGINE_NAMES, type EngineName } from '../../sim/engine/engine.ts';
import { makeSimEnv, type SimEnv } from '../../sim/env.ts';
import { Rng } from '../../sim/math/rng.ts';
import { computeTotalMass } from '../../sim/robot/model.ts';
import type { StateBatch } from '../../sim/robot/state.ts';
import { getTask, TASK_NAMES } from '../../sim/tasks/registry.ts';
import { format } from './report.ts';
import type { Table } from './results.ts';

const DURATION_S = 600;
const NUM_ROBOTS = 4;
const SEED = 1;
/** [s] between pushes, and how long one lasts */
const PUSH_EVERY = [1, 4] as const;
const PUSH_LASTS = [0.05, 0.3] as const;
/** [-] of the robot's weight, in any direction */
const PUSH_FORCE = [0.1, 1.5] as const;

/**
 * What no robot in the box can do unless its physics has exploded: 100 m from its start, faster than a free fall of
 * 100 m (44 m/s), 200 rad/s of its trunk. Joints are judged by being finite: rotors turn at 2500 rad/s.
 */
const BOUNDS = { position: 100, speed: 44, rate: 200 } as const;

interface Extremes {
  position: number;
  speed: number;
  rate: number;
  joint: number;
}

/** NaN wins over any number, so that it cannot hide. */
function larger(a: number, b: number): number {
  return Number.isNaN(b) || Math.abs(b) > a ? Math.abs(b) : a;
}

function update(extremes: Extremes, truth: StateBatch): void {
  for (const value of truth.position) extremes.position = larger(extremes.position, value);
  for (const value of truth.linearVelocityW) extremes.speed = larger(extremes.speed, value);
  for (const value of truth.angularVelocityB) extremes.rate = larger(extremes.rate, value);
  for (const value of truth.jointVelocity) extremes.joint = larger(extremes.joint, value);
}

/** Pushes floating robots; where the base is fixed, the command is pushed instead. */
class Bully {
  readonly #env: SimEnv;
  readonly #rng: Rng;
  readonly #next: Float64Array;
  readonly #until: Float64Array;
  readonly #offset: Float32Array;

  constructor(env: SimEnv, rng: Rng) {
    this.#env = env;
    this.#rng = rng;
    this.#next = Float64Array.from({ length: env.numEnvs }, () => rng.uniform(...PUSH_EVERY));
    this.#until = new Float64Array(env.numEnvs);
    this.#offset = new Float32Array(env.numEnvs * env.numActions);
  }

  /** @param action [numEnvs, numActions] changed where a command is pushed */
  act(action: Float32Array): void {
    const { world, numEnvs, numActions } = this.#env;
    for (let robot = 0; robot < numEnvs; robot++) {
      if (world.timeS >= this.#until[robot]!) {
        this.#offset.fill(0, robot * numActions, (robot + 1) * numActions);
      }
      if (world.timeS >= this.#next[robot]!) this.#push(robot);
      for (let k = robot * numActions; k < (robot + 1) * numActions; k++) {
        action[k]! += this.#offset[k]!;
      }
    }
  }

  #push(robot: number): void {
    const { world, model, numActions } = this.#env;
    const rng = this.#rng;
    const durationS = rng.uniform(...PUSH_LASTS);
    this.#next[robot] = world.timeS + rng.uniform(...PUSH_EVERY);
    this.#until[robot] = world.timeS + durationS;
    const share = rng.uniform(...PUSH_FORCE);
    if (model.base === 'fixed') {
      for (let k = 0; k < numActions; k++) {
        this.#offset[robot * numActions + k] = share * (rng.uniform(0, 1) < 0.5 ? -1 : 1);
      }
      return;
    }
    const force = share * computeTotalMass(model) * 9.80665;
    const direction = [rng.normal(0, 1), rng.normal(0, 1), rng.normal(0, 1)] as const;
    const scale = force / Math.hypot(...direction);
    world.pushRobot(
      robot,
      [direction[0] * scale, direction[1] * scale, direction[2] * scale],
      durationS,
    );
  }
}

interface SoakOutcome {
  readonly cells: readonly string[];
  readonly passes: boolean;
}

/** Runs one task for ten simulated minutes; whatever stops it is its result. */
async function soakTask(
  taskName: string,
  engine: EngineName,
  getWallS: () => number,
): Promise<SoakOutcome> {
  let env: SimEnv | undefined;
  try {
    env = await makeSimEnv({ task: taskName, engine, numEnvs: NUM_ROBOTS });
    return soakEnv(env, getWallS);
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    const when =
      env === undefined ? 'could not start' : `stopped after ${format(env.world.timeS)} s`;
    return { cells: [`${when}: ${message}`, '', '', '', '', ''], passes: false };
  } finally {
    env?.free();
  }
}

function soakEnv(env: SimEnv, getWallS: () => number): SoakOutcome {
  const began = getWallS();
  const extremes: Extremes = { position: 0, speed: 0, rate: 0, joint: 0 };
  const makeController = getClassicalController(env.task.name);
  const action = env.task.makeAction(env.model);
  const controller = makeController(env.model, action, env.world.controlPeriodS);
  const raw = new Float32Array(env.numEnvs * env.numActions);
  const bully = new Bully(env, new Rng(SEED, 'soak', env.task.name));
  let falls = 0;
  env.reset(SEED);
  while (env.world.timeS < DURATION_S) {
    for (let robot = 0; robot < env.numEnvs; robot++) controller.compute(raw, env.view, robot);
    bully.act(raw);
    const { info } = env.step(raw);
    falls += info.episodes.filter(({ end }) => end === 'terminated').length;
    update(extremes, env.world.truth);
  }
  const passes =
    extremes.position <= BOUNDS.position &&
    extremes.speed <= BOUNDS.speed &&
    extremes.rate <= BOUNDS.rate &&
    Number.isFinite(extremes.joint);
  const figures = [extremes.position, extremes.speed, extremes.rate, extremes.joint].map(format);
  return { cells: [...figures, String(falls), format(getWallS() - began)], passes };
}

/** Tasks that have a classical controller. */
function listTasks(): readonly string[] {
  return TASK_NAMES.filter((name) => {
    try {
      return getClassicalController(name) !== undefined;
    } catch {
      return false;
    }
  });
}

/** Every robot under its classical controller, both engines. */
export async function runSoak(
  getWallS: () => number,
  onProgress: (line: string) => void,
): Promise<Table> {
  const rows: string[][] = [];
  const passes: boolean[] = [];
  for (const task of listTasks()) {
    for (const engine of ENGINE_NAMES) {
      const { robot } = getTask(task);
      const outcome = await soakTask(task, engine, getWallS);
      rows.push([`${typeof robot === 'string' ? robot : task}: ${task}`, engine, ...outcome.cells]);
      passes.push(outcome.passes);
      onProgress(`  ${rows.at(-1)!.join(', ')}: ${outcome.passes ? 'ok' : 'MISS'}`);
    }
  }
  return {
    command: 'npm run fidelity -- --soak',
    shows:
      `${NUM_ROBOTS} robots of each task under its classical controller for ${DURATION_S} simulated seconds, pushed every ` +
      `${PUSH_EVERY.join(' to ')} s for ${PUSH_LASTS.join(' to ')} s with ${PUSH_FORCE.join(' to ')} times their weight in any direction (where the base is fixed, the action ` +
      `is pushed by as many units), seed ${SEED}. What falls starts anew. Bounds: ${BOUNDS.position} m, ${BOUNDS.speed} m/s, ${BOUNDS.rate} rad/s, all finite.`,
    columns: [
      'robot: task',
      'engine',
      'farthest m',
      'fastest m/s',
      'fastest turn rad/s',
      'fastest joint rad/s or m/s',
      'falls',
      'wall s',
    ],
    rows,
    passes,
    notes: [],
  };
}
