import type { EpisodeSummary } from '../../sim/env-result.ts';
import { throwIfAny } from '../../sim/errors.ts';
import type { Rng } from '../../sim/math/rng.ts';
import type { RetellableGoal } from '../../sim/task/task.ts';
import type { PolicyNetwork } from '../onnx/policy-network.ts';
import type { Program, ProgramArrays } from '../onnx/program.ts';
import { computeAdamRate } from './adam.ts';
import { beginEra } from './era.ts';
import { drawBatch, findGoal } from './hindsight.ts';
import type {
  Learner,
  LearnerMetrics,
  LearnerParts,
  LearnerState,
  RoundReport,
} from './learner.ts';
import { checkLearnerState } from './learner-state.ts';
import { copyNetwork, initializeNetwork } from './network-shape.ts';
import { makeTransitions, ReplayBuffer, type Transitions } from './replay-buffer.ts';
import { RunningNormalizer } from './running-normalizer.ts';
import type { Td3Settings } from './td3-config.ts';
import {
  compileActorUpdate,
  compileCriticUpdate,
  compileTd3Actor,
  makeTd3Networks,
  type Td3Networks,
} from './td3-update.ts';
import { TransitionCollector } from './transition-collector.ts';

type Parts = LearnerParts<Td3Settings>;

/** Parameter vectors, by the names that the update programs give them. */
const VECTORS = {
  actor: 'actorLayout',
  actorFirst: 'actorLayout',
  actorSecond: 'actorLayout',
  targetActor: 'actorLayout',
  critic: 'criticLayout',
  criticFirst: 'criticLayout',
  criticSecond: 'criticLayout',
  targetCritic: 'criticLayout',
} as const;

interface Works {
  readonly networks: Td3Networks;
  readonly collector: TransitionCollector;
  readonly criticUpdate: Program;
  readonly actorUpdate: Program;
  readonly goal: RetellableGoal | undefined;
}

/**
 * Makes a learner by twin delayed deep deterministic policy gradients: it learns from what it did long ago, too, and so
 * from fewer steps. Its policy says actions from −1 to 1.
 * @throws UserError for hindsight where a task's observations cannot be told again, or a critic that sees more than they do
 */
export async function makeTd3(parts: Parts): Promise<Learner> {
  const { env, settings } = parts;
  const isPrivileged = settings.critic.observes === 'critic';
  const { observationNames, criticNames } = env.layout;
  const widths = {
    observation: observationNames.length,
    critic: isPrivileged ? criticNames.length : observationNames.length,
    action: env.numActions,
    goal: env.layout.goalNames.length,
  };
  const networks = makeTd3Networks(widths, settings);
  const actors: Program[] = [];
  for (let group = 0; group < env.numGroups; group++) {
    const { count } = env.getGroupRows(group);
    actors.push(await compileTd3Actor(networks, count, settings.observationClip));
  }
  const buffer = new ReplayBuffer(settings.capacity, env.numEnvs, widths);
  return new Td3(parts, buffer, makeTransitions(settings.batchSize, widths), {
    networks,
    goal: findGoal(settings, env),
    collector: new TransitionCollector(
      env,
      buffer,
      actors,
      isPrivileged ? 'critic' : 'observation',
    ),
    criticUpdate: await compileCriticUpdate(networks, settings),
    actorUpdate: await compileActorUpdate(networks, settings),
  });
}

/** Rounds of acting and learning, S. Fujimoto et al. (2018), algorithm 1. */
class Td3 implements Learner {
  readonly #parts: Parts;
  readonly #works: Works;
  readonly #buffer: ReplayBuffer;
  readonly #batch: Transitions;
  readonly #observations: RunningNormalizer;
  readonly #criticObservations: RunningNormalizer;
  /** By name, see VECTORS. */
  #vectors: Record<string, Float32Array>;
  #numUpdates = 0;
  #numActorUpdates = 0;
  #numSteps = 0;
  #rateScale = 1;
  #rng: Rng;

  constructor(parts: Parts, buffer: ReplayBuffer, batch: Transitions, works: Works) {
    this.#parts = parts;
    this.#works = works;
    this.#buffer = buffer;
    this.#batch = batch;
    this.#rng = parts.rng;
    const { actor, numCritic } = works.networks;
    this.#observations = new RunningNormalizer(actor.numIn);
    this.#criticObservations = new RunningNormalizer(numCritic);
    this.#vectors = makeVectors(works.networks, parts.rng.fork('weights'));
  }

  get numSteps(): number {
    return this.#numSteps;
  }

  async restart(era: number): Promise<void> {
    this.#rng = this.#parts.rng.fork('era', era);
    this.#buffer.leaveEpisodes();
    await beginEra(this.#parts.env, this.#rng);
  }

  async runRound(): Promise<RoundReport> {
    const { settings, now = () => 0 } = this.#parts;
    const episodes: EpisodeSummary[] = [];
    const sums = { 'time/act': 0, 'time/learn': 0, 'loss/value': 0, 'loss/actor': 0 };
    let updates = 0;
    for (let step = 0; step < settings.stepsPerRound; step++) {
      const startS = now();
      episodes.push(...(await this.#act()));
      const actedS = now();
      sums['time/act'] += actedS - startS;
      if (this.#numSteps < settings.warmupSteps) continue;
      if (this.#observations.count === 0) this.#fitNormalizers();
      for (let k = this.#countUpdates(); k > 0; k--) {
        const { loss, value } = await this.#update();
        sums['loss/value'] += loss;
        sums['loss/actor'] -= value;
        updates++;
      }
      sums['time/learn'] += now() - actedS;
    }
    return { metrics: this.#describe(sums, updates), episodes };
  }

  async copyPolicy(): Promise<PolicyNetwork> {
    const { actor, actorLayout } = this.#works.networks;
    const normalizer = this.#observations.copyNormalizer(this.#parts.settings.observationClip);
    const network = copyNetwork(this.#vectors.actor!, actorLayout, actor, normalizer);
    return { ...network, head: 'tanh' };
  }

  async copyState(): Promise<LearnerState> {
    const vectors = Object.entries(this.#vectors).map(([name, v]) => [name, v.slice()] as const);
    return {
      arrays: {
        ...Object.fromEntries(vectors),
        observations: this.#observations.copyState(),
        criticObservations: this.#criticObservations.copyState(),
        difficulty: this.#parts.env.arrays.difficulty.slice(),
        ...this.#buffer.copyState(),
      },
      scalars: {
        algorithm: 'td3',
        numUpdates: this.#numUpdates,
        numActorUpdates: this.#numActorUpdates,
        numSteps: this.#numSteps,
        rateScale: this.#rateScale,
        slots: this.#buffer.count,
        numEnvs: this.#buffer.numEnvs,
      },
    };
  }

  async restore(state: LearnerState): Promise<void> {
    const own = await this.copyState();
    const isReplay = (name: string) => name.startsWith('replay.');
    // How much was kept is the state's own business.
    const fixed = Object.entries(own.arrays).filter(([name]) => !isReplay(name));
    checkLearnerState({ ...own, arrays: Object.fromEntries(fixed) }, state);
    const { arrays, scalars } = state;
    throwIfAny(this.#buffer.check(arrays, scalars.slots as number));
    for (const name of Object.keys(VECTORS)) {
      this.#vectors[name] = Float32Array.from(arrays[name]!);
    }
    this.#observations.restore(Float64Array.from(arrays.observations!));
    this.#criticObservations.restore(Float64Array.from(arrays.criticObservations!));
    this.#parts.env.arrays.difficulty.set(arrays.difficulty!);
    this.#buffer.restore(arrays, scalars.slots as number);
    this.#numUpdates = scalars.numUpdates as number;
    this.#numActorUpdates = scalars.numActorUpdates as number;
    this.#numSteps = scalars.numSteps as number;
    this.#rateScale = scalars.rateScale as number;
  }

  scaleLearningRate(factor: number): void {
    this.#rateScale *= factor;
  }

  free(): void {
    void this.#works.collector.free();
    void this.#works.criticUpdate.free();
    void this.#works.actorUpdate.free();
  }

  async #act(): Promise<readonly EpisodeSummary[]> {
    const { settings } = this.#parts;
    const isWarm = this.#numSteps >= settings.warmupSteps;
    this.#numSteps += this.#buffer.numEnvs;
    return this.#works.collector.step({
      actor: isWarm ? this.#vectors.actor! : undefined,
      normalizer: this.#observations.copyNormalizer(settings.observationClip),
      explorationStd: settings.explorationStd,
      rng: this.#rng,
    });
  }

  /** Updates that the latest step of all environments has earned: shares of one add up to a whole one now and then. */
  #countUpdates(): number {
    const { count, numEnvs } = this.#buffer;
    const perStep = numEnvs * this.#parts.settings.updatesPerTransition;
    return Math.floor(count * perStep) - Math.floor((count - 1) * perStep);
  }

  /** Once, by what random actions have shown: what is stored must not change its meaning. */
  #fitNormalizers(): void {
    const { rows, numRows } = this.#buffer;
    this.#observations.update(rows.observation, numRows);
    this.#criticObservations.update(rows.critic, numRows);
  }

  async #update(): Promise<{ loss: number; value: number }> {
    const { settings } = this.#parts;
    const { goal, criticUpdate, actorUpdate } = this.#works;
    const batch = this.#batch;
    drawBatch(batch, this.#buffer, { goal, share: settings.hindsightShare, rng: this.#rng });
    this.#numUpdates++;
    const { observation, critic, ...rest } = batch;
    const shared = { ...this.#makeNormalizerInputs(), observation, 'critic.seen': critic };
    const learnt = await this.#run(criticUpdate, this.#numUpdates, {
      ...shared,
      ...rest,
      noise: this.#drawTargetNoise(),
    });
    if (this.#numUpdates % settings.policyDelay === 0) {
      this.#numActorUpdates++;
      await this.#run(actorUpdate, this.#numActorUpdates, shared);
    }
    return { loss: learnt.loss![0]!, value: learnt.value![0]! };
  }

  /** Runs an update and keeps every vector that it gives. @param step of Adam, 1 for the first */
  async #run(program: Program, step: number, arrays: ProgramArrays) {
    const rate = this.#parts.settings.learningRate * this.#rateScale;
    const result = await program.run({
      ...arrays,
      ...this.#vectors,
      rate: Float32Array.of(computeAdamRate(rate, step)),
    });
    for (const name of Object.keys(VECTORS)) {
      const next = result[`next.${name}`];
      if (next !== undefined) this.#vectors[name] = next;
    }
    return result;
  }

  #drawTargetNoise(): Float32Array {
    const { targetNoise, targetNoiseClip: clip } = this.#parts.settings;
    return this.#batch.action.map(() =>
      Math.max(-clip, Math.min(clip, this.#rng.normal(0, targetNoise))),
    );
  }

  #makeNormalizerInputs(): ProgramArrays {
    const clip = this.#parts.settings.observationClip;
    const seen = this.#observations.copyNormalizer(clip);
    const judged = this.#criticObservations.copyNormalizer(clip);
    return {
      observationMean: Float32Array.from(seen.mean),
      observationStd: Float32Array.from(seen.std),
      criticMean: Float32Array.from(judged.mean),
      criticStd: Float32Array.from(judged.std),
    };
  }

  #describe(sums: Record<string, number>, updates: number): LearnerMetrics {
    const isTime = (name: string) => name.startsWith('time/');
    const shown = Object.entries(sums).filter(
      ([name]) => !isTime(name) || this.#parts.now !== undefined,
    );
    return {
      ...Object.fromEntries(
        shown.map(([name, sum]) => [name, isTime(name) ? sum : sum / Math.max(1, updates)]),
      ),
      'learning/rate': this.#parts.settings.learningRate * this.#rateScale,
      'learning/updates': updates,
      'replay/rows': this.#buffer.numRows,
    };
  }
}

/** Where learning begins: what is aimed at is what is learnt, and Adam has seen nothing. */
function makeVectors(networks: Td3Networks, rng: Rng): Record<string, Float32Array> {
  const vectors = Object.fromEntries(
    Object.entries(VECTORS).map(([name, layout]) => [
      name,
      new Float32Array(networks[layout].count),
    ]),
  );
  const { actor, critics, actorLayout, criticLayout } = networks;
  const options = { outputScale: 0.1, rng: rng.fork('actor') };
  initializeNetwork(vectors.actor!, actorLayout, actor, options);
  for (const critic of critics) {
    const start = { outputScale: 0.01, rng: rng.fork(critic.name) };
    initializeNetwork(vectors.critic!, criticLayout, critic, start);
  }
  vectors.targetActor!.set(vectors.actor!);
  vectors.targetCritic!.set(vectors.critic!);
  return vectors;
}
