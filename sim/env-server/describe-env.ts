import { ADVERSARY_NAMES, hasAdversary } from '../disturbance/adversary.ts';
import type { EnvArrays } from '../env-arrays.ts';
import type { EnvLayout } from '../env-layout.ts';
import type { EnvPlan } from '../env-plan.ts';
import type { ObservationTermSpec } from '../task/task.ts';
import type { ArraySpec } from './layout.ts';
import type { EnvDescription, Space } from './served-env.ts';

/** What a client is told of a task's environments. */
export function describeEnv(plan: EnvPlan, numWorkers: number): EnvDescription {
  const { task, model, config, layout, randomization } = plan;
  const { clip } = task.makeAction(model);
  return {
    task: task.name,
    description: task.description,
    robot: model.name,
    engine: config.engine,
    numEnvs: config.numEnvs,
    numWorkers,
    autoreset: config.autoreset,
    rateHz: task.controlRateHz,
    maxSteps: Math.round(task.episodeLengthS * task.controlRateHz),
    spaces: {
      observation: describeObservation(task.observations, layout.observationNames),
      action: makeSpace(layout.actionNames, () => clip),
      adversary: makeSpace(hasAdversary(randomization) ? ADVERSARY_NAMES : [], () => [-1, 1]),
      critic: makeSpace(layout.criticNames),
      goal: makeSpace(layout.goalNames),
    },
    rewardNames: layout.rewardNames,
    costNames: layout.costNames,
    contextNames: layout.contextNames,
    attributes: {},
  };
}

/** What clips let through, in the order of the network's input: all frames of a term, then those of the next. */
function describeObservation(
  terms: readonly ObservationTermSpec[],
  names: readonly string[],
): Space {
  const bounds = terms.flatMap(({ width, history = 1, clip, scale = 1 }) => {
    const ends = clip?.map((end) => end * scale).sort((a, b) => a - b);
    return new Array<readonly number[] | undefined>(width * history).fill(ends);
  });
  if (bounds.length !== names.length) {
    throw new RangeError(`describeEnv: ${bounds.length} bounds for ${names.length} observations`);
  }
  return makeSpace(names, (k) => bounds[k]);
}

function makeSpace(
  names: readonly string[],
  getEnds: (k: number) => readonly number[] | undefined = () => undefined,
): Space {
  return {
    dtype: 'float32',
    shape: [names.length],
    names,
    low: names.map((_, k) => getEnds(k)?.[0]),
    high: names.map((_, k) => getEnds(k)?.[1]),
  };
}

/** Arrays by name, with the names of their columns; absent: one number per environment. */
type Columns = Readonly<Partial<Record<keyof EnvArrays, keyof EnvLayout | undefined>>>;

const STEP = {
  observation: 'observationNames',
  reward: undefined,
  terminated: undefined,
  truncated: undefined,
  rewardTerms: 'rewardNames',
  costTerms: 'costNames',
  critic: 'criticNames',
  achievedGoal: 'goalNames',
  desiredGoal: 'goalNames',
} as const satisfies Columns;

const TAIL = {
  episodeSeed: undefined,
  episodeEnv: undefined,
  episodeIndex: undefined,
  context: 'contextNames',
  finalObservation: 'observationNames',
  finalCritic: 'criticNames',
  finalAchievedGoal: 'goalNames',
  finalDesiredGoal: 'goalNames',
} as const satisfies Columns;

/** An array on the wire and the one that it is copied from. */
export interface ServedArray extends ArraySpec {
  /** [numEnvs, …] */
  readonly source: EnvArrays[keyof EnvArrays];
  /** Numbers per environment. */
  readonly width: number;
}

/** What goes on the wire, in its order, of all environments or of one; arrays without columns are left out. */
export function listServedArrays(
  part: 'step' | 'tail',
  arrays: EnvArrays,
  layout: EnvLayout,
): readonly ServedArray[] {
  const numEnvs = arrays.reward.length;
  const columns: Columns = part === 'step' ? STEP : TAIL;
  return (Object.keys(columns) as (keyof EnvArrays)[]).flatMap((name) => {
    const names = columns[name];
    const source = arrays[name];
    if (source.length === 0) return [];
    const own = names === undefined ? [] : [layout[names].length];
    const shape = part === 'step' ? [numEnvs, ...own] : own;
    return [{ name, dtype: getDtype(source), shape, source, width: own[0] ?? 1 }];
  });
}

function getDtype(array: EnvArrays[keyof EnvArrays]): ArraySpec['dtype'] {
  if (array instanceof Float32Array) return 'float32';
  return array instanceof Float64Array ? 'float64' : 'uint8';
}
