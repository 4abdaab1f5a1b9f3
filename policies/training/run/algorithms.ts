import { UserError } from '../../../sim/errors.ts';
import { findNearestName } from '../../../sim/nearest-name.ts';
import { PpoSettings } from '../ppo-config.ts';
import { Td3Settings } from '../td3-config.ts';
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
  countRoundSteps: ({ stepsPerRound }) => stepsPerRound,
  make: async (parts) => (await import('../ppo.ts')).makePpo(parts),
});

const td3 = defineAlgorithm({
  name: 'td3',
  method: 'twin delayed deep deterministic policy gradients',
  Settings: Td3Settings,
  estimateBytes({ capacity, batchSize }, { observationWidth, criticWidth, numActions }) {
    // What was seen before and after, what was done, reward, end and two goals of three numbers.
    const row = 4 * (2 * observationWidth + 2 * criticWidth + numActions + 8);
    // A checkpoint copies the buffer.
    return (2 * capacity + batchSize) * row;
  },
  countRoundSteps: ({ stepsPerRound }) => stepsPerRound,
  make: async (parts) => (await import('../td3.ts')).makeTd3(parts),
});

/** Every algorithm that a run can be told by name. To add one: a file beside ppo.ts, a line here. */
export const ALGORITHMS: readonly Algorithm[] = [ppo, td3];

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
