import { renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, resolve } from 'node:path';
import { z } from 'zod';
import type { EvaluationScore } from '../policies/manifest.ts';
import {
  type CloneProgress,
  type CloneRound,
  cloneController,
} from '../policies/training/clone.ts';
import { UserError } from '../sim/errors.ts';
import { makeFolder } from '../sim/make-folder.ts';
import { readCommit } from './provenance.ts';

/**
 * What `zerogap clone` can be told. With the defaults `crazyflie-track` took two cores about seven minutes when one of them flew; no shipped
 * policy is a clone as it is, the base of go2-velocity was one, with less of everything.
 */
export const CloneOptions = z.strictObject({
  task: z.string().min(1).meta({ description: 'Task to learn, one of sim/tasks' }),
  out: z.string().min(1).meta({ description: 'ONNX file to write; folders are made' }),
  seed: z.int().default(1).meta({ description: 'Everything random follows from it' }),
  hidden: z
    .array(z.int().min(1).max(4096))
    .max(8)
    .default([128, 128])
    .meta({ description: 'Widths of the hidden layers' }),
  activation: z.enum(['tanh', 'elu', 'relu']).default('tanh'),
  rounds: z.int().min(0).max(100).default(4).meta({
    description: 'Rounds of DAgger: the student flies, the teacher says what was right',
  }),
  numEnvs: z.int().min(10).max(4096).default(200).meta({
    unit: '-',
    description: 'Robots flying at once; every tenth is held out',
  }),
  rowsPerEnv: z.int().min(2).max(100_000).default(500).meta({
    unit: '-',
    description: 'States kept per robot and round',
  }),
  stepsPerRound: z.int().min(1).max(10_000_000).default(4000).meta({
    unit: '-',
    description: 'Minibatches per round',
  }),
  finalSteps: z.int().min(0).max(10_000_000).default(12_000).meta({
    unit: '-',
    description: 'Minibatches on top in the last round',
  }),
  batchSize: z.int().min(1).max(65_536).default(1024).meta({ description: 'States per minibatch' }),
  learningRate: z.number().positive().max(1).default(2e-3).meta({
    description: "Adam's, at the start of each round; falls along a cosine",
  }),
  episodes: z.int().min(1).max(100_000).default(200).meta({
    description: 'Evaluation episodes, flown by the policy and by its teacher on the same seeds',
  }),
});
export type CloneOptions = z.infer<typeof CloneOptions>;

export interface CloneReport {
  readonly task: string;
  readonly seed: number;
  readonly out: string;
  readonly states: number;
  readonly curve: readonly CloneRound[];
  readonly policy: EvaluationScore;
  readonly teacher: EvaluationScore;
  readonly wallS: number;
}

/**
 * Clones the classical controller of a task into an ONNX policy and writes it.
 * @throws UserError for an unknown task or a file that cannot be written, before any work
 */
export async function clone(
  options: z.input<typeof CloneOptions> & {
    readonly onProgress?: (progress: CloneProgress) => void;
  },
): Promise<CloneReport> {
  const { onProgress, ...rest } = options;
  const { out, episodes, ...settings } = CloneOptions.parse(rest);
  const path = resolve(out);
  assertWritable(path);
  const start = performance.now();
  const result = await cloneController({
    settings: { ...settings, evaluationEpisodes: episodes },
    numWorkers: availableParallelism(),
    provenance: { commit: readCommit(), createdAt: new Date().toISOString() },
    ...(onProgress === undefined ? {} : { onProgress }),
  });
  // Whoever reads the file meanwhile sees the old one or the new one, never half of one.
  writeFileSync(`${path}.part`, result.bytes);
  renameSync(`${path}.part`, path);
  return {
    task: settings.task,
    seed: settings.seed,
    out: path,
    states: result.curve.at(-1)!.rows,
    curve: result.curve,
    policy: result.policy.score,
    teacher: result.teacher.score,
    wallS: (performance.now() - start) / 1000,
  };
}

function assertWritable(path: string): void {
  const got = findObstacle(path);
  if (got === undefined) return;
  throw new UserError({
    where: `--out ${path}`,
    problem: 'the policy cannot be written there',
    expected: 'a file in a folder that can be written',
    got,
    remedy: 'Choose another path, such as ./policy.onnx',
  });
}

/** Makes the file's folder; says what is in the way. */
function findObstacle(path: string): string | undefined {
  try {
    makeFolder(dirname(path));
    // Only writing tells: who is root may write everywhere, but not everything can be written to.
    writeFileSync(`${path}.part`, '');
    rmSync(`${path}.part`);
    return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true
      ? 'a folder'
      : undefined;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? String(error);
  }
}
