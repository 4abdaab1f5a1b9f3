import { UserError } from '../../../sim/errors.ts';
import { findNearestName } from '../../../sim/nearest-name.ts';
import { PpoSettings } from '../ppo-config.ts';
import { type Algorithm, defineAlgorithm } from './algorithm.ts';

const ppo = defineAlgorithm({
  name: 'ppo',
  method: 'proximal policy optimisation',
  Settings: PpoSettings,
  estimateBytes(
    { stepsPerRound, minibatches },
    { numEnvs, observationWidth, criticWidth, numActions },
  ) {
    const rows = stepsPerRound * numEnvs;
    // Seen, done, mean of what was done, and five numbers more; prepared for learning it is there once more.
    const row = 4 * (observationWidth + criticWidth + 2 * numActions + 5);
    return 2 * rows * row + (rows / minibatches) * row;
  },
  make: async (parts) => (await import('../ppo.ts')).makePpo(parts),
});

/** Every algorithm that a run can be told by name. To add one: a file beside ppo.ts, a line here. */
export const ALGORITHMS: readonly Algorithm[] = [ppo];

/** @throws UserError listing the algorithms there are */
export function getAlgorithm(name: string, where = '--algorithm'): Algorithm {
  const names = ALGORITHMS.map((algorithm) => algorithm.name);
  const found = ALGORITHMS.find((algorithm) => algorithm.name === name);
  if (found !== undefined) return found;
  const nearest = findNearestName(name, names);
  throw new UserError({
    where,
    problem: 'there is no such algorithm',
    expected: `one of ${names.join(', ')}`,
    got: `'${name}'`,
    remedy: nearest === undefined ? 'Correct the name' : `Did you mean '${nearest}'?`,
  });
}
