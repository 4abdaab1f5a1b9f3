import { computeMaxSteps, makeSituation } from './env-score.ts';
import type { Rng } from './math/rng.ts';
import { makeObservationPipeline } from './task/observation.ts';
import { makeReferenceBatch, makeScanBatch, type ReferenceBatch } from './task/robot-view.ts';
import type {
  ActionSpec,
  Judge,
  ReferenceGenerator,
  Situation,
  TaskDefinition,
  Termination,
} from './task/task.ts';
import type { RobotWorld } from './world.ts';

/** What somebody asks of one robot instead of what its task asks. */
export type Wish =
  /** [m/s, m/s, rad/s] [@frame heading] as velocityCommand of ReferenceBatch */
  | { readonly velocityCommand: readonly [forward: number, left: number, yawRate: number] }
  /** [m] [@frame odom] */
  | { readonly place: readonly [x: number, y: number] };

/** How an attempt at a task ended. */
export interface Attempt {
  readonly robot: number;
  /** Whether somebody asked for something else than the task: then it says nothing about the task. */
  readonly isByHand: boolean;
  /** Name of the termination, or timeLimit. */
  readonly reason: string;
  readonly success: boolean;
  readonly lengthS: number;
  readonly metrics: Readonly<Record<string, number>>;
}

/**
 * Asks of the robots of a world what a task asks, and tells when an attempt is over, as an environment does, but
 * leaves it to others to act and to begin anew. Looks at the truth: for simulation only.
 */
export class Referee {
  /** What is asked of each robot, by the task or by hand. */
  readonly reference: ReferenceBatch;
  /** What the task asks. */
  readonly #drawn: ReferenceBatch;
  /** [numRobots] what somebody asks instead */
  readonly #wishes: (Wish | undefined)[];
  /** [numRobots] 1 where somebody has asked for something during the attempt */
  readonly #isByHand: Uint8Array;
  readonly #world: RobotWorld;
  readonly #situation: Situation;
  readonly #references: ReferenceGenerator;
  readonly #terminations: readonly (readonly [name: string, termination: Termination])[];
  readonly #judge: Judge;
  readonly #action: ActionSpec;
  readonly #maxSteps: number;
  /** [numRobots] control steps since the attempt began */
  readonly #steps: Int32Array;

  constructor(task: TaskDefinition, world: RobotWorld) {
    const { model, numRobots, measured } = world;
    this.#world = world;
    this.reference = makeReferenceBatch(numRobots);
    this.#drawn = makeReferenceBatch(numRobots);
    this.#wishes = new Array<Wish | undefined>(numRobots).fill(undefined);
    this.#isByHand = new Uint8Array(numRobots);
    const where = `task '${task.name}', observations`;
    const pipeline = makeObservationPipeline({
      ...{ model, numRobots, where },
      terms: task.observations,
      positionErrorIntegral: task.positionErrorIntegral,
    });
    const scans = makeScanBatch(model, numRobots);
    const view = pipeline.makeView(measured, this.reference, scans);
    this.#situation = makeSituation(world, view, task.feet);
    this.#references = task.makeReference(numRobots);
    this.#terminations = Object.entries(task.makeTerminations(model));
    this.#judge = task.makeJudge(model, numRobots);
    this.#action = task.makeAction(model);
    this.#maxSteps = computeMaxSteps(task);
    this.#steps = new Int32Array(numRobots);
  }

  /** A robot was reset: its next attempt begins. */
  begin(robot: number, rng: Rng): void {
    const { truth, footing, timeS, action, previousAction } = this.#situation;
    const field = this.#world.getField(robot);
    const { difficulty } = this.#world.contexts[robot]!;
    this.#references.reset(robot, this.#drawn, rng, field, difficulty);
    this.#wishes[robot] = undefined;
    this.#isByHand[robot] = 0;
    this.#ask(robot);
    this.#keepJointVelocity(robot);
    footing.reset(robot, truth);
    this.#judge.reset(robot, field);
    this.#steps[robot] = 0;
    timeS[robot] = 0;
    const n = action.length / truth.numRobots;
    for (const array of [action, previousAction]) array.fill(0, robot * n, (robot + 1) * n);
  }

  /** Asks something else of a robot from now on, until its next attempt, or what the task asks again. */
  askFor(robot: number, wish: Wish | undefined): void {
    this.#wishes[robot] = wish;
    if (wish !== undefined) this.#isByHand[robot] = 1;
    this.#ask(robot);
  }

  /** What a robot's motors have been told, before the period that follows. @param joint [numActuatedJoints] */
  noteCommand(robot: number, joint: ArrayLike<number>): void {
    const { action, previousAction } = this.#situation;
    const { scale, offset } = this.#action;
    const n = scale.length;
    for (let k = 0; k < n; k++) {
      previousAction[robot * n + k] = action[robot * n + k]!;
      action[robot * n + k] = (joint[k]! - offset[k]!) / scale[k]!;
    }
    this.#keepJointVelocity(robot);
  }

  /** Looks at all robots after a control period. @returns the attempts that are over */
  look(): readonly Attempt[] {
    const { footing, timeS, truth } = this.#situation;
    const { controlPeriodS, numRobots, measured } = this.#world;
    if (footing.feet.length > 0) this.#world.viewContactForces();
    const over: Attempt[] = [];
    for (let robot = 0; robot < numRobots; robot++) {
      this.#steps[robot]!++;
      timeS[robot] = this.#steps[robot]! * controlPeriodS;
      footing.update(robot, truth, controlPeriodS);
      this.#references.advance(robot, this.#drawn, measured, timeS[robot]!, controlPeriodS);
      this.#ask(robot);
      this.#judge.observe(this.#situation, robot);
      const reason = this.#findEnd(robot);
      if (reason !== undefined) over.push(this.#conclude(robot, reason));
    }
    return over;
  }

  #findEnd(robot: number): string | undefined {
    for (const [name, { term }] of this.#terminations) {
      if (term(this.#situation, robot)) return name;
    }
    return this.#steps[robot]! >= this.#maxSteps ? 'timeLimit' : undefined;
  }

  #conclude(robot: number, reason: string): Attempt {
    const { success, metrics } = this.#judge.judge(robot);
    const ending = this.#terminations.find(([name]) => name === reason)?.[1];
    const isBad = ending?.kind === 'terminated' && ending.isSuccess !== true;
    const lengthS = this.#situation.timeS[robot]!;
    const isByHand = this.#isByHand[robot] === 1;
    return { robot, isByHand, reason, success: success && !isBad, lengthS, metrics };
  }

  #ask(robot: number): void {
    const { position, linearVelocityW, yaw, velocityCommand } = this.reference;
    for (let k = 3 * robot; k < 3 * robot + 3; k++) {
      position[k] = this.#drawn.position[k]!;
      linearVelocityW[k] = this.#drawn.linearVelocityW[k]!;
      velocityCommand[k] = this.#drawn.velocityCommand[k]!;
    }
    yaw[robot] = this.#drawn.yaw[robot]!;
    const wish = this.#wishes[robot];
    if (wish === undefined) return;
    if ('place' in wish) position.set(wish.place, 3 * robot);
    else velocityCommand.set(wish.velocityCommand, 3 * robot);
  }

  #keepJointVelocity(robot: number): void {
    const { previousJointVelocity, truth } = this.#situation;
    const n = truth.numJoints;
    for (let k = robot * n; k < (robot + 1) * n; k++) {
      previousJointVelocity[k] = truth.jointVelocity[k]!;
    }
  }
}
