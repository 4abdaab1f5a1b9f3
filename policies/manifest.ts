import { z } from 'zod';

/**
 * Everything that is needed to run a policy, kept inside its ONNX file (metadata key
 * {@link MANIFEST_KEY}). Units are SI and radians; every list over joints follows `jointNames`.
 */
export const MANIFEST_KEY = 'zerogap_manifest';
export const MANIFEST_VERSION = 1;

/** JSON has no infinity: an open end of a range is written as null. */
const Finite = z.number();
const Interval = z.tuple([Finite, Finite]).refine(([lower, upper]) => lower <= upper, {
  message: 'the lower end lies above the upper end',
});
const Name = z.string().min(1);

export const ObservationTermSpec = z.strictObject({
  name: Name.meta({ description: 'Name of the term in sim/task/observation.ts' }),
  width: z.int().positive().meta({ description: 'Numbers per frame of history' }),
  unit: z.string(),
  frame: z.string().optional(),
  clip: Interval.optional().meta({ description: 'Applied before scale' }),
  scale: Finite.default(1),
  history: z.int().min(1).default(1).meta({ description: 'Frames, the current one included' }),
  jointNames: z.array(Name).optional(),
});
export type ObservationTermSpec = z.infer<typeof ObservationTermSpec>;

export const ActionSpec = z.strictObject({
  kind: z.enum(['velocity', 'effort', 'position']),
  clip: Interval.meta({ description: 'Of the raw network output, before scale' }),
  scale: z.array(Finite),
  offset: z.array(Finite),
});
export type ActionSpec = z.infer<typeof ActionSpec>;

export const RecurrentSpec = z.strictObject({
  input: Name,
  output: Name,
  shape: z.array(z.int().positive()),
  initial: z.enum(['zeros']),
});

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

export const GoldenVector = z.strictObject({
  input: z.array(Finite),
  output: z.array(Finite),
});
export type GoldenVector = z.infer<typeof GoldenVector>;

export const PolicyManifest = z
  .strictObject({
    version: z.literal(MANIFEST_VERSION),
    name: Name,
    task: Name,
    robot: Name,
    robotSha256: z.string().regex(/^[0-9a-f]{64}$/),
    periodS: z.number().positive(),
    jointNames: z.array(Name).min(1),
    commandLower: z.array(Finite),
    commandUpper: z.array(Finite),
    defaultJointPosition: z.array(Finite),
    gains: z
      .strictObject({ stiffness: z.array(Finite), damping: z.array(Finite) })
      .optional()
      .meta({ description: 'Only for position targets followed by a PD on the robot' }),
    inputName: Name.default('obs'),
    outputName: Name.default('actions'),
    observations: z.array(ObservationTermSpec).min(1),
    historyLayout: z.enum(['term', 'frame']).default('term'),
    historyOrder: z.enum(['oldest_first', 'newest_first']).default('oldest_first'),
    action: ActionSpec,
    commandRanges: z.record(z.string(), Interval),
    quaternionOrder: z.literal('xyzw').default('xyzw'),
    imuFrame: Name.default('base_link'),
    recurrent: z.array(RecurrentSpec).default([]),
    randomization: z.record(z.string(), z.unknown()),
    evaluation: z.array(EvaluationScore),
    provenance: z.strictObject({
      tool: Name,
      method: Name,
      seed: z.int(),
      commit: z.string(),
      createdAt: z.iso.datetime(),
      notes: z.string().optional(),
    }),
    graphSha256: z
      .string()
      .regex(/^[0-9a-f]{64}$/)
      .meta({ description: 'Of the serialised graph without metadata' }),
    golden: z.array(GoldenVector).min(1),
    goldenTolerance: z.number().positive().default(1e-5),
  })
  .check((context) => {
    const m = context.value;
    const joints = m.jointNames.length;
    const lists = {
      commandLower: m.commandLower,
      commandUpper: m.commandUpper,
      defaultJointPosition: m.defaultJointPosition,
      'action.scale': m.action.scale,
      'action.offset': m.action.offset,
    };
    for (const [key, list] of Object.entries(lists)) {
      if (list.length === joints) continue;
      context.issues.push({
        code: 'custom',
        input: list,
        path: key.split('.'),
        message: `needs one number per joint (expected ${joints}, got ${list.length})`,
      });
    }
    const width = computeObservationWidth(m.observations);
    m.golden.forEach((vector, i) => {
      if (vector.input.length === width && vector.output.length === joints) return;
      context.issues.push({
        code: 'custom',
        input: vector,
        path: ['golden', i],
        message: `needs ${width} inputs and ${joints} outputs, got ${vector.input.length} and ${vector.output.length}`,
      });
    });
  });
export type PolicyManifest = z.infer<typeof PolicyManifest>;
/** What a writer fills in; the exporter adds hash and golden vectors. */
export type ManifestDraft = Omit<
  z.input<typeof PolicyManifest>,
  'version' | 'graphSha256' | 'golden'
>;

/** Length of the policy's input: sum over terms of width × history. */
export function computeObservationWidth(
  terms: readonly { readonly width: number; readonly history?: number | undefined }[],
): number {
  return terms.reduce((sum, term) => sum + term.width * (term.history ?? 1), 0);
}
