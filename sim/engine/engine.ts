import type { Vec3 } from '../math/vec3.ts';
import type { RobotModel } from '../robot/model.ts';
import type { StateBatch } from '../robot/state.ts';

export const ENGINE_NAMES = ['rapier', 'mujoco'] as const;
export type EngineName = (typeof ENGINE_NAMES)[number];

/** What a batch of robots in one world is built from. */
export interface EngineConfig {
  readonly model: RobotModel;
  /** [1] @range 1, 4096 copies of the robot in one world */
  readonly numRobots: number;
  /** [s] */
  readonly timestepS: number;
  /** [m/s²] [@frame odom] */
  readonly gravityW: Vec3;
  /**
   * [m] @range 0, … distance between neighbouring copies on their square grid; copies never see one
   * another, so 0 is allowed, and the choice where equal bits in every slot matter
   */
  readonly tileSpacing: number;
  /** A static plane z = 0 under every copy. */
  readonly ground: boolean;
  readonly solver: SolverSettings;
}

/** Rapier's; MuJoCo solves to convergence whatever they are. */
export interface SolverSettings {
  readonly iterations: number;
  readonly internalIterations: number;
}

/** Physical parameters of one copy that may differ from the model's, as factors of it. */
export interface RobotScales {
  /** [-] */
  readonly mass: number;
  /** [-] each principal moment of inertia */
  readonly inertia: Vec3;
}

/**
 * N copies of one robot. All states and forces are in each copy's own odom frame;
 * tiles stay inside. Arrays that the engine reads are owned by it and cleared after each step.
 */
export interface Engine {
  readonly name: EngineName;
  readonly config: EngineConfig;
  /** [numRobots, 3] m [@frame map] where each copy's odom frame lies in the world. */
  readonly mapFromOdom: Float64Array;
  /**
   * [numRobots, 3] N [@frame base_link] for the next step, at the centre of mass of the root body
   * (base_link with every link that is fixed to it), see computeRootBody in sim/robot/rigid-bodies.ts
   */
  readonly baseForceB: Float64Array;
  /** [numRobots, 3] N·m [@frame base_link] for the next step */
  readonly baseTorqueB: Float64Array;
  /** [numRobots, 3] N [@frame odom] outside force (wind, push) at the root body's centre of mass, for the next step */
  readonly externalForceW: Float64Array;
  /** [numRobots, numJoints] N·m or N, joint order, for the next step */
  readonly jointEffort: Float64Array;
  /** Advances by one timestep. */
  step(): void;
  /**
   * Writes the state of every copy; joints that are not simulated bodies (rotors) are left alone.
   * Angles of continuous joints lie in (−π, π].
   */
  readState(out: StateBatch): void;
  /**
   * Puts one copy into row `row` of `state`; its contacts and warm starts are forgotten. Rapier forgets all but
   * the warm start of a shape that lay on the ground and is put on the ground: 4e-7 rad/s in the next step.
   */
  writeState(robot: number, state: StateBatch, row: number): void;
  setScales(robot: number, scales: RobotScales): void;
  /** Whether any collision shape of the copy touches the world now. */
  isInContact(robot: number): boolean;
  /** Complete state, for bit-exact continuation. */
  snapshot(): Uint8Array;
  restore(snapshot: Uint8Array): void;
  free(): void;
}
