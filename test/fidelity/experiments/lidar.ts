import type { RayBatch } from '../../../sim/engine/engine.ts';
import { writeFromRollPitchYaw, writeRotated } from '../../../sim/math/quat.ts';
import { Rng } from '../../../sim/math/rng.ts';
import type { Vec3 } from '../../../sim/math/vec3.ts';
import { DEFAULT_MATERIAL, type Geometry } from '../../../sim/robot/geometry.ts';
import type { HeightField, Scene, SceneObject } from '../../../sim/terrain/scene.ts';
import { computeBallMoments, makeLink, makeRobot, withBench } from '../bodies.ts';
import { castExactRay } from '../exact/rays.ts';
import type { Experiment, Row, Setup } from '../experiment.ts';

const NUM_ROBOTS = 64;
const NUM_RAYS = 360;
const MAX_RANGE = 12;
/** [m] what a ray may be off; a ray that meets one of the two only is counted apart */
const ALLOWED = 1e-3;
const SEED = 1;
const BALL = makeRobot('ball', 'floating', [
  makeLink('ball', { mass: 1, moments: computeBallMoments(1, 0.1) }),
]);

function makeObject(
  name: string,
  geometry: SceneObject['geometry'],
  translation: Vec3,
  rollPitchYaw: Vec3,
): SceneObject {
  const rotation: [number, number, number, number] = [0, 0, 0, 1];
  writeFromRollPitchYaw(rotation, 0, ...rollPitchYaw);
  return {
    name,
    geometry,
    odomFromObject: { translation, rotation },
    material: DEFAULT_MATERIAL,
    moves: false,
  };
}

/** A room of 10 m with a thing of each kind in it, none of them straight. */
const WALL: Geometry & { kind: 'box' } = { kind: 'box', size: [10, 0.2, 2] };
const OBJECTS: readonly SceneObject[] = [
  makeObject('north', WALL, [0, 5, 1], [0, 0, 0]),
  makeObject('south', WALL, [0, -5, 1], [0, 0, 0]),
  makeObject('east', WALL, [5, 0, 1], [0, 0, Math.PI / 2]),
  makeObject('west', WALL, [-5, 0, 1], [0, 0, Math.PI / 2]),
  makeObject('crate', { kind: 'box', size: [0.6, 0.8, 1] }, [2.5, 1, 0.5], [0.2, 0.1, 0.7]),
  makeObject('ball', { kind: 'sphere', radius: 0.5 }, [-2.5, 2, 0.5], [0, 0, 0]),
  makeObject('column', { kind: 'cylinder', radius: 0.3, length: 2 }, [2, -3, 1], [0.1, 0, 0]),
  makeObject('log', { kind: 'capsule', radius: 0.25, length: 1.5 }, [-3, -2, 0.5], [0.4, 1.2, 0]),
];
const ROOM: Scene = { ground: { kind: 'plane', material: DEFAULT_MATERIAL }, objects: OBJECTS };

/** Waves of 0.3 m under the same things. */
function makeHills(): Scene {
  const numX = 41;
  const cellSize = 0.25;
  const heights = new Float32Array(numX * numX);
  for (let i = 0; i < numX; i++) {
    for (let j = 0; j < numX; j++) heights[i * numX + j] = 0.15 * Math.sin(i) * Math.cos(0.7 * j);
  }
  const ground: HeightField = {
    kind: 'height_field',
    numX,
    numY: numX,
    cellSize,
    origin: [-5, -5],
    heights,
    material: DEFAULT_MATERIAL,
  };
  return { ground, objects: OBJECTS };
}

/** Each robot somewhere near the middle, looking round in a plane of its own that is tilted by up to 0.5 rad. */
function makeRays(): RayBatch {
  const numRays = NUM_ROBOTS * NUM_RAYS;
  const rays: RayBatch = {
    numRays,
    robot: new Int32Array(numRays),
    origin: new Float64Array(3 * numRays),
    direction: new Float64Array(3 * numRays),
    maxRange: MAX_RANGE,
    hits: 'scene',
    distance: new Float64Array(numRays),
  };
  for (let robot = 0; robot < NUM_ROBOTS; robot++) {
    const rng = new Rng(SEED, 'lidar', robot);
    const origin = [rng.uniform(-1, 1), rng.uniform(-1, 1), rng.uniform(0.4, 1)];
    const turn: [number, number, number, number] = [0, 0, 0, 1];
    writeFromRollPitchYaw(turn, 0, rng.uniform(-0.5, 0.5), rng.uniform(-0.5, 0.5), 0);
    for (let k = 0; k < NUM_RAYS; k++) {
      const ray = robot * NUM_RAYS + k;
      const angle = (2 * Math.PI * k) / NUM_RAYS;
      rays.robot[ray] = robot;
      rays.origin.set(origin, 3 * ray);
      writeRotated(rays.direction, 3 * ray, turn, 0, [Math.cos(angle), Math.sin(angle), 0], 0);
    }
  }
  return rays;
}

async function compare(name: string, scene: Scene, setup: Setup): Promise<readonly Row[]> {
  const rays = makeRays();
  await withBench(BALL, setup, { scene, numRobots: NUM_ROBOTS }, ({ engine }) => {
    engine.step();
    engine.castRays(rays);
  });
  let worst = 0;
  let strays = 0;
  let hits = 0;
  for (let ray = 0; ray < rays.numRays; ray++) {
    const at = (values: Float64Array): Vec3 => [
      values[3 * ray]!,
      values[3 * ray + 1]!,
      values[3 * ray + 2]!,
    ];
    const found = castExactRay(scene, { origin: at(rays.origin), direction: at(rays.direction) });
    const exact = found > MAX_RANGE ? Number.POSITIVE_INFINITY : found;
    const measured = rays.distance[ray]!;
    if (exact === measured) continue;
    hits++;
    const error = Math.abs(measured - exact);
    // Past an edge one ray meets what the other just misses; an error in between is the geometry's.
    if (error > 0.05) strays++;
    else worst = Number.isNaN(error) ? error : Math.max(worst, error);
  }
  return [
    {
      quantity: `${name}: farthest off, of ${rays.numRays} rays`,
      unit: 'mm',
      exact: 0,
      error: hits === 0 ? Number.NaN : 1000 * worst,
      tolerance: 1000 * ALLOWED,
      why: 'a tenth of the noise of the best scanners',
    },
    {
      quantity: `${name}: rays that meet something else`,
      unit: 'rays',
      exact: 0,
      error: strays,
      tolerance: rays.numRays / 1e4,
      why: 'a ray within rounding of an edge may fall on either side: one in 10 000',
    },
  ];
}

export const lidar: Experiment = {
  name: 'lidar',
  shows:
    `${NUM_ROBOTS} × ${NUM_RAYS} rays of up to ${MAX_RANGE} m in one call, from ${NUM_ROBOTS} tilted scanners in a room with a box, a ball, a column and a ` +
    'capsule; exact distances are solved in closed form, those to the height field triangle by triangle.',
  settings: 'default',
  async run(setup) {
    return [
      ...(await compare('flat floor', ROOM, setup)),
      ...(await compare('hills', makeHills(), setup)),
    ];
  },
};
