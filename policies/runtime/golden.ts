import { UserError } from '../../sim/errors.ts';
import type { PolicyManifest } from '../manifest.ts';

/** What replaying needs of a policy. */
export interface Replayable {
  readonly manifest: PolicyManifest;
  readonly batch: number;
  /** [batch, numObs] */
  readonly input: Float32Array;
  /** [batch, numActions] */
  readonly output: Float32Array;
  run(): void;
  reset(robot: number): void;
}

/**
 * Runs every golden vector in every row of the batch, sequences of a policy that remembers step by step, and compares.
 * @returns the largest |difference| / max(1, |golden|) [-], and one error per vector that differs by
 *   more than the manifest's tolerance or is not finite
 */
export function replayGolden(
  policy: Replayable,
  where: string,
): { readonly maxError: number; readonly problems: UserError[] } {
  const { golden, goldenTolerance } = policy.manifest;
  const problems: UserError[] = [];
  let maxError = 0;
  for (const [index, vector] of golden.entries()) {
    for (let robot = 0; robot < policy.batch; robot++) {
      policy.input.set(vector.input, robot * vector.input.length);
      if (vector.continues !== true) policy.reset(robot);
    }
    policy.output.fill(Number.NaN);
    policy.run();
    const worst = findWorst(policy, vector.output);
    maxError = Math.max(maxError, worst.error);
    if (worst.error <= goldenTolerance) continue;
    const joint = policy.manifest.jointNames[worst.action];
    problems.push(
      new UserError({
        where,
        problem: `golden vector ${index} is not reproduced: output '${joint}' of row ${worst.robot}`,
        expected: `${vector.output[worst.action]} ± ${goldenTolerance}`,
        got: `${worst.value}`,
        remedy:
          'The network does not compute here what it computed where it was made: export it again, or run it on the cpu provider',
      }),
    );
  }
  for (let robot = 0; robot < policy.batch; robot++) policy.reset(robot);
  policy.input.fill(0);
  policy.output.fill(0);
  return { maxError, problems };
}

interface Worst {
  readonly robot: number;
  readonly action: number;
  readonly value: number;
  /** [-] infinite where a value is not finite */
  readonly error: number;
}

function findWorst(policy: Replayable, expected: readonly number[]): Worst {
  let worst: Worst = { robot: 0, action: 0, value: expected[0]!, error: 0 };
  for (let robot = 0; robot < policy.batch; robot++) {
    for (let action = 0; action < expected.length; action++) {
      const value = policy.output[robot * expected.length + action]!;
      const wanted = expected[action]!;
      const difference = Math.abs(value - wanted) / Math.max(1, Math.abs(wanted));
      const error = Number.isFinite(difference) ? difference : Number.POSITIVE_INFINITY;
      if (error > worst.error) worst = { robot, action, value, error };
    }
  }
  return worst;
}
