import { Command, InvalidArgumentError, Option } from 'commander';
import { describe, expect, it } from 'vitest';
import {
  collectMistakes,
  parseCount,
  parsePort,
  parsePositive,
} from '../../launch/option-values.ts';
import { runCli } from '../kit/cli.ts';

function makeProgram() {
  const program = new Command('program').exitOverride();
  const ran: unknown[] = [];
  program
    .command('run')
    .option('-n, --count <count>', '', parseCount, 7)
    .option('--port <number>', '', parsePort)
    .addOption(new Option('--colour <name>', '').choices(['red', 'blue']))
    .action((options) => void ran.push(options));
  return { program, ran, mistakes: collectMistakes(program) };
}

describe('values of options', () => {
  it('that do not fit are all told, each with what was expected and what was found', async () => {
    const { program, mistakes } = makeProgram();
    const args = ['run', '-n', '0', '--port', '99999', '--colour', 'green'];
    await program.parseAsync(args, { from: 'user' });
    expect(mistakes.map(({ parts }) => [parts.where, parts.expected, parts.got])).toEqual([
      ['--count', 'a whole number of 1 or more', "'0'"],
      ['--port', 'a port from 0 to 65535', "'99999'"],
      ['--colour', 'one of red, blue', "'green'"],
    ]);
  });

  it('that fit are passed on, and nothing is told', async () => {
    const { program, mistakes, ran } = makeProgram();
    await program.parseAsync(['run', '--port', '80', '--colour', 'red'], { from: 'user' });
    expect(ran).toEqual([{ count: 7, port: 80, colour: 'red' }]);
    expect(mistakes).toEqual([]);
  });

  it('are numbers that are written as such', () => {
    expect(parsePositive('1e-3')).toBe(0.001);
    for (const text of ['', ' ', '1,5', 'NaN', 'Infinity', '0']) {
      expect(() => parsePositive(text), text).toThrow(InvalidArgumentError);
    }
  });
});

describe('a command line with several mistakes', () => {
  it('is refused once, with all of them', async () => {
    const { code, stderr, stdout } = await runCli([
      ...['episodes', '--task', 'cartpole-balance', '--episodes', 'many'],
      ...['--seed', '1.5', '--workers', '0', '--autoreset', 'never', '--difficulty', 'high'],
    ]);
    expect(stderr).toContain('5 problems in the input');
    for (const option of ['--episodes', '--seed', '--workers', '--autoreset', '--difficulty']) {
      expect(stderr).toMatch(new RegExp(`${option}: .*expected .*, got `));
    }
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  });

  it('tells those in values besides an option that there is not', async () => {
    const { code, stderr } = await runCli(['episodes', '-t', 'x', '-n', '0', '--sed', '1']);
    expect(stderr).toMatch(/unknown option '--sed'/);
    expect(stderr).toMatch(/--episodes: .*1 or more, got '0'/);
    expect(code).toBe(2);
  });
});
