import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeRecorderNode } from '../../../nodes/recorder-node.ts';
import { openRecording } from '../../../nodes/recording/mcap-reader.ts';
import { makeEmbeddedContext } from '../../../nodes/ros/embedded.ts';
import type {
  Image,
  LaserScan,
  PointCloud2,
  Range,
  TFMessage,
  WrenchStamped,
} from '../../../nodes/ros/messages.ts';
import { QOS, type RosContext } from '../../../nodes/ros/port.ts';
import { FramePoses } from '../../../nodes/sensor-frames.ts';
import { makeReadingPublishers } from '../../../nodes/simulator/reading-publishers.ts';
import { makeTransformPublisher } from '../../../nodes/simulator/transform-publishers.ts';
import { Rng } from '../../../sim/math/rng.ts';
import { RandomizationConfig } from '../../../sim/randomize/config.ts';
import { loadRobot } from '../../../sim/robot/load.ts';
import type { RobotModel } from '../../../sim/robot/model.ts';
import type { Sensor } from '../../../sim/robot/sensor-model.ts';
import { FLAT_SCENE } from '../../../sim/terrain/scene.ts';
import { makeRobotWorld, type RobotWorld } from '../../../sim/world.ts';
import { makeTestRobot } from '../../kit/robots.ts';
import { EXACT } from '../../kit/sensed-body.ts';

const RAYS = {
  link: 'base',
  linkFromSensor: { translation: [0.1, 0, 0.2], rotation: [0, 0, 0, 1] },
  rateHz: 10,
  latencyS: 0,
  minRange: 0.05,
  maxRange: 5,
  range: EXACT,
} as const;
const HALF = Math.SQRT1_2;
const SENSORS: readonly Sensor[] = [
  { ...RAYS, kind: 'lidar', name: 'scan', azimuth: [0, 1], numAzimuths: 3, elevations: [0] },
  {
    ...RAYS,
    ...{ kind: 'lidar', name: 'lidar', azimuth: [0, 1], numAzimuths: 3, elevations: [-0.5, 0.5] },
  },
  {
    ...{ ...RAYS, kind: 'range', name: 'height', fieldOfView: 0, numRays: 1 },
    // Its x looks down, from 2 cm.
    minRange: 0.001,
    linkFromSensor: { translation: [0, 0, 0], rotation: [0, HALF, 0, HALF] },
  },
  {
    ...{ ...RAYS, kind: 'depth_camera', name: 'camera', width: 4, height: 3 },
    ...{ horizontalFieldOfView: 1 },
  },
  {
    ...{ kind: 'contact', name: 'belly', shapes: ['base'], rateHz: 10, latencyS: 0 },
    ...{ threshold: 0.1, force: EXACT },
  },
];

let folder: string;
let context: RosContext;
let world: RobotWorld | undefined;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'zerogap-readings-'));
  context = makeEmbeddedContext({ log: () => {} });
});
afterEach(async () => {
  await context.shutdown();
  world?.free();
  world = undefined;
  rmSync(folder, { recursive: true, force: true });
});

async function makeWorld(model: RobotModel): Promise<RobotWorld> {
  world = await makeRobotWorld({
    ...{ model, numRobots: 1, physicsRateHz: 500, controlRateHz: 50, tileSpacing: 0 },
    ...{ scene: FLAT_SCENE, randomization: RandomizationConfig.parse({}) },
  });
  world.reset(0, new Rng(1), () => {});
  return world;
}

describe('what a simulated robot sees and feels', () => {
  it('is published when it is new, stamped when it was measured, and read back from a recording', async () => {
    const brick = await makeWorld({ ...makeTestRobot('brick'), sensors: SENSORS });
    const node = context.createNode('simulator');
    const publish = makeReadingPublishers(node, brick, 'b', 0);
    const transform = makeTransformPublisher(node, brick, ['b']);
    const recorder = await makeRecorderNode(context, { path: join(folder, 'run.mcap') });
    // A second of 50 control periods; every sensor measures ten times.
    for (let tick = 0; tick < 50; tick++) {
      brick.advance();
      publish();
      transform(BigInt(Math.round(brick.timeS * 1e9)));
      await context.settled();
    }
    await recorder.close();
    const last = new Map<string, unknown>();
    const counts = new Map<string, number>();
    for await (const message of (await openRecording(recorder.path)).messages()) {
      last.set(message.topic, message.decode());
      counts.set(message.topic, (counts.get(message.topic) ?? 0) + 1);
    }
    const topics = ['scan', 'lidar/points', 'height', 'camera/image', 'camera/camera_info'];
    for (const topic of [...topics, 'belly/base_collision0']) {
      expect([topic, counts.get(`/b/${topic}`)]).toEqual([topic, 10]);
    }
    const read = <T>(topic: string) => last.get(`/b/${topic}`) as T;
    const scan = read<LaserScan>('scan');
    expect(scan.header.frame_id).toBe('b/scan_frame');
    // Ten samples a second: the last one within a tenth of its end.
    expect(scan.header.stamp.sec + scan.header.stamp.nanosec / 1e9).toBeCloseTo(1, 0);
    expect([...scan.ranges]).toEqual([Infinity, Infinity, Infinity]);
    const cloud = read<PointCloud2>('lidar/points');
    expect([cloud.header.frame_id, cloud.height, cloud.width]).toEqual(['b/lidar_frame', 2, 3]);
    expect(read<Image>('camera/image').header.frame_id).toBe('b/camera_optical_frame');
    // The brick lies on the ground; its middle is as high as the ray down is long.
    const height = brick.truth.position[2]!;
    expect(read<Range>('height').range).toBeCloseTo(height, 3);
    const belly = read<WrenchStamped>('belly/base_collision0');
    expect(belly.header.frame_id).toBe('b/base_link');
    const mass = brick.model.links.reduce((sum, { inertial }) => sum + (inertial?.mass ?? 0), 0);
    expect(belly.wrench.force.z / (mass * 9.80665)).toBeCloseTo(1, 1);
    const { transforms } = last.get('/tf_static') as TFMessage;
    const frames = transforms.map(({ child_frame_id, header }) => [
      header.frame_id,
      child_frame_id,
    ]);
    expect(frames).toEqual([
      ['map', 'b/odom'],
      ...['scan', 'lidar', 'height'].map((name) => ['b/base_link', `b/${name}_frame`]),
      ['b/base_link', 'b/camera_optical_frame'],
    ]);
    expect(transforms[1]!.transform.translation).toEqual({ x: 0.1, y: 0, z: 0.2 });
    // Nothing says where the brick is, and nothing on it moves.
    expect(counts.get('/tf')).toBeUndefined();
  });

  it('is in the frames of links that move, which tf follows', async () => {
    const go2 = await makeWorld(loadRobot('go2'));
    const node = context.createNode('simulator');
    const heard: string[] = [];
    const topics: TFMessage[] = [];
    context
      .createNode('listener')
      .createSubscription('tf2_msgs/msg/TFMessage', '/tf', QOS.default, (m) => {
        topics.push(m);
      });
    const publish = makeReadingPublishers(node, go2, 'dog', 0);
    for (const shape of ['FL', 'FR', 'RL', 'RR']) {
      const topic = `/dog/feet/${shape}_foot`;
      node.createSubscription(
        'geometry_msgs/msg/WrenchStamped',
        topic,
        QOS.sensorData,
        ({ header }) => {
          heard.push(header.frame_id);
        },
      );
    }
    const transform = makeTransformPublisher(node, go2, ['dog']);
    go2.advance();
    publish();
    transform(20_000_000n);
    await context.settled();
    expect(heard).toHaveLength(4);
    const { transforms } = topics.at(-1)!;
    const frames = transforms.map((message) => message.child_frame_id);
    expect(heard.every((frame) => frames.includes(frame))).toBe(true);
    // Feet hang below the trunk, front ones ahead of it, left ones to its left.
    const [frontLeft, , , rearRight] = transforms.map(
      ({ transform: { translation } }) => translation,
    );
    expect([frontLeft!.x > 0.1, frontLeft!.y > 0.05, frontLeft!.z < -0.1]).toEqual([
      true,
      true,
      true,
    ]);
    expect([rearRight!.x < -0.1, rearRight!.y < -0.05]).toEqual([true, true]);
  });

  it('refuses collision shapes whose names ROS cannot tell apart', async () => {
    const brick = makeTestRobot('brick');
    const [base, ...links] = brick.links;
    const [shape] = base!.collisions;
    const collisions = ['a.b', 'a-b'].map((name) => ({ ...shape!, name }));
    const feels = { ...(SENSORS[4] as Sensor & { kind: 'contact' }), shapes: ['a.b', 'a-b'] };
    const model = { ...brick, links: [{ ...base!, collisions }, ...links], sensors: [feels] };
    const twins = await makeWorld(model);
    expect(() => makeReadingPublishers(context.createNode('s'), twins, 'b', 0)).toThrow(
      /\/b\/belly\/a_b: two collision shapes have this topic .*'a\.b' and 'a-b'/,
    );
  });
});

describe('the frames of sensors', () => {
  it('are where the joints put them', () => {
    const model = makeTestRobot('crane');
    const at = (link: string) => ({
      link,
      linkFromFrame: { translation: [0, 0.1, 0], rotation: [0, 0, 0, 1] } as const,
    });
    const poses = new FramePoses(model, [at('base'), at('trolley')]);
    expect(poses.moves).toEqual([false, true]);
    // The trolley is 0.75 m out along the boom, 0.1 m more by its slide, the boom points along y after a quarter turn.
    poses.compute([Math.PI / 2, 0.1]);
    expect([...poses.position.subarray(0, 3)]).toEqual([0, 0.1, 0]);
    // Its own axes are turned by another quarter: its y is −y here, and the frame lies 0.1 m back.
    const trolley = poses.get(1);
    for (const [k, value] of [0, 0.75, 0].entries()) {
      expect(trolley.translation[k]).toBeCloseTo(value, 12);
    }
    expect(Math.abs(trolley.rotation[2])).toBeCloseTo(1, 12);
    expect(() => new FramePoses(model, [at('jib')])).toThrow(/'crane' has no link 'jib'/);
  });
});
