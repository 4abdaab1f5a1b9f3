import type { RandomizationConfig } from '../../../sim/randomize/config.ts';
import type { RobotModel } from '../../../sim/robot/model.ts';
import type { TaskDefinition } from '../../../sim/task/task.ts';
import type { VecEnv } from '../../../sim/vec-env/vec-env.ts';
import type { EvaluationScore, ManifestDraft } from '../../manifest.ts';
import { exportPolicy, type PolicyExport } from '../../onnx/export-policy.ts';
import type { LearningConditions } from '../../provenance.ts';
import type { SeenKey } from '../actor-critic.ts';
import { describeTask } from '../task-manifest.ts';

/** What a policy says of where it comes from. Nothing of it depends on how long anything took. */
export interface PolicyOrigin {
  readonly task: TaskDefinition;
  readonly model: RobotModel;
  readonly randomization: RandomizationConfig;
  readonly method: string;
  readonly seed: number;
  readonly commit: string;
  readonly createdAt: string;
  readonly learning: LearningConditions;
  /** Of policies that see the true state; absent: they see what a robot measures. */
  readonly privileged?: ManifestDraft['privileged'];
}

export interface PolicyMaking {
  /** [1] steps of single environments, and rounds, until it was what it is */
  readonly steps: number;
  readonly round: number;
  readonly evaluation: readonly EvaluationScore[];
  readonly goldenInputs: readonly Float32Array[];
}

/** [1] observations whose actions are kept in a policy's file */
const NUM_GOLDEN = 8;

/** The bytes of an .onnx file. Same network, same words: same bytes. */
export function makePolicyFile(
  network: PolicyExport['network'],
  origin: PolicyOrigin,
  { steps, round, evaluation, goldenInputs }: PolicyMaking,
): Promise<Uint8Array> {
  const { task, model, randomization, privileged, ...provenance } = origin;
  return exportPolicy({
    network,
    goldenInputs,
    manifest: {
      ...describeTask({ ...task, randomization }, model),
      ...(privileged && { privileged }),
      name: task.name,
      evaluation: [...evaluation],
      provenance: {
        tool: 'zerogap',
        ...provenance,
        notes: `${steps} steps of simulated robots, ${round} rounds of learning`,
      },
    },
  });
}

/** What robots in the middle of their episodes see at this moment, from all over the environments. */
export function copyGoldenInputs({ arrays, numEnvs }: VecEnv, sight: SeenKey): Float32Array[] {
  const rows = arrays[sight];
  const width = rows.length / numEnvs;
  return Array.from({ length: Math.min(NUM_GOLDEN, numEnvs) }, (_, k) => {
    const row = Math.floor((k * numEnvs) / Math.min(NUM_GOLDEN, numEnvs));
    return rows.slice(row * width, (row + 1) * width);
  });
}
