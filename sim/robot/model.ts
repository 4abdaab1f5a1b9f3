import type { QuatXYZW } from '../math/quat.ts';
import type { Vec3 } from '../math/vec3.ts';

/** `frameA from frameB`: rotates first, then translates. The two frames are named by the field. */
export interface Transform {
  /** [m] */
  readonly translation: Vec3;
  readonly rotation: QuatXYZW;
}

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

export type Geometry =
  | { readonly kind: 'box' /** [m] full extents */; readonly size: Vec3 }
  | { readonly kind: 'sphere' /** [m] */; readonly radius: number }
  | {
      readonly kind: 'cylinder';
      /** [m] */ readonly radius: number;
      /** [m] along z */ readonly length: number;
    }
  | { readonly kind: 'mesh'; readonly uri: string; readonly scale: Vec3 };

export interface Shape {
  readonly name: string;
  readonly linkFromShape: Transform;
  readonly geometry: Geometry;
  /** Red, green, blue, alpha in [0, 1]. */
  readonly colour?: readonly [number, number, number, number];
}

export interface Link {
  readonly name: string;
  /** Absent on links whose mass is counted in their parent (frames, rotors). */
  readonly inertial?: Inertial;
  readonly visuals: readonly Shape[];
  readonly collisions: readonly Shape[];
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
}

/**
 * A propeller on a speed-controlled motor: thrust kf ω² along the joint's axis, reaction torque km ω²
 * about it, speed following its command with a first-order lag. Its joint is not a simulated
 * body: its mass and inertia belong to its parent link, its angle and speed are the actuator's state.
 */
export interface RotorActuator {
  readonly kind: 'rotor';
  readonly joint: string;
  /** [N·s²/rad²] thrust per squared speed */
  readonly thrustCoefficient: number;
  /** [N·m·s²/rad²] reaction torque per squared speed */
  readonly torqueCoefficient: number;
  /** [rad/s] */
  readonly minSpeed: number;
  /** [rad/s] */
  readonly maxSpeed: number;
  /** [s] time constant of the speed */
  readonly timeConstantS: number;
  /** Sense of rotation seen from above (along −z of base_link). */
  readonly spin: 'clockwise' | 'counterclockwise';
  /** [kg/rad] drag force on the body per rotor speed and airspeed, across and along the axis */
  readonly dragCoefficient: readonly [across: number, along: number];
}

/** Force or torque straight onto the joint, saturated. */
export interface EffortActuator {
  readonly kind: 'effort';
  readonly joint: string;
  /** [N·m] or [N] */
  readonly maxEffort: number;
}

export type Actuator = RotorActuator | EffortActuator;

/** White noise, constant bias per episode, rate and latency of one measured channel. */
export interface ChannelNoise {
  /** Standard deviation of one sample, in the channel's unit. */
  readonly noise: number;
  /** Half-width of the uniform distribution that a constant bias is drawn from. */
  readonly bias: number;
}

export interface ImuSensor {
  readonly kind: 'imu';
  readonly name: string;
  readonly link: string;
  readonly rateHz: number;
  readonly latencyS: number;
  /** [rad/s] */
  readonly gyroscope: ChannelNoise;
  /** [m/s²] */
  readonly accelerometer: ChannelNoise;
}

export interface MotionCaptureSensor {
  readonly kind: 'motion_capture';
  readonly name: string;
  readonly link: string;
  readonly rateHz: number;
  readonly latencyS: number;
  /** [m] */
  readonly position: ChannelNoise;
  /** [rad] about each axis */
  readonly orientation: ChannelNoise;
}

export interface EncoderSensor {
  readonly kind: 'encoder';
  readonly name: string;
  readonly joints: readonly string[];
  readonly rateHz: number;
  readonly latencyS: number;
  /** [rad] or [m] */
  readonly position: ChannelNoise;
  /** [rad/s] or [m/s] */
  readonly velocity: ChannelNoise;
}

export type Sensor = ImuSensor | MotionCaptureSensor | EncoderSensor;

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

/** What a joint command means for this robot. */
export type CommandKind = 'velocity' | 'effort' | 'position';

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
