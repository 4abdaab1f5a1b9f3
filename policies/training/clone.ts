import { Rng } from '../../sim/math/rng.ts';
import type { RobotModel } from '../../sim/robot/model.ts';
import { openRobot } from '../../sim/robot/open.ts';
import type { TaskDefinition } from '../../sim/task/task.ts';
import { getTask } from '../../sim/tasks/registry.ts';
import { type Evaluation, evaluate } from '../evaluation/evaluate.ts';
import { FlightCrew } from '../evaluation/flight-crew.ts';
import { computeObservationWidth, type EvaluationScore, type ManifestDraft } from '../manifest.ts';
import { exportPolicy } from '../onnx/export-policy.ts';
import type { Activation, MlpNetwork } from '../onnx/policy-network.ts';
import { type Dataset, joinDatasets } from './dataset.ts';
import { Demonstrators } from './demonstration.ts';
import { Fitter, type Schedule } from './fit.ts';
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
  /** Threads that fly; 0: the thread that asks. How many changes nothing. */
  readonly numWorkers: number;
  /** What the caller knows and this code may not ask: version and time. */
  readonly provenance: { readonly commit: string; readonly createdAt: string };
  readonly onProgress?: (progress: CloneProgress) => void;
}

/** Seeds that are judged; training draws its own from another range. */
export const FIRST_EVALUATION_SEED = 100_000;
const NUM_GOLDEN = 8;

/**
 * Teaches a network to do what the task's classical controller does. Equal settings give an equal
 * graph, bit for bit on the same machine and versions.
 * @throws UserError for an unknown task
 */
export async function cloneController(options: CloneOptions): Promise<CloneResult> {
  const { settings, numWorkers, onProgress } = options;
  const task = getTask(settings.task);
  const model = await openRobot(task.robot);
  const progress = makeProgress(settings, onProgress);
  const demonstrators = new Demonstrators(numWorkers);
  const { mlp, curve, goldenInputs } = await learn(
    task,
    model,
    settings,
    demonstrators,
    progress,
  ).finally(() => demonstrators.close());

  progress('evaluate', settings.rounds);
  const write = (evaluation: EvaluationScore[]) => {
    const manifest = makeManifest(task, model, options, curve, evaluation);
    return exportPolicy({ network: mlp, manifest, goldenInputs });
  };
  // What is judged is the file, loaded as on a robot; the scores are then written into it.
  const unjudged = await write([]);
  const { policy, teacher } = await judge(task, unjudged, options);
  return { bytes: await write([policy.score, teacher.score]), curve, policy, teacher };
}

/** Policy and teacher, on the same seeds. */
async function judge(
  task: TaskDefinition,
  file: Uint8Array,
  { settings, numWorkers }: CloneOptions,
): Promise<{ readonly policy: Evaluation; readonly teacher: Evaluation }> {
  const crew = new FlightCrew(numWorkers);
  const shared = {
    ...{ task, crew },
    ...{ episodes: settings.evaluationEpisodes, firstSeed: FIRST_EVALUATION_SEED },
  };
  try {
    const policy = await evaluate({ ...shared, policy: file });
    return { policy, teacher: await evaluate({ ...shared, policy: { kind: 'classical' } }) };
  } finally {
    await crew.close();
  }
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
  demonstrators: Demonstrators,
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
    const { numEnvs, rowsPerEnv, seed } = settings;
    const asked = { task: task.name, seed, round, numEnvs, rowsPerEnv, student: mlp };
    for (const part of await demonstrators.fly(asked)) {
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
