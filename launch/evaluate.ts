import { createHash } from 'node:crypto';
import { accessSync, constants, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { type CaseReport, makeCaseReport } from '../policies/evaluation/case-report.ts';
import { compareEpisodes } from '../policies/evaluation/compare.ts';
import { FlightCrew } from '../policies/evaluation/flight-crew.ts';
import {
  EVALUATION_SCHEMA,
  type EvaluationReport,
  listCaseFacts,
  writeEvaluationReport,
} from '../policies/evaluation/report.ts';
import { getSuite } from '../policies/evaluation/suite-registry.ts';
import type { EvaluationCase, Suite } from '../policies/evaluation/suites.ts';
import { listTables, renderTextTable } from '../policies/evaluation/tables.ts';
import { FIRST_EVALUATION_SEED } from '../policies/training/clone.ts';
import { onDisk } from '../sim/dataset/files.ts';
import { type EnvPlan, planEnv } from '../sim/env-plan.ts';
import { UserError } from '../sim/errors.ts';
import { makeFolder } from '../sim/make-folder.ts';
import type { RobotModel } from '../sim/robot/model.ts';
import { openRobot } from '../sim/robot/open.ts';
import type { TaskDefinition } from '../sim/task/task.ts';
import { getTask } from '../sim/tasks/registry.ts';
import { checkEngine, readRandomizeOption, readTerrainOption } from './conditions.ts';
import { type ChosenActor, chooseActor } from './episodes/actors.ts';
import { EXIT, makePrinter, printJson } from './output.ts';
import { findPolicyFile } from './paths.ts';
import { Problems } from './problems.ts';
import { showProgressView } from './progress-view.ts';
import { readCommit } from './provenance.ts';

/** Options of `zerogap evaluate`, as the command line parses them. */
export interface EvaluateCommandOptions {
  readonly task: string;
  /** classical, or an ONNX policy */
  readonly policy: string;
  /** The same, who does the same episodes. */
  readonly against?: string;
  readonly suite: string;
  /** Of each case. */
  readonly episodes: number;
  readonly seed?: number;
  readonly engine: string;
  readonly workers?: number;
  readonly randomize?: string;
  readonly terrain?: string;
  readonly out?: string;
  readonly json?: boolean;
}

interface EvaluatePlan {
  readonly task: TaskDefinition;
  readonly model: RobotModel;
  readonly actor: ChosenActor;
  readonly rival: ChosenActor | undefined;
  readonly suite: Suite;
  readonly cases: readonly (EvaluationCase & { readonly plan: EnvPlan })[];
}

/** `zerogap evaluate`: judges a policy or a classical controller. @throws UserErrors before anything is flown */
export async function runEvaluate(options: EvaluateCommandOptions): Promise<number> {
  const { json = false, out } = options;
  const print = makePrinter({ json });
  const plan = await planEvaluation(options);
  const report = await fly(plan, options);
  for (const one of report.cases) {
    for (const [name, text] of listCaseFacts(one)) print(`${name.padEnd(18)}${text}`);
  }
  for (const table of listTables(report)) {
    print('');
    for (const line of renderTextTable(table)) print(line);
  }
  const page = out === undefined ? null : await writeEvaluationReport(out, report);
  if (page !== null) print(`${'report'.padEnd(18)}${page}`);
  if (json) printJson(summarize(report, page));
  return EXIT.success;
}

/** @throws UserErrors with everything that is wrong */
async function planEvaluation(options: EvaluateCommandOptions): Promise<EvaluatePlan> {
  const problems = new Problems();
  const suite = await problems.attempt(() => getSuite(options.suite));
  const engine = await problems.attempt(() => checkEngine(options.engine));
  const task = await problems.attempt(() => getTask(options.task));
  const source = await problems.attempt(() => findJudged(options.policy, '--policy'));
  const { against } = options;
  const rivalSource =
    against === undefined
      ? undefined
      : await problems.attempt(() => findJudged(against, '--against'));
  await problems.attempt(() => assertWritable(options.out));
  const terrain = await problems.attempt(() =>
    options.terrain === undefined ? undefined : readTerrainOption(options.terrain),
  );
  const model =
    task && (await problems.attempt(() => openRobot(task.robot, { meshes: 'collision' })));
  const randomization = await problems.attempt(() =>
    options.randomize === undefined
      ? task?.randomization
      : readRandomizeOption(options.randomize, model),
  );
  const choose = (judged: typeof source) =>
    judged === undefined || task === undefined || model === undefined
      ? undefined
      : problems.attempt(() => chooseActor(judged, task, model));
  const actor = await choose(source);
  const rival = await choose(rivalSource);
  const isKnown = suite && engine && randomization && actor && model;
  const cases = isKnown
    ? await problems.attempt(() =>
        planCases(suite.makeCases({ engine, randomization, terrain }, model), actor.task, model),
      )
    : undefined;
  problems.throwIfAny();
  // Whatever is missing has left a problem.
  return { task: task!, model: model!, actor: actor!, rival, suite: suite!, cases: cases! };
}

function planCases(
  cases: readonly EvaluationCase[],
  task: TaskDefinition,
  model: RobotModel,
): Promise<EvaluatePlan['cases']> {
  return Promise.all(
    cases.map(async (one) => {
      const { engine, randomization, terrain } = one;
      const env = { task, robot: model, engine, randomization, numEnvs: 1 };
      return { ...one, plan: await planEnv({ ...env, ...(terrain && { terrain }) }) };
    }),
  );
}

/** @throws UserError that lists the shipped policies */
function findJudged(policy: string, option: string): string | { readonly kind: 'classical' } {
  if (policy === 'classical') return { kind: policy };
  return findPolicyFile(policy, option, ['classical']);
}

/** Before the work, not after it. */
function assertWritable(out: string | undefined): void {
  if (out === undefined) return;
  onDisk(out, 'the report cannot be written there', () => {
    makeFolder(out);
    accessSync(`${out}/`, constants.W_OK);
  });
}

async function fly(
  { task, model, actor, rival, suite, cases }: EvaluatePlan,
  options: EvaluateCommandOptions,
): Promise<EvaluationReport> {
  const { episodes, seed = FIRST_EVALUATION_SEED } = options;
  const crew = new FlightCrew(options.workers ?? availableParallelism());
  const seeds = Array.from({ length: episodes }, (_, i) => seed + i);
  const total = episodes * cases.length * (rival === undefined ? 1 : 2);
  let done = 0;
  const progress = showProgressView(
    () => done / total,
    () => `${done}/${total} episodes`,
  );
  const flyCase = async (one: EvaluatePlan['cases'][number], who: ChosenActor) => {
    const before = done;
    const { engine, randomization, terrain } = one;
    const conditions = { policy: judge(who), model, engine, randomization, terrain };
    const flight = await crew.fly(task, conditions, seeds, (flown) => {
      done = before + flown;
    });
    const report = makeCaseReport(one, one.plan, seed, flight.episodes);
    return { report, episodes: flight.episodes };
  };
  try {
    const own: CaseReport[] = [];
    const others: NonNullable<EvaluationReport['against']>['cases'][number][] = [];
    for (const one of cases) {
      const flown = await flyCase(one, actor);
      own.push(flown.report);
      if (rival === undefined) continue;
      const other = await flyCase(one, rival);
      const differences = compareEpisodes(flown.episodes, other.episodes, seed);
      others.push({ report: other.report, differences });
    }
    return {
      schema: EVALUATION_SCHEMA,
      task: task.name,
      robot: model.name,
      ...nameActor(actor, rival),
      suite: suite.name,
      commit: readCommit(),
      cases: own,
      ...(rival && { against: { ...nameActor(rival, actor), cases: others } }),
    };
  } finally {
    progress.stop();
    await crew.close();
  }
}

/** Two policies of one name, as two of one task have it, are told apart by their files. */
function nameActor({ name, sha256, source }: ChosenActor, other: ChosenActor | undefined) {
  const isTwin = other?.name === name && typeof source === 'string';
  return { policy: isTwin ? `${name} (${source})` : name, policySha256: sha256 ?? null };
}

/** What is flown is what was checked, even if somebody replaces the file meanwhile. */
function judge({ source, sha256 }: ChosenActor): Uint8Array | { readonly kind: 'classical' } {
  if (typeof source !== 'string') return { kind: 'classical' };
  const bytes = readFileSync(source);
  if (createHash('sha256').update(bytes).digest('hex') === sha256) return bytes;
  throw new UserError({
    where: source,
    problem: 'the file was replaced while it was being read',
    expected: `sha256 ${sha256}`,
    got: 'another',
    remedy: 'Try again',
  });
}

/** The JSON line. Numbers at the top are those of the first case. */
function summarize(report: EvaluationReport, page: string | null) {
  const { task, policy, policySha256, suite, cases, against } = report;
  const first = cases[0]!;
  return {
    ...{ task, policy, policySha256, suite, engine: first.engine, firstSeed: first.firstSeed },
    episodes: first.episodes,
    successRate: first.successRate,
    ci95: first.ci95,
    meanReturn: first.return.mean,
    meanReturnCi95: first.return.ci95,
    metrics: Object.fromEntries(
      Object.entries(first.metrics).map(([name, { mean }]) => [name, mean]),
    ),
    ends: first.ends,
    cases: cases.map(({ name, engine, successRate, ci95 }, k) => ({
      ...{ name, engine, successRate, ci95 },
      ...(against && { against: summarizeRival(against.cases[k]!) }),
    })),
    ...(against && { against: against.policy, againstSha256: against.policySha256 }),
    report: page,
  };
}

type Rival = NonNullable<EvaluationReport['against']>['cases'][number];

function summarizeRival({ report: { successRate, ci95 }, differences }: Rival) {
  return { successRate, ci95, differences };
}
