import { ENGINE_NAMES, type EngineName, type RayBatch } from '../../sim/engine/engine.ts';
import { Rng } from '../../sim/math/rng.ts';
import { RandomizationConfig } from '../../sim/randomize/config.ts';
import { loadRobot } from '../../sim/robot/load.ts';
import { makeLidarDirections } from '../../sim/robot/ray-directions.ts';
import type { LidarSensor } from '../../sim/robot/sensor-model.ts';
import { TerrainConfig } from '../../sim/terrain/config.ts';
import { makeScene } from '../../sim/terrain/make-scene.ts';
import { makeRobotWorld, type RobotWorld } from '../../sim/world.ts';
import type { BenchResult } from './loop.ts';

const NUM_ROBOTS = 64;
const NUM_SCANS = 20;
const WARM_UP_SCANS = 4;
const SEED = 1;
/** Four rooms with boxes in them: about what a TurtleBot sees indoors. */
const TERRAIN = TerrainConfig.parse({
  rooms: { layout: 'rooms', numRooms: [2, 2], roomSize: [4, 4] },
  boxes: [{ count: 20, area: [7, 7] }],
  clearRadius: 0.5,
});

/**
 * Rays per second of processor time for one scan of a TurtleBot's lidar on 64 robots: all rays in one call of the
 * engine against one call per ray, by turns in the same run, in both engines.
 */
export async function benchLidar(options: {
  readonly onProgress: (text: string) => void;
}): Promise<readonly BenchResult[]> {
  const results: BenchResult[] = [];
  for (const engine of ENGINE_NAMES) {
    options.onProgress(`rays in ${engine}`);
    results.push(await measureEngine(engine));
  }
  return results;
}

async function measureEngine(engine: EngineName): Promise<BenchResult> {
  const model = loadRobot('turtlebot');
  const lidar = model.sensors.find((sensor) => sensor.kind === 'lidar')!;
  const world = await makeRobotWorld({
    model,
    engine,
    numRobots: NUM_ROBOTS,
    controlRateHz: model.physics.rateHz,
    tileSpacing: 0,
    scene: makeScene(TERRAIN, new Rng(SEED, 'terrain')),
    randomization: RandomizationConfig.parse({}),
  });
  const all = makeScan(world, lidar);
  const single = Array.from({ length: all.numRays }, (_, ray) => viewRay(all, ray));
  let together = 0;
  let apart = 0;
  for (let scan = 0; scan < WARM_UP_SCANS + NUM_SCANS; scan++) {
    const counts = scan >= WARM_UP_SCANS;
    const oneCall = measureCpuS(() => world.engine.castRays(all));
    const manyCalls = measureCpuS(() => {
      for (const ray of single) world.engine.castRays(ray);
    });
    if (counts) together += oneCall;
    if (counts) apart += manyCalls;
  }
  world.free();
  const rays = NUM_SCANS * all.numRays;
  return {
    name: `lidar.${engine}`,
    value: rays / together,
    unit: 'rays/s',
    baseline: rays / apart,
    ratio: apart / together,
  };
}

/** All rays of one scan of every robot, from places spread over the rooms. */
function makeScan(world: RobotWorld, lidar: LidarSensor): RayBatch {
  const directions = makeLidarDirections(lidar);
  const perRobot = directions.length / 3;
  const numRays = world.numRobots * perRobot;
  const rays = {
    numRays,
    robot: new Int32Array(numRays),
    origin: new Float64Array(3 * numRays),
    direction: new Float64Array(3 * numRays),
    maxRange: lidar.maxRange,
    hits: 'scene',
    distance: new Float64Array(numRays),
  } as const satisfies RayBatch;
  for (let robot = 0; robot < world.numRobots; robot++) {
    const rng = new Rng(SEED, 'robot', robot);
    const origin = [rng.uniform(-1.5, 1.5), rng.uniform(-1.5, 1.5), 0.2];
    for (let ray = 0; ray < perRobot; ray++) {
      const row = robot * perRobot + ray;
      rays.robot[row] = robot;
      rays.origin.set(origin, 3 * row);
      rays.direction.set(directions.subarray(3 * ray, 3 * ray + 3), 3 * row);
    }
  }
  return rays;
}

function viewRay(all: RayBatch, ray: number): RayBatch {
  return {
    ...all,
    numRays: 1,
    robot: all.robot.subarray(ray, ray + 1),
    origin: all.origin.subarray(3 * ray, 3 * ray + 3),
    direction: all.direction.subarray(3 * ray, 3 * ray + 3),
    distance: all.distance.subarray(ray, ray + 1),
  };
}

/** [s] of processor time, which a busy machine disturbs less than time on the wall */
function measureCpuS(work: () => void): number {
  const start = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1e6;
}
