import type { SafetyRule, Verdict } from '../policies/safety/verdict.ts';
import { UserError } from '../sim/errors.ts';
import { RunFailure } from './output.ts';

/** Stops that a person asked for, or that repeat an earlier one. */
const NO_FAILURE: ReadonlySet<string> = new Set([
  'none',
  'stop_request',
  'latched',
  'not_armed',
] satisfies (SafetyRule | 'not_armed')[]);

/** Whether a run may count as a success, and whether it makes sense to go on with it. */
export class Outcome {
  readonly #policyFile: string;
  #error: Error | undefined;
  #endNow: (() => void) | undefined;

  constructor(policyFile: string) {
    this.#policyFile = policyFile;
  }

  /** What went wrong first; undefined while nothing has. */
  get error(): Error | undefined {
    return this.#error;
  }

  /** @param endNow stops every robot and ends the run */
  onFatal(endNow: () => void): void {
    this.#endNow = endNow;
    if (this.#error !== undefined) endNow();
  }

  /** A robot that was stopped by a hazard fails the run; a policy that says NaN ends it. */
  noteVerdict(robot: string, verdict: Verdict): void {
    if (verdict.action !== 'stop' || NO_FAILURE.has(verdict.rule)) return;
    // What the policy made of finite inputs is its own fault; measurements are not.
    if (verdict.rule !== 'non_finite' || !verdict.detail.startsWith('command')) {
      this.#error ??= new RunFailure(`${robot} was stopped: ${verdict.rule}: ${verdict.detail}`);
      return;
    }
    this.#error ??= new UserError({
      where: `policy ${this.#policyFile}, robot ${robot}`,
      problem: 'the policy says what is not finite; the robots were stopped',
      expected: 'finite numbers',
      got: verdict.detail,
      remedy: 'Do not deploy this policy. The recording shows what it was given; retrain it.',
    });
    this.#endNow?.();
  }

  /** The run goes on, but whoever asked for a recording has not got all of it. */
  noteRecordingFailure(error: UserError): void {
    this.#error ??= error;
  }

  notePolicyFault(message: string): void {
    this.#error ??= new RunFailure(`the policy ended: ${message}; the robots were stopped`);
    this.#endNow?.();
  }
}
