import { z } from 'zod';
import { PpoSettings } from './ppo-config.ts';

/** Robust adversarial learning: what can be set. */
export const AdversarialSettings = z
  .strictObject({
    protagonist: PpoSettings.prefault({}).meta({
      description: 'What becomes the policy; what is absent is as the `ppo` of the recipe says',
    }),
    adversary: PpoSettings.prefault({}).meta({
      description: 'What pushes: force and torque on the base, as far as the randomisation lets it',
    }),
    protagonistRounds: z.int().min(1).max(10_000).default(5).meta({
      description: 'Rounds of the one before it is the other’s turn',
    }),
    adversaryRounds: z.int().min(1).max(10_000).default(2).meta({
      description: 'Rounds of the other',
    }),
  })
  .meta({
    description:
      'Two that learn against each other by turns, by proximal policy optimisation: L. Pinto et al. (2017)',
  });
export type AdversarialSettings = z.infer<typeof AdversarialSettings>;
