import { type Command, Option } from 'commander';
import { AUTORESET_MODES } from '../../sim/config.ts';
import { throwIfAny } from '../../sim/errors.ts';
import type { EnvServerOptions } from '../env-server.ts';
import type { EpisodesOptions } from '../episodes/plan.ts';
import { parseCount, parseInteger, parseNumber } from '../option-values.ts';
import { command } from './command.ts';

export function addEpisodes(program: Command): void {
  const episodes = command(program, 'episodes')
    .description(
      'Simulate randomised episodes of a task, and keep them as a dataset, or serve them to a trainer.',
    )
    .requiredOption('-t, --task <name>', 'the task, one of sim/tasks')
    .option('-n, --episodes <count>', 'how many', parseCount, 256)
    .option('-s, --seed <integer>', 'everything random follows from it', parseInteger, 1)
    .option(
      '--policy <name>',
      'random, classical, or an ONNX policy: a name of policies/trained, or a path',
      'random',
    )
    .option(
      '--adversary <name>',
      'random, or an ONNX file; pushes within the bounds of the randomisation',
    )
    .option('--engine <name>', 'physics: rapier or mujoco', 'rapier')
    .option('-w, --workers <count>', 'threads; by default one per core', parseCount)
    .option('--robot <name>', "instead of the task's own: one in the box, or a description's path")
    .option('--randomize <file>', "YAML; instead of the task's own randomisation, as a whole")
    .option(
      '--difficulty <share>',
      "of all episodes, 0 to 1, where the task's randomisation, or --randomize, has schedules",
      parseNumber,
    )
    .option('--terrain <file>', 'YAML; what stands around the robots')
    .option('-o, --out <folder>', 'folder of the dataset; without it nothing is kept')
    .option('--format <name>', 'of the dataset: lerobot (by default), parquet or mcap')
    .option('--resume', 'go on with the dataset in the folder, if there is one')
    .option('--force', 'resume although other code has written what is there');
  addEnvServer(episodes).action(async (options: EpisodesOptions | EnvServerOptions) => {
    const { checkEnvServerOptions } = await import('../env-server-options.ts');
    throwIfAny(checkEnvServerOptions(listGiven(episodes)));
    if ('envServer' in options) {
      const { runEnvServer } = await import('../env-server.ts');
      process.exitCode = await runEnvServer(options, `zerogap ${program.version()}`);
      return;
    }
    const { runEpisodes } = await import('../episodes/command.ts');
    process.exitCode = await runEpisodes(options);
  });
}

/** What turns `episodes` into a server, see sim/env-server/PROTOCOL.md. */
export function addEnvServer(episodes: Command): Command {
  return episodes
    .option(
      '--env-server [address]',
      'let programs in other languages act: unix:PATH, or tcp:HOST:PORT on this machine',
    )
    .option('--num-envs <count>', 'of a client that asks for no other number', parseCount, 64)
    .addOption(
      new Option('--autoreset <mode>', 'when an environment that is done starts anew')
        .choices(AUTORESET_MODES)
        .default('same_step'),
    )
    .option('--max-clients <count>', 'at a time, each with its own environments', parseCount, 4)
    .option('--exit-with-stdin', 'end when standard input does, as with whoever started it');
}

/** Names of the options that stand on the command line. */
function listGiven(parsed: Command): readonly string[] {
  return Object.keys(parsed.opts()).filter((name) => parsed.getOptionValueSource(name) === 'cli');
}
