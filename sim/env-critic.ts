import { hasAdversary } from './disturbance/adversary.ts';
import { ContextColumns } from './env-context.ts';
import { FieldColumns, type FieldFacts } from './env-field.ts';
import { STANDARD_GRAVITY } from './math/gravity.ts';
import { writeInverseRotated } from './math/quat.ts';
import { computeNorm } from './math/vec3.ts';
import type { RandomizationConfig } from './randomize/config.ts';
import type { Context } from './randomize/draw.ts';
import type { RandomizedParts } from './randomize/entries.ts';
import { computeTotalMass, type RobotModel } from './robot/model.ts';
import type { StateBatch } from './robot/state.ts';
import type { CriticColumn } from './task/critic-column.ts';
import { type Footing, findShapeColumns } from './task/footing.ts';
import { makeObservationPipeline, type ObservationPipeline } from './task/observation.ts';
import type { ReferenceBatch, RobotView, ScanBatch } from './task/robot-view.ts';
import type { ObservationTermSpec, TaskDefinition } from './task/task.ts';

/** What is true of the robots, from the world. */
export interface Facts {
  readonly truth: StateBatch;
  /** [numEnvs] 1 where a collision shape touched the world during the last control period */
  readonly contact: Uint8Array;
  /** [numEnvs, 3] N [@frame odom] outside force */
  readonly disturbanceForceW: Float64Array;
  /** [numEnvs] what holds now */
  readonly currentContexts: readonly Context[];
  /** [numEnvs, 6] N, N·m [@frame base_link] what an adversary does to the base; absent where there is none */
  readonly adversaryWrenchB: Float64Array | undefined;
  readonly footing: Footing;
}

const FOOT_COLUMNS = [
  ['footContact', '-'],
  ['footForce', '-'],
  ['footHeight', 'm'],
  ['footAirTime', 's'],
] as const;

const FORCE_COLUMNS = listAxes('outsideForceB', '-');
// Over the weight a torque is a length.
const ADVERSARY_COLUMNS = [
  ...listAxes('adversaryForceB', '-'),
  ...listAxes('adversaryTorqueB', 'm'),
];

function listAxes(name: string, unit: string): readonly CriticColumn[] {
  return ['x', 'y', 'z'].map((axis) => ({ name: `${name}.${axis}`, unit }));
}

/**
 * What a critic or an analyst sees, and of policies those that are taught in simulation to teach others: observation
 * terms of the true state, without clip, noise and delay, then `contact` (0 or 1), `outsideForceB` (on a base that is
 * not fixed, as a share of the robot's weight as described), where there is an adversary its force and torque over the
 * same weight, [-] and [m], of each foot that the task names whether it touches, what presses on it over the same
 * weight, its height over the ground [m] and how long it has been in the air [s], what is true of the robot's field,
 * see FieldColumns, then the draw, see ContextColumns.
 */
export class Critic {
  readonly columns: readonly CriticColumn[];
  /** Names of those of them that stay as they are from the beginning of an episode to its end. */
  readonly constantNames: readonly string[];
  readonly #pipeline: ObservationPipeline;
  readonly #context: ContextColumns;
  readonly #feelsForce: boolean;
  /** Columns of each foot in the contact forces; none where the task names no feet. */
  readonly #feet: Int32Array;
  readonly #field: FieldColumns;
  /** [N] */
  readonly #weight: number;
  /** [numEnvs, numContext] */
  readonly #drawn: Float32Array;
  /** [numEnvs] what `#drawn` was written from */
  readonly #known: (Context | undefined)[];
  /** [width of the terms] */
  readonly #row: Float32Array;

  /** @throws UserError for terms that do not fit the robot */
  constructor(options: {
    readonly task: TaskDefinition;
    readonly model: RobotModel;
    readonly numEnvs: number;
    readonly randomization: RandomizationConfig;
    readonly parts: RandomizedParts;
    /** Absent: the names alone are wanted. */
    readonly fields?: FieldFacts;
  }) {
    const { task, model, numEnvs, randomization, parts, fields } = options;
    const terms = task.critic ?? task.observations;
    this.#pipeline = makeObservationPipeline({
      model,
      numRobots: numEnvs,
      terms: terms.map(({ clip: _, ...term }) => term),
      positionErrorIntegral: task.positionErrorIntegral,
      where: `task '${task.name}', critic`,
    });
    this.#context = new ContextColumns(randomization, parts, task.privileged);
    this.#feelsForce = model.base === 'floating';
    const feet = task.feet ?? [];
    this.#feet = findShapeColumns(model, feet);
    this.#field = new FieldColumns(task.field, fields);
    this.#weight = computeTotalMass(model) * STANDARD_GRAVITY;
    this.#drawn = new Float32Array(numEnvs * this.#context.columns.length);
    this.#known = new Array<Context | undefined>(numEnvs).fill(undefined);
    this.#row = new Float32Array(this.#pipeline.width);
    this.columns = [
      ...listTermColumns(terms, this.#pipeline.names),
      { name: 'contact', unit: '-' },
      ...(this.#feelsForce ? FORCE_COLUMNS : []),
      ...(hasAdversary(randomization) ? ADVERSARY_COLUMNS : []),
      ...FOOT_COLUMNS.flatMap(([what, unit]) =>
        feet.map((foot) => ({ name: `${what}.${foot}`, unit })),
      ),
      ...this.#field.columns,
      ...this.#context.columns,
    ];
    this.constantNames = this.#context.constantNames;
  }

  /**
   * The true state as the critic's terms read it, with a memory of its own. Scans are as measured: what is true of
   * the surroundings no ray tells.
   */
  makeView(truth: StateBatch, reference: ReferenceBatch, scans: ScanBatch): RobotView {
    return this.#pipeline.makeView(truth, reference, scans);
  }

  reset(env: number): void {
    this.#pipeline.reset(env);
  }

  /** @param clippedActions [numEnvs, numActions] */
  remember(env: number, clippedActions: Float32Array): void {
    this.#pipeline.remember(env, clippedActions);
  }

  /** Writes row `env` of `out`; once per control step. @param dt control period [s] */
  write(out: Float32Array, env: number, view: RobotView, facts: Facts, dt: number): void {
    const { footing } = facts;
    this.#pipeline.updateMemoryRow(view, env, dt);
    this.#pipeline.writeRow(this.#row, 0, view, env);
    let at = env * this.columns.length;
    for (let k = 0; k < this.#row.length; k++) out[at + k] = this.#row[k]!;
    at += this.#row.length;
    out[at++] = facts.contact[env]!;
    if (this.#feelsForce) {
      const { orientation } = facts.truth;
      writeInverseRotated(out, at, orientation, 4 * env, facts.disturbanceForceW, 3 * env);
      for (let k = 0; k < 3; k++) out[at + k]! /= this.#weight;
      at += 3;
    }
    if (facts.adversaryWrenchB !== undefined) {
      for (let k = 0; k < 6; k++) out[at++] = facts.adversaryWrenchB[6 * env + k]! / this.#weight;
    }
    at = this.#writeFeet(out, at, env, footing);
    at = this.#field.write(out, at, env, facts.truth);
    this.#writeContext(out, at, env, facts.currentContexts[env]!);
  }

  #writeFeet(out: Float32Array, at: number, env: number, footing: Footing): number {
    const { isTouching, height, airTimeS, ground } = footing;
    const count = this.#feet.length;
    for (let f = 0; f < count; f++) {
      const k = env * count + f;
      const row = 3 * (env * ground.shapeNames.length + this.#feet[f]!);
      out[at + f] = isTouching[k]!;
      out[at + count + f] = computeNorm(ground.forceW!, row) / this.#weight;
      out[at + 2 * count + f] = height[k]!;
      out[at + 3 * count + f] = airTimeS[k]!;
    }
    return at + FOOT_COLUMNS.length * count;
  }

  /** Written anew where the environment has drawn since. */
  #writeContext(out: Float32Array, at: number, env: number, context: Context): void {
    const count = this.#context.columns.length;
    if (this.#known[env] !== context) {
      this.#known[env] = context;
      this.#context.write(this.#drawn, env * count, context);
    }
    for (let k = 0; k < count; k++) out[at + k] = this.#drawn[env * count + k]!;
  }
}

/** @param names of the columns of all terms, as their pipeline lays them out: one term after the other */
function listTermColumns(
  terms: readonly ObservationTermSpec[],
  names: readonly string[],
): readonly CriticColumn[] {
  const specs = terms.flatMap(({ unit, scale = 1, width, history = 1 }) =>
    new Array<Omit<CriticColumn, 'name'>>(width * history).fill({
      unit,
      ...(scale !== 1 && { scale }),
    }),
  );
  return names.map((name, k) => ({ name, ...specs[k]! }));
}
