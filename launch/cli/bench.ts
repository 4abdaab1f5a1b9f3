import type { Command } from 'commander';
import { collect, parseCount, parsePositive } from '../option-values.ts';
import { command } from './command.ts';

export function addBench(program: Command): void {
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
      const { runBenchLoop } = await import('../bench/command.ts');
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
      const { runBenchSim } = await import('../bench/command.ts');
      process.exitCode = await runBenchSim({ ...options, json: options.json === true });
    });
  command(bench, 'lidar')
    .description('64 robots × 360 rays in one call of each engine, against one call per ray.')
    .action(async (options: { json?: boolean }) => {
      const { runBenchLidar } = await import('../bench/command.ts');
      process.exitCode = await runBenchLidar({ json: options.json === true });
    });
  command(bench, 'ros')
    .description(
      'Sensor in → command out over ROS 2 against a bare echo, and what publishing joints costs.',
    )
    .option('--policy <name>', 'ONNX policy that sees without a lidar', 'go2-velocity')
    .option(
      '--rclcpp-echo <program>',
      'also against an echo in C++: launch/bench/rclcpp-echo, built',
    )
    .option('--rounds <count>', 'round trips of each contender', parseCount, 2000)
    .option('--rate <Hz>', "of the round trips; default: the policy's own", parsePositive)
    .option('--seconds <seconds>', 'of each publisher', parsePositive, 5)
    .action(
      async (options: {
        policy: string;
        rclcppEcho?: string;
        rounds: number;
        rate?: number;
        seconds: number;
        json?: boolean;
      }) => {
        const { runBenchRos } = await import('../bench/command.ts');
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
      const { runBenchTrain } = await import('../bench/command.ts');
      process.exitCode = await runBenchTrain({ ...options, json: options.json === true });
    });
}
