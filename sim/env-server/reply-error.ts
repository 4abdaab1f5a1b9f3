import { NonFiniteError } from '../env-guard.ts';
import { UserError, type UserErrorParts, UserErrors } from '../errors.ts';
import { VecEnvError } from '../vec-env/vec-env.ts';
import { ProtocolError } from './frame.ts';

/** What an error frame says. */
export interface Failure {
  /**
   * input: the request was refused and nothing has changed. environment: the simulation broke off, or a
   * thread of it died; reset with a seed. protocol: the connection ends. internal: a fault of the server, which ends the connection.
   */
  readonly code: 'input' | 'environment' | 'protocol' | 'internal';
  /** The server closes the connection after this frame. */
  readonly isFatal: boolean;
  /** All of it, for people. */
  readonly message: string;
  /** One by one. */
  readonly errors: readonly Omit<UserErrorParts, 'cause'>[];
}

export function describeFailure(error: unknown): Failure {
  if (error instanceof UserError) {
    const all = error instanceof UserErrors ? error.errors : [error];
    const isProtocol = error instanceof ProtocolError;
    return {
      code: isProtocol ? 'protocol' : 'input',
      isFatal: isProtocol,
      message: error.message,
      errors: all.map(({ parts: { where, problem, expected, got, remedy } }) => {
        return { where, problem, expected, got, remedy };
      }),
    };
  }
  const isBroken = error instanceof NonFiniteError || error instanceof VecEnvError;
  return {
    code: isBroken ? 'environment' : 'internal',
    isFatal: !isBroken,
    message: error instanceof Error ? error.message : String(error),
    errors: [],
  };
}
