import { UserError } from '../errors.ts';
import type { Vec3 } from '../math/vec3.ts';
import { computeBodyPoses, computeExtentAlong } from './body-poses.ts';
import { placeShapes } from './body-volume.ts';
import type { RobotModel } from './model.ts';
import { computeRigidBodies } from './rigid-bodies.ts';
import { checkWheels, computeWheels } from './wheels.ts';

/**
 * [-] What is said of a drive over what its URDF shows. Calibrated wheels differ from drawn ones by a few per cent: tyres
 * give way, broad ones meet the ground somewhere over their width (Borenstein and Feng, Measurement and correction of
 * systematic odometry errors in mobile robots, IEEE T-RA 12, 1996). A quarter is no calibration any more: a diameter
 * or half a track is a factor of 2.
 */
const CALIBRATED = 1.05;
const POSSIBLE = 1.25;
/** [-] Wheels in rows scrub while they turn, as if their track were wider; so much wider it is on no ground */
const POSSIBLE_IN_ROWS = 3;

/** What `drive` of robot.yaml and the URDF say of the same wheels, where they do not agree. */
export interface DriveFaults {
  /** They mean different robots. */
  readonly errors: readonly UserError[];
  /** One of them may be a measurement. */
  readonly warnings: readonly UserError[];
}

/**
 * Compares `drive.wheelRadius` and `drive.wheelSeparation` with joints and collision shapes at home. Wheels without shapes,
 * or with meshes that were not read, have no radius to compare with.
 * @param where robot.yaml, for messages
 */
export function checkDrive(model: RobotModel, where: string): DriveFaults {
  const { drive } = model;
  // What is no drive at all is told where wheels are used.
  if (drive === undefined || checkWheels(model).length > 0) return { errors: [], warnings: [] };
  const faults = { errors: [] as UserError[], warnings: [] as UserError[] };
  const judge = (
    key: string,
    given: number,
    shown: Shown,
    most: { calibrated: number; possible: number },
  ) => {
    const ratio = given / shown.value;
    if (ratio <= most.calibrated && ratio >= 1 / CALIBRATED) return;
    const isPossible = ratio <= most.possible && ratio >= 1 / POSSIBLE;
    faults[isPossible ? 'warnings' : 'errors'].push(
      new UserError({
        where: `${where}: drive.${key}`,
        problem: `the URDF has another one: ${shown.of}`,
        expected: `${format(shown.value)} m`,
        got: `${format(given)} m`,
        remedy: isPossible
          ? 'Leave it if it was measured; odometry is wrong by as much in simulation.'
          : 'Correct it, or the wheels in the URDF.',
      }),
    );
  };
  const wheels = measureWheels(model);
  for (const radius of wheels.radii) {
    judge('wheelRadius', drive.wheelRadius, radius, { calibrated: CALIBRATED, possible: POSSIBLE });
  }
  const isInRows = drive.left.length > 1 || drive.right.length > 1;
  const separation = nearest(wheels.separations, drive.wheelSeparation);
  judge('wheelSeparation', drive.wheelSeparation, separation, {
    calibrated: isInRows ? POSSIBLE_IN_ROWS : CALIBRATED,
    possible: isInRows ? POSSIBLE_IN_ROWS : POSSIBLE,
  });
  return faults;
}

interface Shown {
  /** [m] */
  readonly value: number;
  /** Of what, for messages. */
  readonly of: string;
}

/** What joints and shapes say; either may be meant where a wheel stands beside its joint. */
function measureWheels(model: RobotModel): { radii: Shown[]; separations: Shown[] } {
  const { left, right } = computeWheels(model);
  const sides = [left, right].map((wheels) =>
    wheels.map((wheel) => ({ wheel, shape: measureWheel(model, wheel.jointIndex) })),
  );
  const radii = sides.flat().flatMap(({ wheel, shape }) => {
    if (shape === undefined) return [];
    const value = wheel.positionB[2] - shape.bottom;
    return [{ value, of: `'${model.jointNames[wheel.jointIndex]}' turns a wheel that reaches` }];
  });
  const [leftY, rightY] = sides.map((side) => mean(side.map(({ wheel }) => wheel.positionB[1])));
  const [leftMid, rightMid] = sides.map((side) =>
    mean(side.map(({ shape }) => shape?.middleY ?? Number.NaN)),
  );
  const separations = [
    { value: leftY! - rightY!, of: 'the joints of the wheels are apart' },
    { value: leftMid! - rightMid!, of: 'the middles of the wheels are apart' },
  ].filter(({ value }) => value > 0);
  return { radii, separations };
}

/** Lowest point and middle of what turns with a joint. [m] [@frame base_link] at home */
function measureWheel(
  model: RobotModel,
  jointIndex: number,
): { readonly bottom: number; readonly middleY: number } | undefined {
  const bodies = computeRigidBodies(model);
  const poses = computeBodyPoses(bodies, model.home.jointPosition);
  const index = bodies.findIndex(({ connection }) => connection?.jointIndex === jointIndex);
  const body = bodies[index]!;
  const shapes = placeShapes(body, model.links, 'collisions', model.meshes, poses[index]!);
  if (shapes.length === 0) return undefined;
  const reach = (along: Vec3) =>
    Math.max(...shapes.map((shape) => computeExtentAlong(shape, along, model.meshes)));
  return { bottom: -reach([0, 0, -1]), middleY: (reach([0, 1, 0]) - reach([0, -1, 0])) / 2 };
}

function nearest(shown: readonly Shown[], given: number): Shown {
  return shown.reduce((best, one) =>
    Math.abs(one.value - given) < Math.abs(best.value - given) ? one : best,
  );
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function format(value: number): string {
  return String(Number(value.toPrecision(4)));
}
