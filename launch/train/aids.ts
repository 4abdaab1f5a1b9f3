import { createHash } from 'node:crypto';
import { isRecurrent, type WholeNetwork } from '../../policies/onnx/policy-network.ts';
import {
  AIDS,
  type Aid,
  type AidingPolicy,
  readAidingPolicy,
} from '../../policies/training/run/aids.ts';
import { getAlgorithm } from '../../policies/training/run/algorithms.ts';
import type { RunFolder } from '../../policies/training/run/run-folder.ts';
import type { Teacher } from '../../policies/training/teacher.ts';
import { hasAdversary } from '../../sim/disturbance/adversary.ts';
import { throwIfAny, UserError } from '../../sim/errors.ts';
import type { RandomizationConfig } from '../../sim/randomize/config.ts';
import type { RobotModel } from '../../sim/robot/model.ts';
import type { TaskDefinition } from '../../sim/task/task.ts';
import { findPolicyFile } from '../paths.ts';
import type { TrainOptions } from './options.ts';

/** Policies that a run learns with, by what they are to it. */
export type Aids = Partial<Record<Aid, AidingPolicy>>;

/** What decides whom a run needs beside it. */
interface Aided {
  readonly algorithm: string;
  readonly randomization: RandomizationConfig;
  readonly task: TaskDefinition;
  readonly model: RobotModel;
  /** Of a run that is gone on with: where it has copies of them. */
  readonly folder: RunFolder | undefined;
}

/**
 * Reads what the options name, or what the folder of the run has.
 * @throws UserErrors for one that is missing, or of no use to the algorithm, or does not fit the task
 */
export function readAids(options: TrainOptions, aided: Aided): Aids {
  const files = AIDS.flatMap((aid) => {
    const file = findFile(aid, options, aided.folder);
    return file === undefined ? [] : [[aid, file] as const];
  });
  throwIfAny(checkNeeds(new Set(files.map(([aid]) => aid)), aided));
  const { task, model } = aided;
  const aids: Aids = Object.fromEntries(
    files.map(([aid, file]) => [
      aid,
      readAidingPolicy(file, { task, model, where: `--${aid} ${file}` }),
    ]),
  );
  throwIfAny([...checkMemory(aids.teacher?.network), ...checkBase(aids.base)]);
  return aids;
}

function findFile(aid: Aid, options: TrainOptions, folder: RunFolder | undefined) {
  const asked = options[aid];
  if (asked === 'classical') {
    throw new UserError({
      where: `--${aid}`,
      problem: 'a controller in code sees more than the observations that learning has',
      expected: 'an ONNX policy',
      got: "'classical'",
      remedy: 'Make one of it with `zerogap clone`, and name its file',
    });
  }
  return asked === undefined ? folder?.findPolicy(aid) : findPolicyFile(asked, `--${aid}`);
}

function checkNeeds(given: ReadonlySet<Aid>, { algorithm, randomization }: Aided): UserError[] {
  const { needs } = getAlgorithm(algorithm);
  const problems: UserError[] = [];
  const refuse = (where: string, problem: string, expected: string, remedy: string) =>
    problems.push(new UserError({ where, problem, expected, got: `'${algorithm}'`, remedy }));
  if (needs === 'teacher' && !given.has('teacher')) {
    refuse('--algorithm', 'it needs somebody to imitate', '--teacher besides', 'Add --teacher');
  }
  if (needs !== 'teacher' && given.has('teacher')) {
    refuse('--teacher', 'nobody imitates it', '--algorithm distill', 'Leave it away, or distil');
  }
  if (needs !== undefined && given.has('base')) {
    refuse('--base', 'it cannot be corrected so', '--algorithm ppo or td3', 'Choose one of them');
  }
  if (needs === 'adversary' && !hasAdversary(randomization)) {
    const remedy = 'Give --randomize a file with adversary: { maxForceScale: 0.1 } in it';
    refuse('--algorithm', 'the randomisation leaves an adversary no force', 'some', remedy);
  }
  return problems;
}

function checkMemory(teacher: WholeNetwork | undefined): UserError[] {
  if (teacher === undefined || !isRecurrent(teacher)) return [];
  return [
    new UserError({
      where: '--teacher',
      problem: 'a teacher that remembers cannot say what it would have done in steps out of order',
      expected: 'a feed-forward policy',
      got: 'a recurrent one',
      remedy: 'Take another teacher',
    }),
  ];
}

/** What is corrected goes to robots with its correction. */
function checkBase(base: AidingPolicy | undefined): UserError[] {
  if (base?.privileged === undefined) return [];
  return [
    new UserError({
      where: '--base',
      problem: 'it sees the true state, which no robot knows',
      expected: 'a policy that sees what the robot measures',
      got: `one that sees ${base.privileged.length} columns of the truth`,
      remedy: 'Distil a student from it by --algorithm distill --teacher, and correct that one',
    }),
  ];
}

/** sha256 of each, for what a run is made of. */
export function identifyAids(aids: Aids): Partial<Record<Aid, string>> {
  const entries = Object.entries(aids).map(
    ([aid, { bytes }]) => [aid, createHash('sha256').update(bytes).digest('hex')] as const,
  );
  return Object.fromEntries(entries);
}

/** As a run wants them. */
export function viewNetworks({ teacher, base }: Aids): {
  readonly teacher?: Teacher;
  readonly base?: WholeNetwork;
} {
  return {
    ...(teacher !== undefined && { teacher }),
    ...(base !== undefined && { base: base.network }),
  };
}
