import { UserError } from '../errors.ts';
import { writeInverseRotated } from '../math/quat.ts';
import { computeNorm, type Vec3 } from '../math/vec3.ts';
import { computeExtentAlong, placeCollisionShapes } from './body-poses.ts';
import { computeSides, computeVolumeBounds, isMeasurable } from './body-volume.ts';
import type { Geometry, Shape, Transform } from './geometry.ts';
import type { Link, RobotModel } from './model.ts';
import type { RigidBody } from './rigid-bodies.ts';
import { TRANSFORM_IDENTITY } from './transform.ts';

/** What suspicions are about. */
export interface Suspect {
  readonly name: string;
  readonly links: readonly Link[];
  readonly meshes: RobotModel['meshes'];
  readonly bodies: readonly RigidBody[];
  /** rootBodyFromBody of each body, as it is to be judged. */
  readonly poses: readonly Transform[];
  /** File, line and element of each link, by `link[name]`. */
  readonly places: ReadonlyMap<string, string>;
}

/** [m] few machines are larger, while the smallest robots, of 5 cm, become this large in millimetres */
const LARGEST = 50;
/** [-] between collision shapes and visuals of one link: a foot may stand for a leg of ten times its size; units differ by 1000 */
const LARGEST_MISMATCH = 100;
/**
 * [kg/m³] Osmium, the densest matter, has 22 587 ± 9 (Griffith, Bicentenary of Four Platinum Group Metals II, Platinum
 * Metals Review 48, 2004). It is compared with the box around a body, which holds all of it and air besides: no body can
 * be above.
 */
const DENSEST = 25_000;
/** [kg/m³] below the lightest foam that things are built of: expanded polystyrene EPS12 has 11.2 (ASTM D6817, table 1) */
const LIGHTEST = 10;
/** [m] contacts give way by a millimetre or two; what begins deeper is thrown out of the ground */
const DEEPEST_HOME = 0.01;

/**
 * What a description can say and hardly can mean: lengths in millimetres, masses in grams, a start in the ground.
 * @returns one sentence each, with its place
 */
export function findSuspicions(suspect: Suspect): string[] {
  const sizes = findLargeShapes(suspect);
  return [
    ...sizes.errors,
    ...findMismatches(suspect, sizes.links),
    ...findWideSkeleton(suspect),
    ...suspect.bodies.flatMap((body) =>
      body.links.some((link) => sizes.links.has(link.name)) ? [] : findDensity(suspect, body),
    ),
  ].map((error) => error.message);
}

function findLargeShapes({ links, meshes, places }: Suspect) {
  const errors: UserError[] = [];
  const large = new Set<string>();
  for (const { name, collisions, visuals } of links) {
    for (const { geometry } of [...collisions, ...visuals]) {
      const size = measure([{ geometry, linkFromShape: TRANSFORM_IDENTITY }], meshes);
      if (size === undefined || size <= LARGEST || large.has(name)) continue;
      large.add(name);
      errors.push(
        new UserError({
          where: places.get(`link[${name}]`) ?? name,
          problem: `${describeGeometry(geometry)} looks as if it were in millimetres`,
          expected: `at most ${LARGEST} m`,
          got: `${format(size)} m`,
          remedy: geometry.kind === 'mesh' ? 'Scale it by 0.001.' : 'Give it in metres.',
        }),
      );
    }
  }
  return { errors, links: large };
}

/** Collision shapes and visuals of a link that are not of one scale. */
function findMismatches(
  { links, meshes, places }: Suspect,
  known: ReadonlySet<string>,
): UserError[] {
  return links.flatMap(({ name, collisions, visuals }) => {
    const [touched, seen] = [measure(collisions, meshes), measure(visuals, meshes)];
    if (known.has(name) || !touched || !seen) return [];
    if (Math.max(touched / seen, seen / touched) <= LARGEST_MISMATCH) return [];
    return [
      new UserError({
        where: places.get(`link[${name}]`) ?? name,
        problem: 'what it touches with and what is seen of it are not of one scale',
        expected: `at most a factor of ${LARGEST_MISMATCH}`,
        got: `collision ${format(touched)} m, visual ${format(seen)} m`,
        remedy: 'Look at its sizes, scales and origins: some are in another unit.',
      }),
    ];
  });
}

function findWideSkeleton({ name, poses }: Suspect): UserError[] {
  const sides = [0, 1, 2].map((axis) => {
    const places = poses.map(({ translation }) => translation[axis]!);
    return Math.max(...places) - Math.min(...places);
  });
  const size = computeNorm(sides as unknown as Vec3);
  if (!(size > LARGEST)) return [];
  return [
    new UserError({
      where: `robot '${name}'`,
      problem: 'the origins of its joints look as if they were in millimetres',
      expected: `joints within ${LARGEST} m`,
      got: `${format(size)} m`,
      remedy: 'Give every <origin> in metres.',
    }),
  ];
}

function findDensity({ links, meshes, places }: Suspect, body: RigidBody): UserError[] {
  const bounds = computeVolumeBounds(body, links, meshes);
  if (bounds === undefined || !(body.mass > 0)) return [];
  const least = body.mass / bounds.box;
  const most = body.mass / bounds.solid;
  const names = body.links.map((link) => link.name).join(', ');
  const where = places.get(`link[${body.rootLink}]`) ?? names;
  const report = (problem: string, density: number, remedy: string) => [
    new UserError({
      where,
      problem,
      expected: `${LIGHTEST} to ${DENSEST} kg/m³`,
      got: `${format(body.mass)} kg in ${format(body.mass / density)} m³, ${format(density)} kg/m³, in ${names}`,
      remedy,
    }),
  ];
  // Lengths wrong by a thousand make a milliard of it, masses a thousand; a million lies between.
  // A flat body has no volume to compare with.
  if (bounds.box > 0 && least > DENSEST) {
    return least > DENSEST * 1e3
      ? report('the body is heavier than any matter: too small?', least, 'Check scales and sizes.')
      : report('the body is heavier than any matter: grams?', least, 'Give its masses in kg.');
  }
  if (bounds.solid > 0 && most < LIGHTEST) {
    return most < LIGHTEST / 1e3
      ? report('the body is lighter than air: sizes in millimetres?', most, 'Give them in metres.')
      : report('the body is lighter than foam', most, 'Check its mass, in kg, and its sizes.');
  }
  return [];
}

/**
 * Whether a floating robot begins its runs in the ground, or falls when they begin; `robot.yaml` says where.
 * @param where the file, for messages
 */
export function findHomeSuspicions(
  model: RobotModel,
  bodies: readonly RigidBody[],
  poses: readonly Transform[],
  where: string,
): string[] {
  const shapes = placeCollisionShapes(model, bodies, poses);
  if (model.base !== 'floating' || shapes.length === 0) return [];
  const up: [number, number, number] = [0, 0, 0];
  writeInverseRotated(up, 0, model.home.orientation, 0, [0, 0, 1], 0);
  const down: Vec3 = [-up[0], -up[1], -up[2]];
  const reach = (along: Vec3) =>
    Math.max(...shapes.map((shape) => computeExtentAlong(shape, along, model.meshes)));
  const [above, below] = [reach(up), reach(down)];
  const lowest = model.home.position[2] - below;
  const flies = model.actuators.some((actuator) => actuator.kind === 'rotor');
  const report = (problem: string, expected: string) => [
    new UserError({
      where: `${where}: home.position`,
      problem,
      expected,
      got: `its lowest point at ${format(lowest)} m, base_link at ${format(model.home.position[2])} m`,
      remedy: `It stands on the ground with ${format(below)} as the third number.`,
    }).message,
  ];
  if (lowest < -DEEPEST_HOME) {
    return report(
      'the robot begins in the ground, and contact will throw it out',
      `at most ${DEEPEST_HOME} m below 0`,
    );
  }
  const height = above + below;
  return !flies && lowest > height
    ? report(
        'the robot begins with a fall from higher than it is tall',
        `at most ${format(height)} m above 0`,
      )
    : [];
}

/** Longest side of the box around shapes of one link. [m] */
function measure(
  shapes: readonly Pick<Shape, 'geometry' | 'linkFromShape'>[],
  meshes: RobotModel['meshes'],
): number | undefined {
  const sides = computeSides(
    shapes
      .filter(({ geometry }) => isMeasurable(geometry, meshes))
      .map(({ geometry, linkFromShape }) => ({ geometry, rootFromShape: linkFromShape })),
    meshes,
  );
  return sides && Math.max(...sides);
}

function describeGeometry(geometry: Geometry): string {
  return geometry.kind === 'mesh' ? `mesh '${geometry.uri}'` : `the ${geometry.kind}`;
}

/** Three digits; what is left of sums that cancel is zero. */
function format(value: number): string {
  return Math.abs(value) < 1e-12 ? '0' : String(Number(value.toPrecision(3)));
}
