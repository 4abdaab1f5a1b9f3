import type { Learner, LearnerState, RoundReport } from './learner.ts';
import { makePartnerEnv, type PartnerEnv } from './partner-env.ts';
import type { TrainingEnv } from './training-env.ts';

/** Environments with room for an adversary: a VecEnv whose randomisation leaves it some force. */
export interface ContestedEnv extends TrainingEnv {
  /** [numEnvs, 6] see VecEnv.adversary */
  readonly adversary: Float32Array;
}

export interface AdversarialParts {
  readonly env: ContestedEnv;
  /** What the six numbers of an adversary are called, see ADVERSARY_NAMES. */
  readonly adversaryNames: readonly string[];
  /** Make the two learners, each for environments in which the other acts, too. */
  makeProtagonist(env: TrainingEnv): Promise<Learner>;
  makeAdversary(env: TrainingEnv): Promise<Learner>;
  /** [1] rounds of one before it is the other's turn */
  readonly protagonistRounds: number;
  readonly adversaryRounds: number;
}

/**
 * Makes a learner of two that learn against each other by turns, one earning what the other loses: L. Pinto et al., "Robust
 * adversarial reinforcement learning" (2017), algorithm 1. What it hands out is the protagonist.
 * @throws RangeError where the environments leave an adversary no force
 */
export async function makeAdversarial(parts: AdversarialParts): Promise<Learner> {
  const { env, adversaryNames } = parts;
  const width = adversaryNames.length;
  if (env.adversary.length !== env.numEnvs * width) {
    throw new RangeError(
      `makeAdversarial: the randomisation of task '${env.task.name}' leaves an adversary no force; set adversary.maxForceScale or adversary.maxTorqueScale`,
    );
  }
  const protagonistEnv = await makePartnerEnv({
    ...{ env, partner: undefined, rewardScale: 1 },
    ...{ actionNames: env.layout.actionNames, mirror: env.mirror },
    combine(done, said, { first, count }) {
      env.action.set(done, first * env.numActions);
      // Until there is an adversary, nothing pushes.
      const rows = env.adversary.subarray(first * width, (first + count) * width);
      if (said.length === 0) rows.fill(0);
      else rows.set(said);
    },
  });
  const adversaryEnv = await makePartnerEnv({
    ...{ env, partner: undefined, rewardScale: -1 },
    // Nobody says how a push looks there.
    ...{ actionNames: adversaryNames, mirror: undefined },
    combine(done, said, { first }) {
      env.adversary.set(done, first * width);
      env.action.set(said, first * env.numActions);
    },
  });
  return new Adversarial(parts, [
    { env: protagonistEnv, learner: await parts.makeProtagonist(protagonistEnv) },
    { env: adversaryEnv, learner: await parts.makeAdversary(adversaryEnv) },
  ]);
}

interface Side {
  readonly env: PartnerEnv;
  readonly learner: Learner;
}

const SIDES = ['protagonist', 'adversary'] as const;

class Adversarial implements Learner {
  readonly #sides: readonly [Side, Side];
  /** [1] rounds of each before it is the other's turn */
  readonly #turns: readonly [number, number];
  #round = 0;
  /** Whose environments the episodes that run were begun in. */
  #acting: 0 | 1 = 0;
  #era = 0;

  constructor(parts: AdversarialParts, sides: readonly [Side, Side]) {
    this.#sides = sides;
    this.#turns = [parts.protagonistRounds, parts.adversaryRounds];
  }

  get numSteps(): number {
    return this.#sides[0].learner.numSteps + this.#sides[1].learner.numSteps;
  }

  async restart(era: number): Promise<void> {
    this.#era = era;
    await this.#begin(this.#chooseSide());
  }

  async runRound(): Promise<RoundReport> {
    const side = this.#chooseSide();
    if (side !== this.#acting) await this.#begin(side);
    this.#round++;
    const { metrics, episodes } = await this.#sides[side].learner.runRound();
    const named = Object.entries(metrics).map(([name, value]) => [
      side === 0 ? name : `adversary/${name}`,
      value,
    ]);
    // An adversary tries things; what it does to the protagonist meanwhile is not how that one is.
    return { metrics: Object.fromEntries(named), episodes: side === 0 ? episodes : [] };
  }

  copyPolicy() {
    return this.#sides[0].learner.copyPolicy();
  }

  async copyState(): Promise<LearnerState> {
    const states = await Promise.all(this.#sides.map(({ learner }) => learner.copyState()));
    const join = <T>(pick: (state: LearnerState) => Readonly<Record<string, T>>) =>
      Object.fromEntries(
        states.flatMap((state, k) =>
          Object.entries(pick(state)).map(([name, value]) => [`${SIDES[k]}.${name}`, value]),
        ),
      ) as Record<string, T>;
    return {
      arrays: join((state) => state.arrays),
      scalars: { ...join((state) => state.scalars), algorithm: 'adversarial', round: this.#round },
    };
  }

  async restore(state: LearnerState): Promise<void> {
    const part = <T>(values: Readonly<Record<string, T>>, side: string) =>
      Object.fromEntries(
        Object.entries(values)
          .filter(([name]) => name.startsWith(`${side}.`))
          .map(([name, value]) => [name.slice(side.length + 1), value]),
      );
    for (const [k, side] of SIDES.entries()) {
      const { arrays, scalars } = state;
      const own = { arrays: part(arrays, side), scalars: part(scalars, side) };
      await this.#sides[k]!.learner.restore(own);
    }
    this.#round = state.scalars.round as number;
  }

  scaleLearningRate(factor: number): void {
    for (const { learner } of this.#sides) learner.scaleLearningRate(factor);
  }

  free(): void {
    for (const { env, learner } of this.#sides) {
      learner.free();
      void env.free();
    }
  }

  #chooseSide(): 0 | 1 {
    const [first, second] = this.#turns;
    return this.#round % (first + second) < first ? 0 : 1;
  }

  /** The other side stays as it is from here; episodes begin anew, named by era and round. */
  async #begin(side: 0 | 1): Promise<void> {
    this.#acting = side;
    const other = this.#sides[1 - side]!.learner;
    const isFirst = side === 0 && this.#round < this.#turns[0];
    await this.#sides[side].env.setPartner(isFirst ? undefined : await other.copyPolicy());
    await this.#sides[side].learner.restart(this.#era * 1_000_000 + this.#round);
  }
}
