import { type Command, Option } from 'commander';
import { MIDDLEWARES } from '../../nodes/ros/middleware.ts';
import { PROVIDERS } from '../../policies/config.ts';
import {
  collect,
  parseCount,
  parseInteger,
  parseNonNegative,
  parsePositive,
} from '../option-values.ts';
import type { ReplayOptions } from '../replay/command.ts';
import type { StartOptions } from '../start.ts';
import { addPageOptions, command } from './command.ts';

export function addStart(program: Command): void {
  addPageOptions(
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
      ),
  )
    .option('-o, --out <folder>', 'folder for the recording')
    .option('--no-record', 'keep no recording')
    .action(async (options: StartOptions) => {
      const { runStart } = await import('../start.ts');
      process.exitCode = await runStart(options);
    });
}

const NODE_PARAMETERS_HELP = `
Parameters (-p name:=value, or --params-file):
  profile       a profile of launch/profiles, or a path: robot, policy, limits; no default
  use_sim_time  true beside a simulator, false on a robot; no default
  autostart     of policy_node and safety_node: at work from the start (true)
  start_state   of simulator_node: playing, paused or stopped (playing)
  hold_s, max_tilt, …, controller_command.kind, …  of safety_node, instead of the profile's
`;

/** Not through `command`: what stands behind the name is ROS 2's business, `--json` too. */
export function addNode(program: Command): void {
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
      const { runNode } = await import('../node/run.ts');
      process.exitCode = await runNode(name, args);
    });
}

export function addReplay(program: Command): void {
  addPageOptions(
    command(program, 'replay')
      .description(
        'Play a recording through the nodes into the page, or to nodes of others (--ros).',
      )
      .argument(
        '<file>',
        'a recording, a bag folder, or an episode of a dataset (.mcap), complete or cut short',
      )
      .option(
        '--robot <name>',
        "of an episode whose robot is not in the box: its description's path",
      )
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
      ),
  ).action(async (file: string, options: ReplayOptions) => {
    const { runReplay } = await import('../replay/command.ts');
    process.exitCode = await runReplay(file, options);
  });
}
