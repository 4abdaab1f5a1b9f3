import { z } from 'zod';

const Hidden = z
  .array(z.int().min(1).max(4096))
  .max(8)
  .meta({ description: 'Widths of the hidden layers' });
const ActivationName = z
  .enum(['tanh', 'elu', 'relu'])
  .meta({ description: 'Between layers: tanh, exponential linear or rectified linear' });

/** Twin delayed deep deterministic policy gradients: what can be set. */
export const Td3Settings = z
  .strictObject({
    actor: z
      .strictObject({
        hidden: Hidden.default([64, 64]),
        activation: ActivationName.default('tanh'),
      })
      .prefault({})
      .meta({ description: 'Says actions from −1 to 1' }),
    critic: z
      .strictObject({
        observes: z.enum(['critic', 'policy']).default('critic').meta({
          description: 'The true state with what was drawn, or what the policy sees',
        }),
        hidden: Hidden.default([64, 64]),
        activation: ActivationName.default('tanh'),
      })
      .prefault({}),
    stepsPerRound: z.int().min(1).max(8192).default(16).meta({
      description: 'Control steps of every environment in a round',
    }),
    updatesPerTransition: z.number().positive().max(100).default(0.5).meta({
      description:
        'Steps of Adam on the critics per step of a single environment, whatever their number; 1 in the paper, where there is one environment',
    }),
    batchSize: z.int().min(1).max(65_536).default(256),
    capacity: z.int().min(1).max(10_000_000).default(100_000).meta({
      description: 'Steps of single environments that are kept to learn from; the oldest go first',
    }),
    warmupSteps: z.int().min(1).default(5000).meta({
      description:
        'Steps of single environments, of random actions, before learning; what they show is what observations are normalised by from then on',
    }),
    explorationStd: z.number().min(0).max(2).default(0.2).meta({
      unit: 'raw action',
      description: 'Of the noise on what is done',
    }),
    targetNoise: z.number().min(0).max(2).default(0.2).meta({
      unit: 'raw action',
      description: 'Standard deviation of the noise on the action whose value is aimed at',
    }),
    targetNoiseClip: z.number().positive().max(2).default(0.5).meta({ unit: 'raw action' }),
    policyDelay: z.int().min(1).max(100).default(2).meta({
      description: 'Steps of the critics per step of the actor',
    }),
    // Per update values look further ahead by about targetShare / policyDelay control steps: at the 0.005 of the paper 100
    // steps ahead take 40,000 updates, at 0.02 a quarter of that.
    targetShare: z.number().positive().max(1).default(0.02).meta({
      description:
        'How far the networks that are aimed at follow the learnt ones in each step of the actor; 0.005 in the paper',
    }),
    discount: z.number().min(0).max(0.9999).default(0.99).meta({
      description: 'What a reward is worth one control step later',
    }),
    learningRate: z.number().positive().max(1).default(1e-3).meta({ description: 'Of Adam' }),
    maxGradientNorm: z.number().positive().default(10).meta({
      description: 'Longer gradients are shortened to it',
    }),
    observationClip: z.number().positive().default(10).meta({
      unit: 'standard deviations',
      description: 'Of normalised observations',
    }),
    hindsightShare: z.number().min(0).max(1).default(0).meta({
      description:
        'Of a batch that is told again as if a goal that was reached later in the episode had been wanted; for tasks whose observations can be told so',
    }),
  })
  .meta({
    description: 'Twin delayed deep deterministic policy gradients, S. Fujimoto et al. (2018)',
  });
export type Td3Settings = z.infer<typeof Td3Settings>;
