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
import { type RunEvent, type RunParts, type RunResult, TrainingFailure } from './run-parts.ts';
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

  /** Whether it has come to the end that it was given. */
  #isComplete(): boolean {
    const { budget, settings } = this.#parts;
    const { best, round } = this.#state;
    const isGoodEnough =
      settings.stopAtSuccess !== undefined &&
      best !== null &&
      best.successRate >= settings.stopAtSuccess;
    return (
      (budget.steps !== null && this.#state.steps >= budget.steps) ||
      // A run that was resumed too late still tells what it has learnt.
      (budget.wallS !== null && this.#wallS >= budget.wallS && round > 0) ||
      isGoodEnough
    );
  }

  /** Environments and a learner, as the latest checkpoint left them; their episodes are still to begin. */
  async #open(): Promise<Pick<Extract<RunEvent, { kind: 'begin' }>, 'damaged' | 'numRedone'>> {
    const { folder } = this.#parts;
    const { checkpoints, metrics } = folder;
    const latest = checkpoints.list().length === 0 ? undefined : checkpoints.readLatest();
    const staff = await engageStaff(this.#parts);
    this.#staff = staff;
    let numRedone = 0;
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
      this.#adopt(checkpoint);
    }
    this.#events?.close();
    const { steps } = this.#state;
    this.#events = new EventFile(folder.path, this.#parts.readWallTimeS(), steps);
    return { damaged: latest?.damaged ?? [], numRedone };
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
    const { checkpoint, evaluation } = this.#parts.settings;
    const trouble = (await this.#runRound()) ?? (await this.#lookAround(evaluation.everyRounds));
    if (trouble !== undefined) await this.#rollBack(trouble);
    else if (this.#isComplete()) return;
    else if (this.#state.round % checkpoint.everyRounds === 0) await this.#passCheckpoint();
  }

  /** Evaluates after every so many rounds; a policy can also fail there. */
  async #lookAround(everyRounds: number): Promise<Trouble | undefined> {
    if (this.#state.round % everyRounds !== 0) return undefined;
    try {
      return await this.#evaluate();
    } catch (error) {
      return describeTrouble(error);
    }
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
    if (rollbacks > maxTimes) {
      throw new TrainingFailure(
        `round ${round + (trouble.kind === 'collapse' ? 0 : 1)}: ${trouble.reason}. ` +
          `The run was rolled back ${maxTimes} times before, each time to learn ${learningRateFactor} times as fast, and gives up. ` +
          `What it was in is in ${dump}. Look at the metrics, then go on with --resume ${folder.path} --force and other settings`,
      );
    }
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
    await this.#restart();
    const learningRateShare = learningRateFactor ** rollbacks;
    this.#tell({ kind: 'rollback', round, to, reason: trouble.reason, dump, learningRateShare });
  }

  async #finish(): Promise<RunResult> {
    const { folder, settings, evaluate, shouldStop } = this.#parts;
    const isComplete = !shouldStop();
    let judgement: Evaluation | undefined;
    if (!isComplete) this.#writeLast(await this.#makePolicy([]));
    else {
      if (!this.#isEvaluated()) await this.#evaluate();
      // Whoever moves the end of the run goes on from here.
      if (folder.checkpoints.list().at(-1) !== this.#state.round) await this.#closeEra();
      const seeds = { firstSeed: JUDGEMENT_SEED, episodes: settings.evaluation.finalEpisodes };
      this.#tell({ kind: 'activity', activity: 'judging' });
      judgement = await evaluate(this.#best!, seeds);
      this.#writeJudged(this.#best!, judgement);
    }
    const policy = folder.locate(this.#best === undefined ? 'last.onnx' : 'best.onnx');
    const { round: rounds, steps, best, rollbacks } = this.#state;
    return {
      ...{ rounds, steps, wallS: this.#wallS, best, judgement, rollbacks, isComplete, policy },
      lastCheckpoint: folder.checkpoints.list().at(-1)!,
    };
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
