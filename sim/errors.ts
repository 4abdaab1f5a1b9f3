/** What every error that a user can cause must say. */
export interface UserErrorParts {
  /** Where the problem is: file and key path, topic, option. */
  readonly where: string;
  /** What is wrong, in a few words. */
  readonly problem: string;
  readonly expected: string;
  readonly got: string;
  /** What to do about it. */
  readonly remedy: string;
  /** What ran out or broke although the input was right; absent: the input is wrong. */
  readonly fault?: 'machine';
  readonly cause?: unknown;
}

/**
 * An error that a user can do something about. The command line prints it and exits with code 2, where the machine is at
 * fault with 1.
 * `where: problem (expected X, got Y). Remedy.`
 */
export class UserError extends Error {
  override readonly name = 'UserError';
  readonly parts: UserErrorParts;

  constructor(parts: UserErrorParts) {
    super(
      `${parts.where}: ${parts.problem} (expected ${parts.expected}, got ${parts.got}). ${parts.remedy}`,
      parts.cause === undefined ? undefined : { cause: parts.cause },
    );
    this.parts = parts;
  }
}

/** Several problems of one input, reported at once. */
export class UserErrors extends UserError {
  readonly errors: readonly UserError[];

  constructor(errors: readonly UserError[]) {
    const first = errors[0];
    if (first === undefined) throw new RangeError('UserErrors: needs at least one error');
    super(first.parts);
    this.errors = errors;
    this.message = errors.map((error) => error.message).join('\n');
  }
}

/** Throws the collected problems, one as itself, several as {@link UserErrors}; returns if there is none. */
export function throwIfAny(errors: readonly UserError[]): void {
  const first = errors[0];
  if (first === undefined) return;
  throw errors.length === 1 ? first : new UserErrors(errors);
}
