import pc from 'picocolors';
import { UserError, UserErrors } from '../sim/errors.ts';

/** Exit codes of every command. */
export const EXIT = { success: 0, failure: 1, badInput: 2, interrupted: 130 } as const;

/** A run that ended otherwise than it should, through no fault of its input. */
export class RunFailure extends Error {
  override readonly name = 'RunFailure';
}

/** The last line of stdout under `--json`: one object, bigint as number. */
export function printJson(value: object): void {
  process.stdout.write(
    `${JSON.stringify(value, (_key, entry) => (typeof entry === 'bigint' ? Number(entry) : entry))}\n`,
  );
}

/** Text for people: stdout, or stderr where stdout belongs to `--json`. */
export function makePrinter(options: { readonly json: boolean }): (line: string) => void {
  const stream = options.json ? process.stderr : process.stdout;
  return (line) => void stream.write(`${line}\n`);
}

/** Prints an error for people and returns the exit code it stands for. */
export function reportError(error: unknown): number {
  if (error instanceof UserErrors) {
    process.stderr.write(`${pc.red(`${error.errors.length} problems in the input:`)}\n`);
    for (const one of error.errors) process.stderr.write(`  ${one.message}\n`);
    return EXIT.badInput;
  }
  if (error instanceof UserError) {
    const isFailure = error.parts.fault === 'machine';
    process.stderr.write(`${pc.red(isFailure ? 'failed:' : 'error:')} ${error.message}\n`);
    return isFailure ? EXIT.failure : EXIT.badInput;
  }
  if (error instanceof RunFailure) {
    process.stderr.write(`${pc.red('failed:')} ${error.message}\n`);
    return EXIT.failure;
  }
  const detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
  process.stderr.write(`${pc.red('internal error:')} ${detail}\n`);
  return EXIT.failure;
}

const PERIOD_MS = { terminal: 100, log: 5000 } as const;

/** One line on stderr that is rewritten on a terminal and repeated every 5 s in a log. */
export class ProgressLine {
  readonly #render: () => string;
  readonly #isTerminal = process.stderr.isTTY === true;
  readonly #timer: NodeJS.Timeout;

  constructor(render: () => string) {
    this.#render = render;
    const period = this.#isTerminal ? PERIOD_MS.terminal : PERIOD_MS.log;
    this.#timer = setInterval(() => this.#write(), period);
    this.#timer.unref();
  }

  #write(): void {
    const line = this.#render();
    const width = process.stderr.columns ?? 120;
    process.stderr.write(this.#isTerminal ? `\r\x1b[2K${line.slice(0, width - 1)}` : `${line}\n`);
  }

  stop(): void {
    clearInterval(this.#timer);
    if (this.#isTerminal) process.stderr.write('\r\x1b[2K');
  }
}
