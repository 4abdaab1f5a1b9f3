import type { DenseLayer } from '../onnx/dense-layers.ts';

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
  /** Absent: neither ground effect nor downwash. */
  readonly wake?: RotorWake | undefined;
  /** The battery that feeds it; absent: its voltage never sags. */
  readonly supply?:
    | {
        /** Name of the battery. */
        readonly battery: string;
        /** [-] @range 0, 1 share of the battery's power that arrives at the shaft */
        readonly efficiency: number;
      }
    | undefined;
}

/** What the air pushed down by a rotor does near the ground and to rotors below. */
export interface RotorWake {
  /** [m] of the propeller */
  readonly radius: number;
  /** [-] coefficient of the ground effect, thrust × (1 + coefficient · (radius / 4h)²) */
  readonly groundCoefficient: number;
  /** [-] share of the ideal induced velocity that reaches rotors below */
  readonly downwashCoefficient: number;
}

/** What lies between a joint motor's command and the joint. Whatever is absent is ideal. */
export interface MotorStages {
  /** [s] time constant of a first-order lag of the effort */
  readonly lagS?: number | undefined;
  /** [s] from the arrival of a command to its effect, on top of the robot's own command latency */
  readonly delayS?: number | undefined;
  /** Torque–speed line of a DC motor, at the joint, gears included. */
  readonly torqueSpeed?:
    | {
        /** [N·m] or [N] at standstill */
        readonly stallEffort: number;
        /** [rad/s] or [m/s] at which no effort is left */
        readonly noLoadSpeed: number;
      }
    | undefined;
  /**
   * Friction of motor and gears, at the joint. It is part of the joint's own `friction` and `damping` already, where
   * the engine solves it with all other forces: it sticks without creeping and does not chatter around standstill.
   */
  readonly friction?:
    | {
        /** [N·m] or [N] */
        readonly coulomb: number;
        /** [N·m·s/rad] or [N·s/m] */
        readonly viscous: number;
      }
    | undefined;
  /**
   * [rad] or [m] free play of the gears at the joint, from one flank to the other. Within it the motor turns alone,
   * with the joint's armature as its inertia.
   */
  readonly backlash?: number | undefined;
  /** Name of the battery that feeds it; with it goes `torqueSpeed`, which tells the current. */
  readonly battery?: string | undefined;
  /**
   * Joint by joint, how far the motor's coordinate moves per unit of the joint's: its row of the
   * transmission matrix, as of a tendon over several joints or a differential. The motor's effort acts on each
   * joint by the same factor, so that power is neither made nor lost. Commands, position, speed and effort of the
   * actuator are those of the motor's coordinate then. Absent: its own joint by 1.
   */
  readonly transmission?: Readonly<Record<string, number>> | undefined;
}

/** Force or torque straight onto the joint, saturated. */
export interface EffortActuator extends MotorStages {
  readonly kind: 'effort';
  readonly joint: string;
  /** [N·m] or [N] */
  readonly maxEffort: number;
}

/**
 * Position (`pd`) or speed (`velocity`) servo: effort = stiffness · (command − position) − damping · velocity, and
 * damping · (command − velocity). In the `solver` the engine integrates it implicitly, so that any gains are
 * stable, as in a drive whose own loop runs much faster than the physics; `explicit` computes the
 * effort from the state before the step, as a loop that runs at the physics rate does, and gains that are too
 * high for the timestep swing up. Stages other than command delay and friction need `explicit`.
 */
export interface ServoActuator extends MotorStages {
  readonly kind: 'pd' | 'velocity';
  readonly joint: string;
  /** [N·m/rad] or [N/m]; 0 for a `velocity` servo */
  readonly stiffness: number;
  /** [N·m·s/rad] or [N·s/m] */
  readonly damping: number;
  /** [N·m] or [N] */
  readonly maxEffort: number;
  readonly integration: 'solver' | 'explicit';
}

/**
 * A network that learned a real drive: from the last position errors (command − position) and speeds of its joint to
 * its effort (Hwangbo et al., Learning agile and dynamic motor skills for legged robots, Science Robotics 4, 2019).
 * It is evaluated at each physics step; what it saw before a reset is forgotten.
 */
export interface NetworkActuator extends MotorStages {
  readonly kind: 'network';
  readonly joint: string;
  /** [N·m] or [N] */
  readonly maxEffort: number;
  readonly network: ActuatorNetwork;
}

/** Layers of a small fully connected network and the samples it looks at. */
export interface ActuatorNetwork {
  /** File it was read from, as written in robot.yaml. */
  readonly file: string;
  /** [s] what ages are counted in: the period at which it was trained; between physics steps a straight line holds */
  readonly sampleS: number;
  /** [1] ages of what it sees, in the order of its inputs, as in [0, 1, 2] */
  readonly history: readonly number[];
  /** `position_velocity`: all position errors first; `interleaved`: error and speed age by age */
  readonly inputOrder: 'position_velocity' | 'velocity_position' | 'interleaved';
  /**
   * [-] factors on position error and speed before the network, and on its output after it; a negative
   * `positionScale` for networks that learned position − command
   */
  readonly positionScale: number;
  readonly velocityScale: number;
  readonly effortScale: number;
  readonly layers: readonly DenseLayer[];
}

export type JointActuator = EffortActuator | ServoActuator | NetworkActuator;
export type Actuator = RotorActuator | JointActuator;

/** A battery behind an inner resistance: its voltage sags with the current that all its motors draw. */
export interface Battery {
  readonly name: string;
  /** [V] fully charged, and at which a motor's figures were measured */
  readonly nominalVoltage: number;
  /** [V] at which it counts as empty */
  readonly emptyVoltage: number;
  /** [Ω] */
  readonly resistance: number;
  /** [A·s] */
  readonly capacity: number;
  /** [W] drawn by everything that is no motor */
  readonly idlePower: number;
}

/** What a joint command means for this robot. */
export type CommandKind = 'velocity' | 'effort' | 'position';
