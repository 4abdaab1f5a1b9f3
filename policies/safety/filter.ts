import type { RobotModel } from '../../sim/robot/model.ts';
import { SafetyConfig } from '../config.ts';
import { type ResolvedLimits, resolveLimits } from './limits.ts';
import {
  type ClampVerdicts,
  checkFinite,
  checkGeofence,
  checkObservationAge,
  checkTilt,
  checkWatchdog,
  clampRange,
  clampRate,
  makeClampVerdicts,
  type SafetyInput,
  writeRateTime,
} from './rules.ts';
import {
  isWorse,
  PASS,
  SAFETY_ACTIONS,
  SAFETY_RULES,
  type SafetyAction,
  type SafetyRule,
  type Verdict,
} from './verdict.ts';

const safe: unique symbol = Symbol('made by the safety filter');

/**
 * A joint command that the safety filter has made. Nothing else can make one, and the motor
 * port accepts nothing else.
 */
export interface SafeCommand {
  readonly [safe]: true;
  /** Time that the command was made for. [s] */
  readonly stampS: number;
  /** [numActuatedJoints] in actuated joint order and command unit; borrowed until the next tick */
  readonly joint: Float64Array;
  readonly verdict: Verdict;
}

/** Where motors hang. */
export interface MotorPort {
  write(robot: string, command: SafeCommand): void;
}

/** For motor ports that want to see the brand at run time too. */
export function isSafeCommand(value: unknown): value is SafeCommand {
  return typeof value === 'object' && value !== null && safe in value;
}

export interface SafetyCounts {
  readonly actions: Readonly<Record<SafetyAction, number>>;
  readonly rules: Readonly<Record<SafetyRule, number>>;
}

export type ClearResult =
  | { readonly cleared: true }
  | { readonly cleared: false; readonly reason: string };

export interface SafetyFilterOptions {
  readonly model: RobotModel;
  /** Default: the robot's own limits. */
  readonly config?: SafetyConfig;
  /** [s] between two commands; the rate limit never counts more than this at once */
  readonly periodS: number;
  /** Where the configuration stands, for error messages. */
  readonly where?: string;
}

/**
 * Makes the safety filter of one robot.
 * @throws UserErrors for limits looser than the robot's
 */
export function makeSafetyFilter(options: SafetyFilterOptions): SafetyFilter {
  const config = options.config ?? SafetyConfig.parse({});
  return new SafetyFilter(resolveLimits(options.model, config, options.periodS, options.where));
}

/**
 * Judges every command before it reaches a motor. The worst verdict of all rules wins; among equals
 * the first in the order below. `hold` turns into `damp` after `holdS`, and where there is nothing
 * safe to repeat; `damp` turns into `stop` after `stopAfterS`, whatever its cause. A clock that goes
 * back ends either at once. `stop` latches until `clear` is granted.
 *
 * A filter starts disarmed, and is so again after every stop: it sends the stop command (`not_armed`,
 * not latched) until a fresh command with a fresh measurement passes every rule. So nothing turns a
 * motor, not even damping, before somebody has asked for motion and was found right.
 */
export class SafetyFilter {
  readonly limits: ResolvedLimits;
  readonly #clampVerdicts: ClampVerdicts;
  readonly #out: { -readonly [K in keyof SafeCommand]: SafeCommand[K] };
  /** [numActuatedJoints] a command being judged */
  readonly #candidate: Float64Array;
  readonly #actionCounts = new Float64Array(SAFETY_ACTIONS.length);
  readonly #ruleCounts = new Float64Array(SAFETY_RULES.length);
  /** The stop that is latched, as it is reported from its second tick on. */
  #latched: Verdict | undefined;
  /** What the rules alone said last. */
  #hazard: Verdict = PASS;
  /** [1] s [@invalid NaN] of the last check */
  readonly #lastCheckS = Float64Array.of(Number.NaN);
  /** [1] s, for which the rate limit lets this check's command move */
  readonly #rateTimeS = new Float64Array(1);
  /** [s] NaN while nothing is held */
  #holdSinceS = Number.NaN;
  /** [s] NaN while nothing is damped */
  #dampSinceS = Number.NaN;
  /** Whether `#out.joint` came from the policy and may be repeated. */
  #isHoldable = false;
  /** Whether a command has passed since the start or the last stop. */
  #isArmed = false;
  /** Whether command and measurement of this check are both fresh. */
  #isFresh = false;

  constructor(limits: ResolvedLimits) {
    this.limits = limits;
    this.#clampVerdicts = makeClampVerdicts(limits);
    this.#candidate = new Float64Array(limits.jointNames.length);
    this.#out = { [safe]: true, stampS: 0, joint: Float64Array.from(limits.stop), verdict: PASS };
  }

  /** The latched stop, if there is one. */
  get latched(): Verdict | undefined {
    return this.#latched;
  }

  /** Judges one tick. Never throws; the returned command is borrowed until the next check. */
  check(input: SafetyInput): SafeCommand {
    this.#out.stampS = input.nowS;
    writeRateTime(this.#rateTimeS, input, this.#lastCheckS, this.limits);
    this.#lastCheckS[0] = input.nowS;
    this.#isFresh = false;
    try {
      this.#hazard = this.#judge(input);
      this.#act(input);
    } catch (error) {
      const detail = error instanceof Error ? error.message : String(error);
      this.#hazard = { action: 'stop', rule: 'internal_error', detail };
      this.#stop(this.#hazard);
    }
    this.#count(this.#out.verdict);
    return this.#out;
  }

  /** Stops with the next check, and keeps stopping until cleared. */
  requestStop(reason: string): void {
    if (this.#latched !== undefined) return;
    this.#latch({ action: 'stop', rule: 'stop_request', detail: reason });
  }

  /**
   * Ends a latched stop; refused while any rule objects or nothing has been checked lately. The
   * filter is disarmed then.
   * @param nowS [s]
   */
  clear(nowS: number): ClearResult {
    if (this.#latched === undefined) return { cleared: true };
    const silentS = nowS - this.#lastCheckS[0]!;
    if (!(silentS <= this.limits.maxCommandAgeS)) {
      const reason = Number.isNaN(silentS)
        ? 'nothing has been checked yet'
        : `the last check was ${silentS.toFixed(3)} s ago`;
      return { cleared: false, reason };
    }
    if (this.#hazard.action !== 'pass') {
      return { cleared: false, reason: `${this.#hazard.rule}: ${this.#hazard.detail}` };
    }
    this.#latched = undefined;
    this.#isArmed = false;
    this.#isHoldable = false;
    return { cleared: true };
  }

  /** How often each action was taken and each rule decided. */
  copyCounts(): SafetyCounts {
    const actions = Object.fromEntries(SAFETY_ACTIONS.map((a, i) => [a, this.#actionCounts[i]!]));
    const rules = Object.fromEntries(SAFETY_RULES.map((r, i) => [r, this.#ruleCounts[i]!]));
    return { actions, rules } as SafetyCounts;
  }

  #judge(input: SafetyInput): Verdict {
    const { command, state } = input;
    if (command !== undefined && command.length !== this.#candidate.length) {
      throw new RangeError(
        `command has [${command.length}] joints, the robot [${this.#candidate.length}]`,
      );
    }
    if (!(input.robot >= 0 && input.robot < state.numRobots)) {
      throw new RangeError(`row ${input.robot} of a state of ${state.numRobots} robots`);
    }
    const silence = checkWatchdog(input, this.limits);
    const age = checkObservationAge(input, this.limits);
    this.#isFresh = silence === PASS && age === PASS;
    let worst = checkFinite(input, this.limits);
    worst = worse(worst, checkTilt(input, this.limits));
    worst = worse(worst, checkGeofence(input, this.limits));
    worst = worse(worst, silence);
    return worse(worst, age);
  }

  #act(input: SafetyInput): void {
    if (this.#latched !== undefined) this.#stop(this.#latched);
    else if (this.#isWaiting()) this.#wait();
    else if (this.#hazard.action === 'stop') this.#stop(this.#hazard);
    else if (this.#hazard.action === 'damp') this.#damp(input.nowS);
    else if (this.#hazard.action === 'hold') this.#hold(input);
    else if (input.command !== undefined) this.#pass(input.command);
  }

  /**
   * A fresh command for a robot whose fresh measurement calls for a stop does stop it: were it to wait
   * instead, it would start by itself in the hands of whoever sets it upright.
   */
  #isWaiting(): boolean {
    if (this.#isArmed || this.#hazard.action === 'pass') return false;
    return !this.#isFresh || this.#hazard.action !== 'stop';
  }

  #wait(): void {
    this.#out.joint.set(this.limits.stop);
    const { rule, detail } = this.#hazard;
    this.#out.verdict = {
      action: 'stop',
      rule: 'not_armed',
      detail: `waits for a command that passes every rule; ${rule}: ${detail}`,
    };
  }

  #pass(command: Float64Array): void {
    const candidate = this.#candidate;
    candidate.set(command);
    // From the stop command a first step is due, however lately the filter was asked in vain.
    if (!this.#isArmed) this.#rateTimeS[0] = this.limits.periodS;
    const range = clampRange(candidate, this.limits, this.#clampVerdicts);
    const rate = clampRate(
      candidate,
      this.#out.joint,
      this.#rateTimeS,
      this.limits,
      this.#clampVerdicts,
    );
    this.#out.joint.set(candidate);
    this.#out.verdict = range === PASS ? rate : range;
    this.#isArmed = true;
    this.#isHoldable = true;
    this.#holdSinceS = Number.NaN;
    this.#dampSinceS = Number.NaN;
  }

  #hold(input: SafetyInput): void {
    if (Number.isNaN(this.#holdSinceS)) this.#holdSinceS = input.nowS;
    if (this.#isHoldable && isWithin(input.nowS - this.#holdSinceS, this.limits.holdS)) {
      this.#out.verdict = this.#hazard;
      return;
    }
    this.#damp(input.nowS);
  }

  #damp(nowS: number): void {
    if (Number.isNaN(this.#dampSinceS)) this.#dampSinceS = nowS;
    const dampedS = nowS - this.#dampSinceS;
    const { rule, detail } = this.#hazard;
    if (!isWithin(dampedS, this.limits.stopAfterS)) {
      this.#stop({
        action: 'stop',
        rule,
        detail: `damped for ${dampedS.toFixed(3)} s, limit ${this.limits.stopAfterS} s; ${detail}`,
      });
      return;
    }
    this.#out.joint.set(this.limits.damp);
    this.#out.verdict = { action: 'damp', rule, detail };
    this.#isHoldable = false;
  }

  #stop(verdict: Verdict): void {
    this.#out.joint.set(this.limits.stop);
    this.#out.verdict = verdict;
    this.#isArmed = false;
    this.#isHoldable = false;
    this.#holdSinceS = Number.NaN;
    this.#dampSinceS = Number.NaN;
    if (verdict.rule !== 'latched') this.#latch(verdict);
  }

  /** The cause is reported once, by its own name; from then on as latched. */
  #latch(cause: Verdict): void {
    const isNew = this.#latched === undefined && cause.rule === 'stop_request';
    this.#latched = isNew
      ? cause
      : { action: 'stop', rule: 'latched', detail: `${cause.rule}: ${cause.detail}` };
  }

  #count(verdict: Verdict): void {
    this.#actionCounts[SAFETY_ACTIONS.indexOf(verdict.action)]! += 1;
    this.#ruleCounts[SAFETY_RULES.indexOf(verdict.rule)]! += 1;
  }
}

/** False for a time that runs backwards, and for NaN. */
function isWithin(durationS: number, limitS: number): boolean {
  return durationS >= 0 && durationS <= limitS;
}

function worse(a: Verdict, b: Verdict): Verdict {
  return isWorse(b.action, a.action) ? b : a;
}
