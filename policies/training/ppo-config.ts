import { z } from 'zod';

const Width = z.int().min(1).max(4096);

const Hidden = z.array(Width).max(8).meta({ description: 'Widths of the hidden layers' });

const ActivationName = z
  .enum(['tanh', 'elu', 'relu'])
  .meta({ description: 'Between layers: tanh, exponential linear or rectified linear' });

export const ActorSettings = z.strictObject({
  kind: z.enum(['mlp', 'gru']).default('mlp').meta({
    description: 'Feed-forward, or with a gated recurrent unit in front that remembers the episode',
  }),
  hidden: Hidden.default([64, 64]),
  activation: ActivationName.default('tanh'),
  numState: Width.default(64).meta({ description: 'Numbers that a gru remembers' }),
  initialStd: z.number().positive().max(10).default(1).meta({
    unit: 'raw action',
    description: 'Standard deviation of the actions at the start; learnt from there',
  }),
});
export type ActorSettings = z.infer<typeof ActorSettings>;

const PpoActorSettings = ActorSettings.extend({
  observes: z.enum(['policy', 'critic']).default('policy').meta({
    description:
      'What a robot measures, or what the critic sees: such a policy acts in simulation alone, and is there to be distilled',
  }),
});

export const CriticSettings = z.strictObject({
  observes: z.enum(['critic', 'policy']).default('critic').meta({
    description: 'The true state with what was drawn, or what the policy sees',
  }),
  hidden: Hidden.default([64, 64]),
  activation: ActivationName.default('tanh'),
});
export type CriticSettings = z.infer<typeof CriticSettings>;

export const LearningRateSettings = z.strictObject({
  rule: z.enum(['adaptive', 'fixed', 'linear']).default('adaptive').meta({
    description:
      'adaptive: 1.5 times smaller where a minibatch finds the policy further than twice `desiredKl` from where the round began, 1.5 times larger below half of it; linear: from `first` to `last` at `horizonSteps`, and no further',
  }),
  first: z.number().positive().max(1).default(1e-3).meta({ description: 'Of Adam' }),
  last: z.number().min(0).max(1).default(0).meta({ description: 'Of linear' }),
  desiredKl: z.number().positive().default(0.01).meta({ unit: 'nat', description: 'Of adaptive' }),
  lower: z.number().positive().default(1e-5).meta({ description: 'Of adaptive' }),
  upper: z.number().positive().default(1e-2).meta({ description: 'Of adaptive' }),
});

/** Proximal policy optimisation: what can be set. */
export const PpoSettings = z
  .strictObject({
    actor: PpoActorSettings.prefault({}),
    critic: CriticSettings.prefault({}),
    stepsPerRound: z.int().min(1).max(8192).default(32).meta({
      description: 'Control steps of every environment between two times of learning',
    }),
    cutsPerEpisode: z.number().min(0).max(100).default(0.5).meta({
      unit: '-',
      description:
        'Episodes that are cut by chance, per environment and length of an episode, with the value of what would have followed: 0.5 leaves six in ten as long as they may last; more of them practise starting more often',
    }),
    replay: z
      .strictObject({
        share: z.number().min(0).max(0.9).default(0).meta({
          unit: '-',
          description:
            'Of the episodes that cuts begin, see cutsPerEpisode: hard ones that have been before; 0: none',
        }),
        capacity: z.int().min(1).max(100_000).default(1000).meta({
          unit: '-',
          description: 'Episodes that are remembered, those from which least is to be learnt go',
        }),
        temperature: z.number().positive().max(10).default(0.3).meta({
          unit: '-',
          description: 'Of the choice by rank: near 0 the hardest alone, 10 nearly any',
        }),
        staleShare: z.number().min(0).max(1).default(0.3).meta({
          unit: '-',
          description: 'Chosen by how long ago they were looked at, so that no score grows old',
        }),
      })
      .prefault({})
      .meta({
        description:
          'Hard episodes begin again: those with the largest advantages above 0, M. Jiang et al. (2021)',
      }),
    mirror: z.boolean().default(false).meta({
      description:
        'The policy learns from every step and from its image in a mirror, so that left and right are learnt together; the critic from the step alone: for tasks that say what their mirror image is, M. Mittal et al. (2024)',
    }),
    epochs: z.int().min(1).max(100).default(5).meta({
      description: 'Times that each round’s steps are learnt from',
    }),
    minibatches: z.int().min(1).max(1024).default(4).meta({
      description: 'Parts of an epoch, one step of Adam each; of a gru, parts of the environments',
    }),
    discount: z.number().min(0).max(1).default(0.99).meta({
      description: 'What a reward is worth one control step later',
    }),
    gaeLambda: z.number().min(0).max(1).default(0.95).meta({
      description: 'Of generalised advantage estimation: 0 trusts the critic, 1 the returns',
    }),
    clip: z.number().positive().max(1).default(0.2).meta({
      description: 'How far the ratio of new to old probability may leave 1 and still be rewarded',
    }),
    valueClip: z.number().positive().optional().meta({
      description: 'How far a value may move in a round and still be rewarded; absent: any way',
    }),
    valueWeight: z.number().positive().default(1).meta({
      description: 'Of half the squared error of the critic in the loss',
    }),
    entropyWeight: z
      .strictObject({
        first: z.number().min(0).default(0.005),
        last: z.number().min(0).default(0),
      })
      .prefault({})
      .meta({ description: 'Of the entropy in the loss, from the start to `horizonSteps`' }),
    learningRate: LearningRateSettings.prefault({}),
    averageRounds: z.number().min(0).max(10_000).default(0).meta({
      unit: 'rounds',
      description:
        'Over which the weights of the policy that is judged and exported are averaged, a round so long ago counting 1/e of the last, E. Nikishin et al. (2018); 0: as the last round left them',
    }),
    maxGradientNorm: z.number().positive().default(1).meta({
      description: 'Longer gradients are shortened to it',
    }),
    observationClip: z.number().positive().default(10).meta({
      unit: 'standard deviations',
      description: 'Of normalised observations',
    }),
    normalizeObservations: z.boolean().default(true),
    normalizeReturns: z.boolean().default(true).meta({
      description: 'Divide rewards by the standard deviation of discounted returns',
    }),
    horizonSteps: z.int().min(1).default(2_000_000).meta({
      description:
        'Steps of single environments over which schedules run; absent: all that the run is to do, where somebody says',
    }),
  })
  .meta({ description: 'Proximal policy optimisation, J. Schulman et al. (2017)' });
export type PpoSettings = z.infer<typeof PpoSettings>;
