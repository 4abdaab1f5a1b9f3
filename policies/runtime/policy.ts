import { readFile } from 'node:fs/promises';
import { throwIfAny, UserError } from '../../sim/errors.ts';
import type { RobotModel } from '../../sim/robot/model.ts';
import type { Provider } from '../config.ts';
import { computeInputWidth, type PolicyManifest } from '../manifest.ts';
import { type OnnxSummary, readModel } from '../onnx/model-proto.ts';
import { readManifestOf } from '../onnx/read-manifest.ts';
import type { BlockingSession } from '../onnx/session.ts';
import { checkSeesMeasured } from '../privileged.ts';
import { replayGolden } from './golden.ts';
import { checkGraph, checkRobot, listRobotWarnings } from './policy-check.ts';
import { chooseSession, type ProviderReport } from './provider.ts';
import { makeTensors } from './tensors.ts';

/** A checked network, ready to run: fill `input`, `run()`, read `output`. */
export interface Policy {
  readonly manifest: PolicyManifest;
  /** Rows of `input` and `output`: one per robot. */
  readonly batch: number;
  /** [batch, numObs] observations as the ObservationPipeline writes them; of a privileged policy, rows of the critic */
  readonly input: Float32Array;
  /** [batch, numActions] raw network output, overwritten by each run */
  readonly output: Float32Array;
  readonly provider: ProviderReport;
  /** Largest |difference| / max(1, |golden|) when the golden vectors were replayed. [-] */
  readonly goldenError: number;
  /** What differs between this robot and training without forbidding to run; one sentence each. */
  readonly warnings: readonly string[];
  /** One inference over the whole batch, advancing recurrent state; over when it returns. */
  run(): void;
  /**
   * One inference whose result is thrown away; `output` and recurrent state stay as they are. A processor that has done
   * other things for milliseconds has to fetch the network and its runtime anew: the next run finds them in its caches.
   */
  rehearse(): void;
  /** Puts one robot's recurrent state back to its start. */
  reset(robot: number): void;
  release(): void;
}

export interface LoadPolicyOptions {
  /** `auto` times every provider that this machine offers and takes the fastest. Default `cpu`. */
  readonly provider?: Provider | 'auto';
  /** [1] robots. Default 1 */
  readonly batch?: number;
  readonly expect?: { readonly robotModel?: RobotModel };
  /** Where it is to act: a policy that sees the true state does so in simulation alone. Default `robot` */
  readonly place?: 'robot' | 'simulation';
}

/**
 * Loads a policy and checks everything that can be checked before it moves a robot: file, manifest,
 * graph hash, names and shapes, joints by name, golden vectors on the provider that will run it. One that sees the true
 * state is refused unless it is asked for by whoever knows that state.
 * @throws UserErrors naming the file, what was expected and got, and what to do
 */
export async function loadPolicy(
  source: string | Uint8Array,
  options: LoadPolicyOptions = {},
): Promise<Policy> {
  const batch = options.batch ?? 1;
  if (!Number.isInteger(batch) || batch < 1) {
    throw new RangeError(`loadPolicy: batch must be a whole number above 0, got ${batch}`);
  }
  const where = typeof source === 'string' ? source : 'policy';
  const bytes = typeof source === 'string' ? await readPolicyFile(source) : source;
  const model = readModel(bytes, where);
  const manifest = readManifestOf(model, where);
  const robotModel = options.expect?.robotModel;
  throwIfAny([
    ...(options.place === 'simulation' ? [] : checkSeesMeasured(manifest, where)),
    ...checkGraph(model, manifest, batch, where),
    ...(robotModel === undefined ? [] : checkRobot(manifest, robotModel, where)),
  ]);
  return chooseSession(bytes, options.provider ?? 'cpu', where, (session, provider) => {
    const loaded = bind(session, manifest, batch, provider, robotModel);
    const { maxError, problems } = replayGolden(loaded, where);
    throwIfAny(problems);
    return { ...loaded, goldenError: maxError };
  });
}

function bind(
  session: BlockingSession,
  manifest: PolicyManifest,
  batch: number,
  provider: ProviderReport,
  robotModel: RobotModel | undefined,
): Policy {
  const tensors = makeTensors(manifest, batch);
  // Even and odd runs: what one writes as recurrent state is what the next one reads.
  let turn = 0;
  return {
    manifest,
    batch,
    input: tensors.input,
    output: tensors.output,
    provider,
    goldenError: Number.NaN,
    warnings: robotModel === undefined ? [] : listRobotWarnings(manifest, robotModel),
    run() {
      const now = turn;
      turn = 1 - turn;
      session.run(tensors.feeds[now]!, tensors.fetches[now]!);
    },
    rehearse: () => session.run(tensors.feeds[turn]!, tensors.scratch),
    reset: tensors.reset,
    release: () => session.release(),
  };
}

/** What a policy file says about itself, and everything that keeps it from running here. */
export interface PolicySummary {
  readonly path: string;
  /** [bytes] */
  readonly size: number;
  readonly model: OnnxSummary | undefined;
  readonly manifest: PolicyManifest | undefined;
  /** [numObs, numActions] by the manifest */
  readonly shape: readonly [number, number] | undefined;
  /** Largest |difference| / max(1, |golden|) on the CPU. [-] */
  readonly goldenError: number | undefined;
  readonly problems: readonly UserError[];
  readonly warnings: readonly string[];
}

/**
 * Looks at a policy file as far as it can be read; what is wrong is in `problems`, nothing throws. That it sees the true
 * state is nothing wrong with it.
 */
export async function inspectPolicy(
  path: string,
  options: Omit<LoadPolicyOptions, 'place'> = {},
): Promise<PolicySummary> {
  const found: { size: number; model?: OnnxSummary; manifest?: PolicyManifest; policy?: Policy } = {
    size: 0,
  };
  const problems: UserError[] = [];
  try {
    const bytes = await readPolicyFile(path);
    found.size = bytes.length;
    found.model = readModel(bytes, path);
    found.manifest = readManifestOf(found.model, path);
    found.policy = await loadPolicy(path, { ...options, place: 'simulation' });
    found.policy.release();
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    problems.push(...('errors' in error ? (error.errors as UserError[]) : [error]));
  }
  const { size, model, manifest, policy } = found;
  return {
    path,
    size,
    model,
    manifest,
    shape: manifest && [computeInputWidth(manifest), manifest.jointNames.length],
    goldenError: policy?.goldenError,
    problems,
    warnings: policy?.warnings ?? [],
  };
}

async function readPolicyFile(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? String(cause);
    const meaning: Readonly<Record<string, string>> = {
      ENOENT: 'no such file',
      EISDIR: 'a folder',
      EACCES: 'a file that this user may not read',
    };
    throw new UserError({
      where: path,
      problem: 'the policy cannot be read',
      expected: 'a readable .onnx file',
      got: meaning[code] ?? code,
      remedy: 'Check the path; `zerogap clone` writes policies, policies/trained has some',
      cause,
    });
  }
}
