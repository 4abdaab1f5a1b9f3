import { exportPolicy } from '../../policies/onnx/export-policy.ts';
import { describePrivilege, describeTask } from '../../policies/training/task-manifest.ts';
import { planEnv } from '../../sim/env-plan.ts';
import type { RandomizationConfig } from '../../sim/randomize/config.ts';
import { getTask } from '../../sim/tasks/registry.ts';

/**
 * A policy that sees the true state: each action is the sum of columns of the critic, each times its weight.
 * @param weights by the names of columns; one that the task does not have is a RangeError
 */
export async function makeSeeingPolicy(
  taskName: string,
  weights: Readonly<Record<string, number>>,
  randomization?: RandomizationConfig,
): Promise<Uint8Array> {
  const task = getTask(taskName);
  const plan = await planEnv({ task, numEnvs: 1, ...(randomization && { randomization }) });
  const names = plan.layout.criticNames;
  const numActions = plan.layout.actionNames.length;
  const weight = new Float32Array(names.length * numActions);
  for (const [name, value] of Object.entries(weights)) {
    const at = names.indexOf(name);
    if (at < 0) throw new RangeError(`makeSeeingPolicy: '${taskName}' has no column '${name}'`);
    weight.fill(value, at * numActions, (at + 1) * numActions);
  }
  return exportPolicy({
    network: {
      kind: 'mlp',
      // What the reader of networks finds again in a graph.
      normalizer: {
        mean: new Float32Array(names.length),
        std: new Float32Array(names.length).fill(1),
      },
      layers: [{ weight, bias: new Float32Array(numActions) }],
      activation: 'tanh',
      head: 'identity',
    },
    manifest: {
      ...describeTask(task, plan.model),
      privileged: describePrivilege(task, plan.criticColumns),
      name: 'seeing',
      evaluation: [],
      provenance: {
        ...{ tool: 'test', method: 'by hand', seed: 1, commit: 'none' },
        createdAt: '2026-01-01T00:00:00Z',
      },
    },
    goldenInputs: [Float32Array.from(names, (_, k) => (k % 3) - 1)],
  });
}
