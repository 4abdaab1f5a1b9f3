import { ADVERSARY_NAMES, ADVERSARY_WIDTH } from '../../../sim/disturbance/adversary.ts';
import { throwIfAny, UserError } from '../../../sim/errors.ts';
import { findNearestName } from '../../../sim/nearest-name.ts';
import type { ContestedEnv } from '../adversarial.ts';
import { AdversarialSettings } from '../adversarial-config.ts';
import { DistillSettings } from '../distill-config.ts';
import { findGoal } from '../hindsight.ts';
import { checkMinibatches } from '../minibatches.ts';
import { checkPartner, checkPpo } from '../ppo-check.ts';
import { type ActorSettings, type CriticSettings, PpoSettings } from '../ppo-config.ts';
import { Td3Settings } from '../td3-config.ts';
import type { TrainingEnv } from '../training-env.ts';
import {
  type Algorithm,
  defineAlgorithm,
  type GivenRecipe,
  type LearnerBytes,
  type LearnerSizes,
  overlay,
} from './algorithm.ts';
import { estimateGraphBytes } from './graph-memory.ts';

/** Of an algorithm that learns from what it has just done. */
function estimateRolloutBytes(
  settings: Pick<PpoSettings, 'stepsPerRound' | 'minibatches'> & RolloutNetworks,
  { numEnvs, observationWidth, criticWidth, numActions }: LearnerSizes,
): LearnerBytes {
  const { stepsPerRound, minibatches, actor, critic, mirror = false } = settings;
  const rows = stepsPerRound * numEnvs;
  // Seen, done, mean of what was done, and five numbers more; prepared for learning it is there once more.
  const row = 4 * (observationWidth + criticWidth + 2 * numActions + 5);
  const sees = { policy: observationWidth, critic: criticWidth };
  const acting = {
    numIn: sees[actor.observes ?? 'policy'],
    hidden: actor.hidden,
    numOut: numActions,
    numState: actor.kind === 'gru' ? actor.numState : undefined,
    // What it does in the mirror is worked out besides.
    copies: mirror ? 2 : 1,
  };
  const judging = critic && { numIn: sees[critic.observes], hidden: critic.hidden, numOut: 1 };
  return {
    buffers: 2 * rows * row + (rows / minibatches) * row,
    networks: estimateGraphBytes([acting, ...(judging ? [judging] : [])], rows / minibatches),
  };
}

/** Who acts and who judges; without a critic nobody does. */
interface RolloutNetworks {
  readonly actor: ActorSettings & Partial<Pick<PpoSettings['actor'], 'observes'>>;
  readonly critic?: CriticSettings;
  readonly mirror?: boolean;
}

/** Schedules run as long as the run. */
function deriveSchedule({ steps }: GivenRecipe) {
  return steps === undefined ? {} : { horizonSteps: steps };
}

/** A rate that falls to 0 must not get there before the end. */
function checkSchedule(
  { learningRate, horizonSteps }: PpoSettings,
  steps: number | undefined,
  block: string,
): UserError[] {
  const { rule, last } = learningRate;
  if (rule !== 'linear' || last > 0 || (steps !== undefined && steps <= horizonSteps)) return [];
  return [
    new UserError({
      where: `${block}.learningRate.rule`,
      problem: 'nothing would be learnt any more from horizonSteps on, where the rate is 0',
      expected: `a run of ${horizonSteps} steps at most`,
      got: steps === undefined ? 'one that only time ends' : `${steps} steps`,
      remedy: `Say --steps as the run begins, beside --minutes if you like, and leave ${block}.horizonSteps to follow from it; or have the rate stay at something: ${block}.learningRate.last`,
    }),
  ];
}

const ppo = defineAlgorithm({
  name: 'ppo',
  method: 'proximal policy optimisation',
  Settings: PpoSettings,
  derive: deriveSchedule,
  checkBudget: (settings, steps) => checkSchedule(settings, steps, 'ppo'),
  observes: ({ actor }) => actor.observes,
  estimateBytes: (settings, sizes) =>
    estimateRolloutBytes(settings, {
      ...sizes,
      ...(settings.actor.observes === 'critic' && { observationWidth: sizes.criticWidth }),
    }),
  countRoundSteps: ({ stepsPerRound }) => stepsPerRound,
  check: (settings, env) => throwIfAny(checkPpo('ppo', settings, env)),
  make: async (parts) => (await import('../ppo.ts')).makePpo(parts),
});

const td3 = defineAlgorithm({
  name: 'td3',
  method: 'twin delayed deep deterministic policy gradients',
  Settings: Td3Settings,
  estimateBytes({ capacity, batchSize, actor, critic }, sizes) {
    const { observationWidth, criticWidth, numActions } = sizes;
    // What was seen before and after, what was done, reward, end and two goals of three numbers.
    const row = 4 * (2 * observationWidth + 2 * criticWidth + numActions + 8);
    const judged = critic.observes === 'critic' ? criticWidth : observationWidth;
    const acting = { numIn: observationWidth, hidden: actor.hidden, numOut: numActions, copies: 2 };
    const judging = { numIn: judged + numActions, hidden: critic.hidden, numOut: 1, copies: 4 };
    return {
      // A checkpoint copies the buffer.
      buffers: (2 * capacity + batchSize) * row,
      networks: estimateGraphBytes([acting, judging], batchSize),
    };
  },
  countRoundSteps: ({ stepsPerRound }) => stepsPerRound,
  check: (settings, env) => void findGoal(settings, env),
  make: async (parts) => (await import('../td3.ts')).makeTd3(parts),
});

const distill = defineAlgorithm({
  name: 'distill',
  method: 'imitation of a teacher in the states that the student comes to',
  needs: 'teacher',
  Settings: DistillSettings,
  estimateBytes: (settings, sizes) => estimateRolloutBytes(settings, sizes),
  countRoundSteps: ({ stepsPerRound }) => stepsPerRound,
  check: (settings, { numEnvs }) => throwIfAny(checkMinibatches('distill', settings, numEnvs)),
  async make({ teacher, ...parts }) {
    if (teacher === undefined) throw new TypeError('distill: needs a teacher');
    const { makeDistillation } = await import('../distill.ts');
    return makeDistillation({ ...parts, teacher });
  },
});

const adversarial = defineAlgorithm({
  name: 'adversarial',
  method: 'proximal policy optimisation against an adversary that learns, too',
  needs: 'adversary',
  Settings: AdversarialSettings,
  // The protagonist learns as it would alone.
  derive: (recipe) => ({
    protagonist: overlay(deriveSchedule(recipe), recipe.blocks.ppo ?? {}),
    adversary: deriveSchedule(recipe),
  }),
  checkBudget: ({ protagonist, adversary }, steps) => [
    ...checkSchedule(protagonist, steps, 'adversarial.protagonist'),
    ...checkSchedule(adversary, steps, 'adversarial.adversary'),
  ],
  estimateBytes({ protagonist, adversary }, sizes) {
    const own = estimateRolloutBytes(protagonist, sizes);
    const other = estimateRolloutBytes(adversary, { ...sizes, numActions: ADVERSARY_WIDTH });
    return {
      buffers: own.buffers + other.buffers,
      networks: own.networks + other.networks,
    };
  },
  countRoundSteps: ({ protagonist }) => protagonist.stepsPerRound,
  check: ({ protagonist, adversary }, env) =>
    throwIfAny([
      ...checkPartner('adversarial.protagonist', protagonist),
      ...checkPartner('adversarial.adversary', adversary),
      ...checkPpo('adversarial.protagonist', protagonist, env),
      // Nobody says how a push looks in a mirror.
      ...checkPpo('adversarial.adversary', adversary, { ...env, mirror: undefined }),
    ]),
  async make({ env, settings, rng, now }) {
    if (!isContested(env)) throw new TypeError('adversarial: needs environments with an adversary');
    const { protagonist, adversary, protagonistRounds, adversaryRounds } = settings;
    const { makePpo } = await import('../ppo.ts');
    const { makeAdversarial } = await import('../adversarial.ts');
    const makeSide = (name: string, own: PpoSettings) => (side: TrainingEnv) =>
      makePpo({ env: side, settings: own, rng: rng.fork(name), now });
    return makeAdversarial({
      ...{ env, adversaryNames: ADVERSARY_NAMES, protagonistRounds, adversaryRounds },
      makeProtagonist: makeSide('protagonist', protagonist),
      makeAdversary: makeSide('adversary', adversary),
    });
  },
});

function isContested(env: TrainingEnv): env is ContestedEnv {
  return 'adversary' in env;
}

/** Every algorithm that a run can be told by name. To add one: a file beside ppo.ts, a line here. */
export const ALGORITHMS: readonly Algorithm[] = [ppo, td3, distill, adversarial];

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
