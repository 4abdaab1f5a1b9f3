import { throwIfAny } from '../../sim/errors.ts';
import type { Rng } from '../../sim/math/rng.ts';
import type { Normalizer, PolicyNetwork } from '../onnx/policy-network.ts';
import type { Program, ProgramArrays } from '../onnx/program.ts';
import {
  type ActorCritic,
  compileCritic,
  makeActorCritic,
  makeFirstParameters,
} from './actor-critic.ts';
import { computeValues } from './critic-values.ts';
import { DescendedParameters } from './descended-parameters.ts';
import { EpisodeSpread } from './episode-spread.ts';
import { beginEra } from './era.ts';
import { standardize, writeAdvantages } from './gae.ts';
import { HardEpisodes } from './hard-episodes.ts';
import type {
  Learner,
  LearnerMetrics,
  LearnerParts,
  LearnerState,
  RoundReport,
} from './learner.ts';
import { checkLearnerState } from './learner-state.ts';
import { adaptLearningRate, scheduleLearningRate } from './learning-rate.ts';
import { computeMinibatch, drawMinibatches } from './minibatches.ts';
import { copyNetwork } from './network-shape.ts';
import { viewParameters } from './parameters.ts';
import { checkPpo } from './ppo-check.ts';
import type { PpoSettings } from './ppo-config.ts';
import { compilePpoUpdate, UPDATE_METRICS } from './ppo-update.ts';
import { ReturnNormalizer } from './return-normalizer.ts';
import { RolloutCollector } from './rollout.ts';
import { makeRolloutBuffer, type RolloutBuffer } from './rollout-buffer.ts';
import { RunningNormalizer } from './running-normalizer.ts';
import { WeightAverage } from './weight-average.ts';

type Parts = LearnerParts<PpoSettings>;

/** The programs and sizes that settings and environments decide, once. */
interface Works {
  readonly network: ActorCritic;
  readonly collector: RolloutCollector;
  readonly critic: Program;
  readonly update: Program;
  /** Rows of a minibatch; of a recurrent actor, environments. */
  readonly minibatch: number;
}

/**
 * Makes a learner by proximal policy optimisation.
 * @throws RangeError for settings that PpoSettings does not give; UserErrors as checkPpo finds them
 */
export async function makePpo(parts: Parts): Promise<Learner> {
  const { env, settings } = parts;
  throwIfAny(checkPpo('ppo', settings, env));
  if (settings.replay.share > 0 && env.cutEpisodes === undefined) {
    throw new RangeError(`makePpo: episodes of '${env.task.name}' cannot be begun again`);
  }
  const network = makeActorCritic(env, settings);
  const minibatch = computeMinibatch('ppo', settings, env.numEnvs);
  const sizes = { numSteps: settings.stepsPerRound, numEnvs: env.numEnvs, minibatch };
  return new Ppo(parts, {
    network,
    minibatch,
    collector: await RolloutCollector.make(env, network),
    critic: await compileCritic(network, env.numEnvs),
    update: await compilePpoUpdate(
      network,
      settings,
      sizes,
      settings.mirror ? env.mirror : undefined,
    ),
  });
}

/** Rounds of acting and learning, J. Schulman et al. (2017), algorithm 1. */
class Ppo implements Learner {
  readonly #parts: Parts;
  readonly #works: Works;
  readonly #buffer: RolloutBuffer;
  readonly #observations: RunningNormalizer;
  readonly #criticObservations: RunningNormalizer;
  readonly #returns: ReturnNormalizer;
  readonly #spread: EpisodeSpread;
  /** Absent where no old episodes begin again. */
  readonly #hard: HardEpisodes | undefined;
  /** Absent where the last weights are what is judged. */
  readonly #average: WeightAverage | undefined;
  readonly #parameters: DescendedParameters;
  #learningRate: number;
  /** What a run that was rolled back takes off the learning rate. */
  #rateScale = 1;
  /** [numEnvs, numState] of a recurrent actor, before the round */
  #firstState = new Float32Array(0);
  #numSteps = 0;
  #rng: Rng;

  constructor(parts: Parts, works: Works) {
    const { env, settings, rng } = parts;
    const { network } = works;
    this.#parts = parts;
    this.#works = works;
    this.#buffer = makeRolloutBuffer({
      numSteps: settings.stepsPerRound,
      numEnvs: env.numEnvs,
      numObservations: network.actor.numIn,
      numCritic: network.critic.numIn,
      numActions: env.numActions,
    });
    this.#observations = new RunningNormalizer(network.actor.numIn);
    this.#criticObservations = new RunningNormalizer(network.critic.numIn);
    this.#returns = new ReturnNormalizer(env.numEnvs, settings.discount);
    this.#spread = new EpisodeSpread(env, settings.cutsPerEpisode);
    if (settings.replay.share > 0) {
      this.#hard = new HardEpisodes(settings.replay, env.numEnvs);
    }
    this.#parameters = new DescendedParameters(
      makeFirstParameters(network, settings.actor.initialStd, rng.fork('weights')),
    );
    if (settings.averageRounds > 0) this.#average = new WeightAverage(settings.averageRounds);
    this.#learningRate = settings.learningRate.first;
    this.#rng = rng;
  }

  get numSteps(): number {
    return this.#numSteps;
  }

  async restart(era: number): Promise<void> {
    this.#rng = this.#parts.rng.fork('era', era);
    this.#returns.forget();
    this.#works.collector.forget();
    this.#hard?.forget();
    this.#spread.restart(this.#rng.fork('spread'));
    await beginEra(this.#parts.env, this.#rng);
  }

  async runRound(): Promise<RoundReport> {
    const now = this.#parts.now ?? (() => 0);
    const startS = now();
    // The first steps only show what observations look like: what is acted on is not known before.
    if (this.#parts.settings.normalizeObservations && this.#observations.count === 0) {
      await this.#act();
    }
    const episodes = await this.#act();
    const actedS = now();
    const prepared = await this.#prepare();
    const metrics = await this.#learn(prepared);
    this.#average?.update(this.#parameters.values);
    // From the next round on: acting and learning must normalise alike.
    this.#updateNormalizers();
    await this.#cut();
    const times =
      this.#parts.now === undefined
        ? {}
        : { 'time/act': actedS - startS, 'time/learn': now() - actedS };
    return { metrics: { ...metrics, ...times }, episodes };
  }

  async copyPolicy(): Promise<PolicyNetwork> {
    const { layout, actor } = this.#works.network;
    const weights = this.#average?.compute(this.#parameters.values) ?? this.#parameters.values;
    return copyNetwork(weights, layout, actor, this.#copyNormalizers().observation);
  }

  async copyState(): Promise<LearnerState> {
    const descended = this.#parameters.copyState();
    return {
      arrays: {
        ...descended.arrays,
        observations: this.#observations.copyState(),
        criticObservations: this.#criticObservations.copyState(),
        returns: this.#returns.copyState(),
        difficulty: this.#parts.env.arrays.difficulty.slice(),
        ...(this.#hard && { hardEpisodes: this.#hard.copyState() }),
        ...(this.#average && { average: this.#average.copyState(this.#parameters.values.length) }),
      },
      scalars: {
        ...descended.scalars,
        algorithm: 'ppo',
        learningRate: this.#learningRate,
        rateScale: this.#rateScale,
        numSteps: this.#numSteps,
      },
    };
  }

  async restore(state: LearnerState): Promise<void> {
    const own = await this.copyState();
    checkLearnerState(own, state);
    const { arrays, scalars } = state;
    const take = <T>(name: string) => arrays[name] as T;
    this.#parameters.restore(state);
    this.#observations.restore(take('observations'));
    this.#criticObservations.restore(take('criticObservations'));
    this.#returns.restore(take('returns'));
    this.#parts.env.arrays.difficulty.set(take<Float64Array>('difficulty'));
    this.#hard?.restore(take('hardEpisodes'));
    this.#average?.restore(take('average'));
    this.#learningRate = scalars.learningRate as number;
    this.#rateScale = scalars.rateScale as number;
    this.#numSteps = scalars.numSteps as number;
  }

  scaleLearningRate(factor: number): void {
    this.#rateScale *= factor;
  }

  free(): void {
    void this.#works.collector.free();
    void this.#works.critic.free();
    void this.#works.update.free();
  }

  /** Has episodes begin between this round and the next, some of them again. */
  async #cut(): Promise<void> {
    const hard = this.#hard;
    const choose = hard && ((mask: Uint8Array) => hard.choose(mask, this.#rng));
    const cut = await this.#spread.cut(this.#buffer.numSteps, choose);
    if (cut === undefined) return;
    this.#works.collector.forget(cut);
    this.#returns.forget(cut);
    hard?.forget(cut);
  }

  async #act() {
    const isFirst = this.#observations.count === 0;
    this.#firstState = this.#works.collector.state.slice();
    const episodes = await this.#works.collector.collect(this.#buffer, {
      parameters: this.#parameters.values,
      observationNormalizer: this.#copyNormalizers().observation,
      rng: this.#rng,
    });
    this.#numSteps += this.#buffer.reward.length;
    if (isFirst) this.#updateNormalizers();
    return episodes;
  }

  /** Values, advantages and returns of the round, in units of the returns' standard deviation. */
  async #prepare(): Promise<Prepared> {
    const buffer = this.#buffer;
    const { numEnvs, isEnd } = buffer;
    const { settings } = this.#parts;
    if (settings.normalizeReturns) this.#returns.update(buffer.reward, isEnd);
    const { scale } = this.#returns;
    const parameters = this.#parameters.values;
    const normalizer = toInputs('critic', this.#copyNormalizers().critic);
    const { value, nextValue } = await computeValues(buffer, async (critic) => {
      const result = await this.#works.critic.run({ parameters, critic, ...normalizer });
      return result.value!;
    });
    const advantage = new Float32Array(value.length);
    writeAdvantages(advantage, {
      reward: buffer.reward.map((reward) => reward / scale),
      value,
      nextValue,
      isEnd,
      numEnvs,
      discount: settings.discount,
      lambda: settings.gaeLambda,
    });
    const returns = advantage.map((a, i) => a + value[i]!);
    this.#hard?.score(buffer, advantage);
    standardize(advantage);
    return { value, advantage, returns };
  }

  async #learn(prepared: Prepared): Promise<LearnerMetrics> {
    const { settings } = this.#parts;
    const { minibatch, network } = this.#works;
    const isRecurrent = network.actor.numState !== undefined;
    await this.#works.update.hold(this.#makeFixedInputs(prepared));
    const sums = new Float64Array(UPDATE_METRICS.length);
    const buffer = this.#buffer;
    for (let epoch = 0; epoch < settings.epochs; epoch++) {
      for (const picked of drawMinibatches({ buffer, minibatch, isRecurrent, rng: this.#rng })) {
        const metrics = await this.#update(picked);
        metrics.forEach((value, k) => {
          sums[k]! += value;
        });
      }
    }
    const count = settings.epochs * settings.minibatches;
    const means = UPDATE_METRICS.map((name, k) => [name, sums[k]! / count] as const);
    return { ...Object.fromEntries(means), ...this.#describeProgress(prepared) };
  }

  /** One step of Adam; under the adaptive rule, the next one's rate from how far this one found the policy to be. */
  async #update(inputs: ProgramArrays): Promise<Float32Array> {
    const rate = this.#learningRate * this.#rateScale;
    const { metrics } = await this.#parameters.step(this.#works.update, inputs, rate);
    const kl = metrics![UPDATE_METRICS.indexOf('policy/kl')]!;
    const { learningRate } = this.#parts.settings;
    this.#learningRate = adaptLearningRate(this.#learningRate, kl, learningRate, this.#rateScale);
    return metrics!;
  }

  /** What all minibatches of a round share. */
  #makeFixedInputs({ value, advantage, returns }: Prepared): ProgramArrays {
    const buffer = this.#buffer;
    const { settings } = this.#parts;
    const { network } = this.#works;
    const { observation, critic } = this.#copyNormalizers();
    const { first, last } = settings.entropyWeight;
    this.#learningRate = scheduleLearningRate(this.#learningRate, this.#progress, settings);
    return {
      observation: buffer.observation,
      ...toInputs('observation', observation),
      critic: buffer.critic,
      ...toInputs('critic', critic),
      action: buffer.action,
      oldMean: buffer.mean,
      oldLogStd: viewParameters(this.#parameters.values, network.layout, 'logStd').slice(),
      oldLogProbability: buffer.logProbability,
      oldValue: value,
      advantage,
      return: returns,
      entropyWeight: Float32Array.of(first + (last - first) * this.#progress),
      ...(network.actor.numState !== undefined && {
        state: this.#firstState,
        goesOn: buffer.goesOn,
      }),
    };
  }

  #describeProgress({ value, returns }: Prepared): LearnerMetrics {
    const { layout } = this.#works.network;
    const logStd = viewParameters(this.#parameters.values, layout, 'logStd');
    return {
      'policy/std': logStd.reduce((sum, x) => sum + Math.exp(x) / logStd.length, 0),
      'learning/rate': this.#learningRate * this.#rateScale,
      'value/explainedVariance': computeExplainedVariance(value, returns),
      'return/scale': this.#returns.scale,
      ...(this.#hard && {
        'replay/episodes': this.#hard.count,
        'replay/score': this.#hard.meanScore,
      }),
    };
  }

  /** [-] 0 to 1 of the schedules, as the steps began that are learnt from */
  get #progress(): number {
    const before = this.#numSteps - this.#buffer.reward.length;
    return Math.min(1, before / this.#parts.settings.horizonSteps);
  }

  #copyNormalizers(): { readonly observation: Normalizer; readonly critic: Normalizer } {
    const clip = this.#parts.settings.observationClip;
    return {
      observation: this.#observations.copyNormalizer(clip),
      critic: this.#criticObservations.copyNormalizer(clip),
    };
  }

  #updateNormalizers(): void {
    if (!this.#parts.settings.normalizeObservations) return;
    this.#observations.update(this.#buffer.observation);
    this.#criticObservations.update(this.#buffer.critic);
  }
}

/** [numSteps, numEnvs] each */
interface Prepared {
  readonly value: Float32Array;
  /** mean 0, standard deviation 1 */
  readonly advantage: Float32Array;
  readonly returns: Float32Array;
}

function toInputs(name: string, { mean, std }: Normalizer): ProgramArrays {
  return { [`${name}Mean`]: Float32Array.from(mean), [`${name}Std`]: Float32Array.from(std) };
}

/** [-] 1 where the critic knew all that would come, 0 where it knew no more than the mean. */
function computeExplainedVariance(value: Float32Array, returns: Float32Array): number {
  const errors = returns.map((r, i) => r - value[i]!);
  return 1 - computeVariance(errors) / (computeVariance(returns) + 1e-8);
}

function computeVariance(values: Float32Array): number {
  const mean = values.reduce((sum, x) => sum + x, 0) / values.length;
  return values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / values.length;
}
