import { type Command, InvalidArgumentError } from 'commander';
import { UserError } from '../sim/errors.ts';

/**
 * Lets a command line be read to its end whatever stands there: values that do not fit are kept here, and the option
 * stays as it was before. Whoever runs the command must see to it that there are none.
 * @returns grows while the command line is parsed
 */
export function collectMistakes(program: Command): readonly UserError[] {
  const mistakes: UserError[] = [];
  for (const command of [program, ...listCommands(program)]) {
    for (const option of command.options) {
      const { parseArg } = option;
      if (parseArg === undefined) continue;
      option.argParser((value, previous) => {
        try {
          return parseArg(value, previous);
        } catch (error) {
          if (!(error instanceof InvalidArgumentError)) throw error;
          mistakes.push(describeMistake(option.long ?? option.flags, value, error));
          return previous;
        }
      });
    }
  }
  return mistakes;
}

function listCommands(parent: Command): readonly Command[] {
  return parent.commands.flatMap((command) => [command, ...listCommands(command)]);
}

function describeMistake(option: string, value: string, error: InvalidArgumentError): UserError {
  return new UserError({
    where: option,
    problem: 'the value does not fit',
    // Of an option with choices the parser says so itself.
    expected: error.message.replace(/^Allowed choices are (.*)\.$/, 'one of $1'),
    got: `'${value}'`,
    remedy: 'Correct it; --help tells what the option is for',
  });
}

/** All values of an option that is given more than once. */
export function collect(value: string, before: readonly string[]): readonly string[] {
  return [...before, value];
}

/** @throws InvalidArgumentError with what is expected, as all that follow */
export function parseNumber(text: string): number {
  return parse(text, 'a number', Number.isFinite);
}

export function parsePositive(text: string): number {
  return parse(text, 'a number above 0', (value) => Number.isFinite(value) && value > 0);
}

export function parseNonNegative(text: string): number {
  return parse(text, 'a number of 0 or more', (value) => Number.isFinite(value) && value >= 0);
}

export function parseInteger(text: string): number {
  return parse(text, 'a whole number', Number.isSafeInteger);
}

export function parseCount(text: string): number {
  const expected = 'a whole number of 1 or more';
  return parse(text, expected, (value) => Number.isSafeInteger(value) && value >= 1);
}

export function parsePort(text: string): number {
  const expected = 'a port from 0 to 65535';
  return parse(text, expected, (value) => Number.isInteger(value) && value >= 0 && value <= 65535);
}

function parse(text: string, expected: string, fits: (value: number) => boolean): number {
  const value = Number(text);
  if (text.trim() === '' || !fits(value)) throw new InvalidArgumentError(expected);
  return value;
}
