import { UserError } from '../../sim/errors.ts';
import type { Rng } from '../../sim/math/rng.ts';
import { checkNetwork } from '../onnx/check-network.ts';
import { GraphBuilder } from '../onnx/graph-builder.ts';
import { isRecurrent, type PolicyNetwork } from '../onnx/policy-network.ts';
import { compileProgram, type Program, type ProgramArrays } from '../onnx/program.ts';
import { type ActorCritic, makeActorCritic, makeFirstParameters } from './actor-critic.ts';
import { DescendedParameters } from './descended-parameters.ts';
import { writeDescent } from './descent.ts';
import type { DistillSettings } from './distill-config.ts';
import { beginEra } from './era.ts';
import { makeForward, type RowsForward } from './forward.ts';
import type { Learner, LearnerParts, LearnerState, RoundReport } from './learner.ts';
import { checkLearnerState } from './learner-state.ts';
import { type UpdateSizes, writeActor } from './minibatch-graph.ts';
import { computeMinibatch, drawMinibatches } from './minibatches.ts';
import { copyNetwork } from './network-shape.ts';
import { splitParameters } from './parameters.ts';
import type { CriticSettings } from './ppo-config.ts';
import { RolloutCollector } from './rollout.ts';
import { makeRolloutBuffer, type RolloutBuffer } from './rollout-buffer.ts';
import { RunningNormalizer } from './running-normalizer.ts';
import type { Teacher } from './teacher.ts';

export interface DistillParts extends LearnerParts<DistillSettings> {
  /** It remembers nothing. */
  readonly teacher: Teacher;
}

interface Works {
  readonly network: ActorCritic;
  readonly collector: RolloutCollector;
  readonly update: Program;
  readonly teach: RowsForward;
  readonly minibatch: number;
}

/**
 * Makes a learner that does as a teacher would have done in the states that it comes to itself: S. Ross, G. Gordon and
 * D. Bagnell, "A reduction of imitation learning and structured prediction to no-regret online learning" (2011), each
 * round's states learnt from in that round.
 * @throws UserError for a teacher that does not fit the task, or minibatches that do not divide the round; RangeError for
 *   a teacher that remembers
 */
export async function makeDistillation(parts: DistillParts): Promise<Learner> {
  const { env, settings, teacher } = parts;
  const observes = teacher.privileged === undefined ? 'policy' : 'critic';
  checkTeacher(parts, observes);
  // There is none, but what it would see is what the teacher sees.
  const critic: CriticSettings = { observes, hidden: [], activation: 'tanh' };
  const network = makeActorCritic(env, { ...settings, critic });
  const minibatch = computeMinibatch('distill', settings, env.numEnvs);
  const sizes = { numSteps: settings.stepsPerRound, numEnvs: env.numEnvs, minibatch };
  return new Distillation(parts, {
    network,
    minibatch,
    collector: await RolloutCollector.make(env, network),
    update: await compileUpdate(network, settings, sizes),
    teach: makeForward(teacher.network, settings.stepsPerRound * env.numEnvs).run,
  });
}

function checkTeacher({ env, teacher }: DistillParts, observes: 'policy' | 'critic'): void {
  const { observationNames, criticNames } = env.layout;
  const width = (observes === 'critic' ? criticNames : observationNames).length;
  const { numObs: numIn, numActions: numOut } = checkNetwork(teacher.network);
  if (isRecurrent(teacher.network))
    throw new RangeError('distill: a teacher must not remember anything');
  if (numIn === width && numOut === env.numActions) return;
  throw new UserError({
    where: 'teacher',
    problem: `it does not fit task '${env.task.name}'`,
    expected: `[${width}] → [${env.numActions}], by what the ${observes} sees`,
    got: `[${numIn}] → [${numOut}]`,
    remedy: 'Take a teacher that was trained on this task',
  });
}

/** One step of Adam towards what the teacher says, by the mean squared difference of raw actions. */
function compileUpdate(
  network: ActorCritic,
  settings: DistillSettings,
  sizes: UpdateSizes,
): Promise<Program> {
  const graph = new GraphBuilder();
  const { layout, actor } = network;
  const parameters = graph.input('parameters', [layout.count]);
  const pieces = splitParameters(parameters, layout);
  const { mean, table } = writeActor(graph, network, pieces, sizes);
  const loss = mean.sub(table('label', actor.numOut)).square().mean();
  const { maxGradientNorm } = settings;
  writeDescent(graph, { loss, parameters, pieces, maxGradientNorm });
  graph.output('loss', loss);
  return compileProgram(graph);
}

class Distillation implements Learner {
  readonly #parts: DistillParts;
  readonly #works: Works;
  readonly #buffer: RolloutBuffer;
  /** [numSteps, numEnvs, numActions] what the teacher would have done */
  readonly #label: Float32Array;
  readonly #observations: RunningNormalizer;
  readonly #parameters: DescendedParameters;
  #numRounds = 0;
  #rateScale = 1;
  #rng: Rng;

  constructor(parts: DistillParts, works: Works) {
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
    this.#label = new Float32Array(this.#buffer.action.length);
    this.#observations = new RunningNormalizer(network.actor.numIn);
    const { explorationStd } = settings;
    this.#parameters = new DescendedParameters(
      makeFirstParameters(network, explorationStd, rng.fork('weights')),
    );
    this.#rng = rng;
  }

  get numSteps(): number {
    return this.#numRounds * this.#buffer.reward.length;
  }

  async restart(era: number): Promise<void> {
    this.#rng = this.#parts.rng.fork('era', era);
    this.#works.collector.forget();
    await beginEra(this.#parts.env, this.#rng);
  }

  async runRound(): Promise<RoundReport> {
    const { settings, now = () => 0 } = this.#parts;
    const startS = now();
    const { collector, teach } = this.#works;
    const state = collector.state.slice();
    const isTaught = this.#numRounds < settings.teacherRounds;
    const episodes = await collector.collect(this.#buffer, {
      parameters: this.#parameters.values,
      observationNormalizer: this.#observations.copyNormalizer(settings.observationClip),
      rng: this.#rng,
      ...(isTaught && { substitute: teach }),
    });
    this.#numRounds++;
    // What the first rounds show is what observations are normalised by from then on.
    if (this.#numRounds <= Math.max(1, settings.teacherRounds)) {
      this.#observations.update(this.#buffer.observation);
    }
    teach(this.#label, this.#buffer.critic, this.#buffer.reward.length);
    const actedS = now();
    const loss = await this.#learn(state);
    const times = { 'time/act': actedS - startS, 'time/learn': now() - actedS };
    const rate = settings.learningRate * this.#rateScale;
    const metrics = { 'loss/imitation': loss, 'learning/rate': rate };
    return {
      metrics: { ...metrics, ...(this.#parts.now !== undefined && times) },
      episodes,
    };
  }

  async copyPolicy(): Promise<PolicyNetwork> {
    const { layout, actor } = this.#works.network;
    const clip = this.#parts.settings.observationClip;
    const normalizer = this.#observations.copyNormalizer(clip);
    return copyNetwork(this.#parameters.values, layout, actor, normalizer);
  }

  async copyState(): Promise<LearnerState> {
    const descended = this.#parameters.copyState();
    return {
      arrays: {
        ...descended.arrays,
        observations: this.#observations.copyState(),
        difficulty: this.#parts.env.arrays.difficulty.slice(),
      },
      scalars: {
        ...descended.scalars,
        algorithm: 'distill',
        numRounds: this.#numRounds,
        rateScale: this.#rateScale,
      },
    };
  }

  async restore(state: LearnerState): Promise<void> {
    checkLearnerState(await this.copyState(), state);
    const { arrays, scalars } = state;
    this.#parameters.restore(state);
    this.#observations.restore(Float64Array.from(arrays.observations!));
    this.#parts.env.arrays.difficulty.set(arrays.difficulty!);
    this.#numRounds = scalars.numRounds as number;
    this.#rateScale = scalars.rateScale as number;
  }

  scaleLearningRate(factor: number): void {
    this.#rateScale *= factor;
  }

  free(): void {
    void this.#works.collector.free();
    void this.#works.update.free();
  }

  /** @returns the mean loss of the round, each before its step */
  async #learn(state: Float32Array): Promise<number> {
    const { settings } = this.#parts;
    const { network, minibatch } = this.#works;
    const buffer = this.#buffer;
    const normalizer = this.#observations.copyNormalizer(settings.observationClip);
    const isRecurrent = network.actor.numState !== undefined;
    const fixed: ProgramArrays = {
      observation: buffer.observation,
      observationMean: Float32Array.from(normalizer.mean),
      observationStd: Float32Array.from(normalizer.std),
      label: this.#label,
      ...(isRecurrent && { state, goesOn: buffer.goesOn }),
    };
    let sum = 0;
    for (let epoch = 0; epoch < settings.epochs; epoch++) {
      const drawn = drawMinibatches({ buffer, minibatch, isRecurrent, rng: this.#rng });
      for (const picked of drawn) sum += await this.#update({ ...fixed, ...picked });
    }
    return sum / (settings.epochs * settings.minibatches);
  }

  async #update(inputs: ProgramArrays): Promise<number> {
    const rate = this.#parts.settings.learningRate * this.#rateScale;
    const { loss } = await this.#parameters.step(this.#works.update, inputs, rate);
    return loss![0]!;
  }
}
