import type { QuatXYZW } from '../math/quat.ts';
import type { Vec3 } from '../math/vec3.ts';
import type { Actuator, Battery, CommandKind } from './actuator-model.ts';
import type { CollisionShape, MeshAsset, Shape, Transform } from './geometry.ts';
import type { Sensor } from './sensor-model.ts';

export interface Inertial {
  /** [kg] @range > 0 */
  readonly mass: number;
  /** Centre of mass and principal-frame orientation in the link. */
  readonly linkFromInertia: Transform;
  /** [kg·m²] about the centre of mass, in the inertia frame: ixx, iyy, izz, ixy, ixz, iyz */
  readonly inertia: readonly [
    ixx: number,
    iyy: number,
    izz: number,
    ixy: number,
    ixz: number,
    iyz: number,
  ];
}

export interface Link {
  readonly name: string;
  /** Absent on links whose mass is counted in their parent (frames, rotors). */
  readonly inertial?: Inertial;
  readonly visuals: readonly Shape[];
  readonly collisions: readonly CollisionShape[];
}

export type JointType = 'revolute' | 'continuous' | 'prismatic' | 'fixed';

export interface Joint {
  readonly name: string;
  readonly type: JointType;
  readonly parent: string;
  readonly child: string;
  readonly parentFromJoint: Transform;
  /** Unit vector. [@frame joint] */
  readonly axis: Vec3;
  /** [rad] or [m]; infinite if unlimited */
  readonly lower: number;
  readonly upper: number;
  /** [rad/s] or [m/s]; infinite if unlimited */
  readonly maxVelocity: number;
  /** [N·m] or [N]; infinite if unlimited */
  readonly maxEffort: number;
  /** [N·m·s/rad] or [N·s/m] */
  readonly damping: number;
  /** [N·m] or [N] */
  readonly friction: number;
  /** [kg·m²] or [kg] of the motor's rotor, felt at the joint: rotor inertia × (gear ratio)² */
  readonly armature: number;
  /** Present where the joint does not move on its own: position = multiplier · other + offset. */
  readonly mimic?: JointMimic | undefined;
}

/** A joint that follows another one, as the second finger of a gripper. */
export interface JointMimic {
  readonly joint: string;
  readonly multiplier: number;
  /** [rad] or [m] */
  readonly offset: number;
}

/** `<transmission>` as ros2_control reads it: which actuator moves which joints through which gears. */
export interface TransmissionInfo {
  readonly name: string;
  readonly type: string;
  readonly joints: readonly { readonly name: string; readonly mechanicalReduction: number }[];
  readonly actuators: readonly { readonly name: string; readonly mechanicalReduction: number }[];
}

/** Two wheels, or two rows of them, on one axle. */
export interface DifferentialDrive {
  readonly left: readonly string[];
  readonly right: readonly string[];
  /** [m] */
  readonly wheelRadius: number;
  /** [m] between the wheels' points of contact */
  readonly wheelSeparation: number;
}

/** Which of a robot's own links can touch one another. Links joined by a joint never do. */
export type SelfCollision =
  | { readonly kind: 'none' }
  | {
      readonly kind: 'all';
      /** Pairs of links that may overlap all the same. */
      readonly except: readonly (readonly [string, string])[];
    };

/** How this robot is to be simulated unless a world says otherwise: the cheapest that is good enough. */
export interface PhysicsSettings {
  readonly rateHz: number;
  readonly solver: SolverSettings;
}

/** How each engine solves its constraints. */
export interface SolverSettings {
  readonly rapier: {
    /** [1] substeps per physics step */
    readonly iterations: number;
    /** [1] sweeps within each substep: what makes joints stiff */
    readonly internalIterations: number;
    /** Otherwise in the last one: legs creep without it, light wheels under a heavy body shake with it. */
    readonly frictionInEverySweep: boolean;
  };
  readonly mujoco: {
    /** [1] upper bound on Newton steps per physics step */
    readonly iterations: number;
    /** [-] how much stiffer friction is than the normal force; more creeps less */
    readonly frictionImpedanceRatio: number;
    /**
     * [-] @range 0.5, 0.9999 how hard contacts and joint limits are at the surface; at 1 mm (or mrad) and deeper
     * half-way from there to 1. The closer to 1, the less they give way and creep
     */
    readonly contactImpedance: number;
  };
}

/** What the safety filter holds this robot to unless a profile tightens it. */
export interface SafetyLimits {
  /** [rad] tilt above which the robot is stopped; absent where tilt means nothing */
  readonly maxTilt?: number;
  /** [m] allowed box for base_link in the odom frame; absent where the base cannot move */
  readonly geofence?: { readonly lower: Vec3; readonly upper: Vec3 };
  /** Largest change of each command per second, in the command's unit, actuated joint order. */
  readonly maxCommandRate: readonly number[];
  /** Command that each stage falls back to, actuated joint order, in the command's unit. */
  readonly damp: readonly number[];
  readonly stop: readonly number[];
  /** [s] a motor whose last command is older than this goes to its stop command by itself */
  readonly motorTimeoutS: number;
}

export interface RobotModel {
  readonly name: string;
  readonly base: 'fixed' | 'floating';
  readonly rootLink: string;
  readonly links: readonly Link[];
  /** Every joint of the description, fixed ones included. */
  readonly joints: readonly Joint[];
  /** THE joint order: every movable joint, by name. All state arrays over joints follow it. */
  readonly jointNames: readonly string[];
  /**
   * The joints that a command can move, a subsequence of `jointNames` (a cartpole's pole is not
   * among them). Commands, actions and safety limits have one entry per actuated joint, in this order.
   */
  readonly actuatedJointNames: readonly string[];
  /** One per actuated joint, in actuated joint order. */
  readonly actuators: readonly Actuator[];
  /** What feeds the actuators that name one. */
  readonly batteries: readonly Battery[];
  readonly transmissions: readonly TransmissionInfo[];
  readonly drive?: DifferentialDrive | undefined;
  readonly selfCollision: SelfCollision;
  readonly physics: PhysicsSettings;
  /** By the `uri` of mesh geometries; a mesh whose file was not found is absent. */
  readonly meshes: ReadonlyMap<string, MeshAsset>;
  readonly commandKind: CommandKind;
  /** Range of each command, actuated joint order, in the unit of `commandKind`. */
  readonly commandLower: readonly number[];
  readonly commandUpper: readonly number[];
  readonly sensors: readonly Sensor[];
  /** Pose at reset, before randomisation. */
  readonly home: {
    readonly position: Vec3;
    readonly orientation: QuatXYZW;
    /** [rad] or [m], joint order (all movable joints) */
    readonly jointPosition: readonly number[];
  };
  readonly safety: SafetyLimits;
  /** sha256 of the description files, for provenance. */
  readonly sha256: string;
}

/** Index in joint order; throws a RangeError that lists the valid names. */
export function getJointIndex(model: RobotModel, jointName: string): number {
  const index = model.jointNames.indexOf(jointName);
  if (index < 0) {
    throw new RangeError(
      `robot '${model.name}' has no movable joint '${jointName}'; it has: ${model.jointNames.join(', ')}`,
    );
  }
  return index;
}

export function getJoint(model: RobotModel, jointName: string): Joint {
  const joint = model.joints.find((candidate) => candidate.name === jointName);
  if (joint === undefined) {
    throw new RangeError(
      `robot '${model.name}' has no joint '${jointName}'; it has: ${model.joints.map((j) => j.name).join(', ')}`,
    );
  }
  return joint;
}

/** Sum over all links. [kg] */
export function computeTotalMass(model: RobotModel): number {
  return model.links.reduce((sum, link) => sum + (link.inertial?.mass ?? 0), 0);
}
