import { afterEach, describe, expect, it } from 'vitest';
import { ENGINE_NAMES, type EngineName } from '../../../sim/engine/engine.ts';
import { STANDARD_GRAVITY } from '../../../sim/math/gravity.ts';
import { writeFromRollPitchYaw, writeRotated } from '../../../sim/math/quat.ts';
import { Rng } from '../../../sim/math/rng.ts';
import { RandomizationConfig } from '../../../sim/randomize/config.ts';
import type { RobotModel } from '../../../sim/robot/model.ts';
import { makeLidarDirections, makePixelDirections } from '../../../sim/robot/ray-directions.ts';
import type { Sensor } from '../../../sim/robot/sensor-model.ts';
import { getReading } from '../../../sim/sensor/reading.ts';
import { makeRobotWorld, type RobotWorld } from '../../../sim/world.ts';
import { computeRoomDistance, ROOM, ROOM_SCENE } from '../../kit/exact-surroundings.ts';
import { makeTestRobot } from '../../kit/robots.ts';
import { EXACT } from '../../kit/sensed-body.ts';

const RATE_HZ = 500;
/** [m] what the project promises of a lidar against exact geometry */
const RAY_TOLERANCE = 1e-3;
const AT_LINK = { translation: [0, 0, 0], rotation: [0, 0, 0, 1] } as const;
const timing = { rateHz: 50, latencyS: 0 };

const LIDAR = {
  kind: 'lidar',
  name: 'scan',
  link: 'base',
  linkFromSensor: { translation: [0.05, 0, 0.1], rotation: [0, 0, 0, 1] },
  ...timing,
  minRange: 0.05,
  maxRange: 12,
  range: EXACT,
  azimuth: [-Math.PI, Math.PI],
  numAzimuths: 90,
  elevations: [-0.3, 0, 0.4],
} as const satisfies Sensor;

const CAMERA = {
  kind: 'depth_camera',
  name: 'camera',
  link: 'base',
  linkFromSensor: AT_LINK,
  ...timing,
  minRange: 0.05,
  maxRange: 12,
  range: EXACT,
  width: 16,
  height: 12,
  horizontalFieldOfView: 1.4,
} as const satisfies Sensor;

const CONTACT = {
  kind: 'contact',
  name: 'belly',
  shapes: ['base'],
  rateHz: 10,
  latencyS: 0,
  threshold: 0.1,
  force: EXACT,
} as const satisfies Sensor;

/** Without its ceiling: a world puts robots onto whatever is highest where they start. */
const OPEN_ROOM = {
  ...ROOM_SCENE,
  objects: ROOM_SCENE.objects.filter(({ name }) => name !== 'ceiling'),
};

const worlds: RobotWorld[] = [];
afterEach(() => {
  for (const world of worlds.splice(0)) world.free();
});

async function makeWorld(engine: EngineName, sensors: readonly Sensor[], numRobots: number) {
  const model: RobotModel = { ...makeTestRobot('brick'), sensors };
  const world = await makeRobotWorld({
    model,
    engine,
    numRobots,
    physicsRateHz: RATE_HZ,
    controlRateHz: 50,
    tileSpacing: 20,
    scene: OPEN_ROOM,
    randomization: RandomizationConfig.parse({}),
  });
  worlds.push(world);
  return world;
}

/** Somewhere in the room, turned any way, each robot elsewhere. */
function placeInRoom(world: RobotWorld): void {
  for (let robot = 0; robot < world.numRobots; robot++) {
    world.reset(robot, new Rng(7, robot), (out, row, _model, rng) => {
      out.position.set([rng.uniform(-1, 2), rng.uniform(0, 3), rng.uniform(0.6, 2)], 3 * row);
      const [roll, pitch, yaw] = [rng.uniform(-3, 3), rng.uniform(-1, 1), rng.uniform(-3, 3)];
      writeFromRollPitchYaw(out.orientation, 4 * row, roll, pitch, yaw);
    });
  }
}

/** The exact distances of a sensor's rays to the walls and the floor; undefined where they pass above. [m] */
function computeExact(
  world: RobotWorld,
  robot: number,
  translation: readonly number[],
  directions: Float64Array,
): (number | undefined)[] {
  const { position, orientation } = world.truth;
  const offset = [0, 0, 0];
  writeRotated(offset, 0, orientation, 4 * robot, translation, 0);
  const [x, y, z] = offset.map((d, k) => position[3 * robot + k]! + d) as [number, number, number];
  return Array.from({ length: directions.length / 3 }, (_, r) => {
    const direction: [number, number, number] = [0, 0, 0];
    writeRotated(direction, 0, orientation, 4 * robot, directions, 3 * r);
    const distance = computeRoomDistance([x, y, z], direction);
    return z + distance * direction[2] > 0.999 * ROOM.zMax ? undefined : distance;
  });
}

/** How far each reading is off that can be compared. [m] */
function compareRays(
  world: RobotWorld,
  sensor: typeof LIDAR | typeof CAMERA,
  directions: Float64Array,
  readings: Float64Array,
): number[] {
  const numRays = directions.length / 3;
  return Array.from({ length: world.numRobots }, (_, robot) => {
    const exact = computeExact(world, robot, sensor.linkFromSensor.translation, directions);
    return exact.flatMap((distance, r) => {
      if (distance === undefined) return [];
      const scale = sensor.kind === 'depth_camera' ? directions[3 * r + 2]! : 1;
      return [Math.abs(readings[robot * numRays + r]! - distance * scale)];
    });
  }).flat();
}

/** [-] means over 0.1 s of a box at rest */
const WEIGHT_TOLERANCE = 0.01;

describe.each(ENGINE_NAMES)('sensors in %s', (engine) => {
  it('see the walls of a room within a millimetre, from robots turned any way', async () => {
    const world = await makeWorld(engine, [LIDAR, CAMERA], 4);
    placeInRoom(world);
    const { range } = getReading(world.readings, 'scan', 'lidar');
    const { depth } = getReading(world.readings, 'camera', 'depth_camera');
    const errors = [
      ...compareRays(world, LIDAR, makeLidarDirections(LIDAR), range),
      ...compareRays(world, CAMERA, makePixelDirections(CAMERA), depth),
    ];
    // 4 robots × (270 + 192) rays, some of which pass above the walls.
    expect(errors.length).toBeGreaterThan(1000);
    expect(Math.max(...errors)).toBeLessThan(RAY_TOLERANCE);
  });

  it('see where the robot is, not where it was: a scan of a body that falls', async () => {
    const world = await makeWorld(engine, [LIDAR], 2);
    placeInRoom(world);
    const start = world.truth.position[2]!;
    for (let period = 0; period < 5; period++) world.advance();
    const { range, stampS } = getReading(world.readings, 'scan', 'lidar');
    expect(stampS[0]).toBeCloseTo(0.1, 12);
    expect(start - world.truth.position[2]!).toBeGreaterThan(0.01);
    const errors = compareRays(world, LIDAR, makeLidarDirections(LIDAR), range);
    expect(errors.length).toBeGreaterThan(200);
    expect(Math.max(...errors)).toBeLessThan(RAY_TOLERANCE);
  });

  it('feel the weight of a box that lies on the floor', async () => {
    const world = await makeWorld(engine, [CONTACT], 2);
    for (let robot = 0; robot < 2; robot++) {
      world.reset(
        robot,
        new Rng(1, robot),
        (out, row) => {
          // Half its height of 0.04 m; the second one has turned to lie on its side, 0.06 m high.
          out.position.set([0, 0, robot === 0 ? 0.02 : 0.03], 3 * row);
          if (robot === 1) writeFromRollPitchYaw(out.orientation, 4 * row, Math.PI / 2, 0, 0);
        },
        { motors: 'rest' },
      );
    }
    const stop = Float64Array.from(world.model.commandLower, () => 0);
    for (let period = 0; period < 100; period++) {
      for (let robot = 0; robot < 2; robot++) world.setCommand(robot, stop);
      world.advance();
    }
    const { force, isTouching } = getReading(world.readings, 'belly', 'contact');
    const weight = world.model.links[0]!.inertial!.mass * STANDARD_GRAVITY;
    expect([...isTouching]).toEqual([1, 1]);
    // Rolled by 90° its left side, y, is up.
    expect(Math.abs(force[2]! / weight - 1)).toBeLessThan(WEIGHT_TOLERANCE);
    expect(Math.abs(force[3 + 1]! / weight - 1)).toBeLessThan(WEIGHT_TOLERANCE);
  });
});
