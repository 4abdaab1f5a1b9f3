import type { Numbers } from '../../sim/math/vec3.ts';
import {
  computeInputWidth,
  MANIFEST_VERSION,
  type ManifestDraft,
  type PolicyManifest,
  type UnsealedManifest,
} from '../manifest.ts';
import { computeGraphSha256 } from './model-proto.ts';
import { makePolicyGraph, type PolicyGraph, type PolicyGraphSpec } from './policy-graph.ts';
import { writeManifest } from './read-manifest.ts';
import { createSession, makeTensor, type Session, type Tensors } from './session.ts';

export interface PolicyExport {
  readonly network: PolicyGraphSpec['network'];
  /** The tensors' names come from it; what the network remembers is written into it. */
  readonly manifest: Omit<ManifestDraft, 'recurrent'>;
  /**
   * Observations [numObs] whose actions are stored; take them from real episodes. At least one. A network that remembers
   * sees them in sequences of {@link SEQUENCE_STEPS}.
   */
  readonly goldenInputs: readonly Numbers[];
}

/** [1] golden vectors from one initial state to the next, of a network that remembers */
const SEQUENCE_STEPS = 4;

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
  const width = computeInputWidth(manifest);
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
    const golden = await computeGolden(session, graph, { inputName, outputName, goldenInputs });
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

/** What the graph makes of the inputs; of one that remembers in sequences, of few inputs again and again. */
async function computeGolden(
  session: Session,
  { numObs, recurrent }: PolicyGraph,
  names: Pick<PolicyExport, 'goldenInputs'> & Pick<PolicyGraphSpec, 'inputName' | 'outputName'>,
): Promise<PolicyManifest['golden']> {
  const { inputName, outputName, goldenInputs } = names;
  const isRecurrent = recurrent.length > 0;
  const count = isRecurrent ? Math.max(SEQUENCE_STEPS, goldenInputs.length) : goldenInputs.length;
  const golden: PolicyManifest['golden'] = [];
  let states: Tensors = {};
  for (let i = 0; i < count; i++) {
    const numbers = goldenInputs[i % goldenInputs.length]!;
    if (numbers.length !== numObs) {
      throw new RangeError(
        `exportPolicy: golden input ${i} has ${numbers.length} numbers, the policy takes ${numObs}`,
      );
    }
    const input = Float32Array.from(numbers);
    const continues = isRecurrent && i % SEQUENCE_STEPS > 0;
    if (!continues) states = makeZeroStates(recurrent);
    const result = await session.run({ [inputName]: makeTensor(input, [1, numObs]), ...states });
    states = Object.fromEntries(recurrent.map((state) => [state.input, result[state.output]!]));
    const output = Array.from(result[outputName]?.data as Float32Array);
    if (!input.every(Number.isFinite) || !output.every(Number.isFinite)) {
      throw new RangeError(
        `exportPolicy: golden vector ${i} is not finite: [${input.join(', ')}] → [${output.join(', ')}]`,
      );
    }
    golden.push({ input: Array.from(input), output, ...(continues && { continues }) });
  }
  return golden;
}

function makeZeroStates(recurrent: PolicyGraph['recurrent']): Tensors {
  return Object.fromEntries(
    recurrent.map(({ input, width }) => [input, makeTensor(new Float32Array(width), [1, width])]),
  );
}
