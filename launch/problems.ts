import { throwIfAny, UserError, UserErrors } from '../sim/errors.ts';

/** Collects problems instead of stopping at the first. */
export class Problems {
  readonly #found: UserError[] = [];

  /** The value, or undefined if making it is the user's mistake. */
  async attempt<T>(make: () => T | Promise<T>): Promise<T | undefined> {
    try {
      return await make();
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      this.add(error instanceof UserErrors ? error.errors : [error]);
      return undefined;
    }
  }

  add(errors: readonly UserError[]): void {
    this.#found.push(...errors);
  }

  throwIfAny(): void {
    throwIfAny(this.#found);
  }
}
