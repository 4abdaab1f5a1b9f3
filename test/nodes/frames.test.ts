import { afterEach, describe, expect, it } from 'vitest';
import { makeEmbeddedContext } from '../../nodes/ros/embedded.ts';
import type { TFMessage } from '../../nodes/ros/messages.ts';
import { QOS, type RosContext } from '../../nodes/ros/port.ts';
import { makeSimulatorNode } from '../../nodes/simulator-node.ts';
import { TOPICS } from '../../nodes/topics.ts';
import { RandomizationConfig } from '../../sim/randomize/config.ts';
import { loadRobot, readRobotDescription } from '../../sim/robot/load.ts';
import { FLAT_SCENE } from '../../sim/terrain/scene.ts';
import { makeRobotWorld, type RobotWorld } from '../../sim/world.ts';

let context: RosContext | undefined;
let world: RobotWorld | undefined;
afterEach(async () => {
  await context?.shutdown();
  world?.free();
});

/** Two robots in one map, and all that they say of frames in half a second; their motors are off. */
async function listen(robot: string) {
  context = makeEmbeddedContext({ log: () => {} });
  const model = loadRobot(robot);
  const randomization = RandomizationConfig.parse({});
  world = await makeRobotWorld({
    ...{ model, numRobots: 2, controlRateHz: 25, tileSpacing: 3, scene: FLAT_SCENE },
    randomization,
  });
  const description = readRobotDescription(robot);
  const simulator = makeSimulatorNode(context, {
    ...{ world, robots: ['a', 'b'], seed: 1, writeStart: () => {}, motorsAtStart: 'rest' },
    ...{ realTimeFactor: 0, commandTimeoutMs: 1, description },
  });
  // Late, as tools are: what is latched comes nevertheless.
  const listener = context.createNode('listener');
  const parents = new Map<string, Set<string>>();
  const note = ({ transforms }: TFMessage) => {
    for (const { header, child_frame_id: child } of transforms) {
      parents.set(child, (parents.get(child) ?? new Set()).add(header.frame_id));
    }
  };
  listener.createSubscription(TOPICS.tf.type, '/tf', TOPICS.tf.qos, note);
  listener.createSubscription(TOPICS.tfStatic.type, '/tf_static', TOPICS.tfStatic.qos, note);
  const named = new Set<string>();
  for (const type of ['nav_msgs/msg/Odometry', 'sensor_msgs/msg/Imu'] as const) {
    const topic = type.endsWith('Imu') ? '/b/imu' : '/b/odom';
    listener.createSubscription(type, topic, QOS.sensorData, (message) => {
      named.add(message.header.frame_id);
      if ('child_frame_id' in message) named.add(message.child_frame_id);
    });
  }
  listener.createSubscription('sensor_msgs/msg/LaserScan', '/b/scan', QOS.sensorData, (scan) =>
    named.add(scan.header.frame_id),
  );
  const heard: string[] = [];
  const { type, qos } = TOPICS.robotDescription;
  listener.createSubscription(type, '/b/robot_description', qos, ({ data }) => heard.push(data));
  await simulator.run(0.5);
  await context.settled();
  return { parents, named, heard, description };
}

describe.each(['crazyflie', 'turtlebot'])('the frames of %s', (robot) => {
  it('are one tree from map over odom to base_link, as REP-105 has it, and every message is in it', async () => {
    const { parents, named, heard, description } = await listen(robot);
    for (const [child, of] of parents) expect([...of], child).toHaveLength(1);
    const getParent = (frame: string) => [...(parents.get(frame) ?? [])][0];
    for (const name of ['a', 'b']) {
      expect(getParent(`${name}/base_link`)).toBe(`${name}/odom`);
      expect(getParent(`${name}/odom`)).toBe('map');
    }
    expect(getParent('map')).toBeUndefined();
    for (const frame of [...parents.keys(), ...named]) {
      let root = frame;
      // No tree of robots is deeper than the number of its frames.
      for (let k = 0; k <= parents.size && getParent(root) !== undefined; k++)
        root = getParent(root)!;
      expect(root, frame).toBe('map');
    }
    expect(named).toContain('b/odom');
    expect(named).toContain('b/base_link');
    expect(heard).toEqual([description]);
  });
});
