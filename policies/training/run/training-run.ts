import { replaceFile } from '../../../sim/dataset/files.ts';
import { computeMaxSteps } from '../../../sim/env-score.ts';
import type { VecEnv } from '../../../sim/vec-env/vec-env.ts';
import type { Evaluation } from '../../evaluation/evaluate.ts';
import { readManifest, writeManifest } from '../../onnx/read-manifest.ts';
import { findSeenKey } from '../actor-critic.ts';
import type { RoundReport } from '../learner.ts';
import { joinResidual } from '../residual-env.ts';
import { type Checkpoint, checkTask, type RunState } from './checkpoint.ts';
import { EventFile } from './event-file.ts';
import { findBadMetric, findBadParameter, followSuccess, NEW_HEALTH } from './health.ts';
import { copyGoldenInputs, makePolicyFile } from './policy-file.ts';
import { makeRoundLine } from './round-line.ts';
import {
  type RunEnd,
  type RunEvent,
  type RunParts,
  type RunResult,
  RunStopped,
  TrainingFailure,
} from './run-parts.ts';
import { dismissStaff, engageStaff, makeScale, type Staff } from './staff.ts';
import { describeTrouble, type Trouble, writeDump } from './trouble.ts';

/** Seeds by which the best policy is chosen; those that judge it are others, and training draws from neither. */
export const SELECTION_SEED = 50_000;
export const JUDGEMENT_SEED = 100_000;

const BEGINNING: RunState = {
  round: 0,
  steps: 0,
  era: 0,
  wallS: 0,
  rollbacks: 0,
  health: NEW_HEALTH,
  best: null,
};

/**
 * Drives a learner: rounds, metrics, evaluations, checkpoints, policies, roll-backs. Checkpoints fall at fixed numbers
 * of rounds, and after each the learner starts its environments anew: what a process that was killed is resumed to is
 * then what it would have done anyway, to the last bit. One more is the end of a run that has come to it.
 */
export class TrainingRun {
  readonly #parts: RunParts;
  readonly #startS: number;
  #staff: Staff | undefined;
  #events: EventFile | undefined;
  #state: RunState = BEGINNING;
  #best: Uint8Array | undefined;
  /** [s] of processes before this one, until the last checkpoint */
  #wallBeforeS = 0;
  /** [1] steps when the era began */
  #eraSteps = 0;
  /** The last evaluation, if the policy is still the same. */
  #evaluated: { readonly round: number; readonly evaluation: Evaluation } | undefined;

  /** @param startS [s] what the clock showed when the work began, from which wall time counts */
  constructor(parts: RunParts, startS = 0) {
    this.#parts = parts;
    this.#startS = startS;
  }

  /**
   * Goes on from the latest checkpoint, or begins.
   * @throws TrainingFailure after too many roll-backs; UserError where the disk refuses, or a checkpoint does not fit
   */
  async run(): Promise<RunResult> {
    const { folder } = this.#parts;
    folder.checkpoints.recover();
    try {
      const found = await this.#open();
      this.#wallBeforeS = this.#state.wallS;
      await this.#restart();
      const { round, steps } = this.#state;
      this.#tell({ kind: 'begin', round, steps, env: this.#staff!.env, ...found });
      // Somebody who stopped it at its end did not wait for that.
      const trouble = this.#isOver() ? await this.#lookAround() : undefined;
      if (trouble !== undefined) await this.#rollBack(trouble);
      while (!this.#isOver()) await this.#attemptRound();
      return await this.#finish();
    } finally {
      this.#events?.close();
      await this.#close();
    }
  }

  get #wallS(): number {
    return this.#wallBeforeS + this.#parts.readClockS() - this.#startS;
  }

  #isOver(): boolean {
    return this.#parts.shouldStop() || this.#isComplete();
  }

  #isComplete(): boolean {
    return this.#findEnd() !== undefined;
  }

  /** To which of the ends that it was given it has come. */
  #findEnd(): RunEnd | undefined {
    const { budget, settings } = this.#parts;
    const { best, round, steps } = this.#state;
    const enough = settings.stopAtSuccess ?? Number.POSITIVE_INFINITY;
    if (best !== null && best.successRate >= enough) return 'success';
    if (budget.steps !== null && steps >= budget.steps) return 'steps';
    // A run that was resumed too late still tells what it has learnt.
    if (budget.wallS !== null && this.#wallS >= budget.wallS && round > 0) return 'time';
    return undefined;
  }

  /** Environments and a learner, as the latest checkpoint left them; their episodes are still to begin. */
  async #open(): Promise<Pick<Extract<RunEvent, { kind: 'begin' }>, 'damaged' | 'numRedone'>> {
    const { folder } = this.#parts;
    const { checkpoints, metrics } = folder;
    // Before its first checkpoint a run has no round behind it.
    const isNew = checkpoints.list().length === 0 && metrics.read().length === 0;
    const latest = isNew ? undefined : checkpoints.readLatest();
    const staff = await engageStaff(this.#parts);
    this.#staff = staff;
    let numRedone = 0;
    const damaged = [...(latest?.damaged ?? [])];
    if (latest === undefined) {
      // What the first rounds can be rolled back to.
      await this.#writeCheckpoint();
    } else {
      const { checkpoint } = latest;
      checkTask(checkpoint, this.#parts.origin.task.name, folder.path);
      await staff.learner.restore(checkpoint.learner);
      // Not before it is known to fit.
      checkpoints.removeAfter(checkpoint.run.round);
      numRedone = metrics.cutAfter(checkpoint.run.round).length;
      damaged.push(...metrics.checkWhole(checkpoint.run.round));
      this.#adopt(checkpoint);
    }
    this.#events?.close();
    const { steps } = this.#state;
    this.#events = new EventFile(folder.path, this.#parts.readWallTimeS(), steps);
    return { damaged, numRedone };
  }

  #adopt({ run, best }: Checkpoint): void {
    this.#state = run;
    this.#evaluated = undefined;
    this.#keepBest(best);
  }

  #keepBest(policy: Uint8Array | undefined): void {
    this.#best = policy;
    if (policy !== undefined) replaceFile(this.#parts.folder.locate('best.onnx'), policy);
  }

  async #close(): Promise<void> {
    const staff = this.#staff;
    this.#staff = undefined;
    if (staff !== undefined) await dismissStaff(staff);
  }

  async #attemptRound(): Promise<void> {
    const { checkpoint } = this.#parts.settings;
    const trouble = (await this.#runRound()) ?? (await this.#lookAround());
    if (trouble !== undefined) await this.#rollBack(trouble);
    else if (this.#isComplete() || this.#isEvaluationMissing()) return;
    else if (this.#state.round % checkpoint.everyRounds === 0) await this.#passCheckpoint();
  }

  /** Evaluates after every so many rounds; a policy can also fail there. */
  async #lookAround(): Promise<Trouble | undefined> {
    if (!this.#isEvaluationMissing()) return undefined;
    try {
      return await orStopped(() => this.#evaluate());
    } catch (error) {
      return describeTrouble(error);
    }
  }

  /** After a round whose policy is to be evaluated, until it is. */
  #isEvaluationMissing(): boolean {
    const { round } = this.#state;
    const { everyRounds } = this.#parts.settings.evaluation;
    return round > 0 && round % everyRounds === 0 && !this.#isEvaluated();
  }

  async #runRound(): Promise<Trouble | undefined> {
    const { learner, env } = this.#staff!;
    const startS = this.#parts.readClockS();
    let report: RoundReport;
    try {
      report = await learner.runRound();
    } catch (error) {
      return describeTrouble(error);
    }
    const roundS = this.#parts.readClockS() - startS;
    const { steps, era } = this.#state;
    const round = this.#state.round + 1;
    const times = { wallS: this.#wallS, roundS };
    const run = { round, era, steps: learner.numSteps };
    const episodes = this.#isRepresentative(learner.numSteps) ? report.episodes : [];
    const metrics = { ...describeDifficulty(env), ...report.metrics };
    const line = makeRoundLine({ metrics, episodes }, run, times, learner.numSteps - steps);
    const bad = findBadMetric(report.metrics) ?? findBadParameter(await learner.copyPolicy());
    if (bad !== undefined) return { kind: 'not-finite', reason: bad };
    this.#state = { ...this.#state, round, steps: learner.numSteps, wallS: times.wallS };
    this.#parts.folder.metrics.append(line);
    this.#events!.add(this.#state.steps, this.#parts.readWallTimeS(), line);
    this.#tell({ kind: 'round', line, episodes: report.episodes });
    return undefined;
  }

  /**
   * Whether the episodes that end now are as long as episodes are: of those that began together only failures end soon.
   * In the beginning most fail, and all of them are told.
   */
  #isRepresentative(steps: number): boolean {
    const { settings, origin } = this.#parts;
    const stepsEach = (steps - this.#eraSteps) / settings.numEnvs;
    return this.#state.era === 0 || stepsEach > computeMaxSteps(origin.task);
  }

  /** New episodes everywhere. */
  async #restart(): Promise<void> {
    this.#eraSteps = this.#state.steps;
    await this.#staff!.learner.restart(this.#state.era);
  }

  /** A fixed round: everything is written, and begins anew. */
  async #passCheckpoint(): Promise<void> {
    if (this.#evaluated?.round !== this.#state.round) this.#writeLast(await this.#makePolicy([]));
    await this.#closeEra();
    // What the run ends with need not begin anything.
    if (!this.#isOver()) await this.#restart();
  }

  /** Keeps everything there is; what comes after it begins with new episodes. */
  async #closeEra(): Promise<void> {
    const { settings, folder } = this.#parts;
    this.#state = { ...this.#state, era: this.#state.era + 1, wallS: this.#wallS };
    await this.#writeCheckpoint();
    folder.checkpoints.prune(settings.checkpoint.keep, this.#findBestCheckpoint());
  }

  /** The last one from which the best policy was learnt. */
  #findBestCheckpoint(): number | undefined {
    const { best } = this.#state;
    if (best === null) return undefined;
    return this.#parts.folder.checkpoints.list().findLast((round) => round <= best.round);
  }

  async #writeCheckpoint(): Promise<void> {
    this.#parts.folder.checkpoints.write(await this.#copyCheckpoint());
  }

  async #copyCheckpoint(): Promise<Checkpoint> {
    const learner = await this.#staff!.learner.copyState();
    const task = this.#parts.origin.task.name;
    return { task, run: this.#state, learner, best: this.#best };
  }

  /** Flies the policy as it is now on the seeds that choose, and keeps it if it is the best. */
  async #evaluate(): Promise<Trouble | undefined> {
    const { evaluate, settings } = this.#parts;
    this.#tell({ kind: 'activity', activity: 'evaluating' });
    const unjudged = await this.#makePolicy([]);
    const seeds = { firstSeed: SELECTION_SEED, episodes: settings.evaluation.episodes };
    const evaluation = await evaluate(unjudged, seeds);
    const { round, steps } = this.#state;
    const policy = await this.#makePolicy([evaluation.score]);
    this.#writeLast(policy);
    const { meanReturn, interval } = evaluation;
    const { successRate } = evaluation.score;
    const isBest = isBetter({ successRate, meanReturn }, this.#state.best);
    if (isBest) {
      this.#keepBest(policy);
      this.#state = { ...this.#state, best: { round, successRate, interval, meanReturn } };
    }
    this.#evaluated = { round, evaluation };
    const scores = { 'evaluation/successRate': successRate, 'evaluation/meanReturn': meanReturn };
    this.#parts.folder.metrics.amend(scores);
    this.#events!.add(steps, this.#parts.readWallTimeS(), scores);
    this.#tell({ kind: 'evaluation', round, steps, evaluation, isBest, policy });
    const { state: health, collapse } = followSuccess(
      this.#state.health,
      interval,
      this.#state.best!.interval,
      settings.rollback,
    );
    this.#state = { ...this.#state, health };
    return collapse === undefined ? undefined : { kind: 'collapse', reason: collapse };
  }

  async #makePolicy(evaluation: readonly Evaluation['score'][]): Promise<Uint8Array> {
    const { env, learner } = this.#staff!;
    const { steps, round } = this.#state;
    const goldenInputs = copyGoldenInputs(env, findSeenKey(this.#parts.planned.observes));
    const making = { steps, round, evaluation, goldenInputs };
    const learnt = await learner.copyPolicy();
    const { base, origin } = this.#parts;
    const policy =
      base === undefined
        ? learnt
        : joinResidual({ base, scale: makeScale(env, this.#parts) }, learnt);
    return makePolicyFile(policy, origin, making);
  }

  #writeLast(policy: Uint8Array): void {
    replaceFile(this.#parts.folder.locate('last.onnx'), policy);
  }

  /** Keeps what went wrong, and goes back to where nothing was, to learn more slowly from other episodes. */
  async #rollBack(trouble: Trouble): Promise<void> {
    const { folder, settings } = this.#parts;
    const { maxTimes, learningRateFactor } = settings.rollback;
    const { round, era, best } = this.#state;
    const policy = this.#best;
    const rollbacks = this.#state.rollbacks + 1;
    const checkpoint = await this.#copyCheckpoint();
    const dump = writeDump(trouble, rollbacks, checkpoint, folder);
    // What was learnt since the best is what has collapsed; a number that is none has not got into a checkpoint.
    const to =
      trouble.kind === 'collapse'
        ? (this.#findBestCheckpoint() ?? folder.checkpoints.list()[0]!)
        : folder.checkpoints.list().at(-1)!;
    await this.#close();
    folder.checkpoints.removeAfter(to);
    await this.#open();
    // The failure is remembered at once: whoever resumes does not run into it again. The checkpoint may be older than
    // roll-backs before this one, which count all the same.
    const numNew = rollbacks - this.#state.rollbacks;
    this.#staff!.learner.scaleLearningRate(learningRateFactor ** numNew);
    // The best policy stays the best, whatever came after it.
    this.#keepBest(policy);
    this.#state = { ...this.#state, era: era + 1, rollbacks, health: NEW_HEALTH, best };
    await this.#writeCheckpoint();
    if (rollbacks > maxTimes) {
      throw new TrainingFailure(
        `round ${round + (trouble.kind === 'collapse' ? 0 : 1)}: ${trouble.reason}. ` +
          `The run was rolled back ${maxTimes} times before, each time to learn ${learningRateFactor} times as fast, and gives up; it is at round ${to} again. ` +
          `What it was in is in ${dump}. Look at the metrics, then go on with --resume ${folder.path} --force and other settings`,
      );
    }
    await this.#restart();
    const learningRateShare = learningRateFactor ** rollbacks;
    this.#tell({ kind: 'rollback', round, to, reason: trouble.reason, dump, learningRateShare });
  }

  async #finish(): Promise<RunResult> {
    const { folder, shouldStop } = this.#parts;
    const isEvaluated = this.#isEvaluated();
    if (!isEvaluated && !shouldStop()) await orStopped(() => this.#evaluate());
    if (this.#state.round > 0 && !this.#isEvaluated()) {
      this.#writeLast(await this.#makePolicy([]));
    }
    // Whoever moves the end of the run goes on from here, and whoever stopped it now only has it judged.
    if (this.#isComplete()) {
      if (folder.checkpoints.list().at(-1) !== this.#state.round) await this.#closeEra();
      else if (!isEvaluated) await this.#writeCheckpoint();
    }
    const judgement = shouldStop() ? undefined : await this.#judge();
    const { round: rounds, steps, best, rollbacks } = this.#state;
    const file = this.#best === undefined ? 'last.onnx' : 'best.onnx';
    const policy = rounds === 0 ? undefined : folder.locate(file);
    return {
      ...{ rounds, steps, wallS: this.#wallS, best, judgement, rollbacks, policy },
      isComplete: judgement !== undefined,
      end: this.#findEnd(),
      lastCheckpoint: folder.checkpoints.list().at(-1)!,
    };
  }

  /** How good the best policy is, on seeds that did not choose it; undefined where somebody does not want to wait for it. */
  async #judge(): Promise<Evaluation | undefined> {
    const { evaluate, settings } = this.#parts;
    const seeds = { firstSeed: JUDGEMENT_SEED, episodes: settings.evaluation.finalEpisodes };
    this.#tell({ kind: 'activity', activity: 'judging' });
    const judgement = await orStopped(() => evaluate(this.#best!, seeds));
    if (judgement !== undefined) this.#writeJudged(this.#best!, judgement);
    return judgement;
  }

  /** Whether the policy as it is now was, by this process or by one before it. */
  #isEvaluated(): boolean {
    const last = this.#parts.folder.metrics.read().at(-1);
    return last?.round === this.#state.round && 'evaluation/successRate' in last;
  }

  /** The best policy, with the scores that did not choose it. */
  #writeJudged(policy: Uint8Array, { score }: Evaluation): void {
    const file = this.#parts.folder.locate('best.onnx');
    const manifest = readManifest(policy, file);
    replaceFile(file, writeManifest(policy, { ...manifest, evaluation: [score] }, file));
  }

  #tell(event: RunEvent): void {
    this.#parts.onEvent?.(event);
  }
}

/** Where a curriculum has brought robots on average; nothing where there is none. */
function describeDifficulty({ arrays: { difficulty } }: VecEnv): Readonly<Record<string, number>> {
  const mean = difficulty.reduce((sum, one) => sum + one, 0) / difficulty.length;
  return Number.isNaN(mean) ? {} : { 'curriculum/difficulty': mean };
}

/** What comes of it; undefined where somebody wants the run to end meanwhile. */
async function orStopped<T>(work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof RunStopped) return undefined;
    throw error;
  }
}

/** More successes; among equals the higher return. */
function isBetter(
  now: { readonly successRate: number; readonly meanReturn: number },
  best: RunState['best'],
): boolean {
  if (best === null || now.successRate !== best.successRate) {
    return best === null || now.successRate > best.successRate;
  }
  return now.meanReturn > best.meanReturn;
}
