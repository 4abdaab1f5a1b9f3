import type { Numbers } from '../../sim/math/vec3.ts';
import {
  computeObservationWidth,
  MANIFEST_VERSION,
  type ManifestDraft,
  type PolicyManifest,
  type UnsealedManifest,
} from '../manifest.ts';
import { computeGraphSha256 } from './model-proto.ts';
import { makePolicyGraph, type PolicyGraphSpec } from './policy-graph.ts';
import { writeManifest } from './read-manifest.ts';
import { createSession, makeTensor } from './session.ts';

export interface PolicyExport {
  readonly network: PolicyGraphSpec['network'];
  /** The tensors' names come from it; what the network remembers is written into it. */
  readonly manifest: Omit<ManifestDraft, 'recurrent'>;
  /** Observations [numObs], each the first of an episode to a network that remembers, whose actions are stored; take them from real episodes. At least one. */
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
  network,
  manifest,
  goldenInputs,
}: PolicyExport): Promise<Uint8Array> {
  const { inputName = 'obs', outputName = 'actions' } = manifest;
  const width = computeObservationWidth(manifest.observations);
  const numJoints = manifest.jointNames.length;
  const graph = makePolicyGraph({ network, inputName, outputName });
  const { numObs, numActions } = graph;
  if (numObs !== width || numActions !== numJoints) {
    throw new RangeError(
      `exportPolicy: policy '${manifest.name}' has observations of [${width}] and ${numJoints} joints, but its network is [${numObs}] → [${numActions}]`,
    );
  }
  if (goldenInputs.length === 0) {
    throw new RangeError(`exportPolicy: policy '${manifest.name}' needs at least one golden input`);
  }
  const session = await createSession(graph.bytes, 'cpu');
  try {
    const states = graph.recurrent.map(
      (state) =>
        [state.input, makeTensor(new Float32Array(state.width), [1, state.width])] as const,
    );
    const golden: PolicyManifest['golden'] = [];
    for (const numbers of goldenInputs) {
      if (numbers.length !== width) {
        throw new RangeError(
          `exportPolicy: golden input ${golden.length} has ${numbers.length} numbers, the policy takes ${width}`,
        );
      }
      const input = Float32Array.from(numbers);
      const result = await session.run({
        [inputName]: makeTensor(input, [1, width]),
        ...Object.fromEntries(states),
      });
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
      recurrent: graph.recurrent.map(({ width: size, ...names }) => ({
        ...names,
        shape: [size],
        batchAxis: 0,
        initial: 'zeros',
      })),
      graphSha256: computeGraphSha256(graph.bytes),
      golden,
    } as UnsealedManifest;
    return writeManifest(graph.bytes, complete, manifest.name);
  } finally {
    await session.release();
  }
}
