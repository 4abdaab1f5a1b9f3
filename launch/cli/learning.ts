import type { Command } from 'commander';
import type { CloneCommandOptions } from '../clone-command.ts';
import type { EvaluateCommandOptions } from '../evaluate.ts';
import { collect, parseCount, parseInteger, parsePositive } from '../option-values.ts';
import type { TrainOptions } from '../train/options.ts';
import { addPageOptions, command } from './command.ts';

export function addTrain(program: Command): void {
  addPageOptions(
    command(program, 'train')
      .description('Learn a policy by trial and error in simulation; write it as ONNX.')
      .option('-t, --task <name>', 'the task, one of sim/tasks')
      .option('-o, --out <folder>', 'new folder of the run: metrics, checkpoints, policies')
      .option(
        '-s, --seed <integer>',
        'everything random follows from it; by default 1',
        parseInteger,
      )
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
      .option('--force', 'resume although other options change what is learnt'),
  ).action(async (options: TrainOptions) => {
    const { runTrain } = await import('../train/command.ts');
    process.exitCode = await runTrain(options);
  });
}

export function addEvaluate(program: Command): void {
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
      const { runEvaluate } = await import('../evaluate.ts');
      process.exitCode = await runEvaluate(options);
    });
}

export function addClone(program: Command): void {
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
      const { runClone } = await import('../clone-command.ts');
      process.exitCode = await runClone(options);
    });
}
