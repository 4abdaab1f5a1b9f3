import type { Numbers } from '../../sim/math/vec3.ts';
import {
  computeObservationWidth,
  MANIFEST_VERSION,
  type ManifestDraft,
  type PolicyManifest,
  type UnsealedManifest,
} from '../manifest.ts';
import { type MlpSpec, makeMlpModel } from './mlp-graph.ts';
import { computeGraphSha256 } from './model-proto.ts';
import { writeManifest } from './read-manifest.ts';
import { createSession, makeTensor } from './session.ts';

export interface PolicyExport {
  /** The tensors' names come from the manifest. */
  readonly mlp: Omit<MlpSpec, 'inputName' | 'outputName'>;
  readonly manifest: ManifestDraft;
  /** Observations [numObs] whose actions are stored; take them from real episodes. At least one. */
  readonly goldenInputs: readonly Numbers[];
}

/**
 * Builds the graph, runs it on onnxruntime for its golden outputs, and puts the manifest inside.
 * @returns the bytes of the .onnx file
 * @throws RangeError on a network that does not fit itself or the manifest's widths, on golden
 *   inputs of the wrong length, and on a network whose golden output is not finite
 * @throws UserErrors if the draft does not fit the manifest's schema
 */
export async function exportPolicy({
  mlp,
  manifest,
  goldenInputs,
}: PolicyExport): Promise<Uint8Array> {
  const { inputName = 'obs', outputName = 'actions' } = manifest;
  const width = computeObservationWidth(manifest.observations);
  const numJoints = manifest.jointNames.length;
  const numIn = (mlp.layers[0]?.weight.length ?? 0) / (mlp.layers[0]?.bias.length ?? 1);
  const numOut = mlp.layers.at(-1)?.bias.length;
  if (numIn !== width || numOut !== numJoints) {
    throw new RangeError(
      `exportPolicy: policy '${manifest.name}' has observations of [${width}] and ${numJoints} joints, but its network is [${numIn}] → [${numOut}]`,
    );
  }
  if (goldenInputs.length === 0) {
    throw new RangeError(`exportPolicy: policy '${manifest.name}' needs at least one golden input`);
  }
  const graph = makeMlpModel({ ...mlp, inputName, outputName });
  const session = await createSession(graph, 'cpu');
  try {
    const golden: PolicyManifest['golden'] = [];
    for (const numbers of goldenInputs) {
      if (numbers.length !== width) {
        throw new RangeError(
          `exportPolicy: golden input ${golden.length} has ${numbers.length} numbers, the policy takes ${width}`,
        );
      }
      const input = Float32Array.from(numbers);
      const result = await session.run({ [inputName]: makeTensor(input, [1, width]) });
      const output = Array.from(result[outputName]?.data as Float32Array);
      if (!input.every(Number.isFinite) || !output.every(Number.isFinite)) {
        throw new RangeError(
          `exportPolicy: golden vector ${golden.length} is not finite: [${input.join(', ')}] → [${output.join(', ')}]`,
        );
      }
      golden.push({ input: Array.from(input), output });
    }
    const complete = {
      ...manifest,
      version: MANIFEST_VERSION,
      graphSha256: computeGraphSha256(graph),
      golden,
    } as UnsealedManifest;
    return writeManifest(graph, complete, manifest.name);
  } finally {
    await session.release();
  }
}
