import { computeObservationWidth, type ManifestDraft } from '../../policies/manifest.ts';
import { exportPolicy } from '../../policies/onnx/export-policy.ts';
import { describeTask } from '../../policies/training/task-manifest.ts';
import { loadRobot } from '../../sim/robot/load.ts';
import { getTask } from '../../sim/tasks/registry.ts';

/** A manifest that fits the crazyflie and its tracking task. */
export function makeFlightDraft(overrides: Partial<ManifestDraft> = {}): ManifestDraft {
  const task = getTask('crazyflie-track');
  const model = loadRobot(task.robot);
  return {
    ...describeTask(task, model),
    name: 'flight-test',
    evaluation: [],
    provenance: {
      tool: 'test',
      method: 'by hand',
      seed: 1,
      commit: 'none',
      createdAt: '2026-01-01T00:00:00Z',
    },
    ...overrides,
  };
}

/**
 * A policy that is sound on its golden vector, all zeros, and says NaN for any other observation: two
 * units overflow to infinity, and the last layer takes one from the other.
 */
export async function makeNanPolicy(): Promise<Uint8Array> {
  const draft = makeFlightDraft({ name: 'nan-test' });
  const width = computeObservationWidth(draft.observations);
  const numActions = draft.jointNames.length;
  const huge = new Float32Array(width * 2).fill(3e38);
  // Every second unit looks the other way, so that one of them overflows whatever the sign.
  const steep = Float32Array.from({ length: width * width }, (_, k) =>
    (k % width) % 2 === 0 ? 1e30 : -1e30,
  );
  const difference = new Float32Array(2 * numActions);
  for (let k = 0; k < numActions; k++) {
    difference[k] = 1;
    difference[numActions + k] = -1;
  }
  return exportPolicy({
    network: {
      kind: 'mlp',
      layers: [
        { weight: steep, bias: new Float32Array(width) },
        { weight: huge, bias: new Float32Array(2) },
        { weight: difference, bias: new Float32Array(numActions) },
      ],
      activation: 'relu',
      head: 'identity',
    },
    manifest: draft,
    goldenInputs: [new Float32Array(width)],
  });
}
