import { setImmediate as letOthersRun } from 'node:timers/promises';
import { makeSimEnv, type SimEnv } from '../../sim/env.ts';
import type { Rng } from '../../sim/math/rng.ts';
import type { TaskDefinition } from '../../sim/task/task.ts';
import { getClassicalController } from '../classical/registry.ts';

/** What the teacher would have done in each state: row i of both tables belong together. */
export interface Dataset {
  /** [numRows, numObs] as the network will see them, before its normaliser */
  readonly observations: Float32Array;
  /** [numRows, numActions] raw actions */
  readonly actions: Float32Array;
  readonly numRows: number;
}

export interface Rollout {
  readonly task: TaskDefinition;
  /** [1] rows per environment to keep */
  readonly rowsPerEnv: number;
  readonly numEnvs: number;
  /** Control steps from one kept row to the next: neighbours teach nearly the same. */
  readonly stride: number;
  /**
   * Standard deviation of the noise on what is flown (never on what is learnt), drawn per
   * environment from 0 to this, in raw action units: it shows the teacher states that it would not
   * come to by itself (M. Laskey et al., "DART: noise injection for robust imitation learning", CoRL 2017).
   */
  readonly maxNoise: number;
  /** Who flies: absent, the teacher; otherwise the student, while the teacher says what is right. */
  readonly student?: (raw: Float32Array, observation: Float32Array, numRows: number) => void;
  readonly rng: Rng;
}

/**
 * Flies randomised episodes and has the teacher label every kept state. With a student at the controls
 * this is one round of DAgger: S. Ross, G. Gordon, D. Bagnell, "A reduction of imitation learning and
 * structured prediction to no-regret online learning", AISTATS 2011.
 */
export async function collectDataset(rollout: Rollout): Promise<Dataset> {
  const { task, numEnvs, rowsPerEnv, stride, student, rng } = rollout;
  const env = await makeSimEnv({ task, numEnvs });
  const { model, numActions, observationWidth: width } = env;
  const teacher = getClassicalController(task.name)(
    model,
    task.makeAction(model),
    1 / task.controlRateHz,
  );
  const numRows = numEnvs * rowsPerEnv;
  const observations = new Float32Array(numRows * width);
  const actions = new Float32Array(numRows * numActions);
  const label = new Float32Array(numEnvs * numActions);
  const flown = new Float32Array(numEnvs * numActions);
  const shake = makeShaker(env, rollout);
  let { observation } = env.reset(rng.fork('episodes').integer(1_000_000_000, 2_000_000_000));
  for (let step = 0; step < rowsPerEnv * stride; step++) {
    for (let robot = 0; robot < numEnvs; robot++) teacher.compute(label, env.view, robot);
    if (step % stride === 0) {
      const row = (step / stride) * numEnvs;
      observations.set(observation, row * width);
      actions.set(label, row * numActions);
    }
    if (student === undefined) flown.set(label);
    else student(flown, observation, numEnvs);
    shake(flown);
    const result = env.step(flown);
    observation = result.observation;
    for (let robot = 0; robot < numEnvs; robot++) {
      if (result.terminated[robot] === 1 || result.truncated[robot] === 1) teacher.reset?.(robot);
    }
    if (step % 50 === 0) await letOthersRun();
  }
  env.free();
  return { observations, actions, numRows };
}

/** Adds each environment's own amount of noise, correlated over a tenth of a second. */
function makeShaker(env: SimEnv, { maxNoise, rng }: Rollout): (raw: Float32Array) => void {
  const { numEnvs, numActions } = env;
  const stream = rng.fork('noise');
  const amount = Float64Array.from({ length: numEnvs }, () => stream.uniform(0, maxNoise));
  const state = new Float64Array(numEnvs * numActions);
  const keep = Math.exp(-env.world.controlPeriodS / 0.1);
  const fresh = Math.sqrt(1 - keep * keep);
  return (raw) => {
    for (let i = 0; i < raw.length; i++) {
      state[i] = keep * state[i]! + fresh * stream.normal(0, 1);
      raw[i]! += amount[Math.floor(i / numActions)]! * state[i]!;
    }
  };
}

export function joinDatasets(parts: readonly Dataset[]): Dataset {
  return {
    observations: joinArrays(parts.map((part) => part.observations)),
    actions: joinArrays(parts.map((part) => part.actions)),
    numRows: parts.reduce((sum, part) => sum + part.numRows, 0),
  };
}

function joinArrays(arrays: readonly Float32Array[]): Float32Array {
  const out = new Float32Array(arrays.reduce((sum, array) => sum + array.length, 0));
  let offset = 0;
  for (const array of arrays) {
    out.set(array, offset);
    offset += array.length;
  }
  return out;
}
