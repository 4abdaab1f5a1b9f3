import { z } from 'zod';

export const Sha256 = z.string().regex(/^[0-9a-f]{64}$/);

/** In what and from whom a policy was learnt, besides its randomisation. */
export const LearningConditions = z.strictObject({
  engine: z.enum(['rapier', 'mujoco']),
  terrain: z.record(z.string(), z.unknown()).meta({ description: 'As TerrainConfig resolves it' }),
  curriculum: z.record(z.string(), z.number()).optional().meta({
    description: 'What moved the difficulty while it was learnt; absent: nothing',
  }),
  wideStarts: z.number().optional().meta({
    description: 'Share of the episodes that started further off than those that are judged',
  }),
  teacherSha256: Sha256.optional().meta({ description: 'Of the file of the policy it imitates' }),
  baseSha256: Sha256.optional().meta({ description: 'Of the file of the policy it corrects' }),
});
export type LearningConditions = z.infer<typeof LearningConditions>;

/** Who made a policy, when and how. */
export const Provenance = z.strictObject({
  tool: z.string().min(1),
  method: z.string().min(1),
  seed: z.int(),
  commit: z.string(),
  createdAt: z.iso.datetime(),
  notes: z.string().optional(),
  learning: LearningConditions.optional().meta({
    description: 'Of a policy that a training run has made',
  }),
});
