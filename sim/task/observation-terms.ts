import { computeYaw, wrapAngle, writeInverseRotated } from '../math/quat.ts';
import { getJoint, getJointIndex, type RobotModel } from '../robot/model.ts';
import { LIDAR_TERMS } from './lidar-terms.ts';
import { PLACE_TERMS } from './place-terms.ts';
import type { ObservationTerm, ObservationTermSpec } from './task.ts';

/** What a term measures, and how to make it for one robot model. */
export interface ObservationTermKind {
  readonly description: string;
  /** Fixed, or that of the named joints. */
  readonly unit: string | 'joint' | 'joint/s';
  readonly frame?: string;
  /** How many joints the specification must name; absent if the term names none. */
  readonly joints?: 'one' | 'some';
  /** The kind of sensor that the specification must name; absent if the term names none. */
  readonly sensor?: 'lidar';
  /** Whether the specification must say how long a lap takes. */
  readonly isPeriodic?: true;
  /** Whether the specification must say how much room the robot needs. */
  readonly needsClearance?: true;
  /** Whether it writes its whole history itself, oldest first; frames are then what it says they are, not control steps. */
  readonly keepsHistory?: true;
  /**
   * What its numbers are, one by one; `joints` are those that the specification names, `sectors` as many as its
   * width says
   */
  readonly columns:
    | 'one'
    | 'plane'
    | 'axes'
    | 'matrix'
    | 'joints'
    | 'actuators'
    | 'sectors'
    | 'lap';
  /**
   * What becomes of its numbers in a mirror along the robot's xz-plane: which columns change their sign; joints and
   * sectors change places. Absent: it has no image.
   */
  readonly mirror?: 'joints' | 'sectors' | Readonly<Record<string, 1 | -1>>;
  /**
   * @param jointNames valid names, as many as `joints` asks for
   * @param spec with the sensor, the width and the history, for a term of a sensor; with the period, for one that goes
   *   round
   */
  make(
    model: RobotModel,
    jointNames: readonly string[],
    spec?: Pick<ObservationTermSpec, 'sensor' | 'width' | 'periodS' | 'history' | 'clearance'>,
  ): ObservationTerm;
}

/** [3] [@frame odom] of one robot at a time, to 32 bits, as all observations are */
const ERROR_W = new Float64Array(3);

/** In a mirror a vector's y points the other way, a turn's x and z do. */
const ACROSS = { y: -1 } as const;
const SPIN = { x: -1, z: -1 } as const;
const TURN = { '': -1 } as const;

/** Every observation term by name. To add one, add an entry. */
export const OBSERVATION_TERMS = {
  positionErrorB: {
    description: 'From base_link to where it should be',
    unit: 'm',
    frame: 'base_link',
    columns: 'axes',
    mirror: ACROSS,
    make: () => (out, offset, view, robot) => {
      const i = 3 * robot;
      const wanted = view.reference.position;
      const measured = view.state.position;
      for (let k = 0; k < 3; k++) ERROR_W[k] = Math.fround(wanted[i + k]! - measured[i + k]!);
      writeInverseRotated(out, offset, view.state.orientation, 4 * robot, ERROR_W, 0);
    },
  },
  positionErrorIntegralB: {
    description: 'Bounded integral of the position error, see ObservationPipeline.updateMemory',
    unit: 'm·s',
    frame: 'base_link',
    columns: 'axes',
    mirror: ACROSS,
    make: () => (out, offset, view, robot) =>
      writeInverseRotated(
        out,
        offset,
        view.state.orientation,
        4 * robot,
        view.memory.positionErrorIntegralW,
        3 * robot,
      ),
  },
  linearVelocityB: {
    description: 'Velocity of base_link as the body feels it',
    unit: 'm/s',
    frame: 'base_link',
    columns: 'axes',
    mirror: ACROSS,
    make: () => (out, offset, view, robot) =>
      writeInverseRotated(
        out,
        offset,
        view.state.orientation,
        4 * robot,
        view.state.linearVelocityW,
        3 * robot,
      ),
  },
  referenceVelocityB: {
    description: 'Velocity that base_link should have',
    unit: 'm/s',
    frame: 'base_link',
    columns: 'axes',
    make: () => (out, offset, view, robot) =>
      writeInverseRotated(
        out,
        offset,
        view.state.orientation,
        4 * robot,
        view.reference.linearVelocityW,
        3 * robot,
      ),
  },
  linearVelocityCommand: {
    description: 'Velocity asked for, ahead and to the left',
    unit: 'm/s',
    frame: 'heading',
    columns: 'plane',
    mirror: ACROSS,
    make: () => (out, offset, view, robot) => {
      out[offset] = view.reference.velocityCommand[3 * robot]!;
      out[offset + 1] = view.reference.velocityCommand[3 * robot + 1]!;
    },
  },
  yawRateCommand: {
    description: 'Turn asked for, counterclockwise from above',
    unit: 'rad/s',
    columns: 'one',
    mirror: TURN,
    make: () => (out, offset, view, robot) => {
      out[offset] = view.reference.velocityCommand[3 * robot + 2]!;
    },
  },
  velocityErrorB: {
    description: 'Wanted minus measured velocity of base_link',
    unit: 'm/s',
    frame: 'base_link',
    columns: 'axes',
    mirror: ACROSS,
    make: () => (out, offset, view, robot) => {
      const i = 3 * robot;
      const wanted = view.reference.linearVelocityW;
      const measured = view.state.linearVelocityW;
      for (let k = 0; k < 3; k++) ERROR_W[k] = Math.fround(wanted[i + k]! - measured[i + k]!);
      writeInverseRotated(out, offset, view.state.orientation, 4 * robot, ERROR_W, 0);
    },
  },
  projectedGravityB: {
    description: 'Unit vector along gravity; (0, 0, −1) when level',
    unit: '-',
    frame: 'base_link',
    columns: 'axes',
    mirror: ACROSS,
    make: () => (out, offset, view, robot) => {
      const q = view.state.orientation;
      const x = q[4 * robot]!;
      const y = q[4 * robot + 1]!;
      const z = q[4 * robot + 2]!;
      const w = q[4 * robot + 3]!;
      // −1 times the third row of the rotation matrix odom-from-base_link.
      out[offset] = -2 * (x * z - w * y);
      out[offset + 1] = -2 * (y * z + w * x);
      out[offset + 2] = -(1 - 2 * (x * x + y * y));
    },
  },
  rotationMatrixW: {
    description: 'Rotation matrix odom-from-base_link, row-major',
    unit: '-',
    frame: 'odom',
    columns: 'matrix',
    make: () => (out, offset, view, robot) => {
      const q = view.state.orientation;
      const x = q[4 * robot]!;
      const y = q[4 * robot + 1]!;
      const z = q[4 * robot + 2]!;
      const w = q[4 * robot + 3]!;
      out[offset] = 1 - 2 * (y * y + z * z);
      out[offset + 1] = 2 * (x * y - w * z);
      out[offset + 2] = 2 * (x * z + w * y);
      out[offset + 3] = 2 * (x * y + w * z);
      out[offset + 4] = 1 - 2 * (x * x + z * z);
      out[offset + 5] = 2 * (y * z - w * x);
      out[offset + 6] = 2 * (x * z - w * y);
      out[offset + 7] = 2 * (y * z + w * x);
      out[offset + 8] = 1 - 2 * (x * x + y * y);
    },
  },
  yawError: {
    description: 'Wanted minus measured yaw, in (−π, π]',
    unit: 'rad',
    columns: 'one',
    mirror: TURN,
    make: () => (out, offset, view, robot) => {
      const yaw = computeYaw(view.state.orientation, 4 * robot);
      out[offset] = wrapAngle(view.reference.yaw[robot]! - yaw);
    },
  },
  angularVelocityB: {
    description: 'Angular velocity, as a gyroscope gives it',
    unit: 'rad/s',
    frame: 'base_link',
    columns: 'axes',
    mirror: SPIN,
    make: () => (out, offset, view, robot) => {
      const rate = view.state.angularVelocityB;
      out[offset] = rate[3 * robot]!;
      out[offset + 1] = rate[3 * robot + 1]!;
      out[offset + 2] = rate[3 * robot + 2]!;
    },
  },
  goalDistance: {
    description: 'From base_link to where it should be, in the horizontal plane',
    unit: 'm',
    columns: 'one',
    mirror: {},
    make: () => (out, offset, view, robot) => {
      const i = 3 * robot;
      const x = view.reference.position[i]! - view.state.position[i]!;
      const y = view.reference.position[i + 1]! - view.state.position[i + 1]!;
      out[offset] = Math.sqrt(x * x + y * y);
    },
  },
  goalDirectionB: {
    description: 'Cosine and sine of the bearing of where it should be: (1, 0) ahead, (0, 1) left',
    unit: '-',
    frame: 'base_link',
    columns: 'plane',
    mirror: ACROSS,
    make: () => (out, offset, view, robot) => {
      const i = 3 * robot;
      const x = view.reference.position[i]! - view.state.position[i]!;
      const y = view.reference.position[i + 1]! - view.state.position[i + 1]!;
      const bearing = Math.atan2(y, x) - computeYaw(view.state.orientation, 4 * robot);
      out[offset] = Math.cos(bearing);
      out[offset + 1] = Math.sin(bearing);
    },
  },
  ...PLACE_TERMS,
  ...LIDAR_TERMS,
  gaitClock: {
    description: 'Sine and cosine of a lap that began with the first observation: what paces steps',
    unit: '-',
    isPeriodic: true,
    // Half a lap later: gaits in which left does then what right does now.
    mirror: { sin: -1, cos: -1 },
    columns: 'lap',
    make: (_model, _jointNames, spec) => {
      const rate = (2 * Math.PI) / (spec?.periodS ?? Number.NaN);
      return (out, offset, view, robot) => {
        const angle = rate * view.memory.timeS[robot]!;
        out[offset] = Math.sin(angle);
        out[offset + 1] = Math.cos(angle);
      };
    },
  },
  lastAction: {
    description: "The policy's last output after clipping, before scale and offset",
    unit: '-',
    columns: 'actuators',
    mirror: 'joints',
    make: (model) => makeActionTerm(model, 'lastAction'),
  },
  laggedAction: {
    description: "Past actions through the actuators' nominal lag: what the rotors do now",
    unit: '-',
    columns: 'actuators',
    mirror: 'joints',
    make: (model) => makeActionTerm(model, 'laggedAction'),
  },
  jointPosition: {
    description: 'Positions of the named joints',
    unit: 'joint',
    joints: 'some',
    columns: 'joints',
    mirror: 'joints',
    make: (model, jointNames) => makeJointTerm(model, jointNames, 'jointPosition'),
  },
  jointVelocity: {
    description: 'Velocities of the named joints',
    unit: 'joint/s',
    joints: 'some',
    columns: 'joints',
    mirror: 'joints',
    make: (model, jointNames) => makeJointTerm(model, jointNames, 'jointVelocity'),
  },
  jointPositionError: {
    description: "The reference's x minus the position of the named joint (a cart on its rail)",
    unit: 'joint',
    joints: 'one',
    columns: 'joints',
    make: (model, jointNames) => {
      const index = getJointIndex(model, jointNames[0]!);
      return (out, offset, view, robot) => {
        const measured = view.state.jointPosition[robot * view.state.numJoints + index]!;
        out[offset] = view.reference.position[3 * robot]! - measured;
      };
    },
  },
} as const satisfies Record<string, ObservationTermKind>;

export type ObservationTermName = keyof typeof OBSERVATION_TERMS;

export const OBSERVATION_TERM_NAMES = Object.keys(OBSERVATION_TERMS) as ObservationTermName[];

/** Measured numbers of the named joints, in the order of the names. */
function makeJointTerm(
  model: RobotModel,
  jointNames: readonly string[],
  quantity: 'jointPosition' | 'jointVelocity',
): ObservationTerm {
  const indices = jointNames.map((name) => getJointIndex(model, name));
  return (out, offset, view, robot) => {
    const values = view.state[quantity];
    const row = robot * view.state.numJoints;
    for (let k = 0; k < indices.length; k++) out[offset + k] = values[row + indices[k]!]!;
  };
}

function makeActionTerm(model: RobotModel, key: 'lastAction' | 'laggedAction'): ObservationTerm {
  const width = model.actuatedJointNames.length;
  return (out, offset, view, robot) => {
    const memory = view.memory[key];
    for (let k = 0; k < width; k++) out[offset + k] = memory[robot * width + k]!;
  };
}

/** The kind of that name, or undefined. */
export function findObservationTermKind(name: string): ObservationTermKind | undefined {
  return Object.hasOwn(OBSERVATION_TERMS, name)
    ? OBSERVATION_TERMS[name as ObservationTermName]
    : undefined;
}

const AXES = ['x', 'y', 'z'] as const;
const PLANE = ['x', 'y'] as const;
const LAP = ['sin', 'cos'] as const;

/**
 * What each number of a term belongs to, in order: axes, joints, sectors; one empty text for a term of one number.
 * @param width [1] numbers of a term that has as many as its specification says
 */
export function listTermColumns(
  kind: ObservationTermKind,
  model: RobotModel,
  jointNames: readonly string[],
  width = 0,
): readonly string[] {
  switch (kind.columns) {
    case 'one':
      return [''];
    case 'plane':
      return PLANE;
    case 'lap':
      return LAP;
    case 'sectors':
      return Array.from({ length: width }, (_, k) => `${k}`);
    case 'axes':
      return AXES;
    case 'matrix':
      return AXES.flatMap((row) => AXES.map((column) => `${row}${column}`));
    case 'joints':
      return jointNames;
    case 'actuators':
      return model.actuatedJointNames;
  }
}

/** The unit of a term for these joints; undefined if the joints do not share one. */
export function computeTermUnit(
  kind: ObservationTermKind,
  model: RobotModel,
  jointNames: readonly string[],
): string | undefined {
  if (kind.unit !== 'joint' && kind.unit !== 'joint/s') return kind.unit;
  const units = new Set(
    jointNames.map((name) => (getJoint(model, name).type === 'prismatic' ? 'm' : 'rad')),
  );
  const [unit] = units;
  if (units.size !== 1 || unit === undefined) return undefined;
  return kind.unit === 'joint' ? unit : `${unit}/s`;
}
