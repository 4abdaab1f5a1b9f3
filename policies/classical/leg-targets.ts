import { STANDARD_GRAVITY } from '../../sim/math/gravity.ts';
import type { MutableNumbers, Numbers } from '../../sim/math/vec3.ts';
import { clamp } from '../../sim/math/vec3.ts';
import { computeTotalMass, type RobotModel } from '../../sim/robot/model.ts';
import { computeCentreOfMass, computeHoldingEfforts } from './holding-effort.ts';
import {
  computeLegs,
  type LegGeometry,
  writeFootPosition,
  writeLegJoints,
} from './leg-kinematics.ts';
import { type Matrix, multiply, solve, transpose } from './matrix.ts';

/** One leg with what it takes to hold it, at home. */
interface Leg {
  readonly geometry: LegGeometry;
  /** Hip, thigh, calf in actuated joint order. */
  readonly command: readonly number[];
  /** [rad/N·m] by how much a drive's target must lead its joint per effort */
  readonly compliance: readonly number[];
  /** [N·m] that carries the leg itself */
  readonly ownEffort: readonly number[];
  /** [-] effort per newton that the foot carries */
  readonly effortPerLoad: readonly number[];
}

/**
 * Joint targets for a quadruped on position drives: each foot by inverse kinematics, and each target ahead of its
 * joint by what the drive needs to carry the load, effort / stiffness, so that the joint itself ends where it
 * should. The loads are those of a level robot at home: small motions around it are what this is for.
 */
export class LegTargets {
  readonly numLegs: number;
  /** [N] of the whole robot */
  readonly weight: number;
  /** [numLegs, 3] m [@frame base_link] centre of each foot at home */
  readonly homeFeet: Float64Array;
  /** [numLegs] N share of each foot in a robot that stands on all of them at home */
  readonly homeLoads: readonly number[];
  readonly #legs: readonly Leg[];
  readonly #lower: readonly number[];
  readonly #upper: readonly number[];
  readonly #joints = new Float64Array(3);

  /** @throws RangeError unless the robot has legs as LegGeometry describes them, on position drives */
  constructor(model: RobotModel) {
    const geometries = computeLegs(model);
    this.numLegs = geometries.length;
    this.weight = computeTotalMass(model) * STANDARD_GRAVITY;
    this.homeFeet = new Float64Array(3 * this.numLegs);
    this.#lower = model.commandLower;
    this.#upper = model.commandUpper;
    const home = model.home.jointPosition;
    geometries.forEach((leg, i) => {
      const joints = leg.jointIndices.map((joint) => home[joint]!);
      writeFootPosition(this.homeFeet, 3 * i, leg, joints, 0);
    });
    this.homeLoads = computeFootLoads(this.homeFeet, computeCentreOfMass(model, home), this.weight);
    this.#legs = geometries.map((leg, i) => makeLeg(model, leg, this.homeFeet.subarray(3 * i)));
  }

  get geometries(): readonly LegGeometry[] {
    return this.#legs.map((leg) => leg.geometry);
  }

  /**
   * Writes the targets of one leg into a command, within the range of its joints.
   * @param command [numActuatedJoints] rad, actuated joint order
   * @param foot p[po …] m [@frame base_link] centre of the foot
   * @param load [N] that the foot carries
   */
  writeLeg(command: MutableNumbers, leg: number, foot: Numbers, po: number, load: number): void {
    const { geometry, command: at, compliance, ownEffort, effortPerLoad } = this.#legs[leg]!;
    writeLegJoints(this.#joints, 0, geometry, foot, po);
    for (let k = 0; k < 3; k++) {
      const effort = ownEffort[k]! + load * effortPerLoad[k]!;
      const target = this.#joints[k]! + effort * compliance[k]!;
      command[at[k]!] = clamp(target, this.#lower[at[k]!]!, this.#upper[at[k]!]!);
    }
  }
}

function makeLeg(model: RobotModel, geometry: LegGeometry, foot: Numbers): Leg {
  const home = model.home.jointPosition;
  const own = computeHoldingEfforts(model, home, []);
  // The foot touches the floor right below its centre.
  const loaded = computeHoldingEfforts(model, home, [
    {
      link: geometry.footLink,
      pointB: [foot[0]!, foot[1]!, foot[2]! - geometry.footRadius],
      forceB: [0, 0, 1],
    },
  ]);
  const actuators = geometry.jointNames.map((name) => {
    const actuator = model.actuators.find((candidate) => candidate.joint === name);
    if (actuator?.kind !== 'pd') {
      throw new RangeError(
        `robot '${model.name}': joint '${name}' needs a position drive (pd), got ${actuator?.kind ?? 'no actuator'}`,
      );
    }
    return actuator;
  });
  const indices = geometry.jointIndices;
  return {
    geometry,
    command: geometry.jointNames.map((name) => model.actuatedJointNames.indexOf(name)),
    compliance: actuators.map((actuator) => 1 / actuator.stiffness),
    ownEffort: indices.map((joint) => own[joint]!),
    effortPerLoad: indices.map((joint) => loaded[joint]! - own[joint]!),
  };
}

/**
 * How feet share a weight so that nothing turns: of all shares with Σf = weight and their centre below the centre
 * of mass the one with the least squares.
 * @param feet [numFeet, 3] m, at least three that are not in one line
 * @returns [numFeet] N
 */
export function computeFootLoads(
  feet: Float64Array,
  centreOfMass: Numbers,
  weight: number,
): readonly number[] {
  const numFeet = feet.length / 3;
  const balance: Matrix = [0, 1, 2].map((row) =>
    Array.from({ length: numFeet }, (_, i) => (row === 0 ? 1 : feet[3 * i + row - 1]!)),
  );
  const wanted = [1, centreOfMass[0]!, centreOfMass[1]!].map((value) => [weight * value]);
  // Least squares under A f = b: f = Aᵀ (A Aᵀ)⁻¹ b.
  const multipliers = solve(multiply(balance, transpose(balance)), wanted);
  return multiply(transpose(balance), multipliers).map((row) => row[0]!);
}
