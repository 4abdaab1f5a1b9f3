import { Rng } from '../../sim/math/rng.ts';
import type { RobotModel } from '../../sim/robot/model.ts';
import { openRobot } from '../../sim/robot/open.ts';
import type { TaskDefinition } from '../../sim/task/task.ts';
import { getTask } from '../../sim/tasks/registry.ts';
import { type Evaluation, evaluate } from '../evaluation/evaluate.ts';
import { computeObservationWidth, type EvaluationScore, type ManifestDraft } from '../manifest.ts';
import { exportPolicy } from '../onnx/export-policy.ts';
import type { Activation, MlpNetwork } from '../onnx/policy-network.ts';
import { collectDataset, type Dataset, joinDatasets, type Rollout } from './dataset.ts';
import { Fitter, type Schedule } from './fit.ts';
import { makeMlpForward } from './forward.ts';
import { describeTask } from './task-manifest.ts';

export interface CloneSettings {
  readonly task: string;
  readonly seed: number;
  readonly hidden: readonly number[];
  readonly activation: Activation;
  /** Rounds of DAgger after the first round, in which the teacher flies. */
  readonly rounds: number;
  readonly numEnvs: number;
  /** [1] rows per environment and round, half of them from wide starts */
  readonly rowsPerEnv: number;
  /** [1] steps of Adam per round, and after the last one */
  readonly stepsPerRound: number;
  readonly finalSteps: number;
  readonly batchSize: number;
  readonly learningRate: number;
  readonly evaluationEpisodes: number;
}

export interface CloneProgress {
  readonly phase: 'fly' | 'fit' | 'evaluate';
  readonly round: number;
  /** [-] 0 to 1 of everything */
  readonly share: number;
}

/** One line of the learning curve. */
export interface CloneRound {
  readonly round: number;
  readonly rows: number;
  /** [-] mean squared error in squared standard deviations of an action */
  readonly trainLoss: number;
  readonly heldOutLoss: number;
}

export interface CloneResult {
  /** The .onnx file. */
  readonly bytes: Uint8Array;
  readonly curve: readonly CloneRound[];
  readonly policy: Evaluation;
  readonly teacher: Evaluation;
}

export interface CloneOptions {
  readonly settings: CloneSettings;
  /** What the caller knows and this code may not ask: version and time. */
  readonly provenance: { readonly commit: string; readonly createdAt: string };
  readonly onProgress?: (progress: CloneProgress) => void;
}

/** Seeds that are judged; training draws its own from another range. */
export const FIRST_EVALUATION_SEED = 100_000;
/** [s] of an episode from a wide start: enough to come back. */
const WIDE_EPISODE_S = 3;
/** [1] control steps from one kept row to the next: nearer ones teach nearly the same */
const STRIDE = 4;
/** Raw action units; 0.3 is about 230 rad/s on a crazyflie's rotor. */
const MAX_NOISE = 0.3;
const NUM_GOLDEN = 8;

/**
 * Teaches a network to do what the task's classical controller does. Equal settings give an equal
 * graph, bit for bit on the same machine and versions.
 * @throws UserError for an unknown task
 */
export async function cloneController(options: CloneOptions): Promise<CloneResult> {
  const { settings, onProgress } = options;
  const task = getTask(settings.task);
  const model = await openRobot(task.robot);
  const progress = makeProgress(settings, onProgress);
  const { mlp, curve, goldenInputs } = await learn(task, model, settings, progress);

  progress('evaluate', settings.rounds);
  const write = (evaluation: EvaluationScore[]) => {
    const manifest = makeManifest(task, model, options, curve, evaluation);
    return exportPolicy({ network: mlp, manifest, goldenInputs });
  };
  // What is judged is the file, loaded as on a robot; the scores are then written into it.
  const unjudged = await write([]);
  const judged = { task, episodes: settings.evaluationEpisodes, firstSeed: FIRST_EVALUATION_SEED };
  const policy = await evaluate({ ...judged, policy: unjudged });
  const teacher = await evaluate({ ...judged, policy: { kind: 'classical' } });
  return { bytes: await write([policy.score, teacher.score]), curve, policy, teacher };
}

interface Learnt {
  readonly mlp: MlpNetwork;
  readonly curve: readonly CloneRound[];
  /** Held-out observations. */
  readonly goldenInputs: readonly Float32Array[];
}

/** Fly, label, fit, and again with the student at the controls; data of all rounds is kept. */
async function learn(
  task: TaskDefinition,
  model: RobotModel,
  settings: CloneSettings,
  progress: ReturnType<typeof makeProgress>,
): Promise<Learnt> {
  const rng = new Rng(settings.seed, 'clone');
  const fitter = await Fitter.make({
    ...settings,
    numObs: computeObservationWidth(task.observations),
    numActions: model.actuatedJointNames.length,
    rng: rng.fork('fit'),
  });
  const learnt: Dataset[] = [];
  const heldOut: Dataset[] = [];
  const curve: CloneRound[] = [];
  let mlp: MlpNetwork | undefined;
  for (let round = 0; round <= settings.rounds; round++) {
    progress('fly', round);
    for (const part of await flyRound(task, settings, rng.fork('round', round), mlp)) {
      const split = splitByEnv(part, settings.numEnvs);
      learnt.push(split.learnt);
      heldOut.push(split.heldOut);
    }
    const data = joinDatasets(learnt);
    const schedule = makeSchedule(settings, round);
    const trainLoss = await fitter.fit(data, schedule, () => progress('fit', round));
    const heldOutLoss = fitter.computeLoss(joinDatasets(heldOut));
    curve.push({ round, rows: data.numRows, trainLoss, heldOutLoss });
    mlp = fitter.copyMlp();
  }
  await fitter.free();
  return { mlp: mlp!, curve, goldenInputs: pickRows(heldOut[0]!, NUM_GOLDEN) };
}

/** Warm restarts (I. Loshchilov and F. Hutter, 2017); the last round runs longer and ends lower. */
function makeSchedule(settings: CloneSettings, round: number): Schedule {
  const isLast = round === settings.rounds;
  return {
    steps: settings.stepsPerRound + (isLast ? settings.finalSteps : 0),
    learningRate: [settings.learningRate, settings.learningRate * (isLast ? 0.005 : 0.1)],
  };
}

/** Half of the rows from the task as it is judged, half from short episodes that start far off. */
async function flyRound(
  task: TaskDefinition,
  { numEnvs, rowsPerEnv }: CloneSettings,
  rng: Rng,
  mlp: MlpNetwork | undefined,
): Promise<Dataset[]> {
  const wide: TaskDefinition = {
    ...task,
    writeStart: task.writeWideStart ?? task.writeStart,
    episodeLengthS: Math.min(WIDE_EPISODE_S, task.episodeLengthS),
  };
  const shared = {
    numEnvs,
    stride: STRIDE,
    maxNoise: MAX_NOISE,
    rowsPerEnv: Math.ceil(rowsPerEnv / 2),
    ...(mlp === undefined ? {} : { student: makeMlpForward(mlp) }),
  } satisfies Partial<Rollout>;
  return [
    await collectDataset({ ...shared, task, rng: rng.fork('task') }),
    await collectDataset({ ...shared, task: wide, rng: rng.fork('wide') }),
  ];
}

/** Every tenth environment is held out as a whole: its rows resemble one another. */
function splitByEnv(data: Dataset, numEnvs: number): { learnt: Dataset; heldOut: Dataset } {
  const isHeldOut = (row: number) => (row % numEnvs) % 10 === 9;
  return {
    learnt: selectRows(data, (row) => !isHeldOut(row)),
    heldOut: selectRows(data, isHeldOut),
  };
}

function selectRows(data: Dataset, isWanted: (row: number) => boolean): Dataset {
  const select = (table: Float32Array): Float32Array => {
    const width = table.length / data.numRows;
    return table.filter((_, i) => isWanted(Math.floor(i / width)));
  };
  const observations = select(data.observations);
  const numRows = (observations.length / data.observations.length) * data.numRows;
  return { observations, actions: select(data.actions), numRows: Math.round(numRows) };
}

/** Observations spread evenly over the dataset. */
function pickRows({ observations, numRows }: Dataset, count: number): Float32Array[] {
  const width = observations.length / numRows;
  return Array.from({ length: Math.min(count, numRows) }, (_, k) => {
    const row = Math.floor((k * numRows) / count);
    return observations.slice(row * width, (row + 1) * width);
  });
}

function makeManifest(
  task: TaskDefinition,
  model: RobotModel,
  { settings, provenance }: CloneOptions,
  curve: readonly CloneRound[],
  evaluation: EvaluationScore[],
): ManifestDraft {
  const last = curve.at(-1)!;
  return {
    ...describeTask(task, model),
    name: task.name,
    evaluation,
    provenance: {
      tool: 'zerogap',
      method: 'behaviour cloning of the classical controller, DAgger',
      seed: settings.seed,
      ...provenance,
      notes: `${settings.rounds} rounds of DAgger, ${last.rows} states, held-out mean squared error ${last.heldOutLoss.toExponential(2)} of an action's variance`,
    },
  };
}

function makeProgress(
  settings: CloneSettings,
  onProgress: CloneOptions['onProgress'],
): (phase: CloneProgress['phase'], round: number) => void {
  const total = (settings.rounds + 1) * settings.stepsPerRound + settings.finalSteps;
  let done = 0;
  return (phase, round) => {
    if (phase === 'fit') done++;
    if (phase === 'fit' && done % 100 !== 0) return;
    onProgress?.({ phase, round, share: done / total });
  };
}
