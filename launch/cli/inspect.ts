import type { Command } from 'commander';
import type { InspectOptions as InspectReportOptions } from '../inspect/command.ts';
import { collect } from '../option-values.ts';
import { addAddressOptions, command } from './command.ts';

type InspectOptions = Omit<InspectReportOptions, 'json'> & { readonly json?: boolean };

export function addInspect(program: Command): void {
  addAddressOptions(
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
      .option('--page', 'show a robot in a browser, where its joints can be moved'),
  ).action(async (file: string, options: InspectOptions) => {
    const { runInspect } = await import('../inspect/command.ts');
    process.exitCode = await runInspect(file, { ...options, json: options.json === true });
  });
}
