import type { Factor } from '../math/factor.ts';
import type { QuatXYZW } from '../math/quat.ts';
import type { Vec3 } from '../math/vec3.ts';
import type { RobotModel, SolverSettings } from '../robot/model.ts';
import type { StateBatch } from '../robot/state.ts';
import type { Scene } from '../terrain/scene.ts';

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
  /** What every copy finds around itself, in its own odom frame. */
  readonly scene: Scene;
  readonly solver: SolverSettings;
  /** What else than factors `setScales` will be asked for: MuJoCo has to be built for it. Default: nothing */
  readonly varies?: readonly ('centreOfMass' | 'restitution')[] | undefined;
}

/** How one copy differs from the model: factors of its parameters, and what is added to them. */
export interface RobotScales {
  /** [-] @range > 0 */
  readonly mass: number;
  /** [-] @range > 0 each principal moment of inertia of every body */
  readonly inertia: Vec3;
  /** [m] [@frame base_link] of the centre of mass of the root body */
  readonly centreOfMassOffset: Vec3;
  /** A point that the root body carries besides. */
  readonly payload: {
    /** [kg] */
    readonly mass: number;
    /** [m] [@frame base_link] */
    readonly position: Vec3;
  };
  /** [-] friction coefficient of every collision shape of the robot */
  readonly contactFriction: number;
  /**
   * [-] added to the restitution of every collision shape of the robot, the sum kept within 0 to 1; anything but 0
   * needs `varies` of the engine's configuration, as do payloads and offsets of the centre of mass
   */
  readonly restitutionOffset: number;
  /** [-] one for all joints, or one each in joint order */
  readonly jointDamping: Factor;
  readonly jointFriction: Factor;
  /** [-] @range > 0 */
  readonly armature: Factor;
  /** [m/s²] [@frame odom] added to gravity */
  readonly gravityOffsetW: Vec3;
}

/** The robot as its description says. */
export const UNIT_SCALES: RobotScales = {
  mass: 1,
  inertia: [1, 1, 1],
  centreOfMassOffset: [0, 0, 0],
  payload: { mass: 0, position: [0, 0, 0] },
  contactFriction: 1,
  restitutionOffset: 0,
  jointDamping: 1,
  jointFriction: 1,
  armature: 1,
  gravityOffsetW: [0, 0, 0],
};

/**
 * A servo inside the solver: effort = stiffness · (target − position) + damping · (target velocity − velocity),
 * within ± maxEffort, taken at the end of the step so that any gains are stable. A continuous joint goes the short
 * way round to its target.
 */
export interface JointDrive {
  /** [N·m/rad] or [N/m] */
  readonly stiffness: number;
  /** [N·m·s/rad] or [N·s/m] */
  readonly damping: number;
  /** [N·m] or [N] */
  readonly maxEffort: number;
}

/** Rays of one call, and where their hits are written. Arrays may be longer than `numRays` asks for. */
export interface RayBatch {
  readonly numRays: number;
  /** [numRays] the copy whose odom frame the ray is in; it sees no other copy */
  readonly robot: Int32Array;
  /** [numRays, 3] m [@frame odom] */
  readonly origin: Float64Array;
  /** [numRays, 3] unit vectors [@frame odom] */
  readonly direction: Float64Array;
  /** [m] */
  readonly maxRange: number;
  /**
   * What rays meet: the scene alone, or also the robot itself except the link `exceptLink` and whatever is
   * fixed to it
   */
  readonly hits: 'scene' | { readonly robotExceptLink: string };
  /**
   * [numRays] m, written: to the nearest surface; +Infinity where there is none; 0 from inside a solid. What lies
   * under a plane is inside; from under a height field MuJoCo says 0, Rapier how far its surface is
   */
  readonly distance: Float64Array;
}

/** Worlds that nobody acts on or looks at. */
export interface BareWorlds {
  /** Advances all of them by one timestep of the engine, with all that is in it. */
  step(): void;
  free(): void;
}

/**
 * N copies of one robot. All states and forces are in each copy's own odom frame;
 * tiles stay inside. Inputs for the next step are owned by the engine and cleared after each step; drive
 * targets are kept until they are changed.
 */
export interface Engine {
  readonly name: EngineName;
  readonly config: EngineConfig;
  /** [numRobots, 3] m [@frame map] where each copy's odom frame lies in the world. */
  readonly mapFromOdom: Float64Array;
  /**
   * [numRobots, 3] N [@frame base_link] for the next step, at the centre of mass that the root body (base_link with
   * every link that is fixed to it) has by its description, see computeRootBody in sim/robot/rigid-bodies.ts
   */
  readonly baseForceB: Float64Array;
  /** [numRobots, 3] N·m [@frame base_link] for the next step */
  readonly baseTorqueB: Float64Array;
  /** [numRobots, 3] N [@frame odom] outside force (wind, push) at the same point, for the next step */
  readonly externalForceW: Float64Array;
  /** [numRobots, numJoints] N·m or N, joint order, for the next step, on top of drives */
  readonly jointEffort: Float64Array;
  /** [numRobots, numJoints] rad or m, joint order; kept */
  readonly drivePosition: Float64Array;
  /** [numRobots, numJoints] rad/s or m/s, joint order; kept */
  readonly driveVelocity: Float64Array;
  /** [numRobots, 3] m/s² [@frame odom] by which the gravity of each copy differs from `config.gravityW`, see `setScales` */
  readonly gravityOffsetW: Float64Array;
  /** Names of a copy's collision shapes: links in the order of the model, shapes in theirs. */
  readonly shapeNames: readonly string[];
  /**
   * Gives one joint of one copy a servo; all zeros take it away.
   * @throws RangeError for a joint that is no simulated body (a rotor) or that mimics another
   */
  setDrive(robot: number, jointIndex: number, drive: JointDrive): void;
  /** Advances by one timestep. */
  step(): void;
  /**
   * Writes the state of every copy; joints that are not simulated bodies (rotors) are left alone.
   * Angles of continuous joints lie in (−π, π], those of revolute joints are counted through whole turns.
   * Efforts are those applied in the last step: inputs and drives, without damping, friction and limits.
   */
  readState(out: StateBatch): void;
  /**
   * Puts one copy into row `row` of `state`; its contacts, warm starts and whatever else it did are forgotten. Rapier,
   * where copies share a world (rapier/copies.ts), forgets all but the warm start of a shape that lay on the ground and
   * is put on the ground: 6e-5 rad/s in the next step.
   * Mimic joints follow the joint that they mimic, whatever the row says.
   */
  writeState(robot: number, state: StateBatch, row: number): void;
  /**
   * Makes one copy differ from the model; what is not given is as described. Origins and links move on as they did.
   * @throws RangeError for what the engine was not built for, or what no body can be
   */
  setScales(robot: number, scales: Partial<RobotScales>): void;
  /** Whether any collision shape of the copy touches the scene now; no between a write and the next step. */
  isInContact(robot: number): boolean;
  /** Contact forces are told of every step from the next one on; finding them takes time. */
  watchContactForces(): void;
  /**
   * Writes the sum of contact forces on every collision shape during the last step, from the scene and from the
   * robot's other links. Rapier tells normal forces alone, MuJoCo friction too.
   * @param out [numRobots, numShapes, 3] N [@frame odom], order of `shapeNames`
   * @throws RangeError where nobody watches
   */
  writeContactForces(out: Float64Array): void;
  /**
   * How deep the copy's collision shapes are in the scene, or in one another, at the deepest contact; 0 between a
   * write and the next step. [m] 0 or more
   */
  computePenetration(robot: number): number;
  /** Finds the nearest hit of every ray as of the last step or write. */
  castRays(rays: RayBatch): void;
  /**
   * Moves an object of the scene that `moves`; what it touches in the next step is pushed at `linearVelocityW`.
   * It is at `position` at once, at the end of the next step too, and until it is placed again.
   * @param object index in `config.scene.objects`
   */
  placeObject(
    robot: number,
    object: number,
    position: Vec3,
    orientation: QuatXYZW,
    linearVelocityW: Vec3,
  ): void;
  /**
   * For benchmarks: copies of the engine's own worlds as they are now, to be stepped without any input or output of
   * ours. Absent: the engine has no world apart from ours.
   * @param servos joints have the engine's own servos, as far and as stiff as they are driven now; absent: none
   */
  copyWorlds?(servos?: {
    /** [1] of the engine's solver in a step, for it to know what joints have to bear */
    readonly sweeps: number;
  }): BareWorlds;
  /** Complete state, for bit-exact continuation. */
  snapshot(): Uint8Array;
  /** @throws UserError for what is not a whole snapshot of the same robots in the same world; nothing has changed then */
  restore(snapshot: Uint8Array): void;
  free(): void;
}
