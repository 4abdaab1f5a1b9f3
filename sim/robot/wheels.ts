import { UserError } from '../errors.ts';
import { BodyFrames } from './body-frames.ts';
import { getJoint, type RobotModel } from './model.ts';
import { computeRigidBodies } from './rigid-bodies.ts';
import { makeStateBatch } from './state.ts';

/** One wheel of a differential drive. */
export interface Wheel {
  readonly jointIndex: number;
  /** 1 where a positive turn rolls forward, −1 where its axis points to the right */
  readonly forward: 1 | -1;
  /** [m] [@frame base_link] of its joint, at home */
  readonly positionB: readonly [x: number, y: number, z: number];
  /** [-] [@frame base_link] of its joint, at home */
  readonly axisB: readonly [x: number, y: number, z: number];
}

/** The wheels of a differential drive, and where they roll. */
export interface Wheels {
  readonly left: readonly Wheel[];
  readonly right: readonly Wheel[];
  /** [m] [@frame base_link] the middle of the axle, which moves straight along x */
  readonly axleB: readonly [x: number, y: number];
}

/** [-] how far the axis of a wheel may point out of ±y: 0.6°, what rounded angles in a description leave */
const AXIS_TOLERANCE = 1e-2;

/**
 * Where the wheels of `model.drive` are.
 * @throws RangeError if the model has no drive
 */
export function computeWheels(model: RobotModel): Wheels {
  const { drive } = model;
  if (drive === undefined) throw new RangeError(`robot '${model.name}' has no drive`);
  const frames = new BodyFrames(computeRigidBodies(model));
  const home = makeStateBatch(1, model.jointNames.length);
  home.jointPosition.set(model.home.jointPosition);
  frames.compute(home, 0);
  const place = (name: string): Wheel => {
    const body = frames.bodies.findIndex(({ connection }) => connection?.joint.name === name);
    if (body < 0) throw new RangeError(`robot '${model.name}': no wheel turns at joint '${name}'`);
    const [x, y, z] = frames.position.subarray(3 * body, 3 * body + 3);
    const axis = frames.jointAxisW.subarray(3 * body, 3 * body + 3);
    return {
      jointIndex: model.jointNames.indexOf(name),
      forward: axis[1]! < 0 ? -1 : 1,
      positionB: [x!, y!, z!],
      axisB: [axis[0]!, axis[1]!, axis[2]!],
    };
  };
  const left = drive.left.map(place);
  const right = drive.right.map(place);
  const mean = (axis: 0 | 1) => (average(left, axis) + average(right, axis)) / 2;
  return { left, right, axleB: [mean(0), mean(1)] };
}

/** What keeps the wheels of `model.drive` from being a differential drive that looks along x. */
export function checkWheels(model: RobotModel): UserError[] {
  const { drive } = model;
  if (drive === undefined) return [];
  const where = `robot '${model.name}', drive`;
  const names = [...drive.left, ...drive.right];
  const rotors = model.actuators.filter(({ kind }) => kind === 'rotor').map(({ joint }) => joint);
  const still = names.filter(
    (name) => getJoint(model, name).type === 'prismatic' || rotors.includes(name),
  );
  if (still.length > 0) {
    const problem = 'a wheel must turn on the ground';
    const expected = 'revolute or continuous joints without a rotor';
    return [
      new UserError({
        where,
        problem,
        expected,
        got: still.join(', '),
        remedy: 'Name other joints',
      }),
    ];
  }
  const { left, right } = computeWheels(model);
  const wheels = [...left, ...right];
  const askew = names.filter((_, i) => 1 - Math.abs(wheels[i]!.axisB[1]) > AXIS_TOLERANCE ** 2 / 2);
  const problems = askew.map(
    (name) =>
      new UserError({
        where,
        problem: `wheel '${name}' does not roll forwards`,
        expected: 'an axis along y of base_link, which looks along x (REP-103)',
        got: `[${wheels[names.indexOf(name)]!.axisB.map((x) => x.toFixed(3)).join(', ')}]`,
        remedy: 'Correct the joint in the URDF, or name other joints',
      }),
  );
  if (average(left, 1) <= average(right, 1)) {
    problems.push(
      new UserError({
        where,
        problem: 'left wheels stand to the right of the right ones',
        expected: 'left: larger y in base_link (REP-103)',
        got: `y ${average(left, 1).toFixed(3)} m left, ${average(right, 1).toFixed(3)} m right`,
        remedy: 'Exchange left and right',
      }),
    );
  }
  return problems;
}

function average(wheels: readonly Wheel[], axis: 0 | 1): number {
  return wheels.reduce((sum, { positionB }) => sum + positionB[axis], 0) / wheels.length;
}
