import { computeObservationWidth } from '../../policies/manifest.ts';
import { exportPolicy } from '../../policies/onnx/export-policy.ts';
import { describeTask } from '../../policies/training/task-manifest.ts';
import { loadRobot } from '../../sim/robot/load.ts';
import { turtlebotReach } from '../../sim/tasks/turtlebot-reach.ts';
import { makeRandomNetwork } from './random-network.ts';

/** The bytes of a policy for turtlebot-reach that looks at all it is shown, and knows nothing of driving. */
export async function makeReachPolicy(): Promise<Uint8Array> {
  const model = loadRobot(turtlebotReach.robot);
  const manifest = {
    ...describeTask(turtlebotReach, model),
    name: 'reach-test',
    evaluation: [],
    provenance: {
      tool: 'test',
      method: 'by chance',
      seed: 1,
      commit: 'none',
      createdAt: '2026-01-01T00:00:00Z',
    },
  };
  const numIn = computeObservationWidth(manifest.observations);
  const network = makeRandomNetwork({
    ...{ kind: 'mlp', numIn, numState: 0, hidden: [8], numOut: manifest.jointNames.length },
    ...{ activation: 'tanh', head: 'tanh', seed: 1 },
  });
  return exportPolicy({ network, manifest, goldenInputs: [new Float32Array(numIn).fill(0.5)] });
}
