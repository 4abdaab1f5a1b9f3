/**
 * Rays per second of a lidar on 64 robots: `node --import tsx test/bench/lidar.ts`. One batched call per scan of
 * all robots against one call per robot and one per ray, in both engines, by turns in the same run, so that all
 * see the same load of the machine; the best of several turns is the one that others disturbed least. The last
 * line is JSON.
 */
import { loadavg } from 'node:os';
import { ENGINE_NAMES, type Engine, type RayBatch } from '../../sim/engine/engine.ts';
import { Rng } from '../../sim/math/rng.ts';
import type { RobotModel } from '../../sim/robot/model.ts';
import type { LidarSensor } from '../../sim/robot/sensor-model.ts';
import { makeStateBatch, type StateBatch } from '../../sim/robot/state.ts';
import { Lidar, makeLidarDirections } from '../../sim/sensor/lidar.ts';
import { makeBench } from '../kit/engine-bench.ts';
import { ROOM_SCENE } from '../kit/exact-surroundings.ts';
import { makeTestRobot } from '../kit/robots.ts';

const NUM_ROBOTS = 64;
const NUM_AZIMUTHS = 360;
const NUM_RAYS = NUM_ROBOTS * NUM_AZIMUTHS;
/** The first turns are slow: the code is not compiled yet. */
const TURNS = { warmUp: 2, counted: 6 };
const SCANS_PER_TURN = 5;
const RATE_HZ = 500;

const SCAN: LidarSensor = {
  kind: 'lidar',
  name: 'scan',
  link: 'base',
  linkFromSensor: { translation: [0, 0, 0], rotation: [0, 0, 0, 1] },
  rateHz: RATE_HZ,
  latencyS: 0,
  minRange: 0.1,
  maxRange: 12,
  range: { noise: 0.01, bias: 0, quantisation: 0.001 },
  azimuth: [-Math.PI, Math.PI],
  numAzimuths: NUM_AZIMUTHS,
  elevations: [0],
};

interface Contender {
  readonly name: string;
  /** All rays of all robots once. */
  readonly scan: () => void;
}

interface Result {
  readonly engine: string;
  readonly name: string;
  readonly raysPerS: number;
  /** [-] against one call per ray */
  readonly ratio: number;
}

function makeRays(numRays: number): RayBatch {
  return {
    numRays,
    robot: new Int32Array(numRays),
    origin: new Float64Array(3 * numRays),
    direction: new Float64Array(3 * numRays),
    maxRange: SCAN.maxRange,
    hits: 'scene',
    distance: new Float64Array(numRays),
  };
}

/** The rays of some robots from where they are. */
function aim(rays: RayBatch, state: StateBatch, first: number): void {
  const directions = makeLidarDirections(SCAN);
  for (let r = 0; r < rays.numRays; r++) {
    const robot = first + Math.floor(r / NUM_AZIMUTHS);
    const ray = r % NUM_AZIMUTHS;
    rays.robot[r] = robot;
    for (let k = 0; k < 3; k++) {
      rays.origin[3 * r + k] = state.position[3 * robot + k]!;
      rays.direction[3 * r + k] = directions[3 * ray + k]!;
    }
  }
}

/** One call for everything, one per robot, one per ray, and the whole sensor with noise and delivery. */
function makeContenders(engine: Engine, model: RobotModel, state: StateBatch): Contender[] {
  const all = makeRays(NUM_RAYS);
  aim(all, state, 0);
  const perRobot = Array.from({ length: NUM_ROBOTS }, (_, robot) => {
    const rays = makeRays(NUM_AZIMUTHS);
    aim(rays, state, robot);
    return rays;
  });
  const perRay = Array.from({ length: NUM_RAYS }, (_, r) => ({
    ...makeRays(1),
    robot: all.robot.subarray(r, r + 1),
    origin: all.origin.subarray(3 * r, 3 * r + 3),
    direction: all.direction.subarray(3 * r, 3 * r + 3),
  }));
  const timing = { physicsRateHz: RATE_HZ, maxLatencyScale: 1 };
  const lidar = new Lidar(model, NUM_ROBOTS, SCAN, timing, engine);
  const take = (robot: number, _stamp: number, data: Float64Array, offset: number) =>
    lidar.take(robot, data, offset);
  for (let robot = 0; robot < NUM_ROBOTS; robot++) {
    const draw = { noiseScale: 1, latencyScale: 1 };
    lidar.reset(robot, 0, state, new Rng(1, robot), draw, take);
  }
  let tick = 0;
  const castAll = (batches: readonly RayBatch[]) => {
    for (const rays of batches) engine.castRays(rays);
  };
  return [
    { name: 'one call per ray', scan: () => castAll(perRay) },
    { name: 'one call per robot', scan: () => castAll(perRobot) },
    { name: 'one call', scan: () => engine.castRays(all) },
    {
      name: 'the sensor: one call, noise, delivery',
      scan() {
        tick++;
        lidar.sample(tick, state);
        for (let robot = 0; robot < NUM_ROBOTS; robot++) lidar.line.deliver(robot, tick, take);
      },
    },
  ];
}

/** Rays per second of processor time, which a busy machine disturbs less than time on the wall. */
function time({ scan }: Contender): number {
  const start = process.cpuUsage();
  for (let k = 0; k < SCANS_PER_TURN; k++) scan();
  const { user, system } = process.cpuUsage(start);
  return (SCANS_PER_TURN * NUM_RAYS * 1e6) / (user + system);
}

/** Robots spread over the room, each in its own copy of it. */
async function makeEngine(model: RobotModel, engine: (typeof ENGINE_NAMES)[number]) {
  const settings = { engine, numRobots: NUM_ROBOTS, tileSpacing: 0, scene: ROOM_SCENE };
  const bench = await makeBench(model, settings);
  for (let robot = 0; robot < NUM_ROBOTS; robot++) {
    const rng = new Rng(2, robot);
    bench.place(robot, (state) => {
      state.position.set([rng.uniform(-1, 2), rng.uniform(0, 3), rng.uniform(0.5, 2)]);
    });
  }
  bench.engine.step();
  const state = makeStateBatch(NUM_ROBOTS, model.jointNames.length);
  bench.engine.readState(state);
  return { engine: bench.engine, state };
}

const model = makeTestRobot('brick');
const rivals: { readonly engine: Engine; readonly contender: Contender }[] = [];
for (const name of ENGINE_NAMES) {
  const { engine, state } = await makeEngine(model, name);
  for (const contender of makeContenders(engine, model, state)) rivals.push({ engine, contender });
}
const best = rivals.map(() => 0);
for (let turn = 0; turn < TURNS.warmUp + TURNS.counted; turn++) {
  for (const [i, { contender }] of rivals.entries()) {
    const speed = time(contender);
    if (turn >= TURNS.warmUp) best[i] = Math.max(best[i]!, speed);
  }
}
const results: Result[] = rivals.map(({ engine, contender }, i) => {
  const baseline = rivals.findIndex((rival) => rival.engine === engine);
  const ratio = best[i]! / best[baseline]!;
  return { engine: engine.name, name: contender.name, raysPerS: Math.round(best[i]!), ratio };
});
console.log(`${NUM_ROBOTS} robots × ${NUM_AZIMUTHS} rays in a room of six faces`);
for (const { engine, name, raysPerS, ratio } of results) {
  const speed = raysPerS.toLocaleString('en').padStart(12);
  console.log(`${engine.padEnd(8)}${name.padEnd(40)}${speed} rays/s  ${ratio.toFixed(2)} ×`);
}
console.log(JSON.stringify({ benchmark: 'lidar', load: loadavg()[0], results }));
for (const engine of new Set(rivals.map((rival) => rival.engine))) engine.free();
