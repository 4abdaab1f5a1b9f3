import { once } from 'node:events';
import pc from 'picocolors';
import { makeCaseReport } from '../../policies/evaluation/case-report.ts';
import { evaluate } from '../../policies/evaluation/evaluate.ts';
import { FlightCrew } from '../../policies/evaluation/flight-crew.ts';
import { EVALUATION_SCHEMA, writeEvaluationReport } from '../../policies/evaluation/report.ts';
import { nominal, widenFully } from '../../policies/evaluation/suites.ts';
import { getAlgorithm } from '../../policies/training/run/algorithms.ts';
import type { PolicyOrigin } from '../../policies/training/run/policy-file.ts';
import { describeMemoryError } from '../../policies/training/run/run-memory.ts';
import {
  type RunEvent,
  type RunResult,
  RunStopped,
  TrainingFailure,
} from '../../policies/training/run/run-parts.ts';
import { addCurriculum } from '../../policies/training/run/run-settings.ts';
import { JUDGEMENT_SEED, TrainingRun } from '../../policies/training/run/training-run.ts';
import { describePrivilege } from '../../policies/training/task-manifest.ts';
import type { FolderLock } from '../../sim/folder-lock.ts';
import { EXIT, makePrinter, printJson, RunFailure } from '../output.ts';
import { listenForSignals } from '../signals.ts';
import { viewNetworks } from './aids.ts';
import { makeTrainingEnv } from './environments.ts';
import type { TrainOptions } from './options.ts';
import type { TrainingPage } from './page.ts';
import { planTrain, type TrainPlan } from './plan.ts';
import { NO_STATUS, showTraining, type TrainStatus, updateStatus } from './progress.ts';
import { describeTraining, summarizeTraining } from './summary.ts';

/**
 * `zerogap train`: learns a policy, or goes on learning.
 * @returns the exit code; `EXIT.interrupted` if a signal ended it, with everything kept to go on
 */
export async function runTrain(options: TrainOptions): Promise<number> {
  const { json = false } = options;
  const print = makePrinter({ json });
  const plan = await planTrain(options);
  for (const warning of plan.warnings) {
    process.stderr.write(`${pc.yellow('warn')} ${warning}: it will not learn to the same bits\n`);
  }
  const result = await train(plan, options, print);
  const summary = summarizeTraining(plan, result, await reportOn(plan, result));
  for (const line of describeTraining(summary)) print(line);
  if (json) printJson(summary);
  return summary.complete ? EXIT.success : EXIT.interrupted;
}

/** Writes what the judgement of the best policy came to. @returns the page; null where the run was stopped */
async function reportOn(plan: TrainPlan, { judgement }: RunResult): Promise<string | null> {
  if (judgement === undefined) return null;
  const { identity, origin } = plan.config;
  const { engine, randomization, terrain } = identity;
  const asked = { engine, randomization, terrain: terrain ?? undefined };
  const [one] = nominal.makeCases(asked, plan.model);
  return writeEvaluationReport(plan.folder.path, {
    schema: EVALUATION_SCHEMA,
    task: identity.task,
    robot: identity.robot,
    policy: 'best.onnx',
    policySha256: null,
    suite: nominal.name,
    commit: origin.commit,
    cases: [makeCaseReport(one!, plan.env, JUDGEMENT_SEED, judgement.episodes)],
  });
}

async function train(
  plan: TrainPlan,
  options: TrainOptions,
  print: (line: string) => void,
): Promise<RunResult> {
  const stopping = new AbortController();
  let status: TrainStatus = NO_STATUS;
  const page = await openPage(plan, options, () => status);
  // Not before the page has found its port.
  const lock = await openFolder(plan).catch(async (error: unknown) => {
    await page?.close();
    throw error;
  });
  const signals = listenForSignals(() => {
    if (!stopping.signal.aborted) {
      process.stderr.write(
        'ends after this round, without any evaluation, to go on later; once more ends it at once\n',
      );
    }
    stopping.abort();
  });
  const progress = showTraining(() => status, plan.config.budget);
  const crew = new FlightCrew(plan.numWorkers);
  const run = makeRun(plan, crew, {
    stopping: stopping.signal,
    onEvent: (event) => {
      status = updateStatus(status, event);
      page?.take(event);
      if (event.kind === 'begin') begin(plan, event, print, page);
      else if (event.kind === 'rollback') warnOfRollback(event);
    },
  });
  try {
    return await run.run();
  } catch (error) {
    if (error instanceof TrainingFailure) throw new RunFailure(error.message);
    throw describeMemoryError(error);
  } finally {
    progress.stop();
    signals.end();
    await crew.close();
    await page?.close();
    lock.release();
  }
}

/** For this process alone, until it is released. */
async function openFolder({ folder, isResumed, config, aids }: TrainPlan): Promise<FolderLock> {
  if (!isResumed) folder.assertFree();
  const lock = folder.lock();
  try {
    if (!isResumed) {
      folder.begin();
      for (const [name, { bytes }] of Object.entries(aids)) folder.keepPolicy(name, bytes);
      folder.writeConfig(config);
    }
    return lock;
  } catch (error) {
    lock.release();
    throw error;
  }
}

/** Not even loaded where nobody wants it. */
async function openPage(
  plan: TrainPlan,
  { headless = false, host, port }: TrainOptions,
  readStatus: () => TrainStatus,
): Promise<TrainingPage | undefined> {
  if (headless) return undefined;
  const { TrainingPage } = await import('./page.ts');
  return TrainingPage.start(plan, { host, port }, readStatus);
}

function makeRun(
  plan: TrainPlan,
  crew: FlightCrew,
  { stopping, onEvent }: { readonly stopping: AbortSignal; onEvent(event: RunEvent): void },
): TrainingRun {
  const { folder, config, task, model, planned, aids, numWorkers } = plan;
  const { identity, budget } = config;
  const { engine, seed, settings, randomization, terrain } = identity;
  const { numEnvs, wideStarts } = settings;
  const stopped = once(stopping, 'abort').then(() => {
    throw new RunStopped();
  });
  // Nobody may be waiting.
  stopped.catch(() => {});
  const scene = terrain === null ? {} : { terrain };
  const met = addCurriculum(randomization, settings);
  const env = {
    ...{ task: task.name, robot: model, engine, randomization: met, numEnvs, wideStarts },
    ...scene,
  };
  return new TrainingRun({
    ...{ folder, settings, seed, planned, budget, ...viewNetworks(aids), onEvent },
    origin: describeOrigin(plan),
    makeEnv: () => makeTrainingEnv(env, numWorkers),
    shouldStop: () => stopping.aborted,
    evaluate: (policy, seeds) =>
      // What threads are at when it is stopped ends with them.
      Promise.race([
        stopped,
        evaluate({
          ...{ task, robot: model, engine, policy, crew, ...scene, ...seeds },
          randomization: widenFully(randomization),
        }),
      ]),
    // Node counts from the start of the process, which is when whoever waits began to wait.
    readClockS: () => performance.now() / 1000,
    readWallTimeS: () => Date.now() / 1000,
  });
}

/** What policies of the run say of where they come from. */
function describeOrigin({ config, task, model, env, planned }: TrainPlan): PolicyOrigin {
  const { identity, origin, createdAt } = config;
  const { engine, seed, settings, randomization, teacher, base } = identity;
  const own = getAlgorithm(settings.algorithm).method;
  const method = base === undefined ? own : `${own}, of a correction to a policy that stays`;
  return {
    ...{ task, model, randomization, method, seed, commit: origin.commit, createdAt },
    ...(planned.observes === 'critic' && {
      privileged: describePrivilege(task, env.criticColumns),
    }),
    learning: {
      // Where nobody chose one, it is the task's.
      ...{ engine, terrain: env.config.terrain },
      ...(settings.curriculum && { curriculum: settings.curriculum }),
      ...(settings.wideStarts > 0 && { wideStarts: settings.wideStarts }),
      ...(teacher && { teacherSha256: teacher }),
      ...(base && { baseSha256: base }),
    },
  };
}

type BeginEvent = Extract<RunEvent, { readonly kind: 'begin' }>;

/** Everything fits: what the run is from now on may be written down. */
function begin(
  plan: TrainPlan,
  event: BeginEvent,
  print: (line: string) => void,
  page: TrainingPage | undefined,
): void {
  plan.folder.writeConfig(plan.config);
  for (const { message } of event.damaged)
    process.stderr.write(`${pc.yellow('warn')} ${message}\n`);
  print(describeStart(plan, event));
  if (page !== undefined) print(`page  ${pc.cyan(page.url)}   (Ctrl-C ends, to go on later)`);
}

function warnOfRollback(event: Extract<RunEvent, { readonly kind: 'rollback' }>): void {
  const { round, to, reason, dump, learningRateShare } = event;
  process.stderr.write(
    `${pc.yellow('warn')} after round ${round}: ${reason}. Rolled back to round ${to}, learning rate now ${learningRateShare} of what it was; what it was in is in ${dump}\n`,
  );
}

function describeStart(
  { config, folder, isResumed, numWorkers }: TrainPlan,
  { round, numRedone }: BeginEvent,
): string {
  const { task, robot, engine, seed, settings } = config.identity;
  const verb = isResumed ? 'goes on with' : 'learns';
  const redone = numRedone === 0 ? '' : `; the ${numRedone} after that are done again`;
  return [
    `${pc.bold('zerogap')}  ${settings.algorithm} ${verb} ${task}: ${settings.numEnvs} ${robot} in ${engine},`,
    `seed ${seed}, ${numWorkers} worker${numWorkers === 1 ? '' : 's'}, in ${folder.path}`,
    ...(isResumed ? [`from round ${round}${redone}`] : []),
  ].join(' ');
}
