import { checkNetwork } from '../onnx/check-network.ts';
import type { PolicyNetwork, ResidualNetwork, WholeNetwork } from '../onnx/policy-network.ts';
import { makePartnerEnv, type PartnerEnv } from './partner-env.ts';
import type { TrainingEnv } from './training-env.ts';

export interface ResidualOptions {
  readonly env: TrainingEnv;
  /** What is corrected; it stays as it is. */
  readonly base: WholeNetwork;
  /** [numActions] raw action per unit of the correction */
  readonly scale: readonly number[];
}

/**
 * Environments in which a learner corrects a policy that is there already (T. Johannink et al., "Residual reinforcement
 * learning for robot control", 2019): action = base(obs) + scale · what the learner does. Any learner will do; it begins
 * near zero, which is the base as it is.
 * @throws RangeError for a scale or a base of another size than the action
 */
export async function makeResidualEnv({ env, base, scale }: ResidualOptions): Promise<PartnerEnv> {
  const { numActions, action } = env;
  const width = checkNetwork(base).numActions;
  if (scale.length !== numActions || width !== numActions) {
    throw new RangeError(
      `makeResidualEnv: ${numActions} actions, but the base has ${width} and there are ${scale.length} scales`,
    );
  }
  return makePartnerEnv({
    ...{ env, partner: base, rewardScale: 1 },
    ...{ actionNames: env.layout.actionNames, mirror: env.mirror },
    combine(done, said, { first }) {
      for (let i = 0; i < done.length; i++) {
        action[first * numActions + i] = said[i]! + scale[i % numActions]! * done[i]!;
      }
    },
  });
}

/** What is put on a robot: base and correction as one. */
export function joinResidual(
  { base, scale }: Omit<ResidualOptions, 'env'>,
  correction: PolicyNetwork,
): ResidualNetwork {
  return { kind: 'residual', base, correction, scale };
}
