import { readFileSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import { throwIfAny, type UserError } from '../sim/errors.ts';
import { addBench } from './cli/bench.ts';
import { addEpisodes } from './cli/episodes.ts';
import { addNode, addReplay, addStart } from './cli/fleet.ts';
import { addInspect } from './cli/inspect.ts';
import { addClone, addEvaluate, addTrain } from './cli/learning.ts';
import { collectMistakes } from './option-values.ts';
import { EXIT, reportError } from './output.ts';

const { version } = JSON.parse(
  readFileSync(new URL('../package.json', import.meta.url), 'utf8'),
) as { version: string };

/** Runs the command line; sets the process's exit code and lets it end by itself. */
export async function main(args: readonly string[]): Promise<void> {
  const program = makeProgram();
  // A reader that goes away (`| head`) is no crash; `start` ends its run besides.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});
  const mistakes = collectMistakes(program);
  program.hook('preAction', () => throwIfAny(mistakes));
  try {
    await program.parseAsync(args, { from: 'user' });
  } catch (error) {
    process.exitCode = reportEnd(error, mistakes);
  }
}

/** @returns the exit code. @param mistakes in values, which an unknown option keeps from being told otherwise */
function reportEnd(error: unknown, mistakes: readonly UserError[]): number {
  // What the parser finds it has told by itself; help and version are no errors.
  if (!(error instanceof CommanderError)) return reportError(error);
  if (error.exitCode !== EXIT.success) for (const mistake of mistakes) reportError(mistake);
  return error.exitCode;
}

function makeProgram(): Command {
  const program = new Command('zerogap')
    .description(
      'Train a robot controller in simulation, prove that it will transfer, run it on the robot.',
    )
    .version(version)
    .showHelpAfterError('(run with --help for the options)')
    .exitOverride((error) => {
      throw new CommanderError(
        error.exitCode === 0 ? EXIT.success : EXIT.badInput,
        error.code,
        error.message,
      );
    });
  addStart(program);
  addNode(program);
  addInspect(program);
  addReplay(program);
  addEpisodes(program);
  addTrain(program);
  addEvaluate(program);
  addClone(program);
  addBench(program);
  return program;
}
