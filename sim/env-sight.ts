import type { SeenArrays } from './env-arrays.ts';
import { Critic, type Facts } from './env-critic.ts';
import { computeMaxObservationDelay, ObservationDelay } from './env-delay.ts';
import type { EnvPlan } from './env-plan.ts';
import { makeSituation } from './env-score.ts';
import { makeObservationPipeline, type ObservationPipeline } from './task/observation.ts';
import { makeReferenceBatch, type RobotView, type ScanBatch } from './task/robot-view.ts';
import type { GoalSpec, Situation } from './task/task.ts';
import type { RobotWorld } from './world.ts';

/** Everything that is seen of N environments: by the policy, by a critic, and as goals. */
export class Sight {
  /** Measured state, reference and memory: what classical controllers read. */
  readonly view: RobotView;
  /** True state, reference, actions: what rewards and judges read. */
  readonly situation: Situation;
  readonly #world: RobotWorld;
  readonly #observations: ObservationPipeline;
  readonly #delay: ObservationDelay;
  readonly #critic: Critic;
  readonly #criticView: RobotView;
  readonly #facts: Facts;
  readonly #goal: GoalSpec | undefined;

  constructor({ task, randomization, parts }: EnvPlan, world: RobotWorld) {
    const { model, numRobots: numEnvs } = world;
    this.#world = world;
    this.#observations = makeObservationPipeline({
      model,
      numRobots: numEnvs,
      terms: task.observations,
      positionErrorIntegral: task.positionErrorIntegral,
      where: `task '${task.name}', observations`,
    });
    this.#delay = new ObservationDelay(
      numEnvs,
      this.#observations.width,
      computeMaxObservationDelay(randomization),
    );
    this.#critic = new Critic({ task, model, numEnvs, randomization, parts, fields: world });
    this.#goal = task.goal;
    const scans = viewScans(world);
    this.view = this.#observations.makeView(world.measured, makeReferenceBatch(numEnvs), scans);
    this.#criticView = this.#critic.makeView(world.truth, this.view.reference, scans);
    this.situation = makeSituation(world, this.view, task.feet);
    this.#facts = makeFacts(world, this.situation);
  }

  /** Starts an episode: nothing is remembered. */
  reset(env: number): void {
    this.#keepJointVelocity(env);
    this.situation.footing.reset(env, this.situation.truth);
    this.#observations.reset(env);
    this.#critic.reset(env);
    this.#delay.reset(env, this.#world.contexts[env]!.observationDelaySteps);
  }

  /** Keeps what the policy has just commanded, and when. @param clippedActions [numEnvs, numActions] */
  remember(env: number, clippedActions: Float32Array): void {
    this.#keepJointVelocity(env);
    this.#observations.remember(env, clippedActions);
    this.#critic.remember(env, clippedActions);
  }

  /** Finds what presses on all robots, where somebody looks at it, before their feet are looked at. */
  feel(): void {
    if (this.situation.footing.feet.length > 0) this.#world.viewContactForces();
  }

  /** Looks at the feet of one environment, once per control step. */
  look(env: number): void {
    const { footing, truth } = this.situation;
    footing.update(env, truth, this.#world.controlPeriodS);
  }

  #keepJointVelocity(env: number): void {
    const { previousJointVelocity, truth } = this.situation;
    const n = truth.numJoints;
    for (let k = env * n; k < (env + 1) * n; k++)
      previousJointVelocity[k] = truth.jointVelocity[k]!;
  }

  /** Looks at one environment, once per control step, and writes its rows. */
  write(out: SeenArrays, env: number): void {
    const dt = this.#world.controlPeriodS;
    this.#observations.updateMemoryRow(this.view, env, dt);
    this.#observations.writeRow(out.observation, env, this.view, env);
    this.#delay.exchange(out.observation, env);
    this.#critic.write(out.critic, env, this.#criticView, this.#facts, dt);
    if (this.#goal === undefined) return;
    const offset = env * this.#goal.names.length;
    this.#goal.writeAchieved(out.achievedGoal, offset, this.situation, env);
    this.#goal.writeDesired(out.desiredGoal, offset, this.situation, env);
  }
}

function makeFacts(world: RobotWorld, { footing }: Situation): Facts {
  const { truth, contact, disturbanceForceW, currentContexts, adversaryWrenchB } = world;
  return { truth, contact, disturbanceForceW, currentContexts, adversaryWrenchB, footing };
}

/** What the lidars show, borrowed from their readings. */
function viewScans({ readings }: RobotWorld): ScanBatch {
  return new Map(
    [...readings].flatMap(([name, reading]) =>
      reading.kind === 'lidar' ? [[name, reading.range] as const] : [],
    ),
  );
}
