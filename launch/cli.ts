import { readFileSync } from 'node:fs';
import { Command, CommanderError, Option } from 'commander';
import { MIDDLEWARES } from '../nodes/ros/middleware.ts';
import { PROVIDERS } from '../policies/config.ts';
import { AUTORESET_MODES } from '../sim/config.ts';
import { throwIfAny, type UserError } from '../sim/errors.ts';
import type { CloneCommandOptions } from './clone-command.ts';
import type { EnvServerOptions } from './env-server.ts';
import type { EpisodesOptions } from './episodes/plan.ts';
import type { EvaluateCommandOptions } from './evaluate.ts';
import type { InspectOptions as InspectReportOptions } from './inspect.ts';
import {
  collect,
  collectMistakes,
  parseCount,
  parseInteger,
  parseNonNegative,
  parseNumber,
  parsePort,
  parsePositive,
} from './option-values.ts';
import { EXIT, reportError } from './output.ts';
import type { ReplayOptions } from './replay.ts';
import type { StartOptions } from './start.ts';
import type { TrainOptions } from './train/options.ts';

const { version } = JSON.parse(
  readFileSync(new URL('../package.json', import.meta.url), 'utf8'),
) as { version: string };

type InspectOptions = Omit<InspectReportOptions, 'json'> & { readonly json?: boolean };

const JSON_HELP = 'print one JSON object as the last line of stdout; progress goes to stderr';

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

function addStart(program: Command): void {
  command(program, 'start')
    .description('Fly (or drive) a simulated fleet under a policy, through real nodes.')
    .option(
      '-p, --profile <name>',
      'a profile of launch/profiles, or a path to a YAML file',
      'demo',
    )
    .option(
      '-d, --duration <seconds>',
      'simulated time to run; endless if not given',
      parsePositive,
    )
    .option('-n, --robots <count>', 'number of robots', parseCount)
    .option(
      '--policy <file>',
      'ONNX policy: a name of policies/trained, or a path; classical, where the profile has a task',
    )
    .option('--robot <name>', 'a robot in the box, or a path to its description')
    .option('-s, --seed <integer>', 'everything random follows from it', parseInteger)
    .addOption(
      new Option('--provider <name>', 'where the network runs').choices([...PROVIDERS, 'auto']),
    )
    .option(
      '--real-time-factor <factor>',
      'simulated seconds per second; 0 = as fast as possible',
      parseNonNegative,
    )
    .addOption(
      new Option(
        '--middleware <name>',
        'what carries the topics; by default ros2 where it is sourced and built, else embedded',
      ).choices([...MIDDLEWARES]),
    )
    .option('--headless', 'no page')
    .option('--host <address>', 'address the page listens on')
    .option('--port <number>', 'port of the page; 0 = any free one', parsePort)
    .option('-o, --out <folder>', 'folder for the recording')
    .option('--no-record', 'keep no recording')
    .action(async (options: StartOptions) => {
      const { runStart } = await import('./start.ts');
      process.exitCode = await runStart(options);
    });
}

/** Not through `command`: what stands behind the name is ROS 2's business, `--json` too. */
const NODE_PARAMETERS_HELP = `
Parameters (-p name:=value, or --params-file):
  profile       a profile of launch/profiles, or a path: robot, policy, limits; no default
  use_sim_time  true beside a simulator, false on a robot; no default
  autostart     of policy_node and safety_node: at work from the start (true)
  start_state   of simulator_node: playing, paused or stopped (playing)
  hold_s, max_tilt, …, controller_command.kind, …  of safety_node, instead of the profile's
`;

function addNode(program: Command): void {
  program
    .enablePositionalOptions()
    .command('node')
    .description('Run one node in a process of its own, as `ros2 run zerogap NAME` does.')
    .argument('<name>', 'simulator_node, policy_node, safety_node, reference_node, …')
    .argument('[arguments...]', "ROS 2's own: --ros-args -p profile:=demo -p use_sim_time:=true …")
    .addHelpText('after', NODE_PARAMETERS_HELP)
    .passThroughOptions()
    .allowUnknownOption()
    .action(async (name: string, args: string[], _options: unknown, self: Command) => {
      // Behind the name, options are the node's: this one it has not.
      if (args.some((argument) => argument === '--help' || argument === '-h')) return self.help();
      const { runNode } = await import('./node/run.ts');
      process.exitCode = await runNode(name, args);
    });
}

function addInspect(program: Command): void {
  command(program, 'inspect')
    .description('Say what a file holds and what is wrong with it.')
    .argument(
      '<file>',
      'a policy (name or .onnx), a recording (.mcap), a dataset (folder) or a robot (name, folder, .urdf or .xacro)',
    )
    .option(
      '--package-path <folder>',
      'holds ROS packages, or is one; may be repeated',
      collect,
      [],
    )
    .option('--xacro-arg <name:=value>', 'argument of a xacro; may be repeated', collect, [])
    .option('--config <file>', 'a robot.yaml that does not stand beside the description')
    .option('--template <file>', 'write a robot.yaml to begin with')
    .option('--urdf <file>', 'write the URDF that a xacro becomes')
    .option(
      '--salvage <folder>',
      'of a dataset: write the episodes of shards that are not complete as one of their own',
    )
    .option('--page', 'show a robot in a browser, where its joints can be moved')
    .option('--host <address>', 'address the page listens on')
    .option('--port <number>', 'port of the page; 0 = any free one', parsePort)
    .action(async (file: string, options: InspectOptions) => {
      const { runInspect } = await import('./inspect.ts');
      process.exitCode = await runInspect(file, { ...options, json: options.json === true });
    });
}

function addReplay(program: Command): void {
  command(program, 'replay')
    .description('Play a recording through the nodes into the page, or to nodes of others (--ros).')
    .argument(
      '<file>',
      'a recording, a bag folder, or an episode of a dataset (.mcap), complete or cut short',
    )
    .option('--robot <name>', "of an episode whose robot is not in the box: its description's path")
    .option('--rate <factor>', 'playback speed; 0 = as fast as possible', parseNonNegative, 1)
    .option('--start <seconds>', 'skip this much of the beginning', parseNonNegative, 0)
    .option('-d, --duration <seconds>', 'play this much', parsePositive)
    .option('--loop', 'begin again at the end')
    .option('--ros', 'play any recording of ROS 2 to other nodes, with simulated time on /clock')
    .addOption(
      new Option(
        '--middleware <name>',
        'with --ros; by default ros2 where it is sourced and built, else embedded; with --node: embedded',
      ).choices([...MIDDLEWARES]),
    )
    .option(
      '--topics <name>',
      'play this one alone, * for anything; may be repeated; what commands motors is played on ROS 2 by its full name only',
      collect,
      [],
    )
    .option('--remap <from:=to>', 'of a topic; may be repeated', collect, [])
    .option(
      '--node <name>',
      'feed it too: policy_node, safety_node, reference_node; may be repeated',
      collect,
      [],
    )
    .option('-p, --profile <name>', 'robot, policy and limits of those nodes')
    .option(
      '--delay <seconds>',
      'before the first message; by default 1 on ROS 2, for others to find us',
      parseNonNegative,
    )
    .option('--headless', 'no page')
    .option('--host <address>', 'address the page listens on')
    .option('--port <number>', 'port of the page; 0 = any free one', parsePort)
    .action(async (file: string, options: ReplayOptions) => {
      const { runReplay } = await import('./replay.ts');
      process.exitCode = await runReplay(file, options);
    });
}

function addEpisodes(program: Command): void {
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
    const { checkEnvServerOptions } = await import('./env-server-options.ts');
    throwIfAny(checkEnvServerOptions(listGiven(episodes)));
    if ('envServer' in options) {
      const { runEnvServer } = await import('./env-server.ts');
      process.exitCode = await runEnvServer(options, `zerogap ${version}`);
      return;
    }
    const { runEpisodes } = await import('./episodes/command.ts');
    process.exitCode = await runEpisodes(options);
  });
}

/** What turns `episodes` into a server, see sim/env-server/PROTOCOL.md. */
function addEnvServer(episodes: Command): Command {
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

function addTrain(program: Command): void {
  command(program, 'train')
    .description('Learn a policy by trial and error in simulation; write it as ONNX.')
    .option('-t, --task <name>', 'the task, one of sim/tasks')
    .option('-o, --out <folder>', 'new folder of the run: metrics, checkpoints, policies')
    .option('-s, --seed <integer>', 'everything random follows from it; by default 1', parseInteger)
    .option('--minutes <minutes>', 'end after this much wall time', parsePositive)
    .option('--steps <count>', 'end after as many control steps of single robots', parseCount)
    .option('--algorithm <name>', 'what learns: ppo (by default), td3, distill or adversarial')
    .option('--teacher <policy>', 'ONNX policy that a student imitates, with --algorithm distill')
    .option('--base <policy>', 'ONNX policy that stays as it is; what is learnt corrects it')
    .option('--engine <name>', 'physics: rapier (by default) or mujoco')
    .option(
      '--set <key=value>',
      'one setting, such as numEnvs=512 or ppo.epochs=4; may be repeated',
      collect,
      [],
    )
    .option('--config <file>', "YAML; instead of the task's own recipe, as a whole")
    .option('-w, --workers <count>', 'threads; by default one per core', parseCount)
    .option('-n, --num-envs <count>', 'robots that are simulated at once', parseCount)
    .option(
      '--randomize <file>',
      "YAML, or none; instead of the task's own randomisation, as a whole",
    )
    .option('--terrain <file>', 'YAML; what stands around the robots')
    .option('--resume <folder>', 'go on with the run in it, to the bits that it would have had')
    .option('--force', 'resume although other options change what is learnt')
    .option('--headless', 'no page')
    .option('--host <address>', 'address the page listens on')
    .option('--port <number>', 'port of the page; 0 = any free one', parsePort)
    .action(async (options: TrainOptions) => {
      const { runTrain } = await import('./train/command.ts');
      process.exitCode = await runTrain(options);
    });
}

function addEvaluate(program: Command): void {
  command(program, 'evaluate')
    .description('Judge a policy on seeds that it has not seen, in either engine.')
    .requiredOption('-t, --task <name>', 'the task, one of sim/tasks')
    .requiredOption(
      '--policy <name>',
      'classical, or an ONNX policy: a name of policies/trained, or a path',
    )
    .option(
      '--against <name>',
      'who does the same episodes, to be compared seed by seed: classical, or an ONNX policy',
    )
    .option('--suite <name>', 'what is tried: nominal or shifted', 'nominal')
    .option('-n, --episodes <count>', 'of each case', parseCount, 200)
    .option('-s, --seed <integer>', 'of the first episode; the next has the next', parseInteger)
    .option('--engine <name>', 'physics: rapier or mujoco', 'rapier')
    .option('-w, --workers <count>', 'threads; by default one per core', parseCount)
    .option(
      '--randomize <file>',
      "YAML, or none; instead of the task's own randomisation, as a whole",
    )
    .option('--terrain <file>', 'YAML; what stands around the robots')
    .option('-o, --out <folder>', 'folder for report.json and report.html')
    .action(async (options: EvaluateCommandOptions) => {
      const { runEvaluate } = await import('./evaluate.ts');
      process.exitCode = await runEvaluate(options);
    });
}

function addClone(program: Command): void {
  command(program, 'clone')
    .description('Teach a network what the classical controller of a task does; write it as ONNX.')
    .requiredOption('-t, --task <name>', 'the task to learn')
    .requiredOption('-o, --out <file>', 'the ONNX file to write')
    .option('-s, --seed <integer>', 'everything random follows from it', parseInteger, 1)
    .option('--episodes <count>', 'evaluation episodes', parseCount, 200)
    .option('--rounds <count>', 'rounds of DAgger after the first', parseCount)
    .option(
      '--set <key=value>',
      'one setting, such as numEnvs=60; may be repeated, see launch/clone.ts',
      collect,
      [],
    )
    .action(async (options: CloneCommandOptions) => {
      const { runClone } = await import('./clone-command.ts');
      process.exitCode = await runClone(options);
    });
}

function addBench(program: Command): void {
  const bench = program
    .command('bench')
    .description('Measure speed against a baseline in the same run.');
  command(bench, 'loop')
    .description('One control tick against a bare inference of the same model; jitter; allocation.')
    .option(
      '--policy <file>',
      'ONNX policy: a name of policies/trained, or a path',
      'crazyflie-track',
    )
    .option('--seconds <seconds>', 'length of each jitter measurement', parsePositive, 5)
    .action(async (options: { policy: string; seconds: number; json?: boolean }) => {
      const { runBenchLoop } = await import('./bench.ts');
      process.exitCode = await runBenchLoop({ ...options, json: options.json === true });
    });
  command(bench, 'sim')
    .description(
      'Whole environments against the bare physics of both engines, and all cores against one.',
    )
    .option(
      '-t, --task <name>',
      'may be repeated; default: go2-stand, crazyflie-track',
      collect,
      [],
    )
    .option('--turns <count>', 'of each contender; the median is told', parseCount, 7)
    .action(async (options: { task: readonly string[]; turns: number; json?: boolean }) => {
      const { runBenchSim } = await import('./bench.ts');
      process.exitCode = await runBenchSim({ ...options, json: options.json === true });
    });
  command(bench, 'lidar')
    .description('64 robots × 360 rays in one call of each engine, against one call per ray.')
    .action(async (options: { json?: boolean }) => {
      const { runBenchLidar } = await import('./bench.ts');
      process.exitCode = await runBenchLidar({ json: options.json === true });
    });
  command(bench, 'ros')
    .description(
      'Sensor in → command out over ROS 2 against a bare echo, and what publishing joints costs.',
    )
    .option('--policy <name>', 'ONNX policy that sees without a lidar', 'go2-velocity')
    .option('--rounds <count>', 'round trips of each contender', parseCount, 2000)
    .option('--seconds <seconds>', 'of each publisher', parsePositive, 5)
    .action(
      async (options: { policy: string; rounds: number; seconds: number; json?: boolean }) => {
        const { runBenchRos } = await import('./bench.ts');
        process.exitCode = await runBenchRos({ ...options, json: options.json === true });
      },
    );
  command(bench, 'train')
    .description(
      'Samples and gradient steps per second of learning, where the time goes, and the bare simulation.',
    )
    .option(
      '-t, --task <name>',
      'may be repeated; default: cartpole-balance, crazyflie-hover',
      collect,
      [],
    )
    .option('--rounds <count>', 'of each task; the median is told', parseCount, 15)
    .action(async (options: { task: readonly string[]; rounds: number; json?: boolean }) => {
      const { runBenchTrain } = await import('./bench.ts');
      process.exitCode = await runBenchTrain({ ...options, json: options.json === true });
    });
}

function command(parent: Command, name: string): Command {
  return parent
    .command(name)
    .option('--json', JSON_HELP)
    .configureHelp({ showGlobalOptions: true });
}
