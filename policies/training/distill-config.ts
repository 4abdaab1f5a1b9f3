import { z } from 'zod';
import { ActorSettings } from './ppo-config.ts';

/** Distillation of a teacher into a student: what can be set. */
export const DistillSettings = z
  .strictObject({
    actor: ActorSettings.prefault({}).meta({ description: 'The student' }),
    stepsPerRound: z.int().min(1).max(8192).default(24).meta({
      description: 'Control steps of every environment between two times of learning',
    }),
    epochs: z.int().min(1).max(100).default(4).meta({
      description: 'Times that each round’s steps are learnt from',
    }),
    minibatches: z.int().min(1).max(1024).default(4).meta({
      description: 'Parts of an epoch, one step of Adam each; of a gru, parts of the environments',
    }),
    teacherRounds: z.int().min(0).default(1).meta({
      description: 'Rounds in which the teacher acts; from then on the student does',
    }),
    explorationStd: z.number().positive().max(10).default(0.1).meta({
      unit: 'raw action',
      description: 'Of the noise on what is done, never on what is learnt',
    }),
    learningRate: z.number().positive().max(1).default(1e-3).meta({ description: 'Of Adam' }),
    maxGradientNorm: z.number().positive().default(1).meta({
      description: 'Longer gradients are shortened to it',
    }),
    observationClip: z.number().positive().default(10).meta({
      unit: 'standard deviations',
      description: 'Of normalised observations',
    }),
  })
  .meta({
    description:
      'A student, smaller or recurrent, learns to do what a teacher would have done that sees the same, or the true state: S. Ross et al. (2011), J. Lee et al. (2020)',
  });
export type DistillSettings = z.infer<typeof DistillSettings>;
