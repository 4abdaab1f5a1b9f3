import { z } from 'zod';
import { UserError } from '../sim/errors.ts';
import { parseValue } from '../sim/schema.ts';
import { checkSequences, GoldenTolerance, GoldenVector, type Report } from './golden-vectors.ts';
import { computeManifestSha256 } from './manifest-hash.ts';
import { ColumnSpec } from './privileged.ts';
import { Provenance, Sha256 } from './provenance.ts';

/**
 * Everything that is needed to run a policy, kept inside its ONNX file (metadata key
 * {@link MANIFEST_KEY}). Units are SI and radians; every list over joints follows `jointNames`.
 */
export const MANIFEST_KEY = 'zerogap_manifest';
export const MANIFEST_VERSION = 1;

/** JSON has neither infinity nor NaN, and nothing here may be either. */
const Finite = z.number();
const Interval = z.tuple([Finite, Finite]).refine(([lower, upper]) => lower <= upper, {
  message: 'the lower end lies above the upper end',
  params: { expected: '[lower, upper]' },
});
const Name = z.string().min(1);

export const ObservationTermSpec = z.strictObject({
  name: Name.meta({ description: 'Name of the term in sim/task/observation.ts' }),
  width: z.int().positive().meta({ description: 'Numbers per frame of history' }),
  unit: z.string().meta({ description: 'Before clip and scale' }),
  frame: z.string().optional(),
  clip: Interval.optional().meta({ description: 'Applied before scale' }),
  scale: Finite.default(1),
  history: z.int().min(1).default(1).meta({ description: 'Frames, the current one included' }),
  historyStride: z.int().min(1).optional().meta({
    description: 'Control steps from one frame of history to the next; absent: 1',
  }),
  jointNames: z.array(Name).optional().meta({ description: 'In the order of the numbers' }),
  sensor: Name.optional().meta({ description: 'In robot.yaml, for terms of one sensor' }),
  periodS: z.number().positive().optional().meta({
    unit: 's',
    description: 'Of one lap, for terms that go round',
  }),
  clearance: z.number().positive().optional().meta({
    unit: 'm',
    description: 'From base_link to what is in the way, at least, for terms that look for ways',
  }),
});
export type ObservationTermSpec = z.infer<typeof ObservationTermSpec>;

/** Raw network output → joint command: clip, then scale, then offset. */
export const ActionSpec = z.strictObject({
  kind: z.enum(['velocity', 'effort', 'position']),
  clip: Interval.meta({ description: 'Of the raw network output, before scale' }),
  scale: z.array(Finite),
  offset: z.array(Finite),
});
export type ActionSpec = z.infer<typeof ActionSpec>;

/** One state tensor that goes out of one run and into the next. */
export const RecurrentSpec = z.strictObject({
  input: Name,
  output: Name,
  shape: z
    .array(z.int().positive())
    .min(1)
    .meta({ description: 'Of one robot, without the batch dimension' }),
  batchAxis: z.int().nonnegative().default(0).meta({
    description: 'Where the batch dimension goes in: 0 = first, 1 for [layers, batch, n]',
  }),
  initial: z.enum(['zeros']),
});
export type RecurrentSpec = z.infer<typeof RecurrentSpec>;

/** Success over seeds: what was asked, who did it, how well. */
export const EvaluationScore = z.strictObject({
  task: Name,
  engine: z.enum(['rapier', 'mujoco']),
  controller: Name.meta({ description: "'policy' or the name of a classical baseline" }),
  episodes: z.int().positive(),
  firstSeed: z.int(),
  successRate: z.number().min(0).max(1),
  metrics: z.record(z.string(), Finite),
});
export type EvaluationScore = z.infer<typeof EvaluationScore>;

export const PolicyManifest = z
  .strictObject({
    version: z.literal(MANIFEST_VERSION),
    name: Name,
    task: Name,
    robot: Name,
    robotSha256: Sha256.meta({ description: 'Of the robot description trained with' }),
    periodS: z.number().positive().meta({ unit: 's', description: 'One control tick' }),
    jointNames: z.array(Name).min(1).meta({
      description: 'The joints that the policy commands, in the order of its outputs',
    }),
    commandLower: z.array(Finite),
    commandUpper: z.array(Finite),
    defaultJointPosition: z
      .array(Finite)
      .meta({ unit: 'rad | m', description: 'Position that the policy takes as its zero' }),
    gains: z
      .strictObject({ stiffness: z.array(Finite), damping: z.array(Finite) })
      .optional()
      .meta({ description: 'Only for position targets followed by a PD on the robot' }),
    inputName: Name.default('obs'),
    outputName: Name.default('actions'),
    observations: z.array(ObservationTermSpec).min(1).meta({
      description: 'What it sees; of a privileged one, what a student of it would see',
    }),
    privileged: z
      .strictObject({
        terms: z.array(ObservationTermSpec).min(1),
        columns: z.array(ColumnSpec).min(1).meta({ description: 'In the order of its input' }),
      })
      .optional()
      .meta({
        description:
          'Of a policy that sees the true state, which no robot knows: terms of the critic, and every column that goes in; absent: it sees `observations`',
      }),
    historyLayout: z.enum(['term', 'frame']).default('term'),
    historyOrder: z.enum(['oldest_first', 'newest_first']).default('oldest_first'),
    positionErrorIntegral: z
      .strictObject({
        limit: z.number().positive().meta({ unit: 'm·s', description: 'Of each axis' }),
        maxError: z.number().positive().meta({
          unit: 'm',
          description: 'While the error is longer the integral stands still',
        }),
      })
      .optional()
      .meta({ description: 'Required by the term positionErrorIntegralB' }),
    action: ActionSpec,
    commandRanges: z
      .record(z.string(), Interval)
      .meta({ description: 'What it was asked to follow in training, by name' }),
    quaternionOrder: z.literal('xyzw').default('xyzw'),
    imuFrame: Name.default('base_link'),
    recurrent: z.array(RecurrentSpec).default([]),
    randomization: z.record(z.string(), z.unknown()),
    evaluation: z.array(EvaluationScore),
    provenance: Provenance,
    graphSha256: Sha256.meta({ description: 'Of the serialised model without its metadata' }),
    manifestSha256: Sha256.meta({
      description: 'Of this manifest without this entry, as JSON with sorted keys',
    }),
    golden: z.array(GoldenVector).min(1),
    goldenTolerance: GoldenTolerance,
  })
  .check((context) => {
    const report = (path: (string | number)[], message: string, expected: string, got: unknown) =>
      context.issues.push({ code: 'custom', input: got, path, message, params: { expected } });
    checkJointLists(context.value, report);
    checkTensors(context.value, report);
    checkSequences(context.value, report);
    checkIntegral(context.value, report);
  });
export type PolicyManifest = z.infer<typeof PolicyManifest>;
/** A manifest whose own hash is still to be computed, or out of date. */
export type UnsealedManifest = Omit<PolicyManifest, 'manifestSha256'>;
/** What a writer fills in; the exporter adds hashes and golden vectors. */
export type ManifestDraft = Omit<
  z.input<typeof PolicyManifest>,
  'version' | 'graphSha256' | 'manifestSha256' | 'golden'
>;

/** Length of the policy's input: sum over terms of width × history. */
export function computeObservationWidth(
  terms: readonly { readonly width: number; readonly history?: number | undefined }[],
): number {
  return terms.reduce((sum, term) => sum + term.width * (term.history ?? 1), 0);
}

/** [1] numbers that go into a policy: what a robot measures, or what is true. */
export function computeInputWidth({
  observations,
  privileged,
}: Pick<ManifestDraft, 'observations' | 'privileged'>): number {
  return privileged?.columns.length ?? computeObservationWidth(observations);
}

/**
 * Reads a manifest from its JSON text.
 * @throws UserErrors with every problem, each with its key path, or for a text that was changed after it
 *   was written
 */
export function parseManifest(text: string, where: string): PolicyManifest {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new UserError({
      where,
      problem: 'the policy manifest is not JSON',
      expected: `JSON in the metadata entry '${MANIFEST_KEY}'`,
      got: cause instanceof Error ? cause.message : String(cause),
      remedy: 'Export the policy again',
      cause,
    });
  }
  const manifest = parseParts(value, where);
  const sha256 = computeManifestSha256(value);
  if (sha256 === manifest.manifestSha256) return manifest;
  throw new UserError({
    where: `${where}: manifest`,
    problem:
      'the manifest was changed after it was written, and a policy is trained for all it says',
    expected: `sha256 ${manifest.manifestSha256}`,
    got: sha256,
    remedy:
      'Use the file as it was exported; to change what it says on purpose, change the draft it is made from and export again',
  });
}

/**
 * Puts the manifest's hash into it.
 * @throws UserErrors with every problem, so that nothing can be written that could not be read
 */
export function sealManifest(manifest: UnsealedManifest, where: string): PolicyManifest {
  const value = JSON.parse(JSON.stringify({ ...manifest, manifestSha256: '0'.repeat(64) }));
  const parsed = parseParts(value, where);
  return { ...parsed, manifestSha256: computeManifestSha256(JSON.parse(JSON.stringify(parsed))) };
}

function parseParts(value: unknown, where: string): PolicyManifest {
  return parseValue(PolicyManifest, value, {
    where: `${where}: manifest`,
    remedy: 'Export the policy again with this version, or correct the draft it is made from',
  });
}

function checkJointLists(m: PolicyManifest, report: Report): void {
  const joints = m.jointNames.length;
  const lists = {
    commandLower: m.commandLower,
    commandUpper: m.commandUpper,
    defaultJointPosition: m.defaultJointPosition,
    'action.scale': m.action.scale,
    'action.offset': m.action.offset,
    ...(m.gains && { 'gains.stiffness': m.gains.stiffness, 'gains.damping': m.gains.damping }),
  };
  for (const [key, list] of Object.entries(lists)) {
    if (list.length === joints) continue;
    const message = `has ${list.length} numbers for ${joints} joints`;
    report(key.split('.'), message, `one number for each of ${m.jointNames.join(', ')}`, list);
  }
  m.jointNames.forEach((name, i) => {
    if (m.jointNames.indexOf(name) !== i) {
      report(['jointNames', i], 'a joint is named twice', 'each joint once', name);
    }
    const lower = m.commandLower[i];
    const upper = m.commandUpper[i];
    if (lower === undefined || upper === undefined || lower <= upper) return;
    const message = `the lower limit of '${name}' lies above its upper limit`;
    report(['commandLower', i], message, `at most ${upper}`, lower);
  });
}

/** The integral that a network was taught on is part of what its input means. */
function checkIntegral(m: PolicyManifest, report: Report): void {
  const isObserved = m.observations.some(({ name }) => name === 'positionErrorIntegralB');
  if (!isObserved || m.positionErrorIntegral !== undefined) return;
  report(
    ['positionErrorIntegral'],
    'the policy observes an integral whose bounds it does not tell',
    'limit and maxError, as in training',
    undefined,
  );
}

function checkTensors(m: PolicyManifest, report: Report): void {
  const width = computeInputWidth(m);
  const joints = m.jointNames.length;
  m.golden.forEach((vector, i) => {
    if (vector.input.length === width && vector.output.length === joints) return;
    report(
      ['golden', i],
      'the golden vector does not fit the policy',
      `${width} inputs and ${joints} outputs`,
      `${vector.input.length} inputs and ${vector.output.length} outputs`,
    );
  });
  m.recurrent.forEach(({ shape, batchAxis }, i) => {
    if (batchAxis <= shape.length) return;
    const message = 'the batch axis lies outside the shape';
    report(['recurrent', i, 'batchAxis'], message, `at most ${shape.length}`, batchAxis);
  });
  const tensors = [m.inputName, m.outputName, ...m.recurrent.flatMap((r) => [r.input, r.output])];
  const twice = tensors.find((name, i) => tensors.indexOf(name) !== i);
  if (twice !== undefined)
    report(['recurrent'], 'a tensor is named twice', 'distinct names', twice);
}
