import { afterEach, describe, expect, it } from 'vitest';
import { makeBaseCommandNode } from '../../nodes/base-command-node.ts';
import { makeJointCommandMessage, writeJointCommand } from '../../nodes/convert/joints.ts';
import { makeEmbeddedContext } from '../../nodes/ros/embedded.ts';
import { QOS, type RosContext } from '../../nodes/ros/port.ts';
import { getRobotTopic, TOPICS } from '../../nodes/topics.ts';
import { loadRobot } from '../../sim/robot/load.ts';

const model = loadRobot('turtlebot');
let context: RosContext | undefined;
afterEach(() => context?.shutdown());

/** Tells the wheels of two robots something, and hears what is said of it. */
async function hear<T extends 'geometry_msgs/msg/Twist' | 'geometry_msgs/msg/TwistStamped'>(
  kind: 'twist' | 'twist_stamped',
  type: T,
) {
  context = makeEmbeddedContext({ log: () => {} });
  const node = context.createNode('listener');
  makeBaseCommandNode(context, { model, robots: ['a', 'b'], kind, topic: 'base/cmd_vel' });
  const heard: unknown[] = [];
  node.createSubscription(type, '/b/base/cmd_vel', QOS.default, (message) => heard.push(message));
  const command = makeJointCommandMessage(model);
  for (const robot of ['a', 'b']) {
    const publisher = node.createPublisher(
      TOPICS.jointCommand.type,
      getRobotTopic(robot, TOPICS.jointCommand),
      TOPICS.jointCommand.qos,
    );
    const speeds = model.actuatedJointNames.map((name) => (name.startsWith('left') ? 2 : 6));
    writeJointCommand(command, 1_500_000_000n, 'velocity', robot === 'b' ? speeds : [9, 9]);
    publisher.publish(command);
  }
  await context.settled();
  return heard;
}

// (2 + 6) / 2 · 0.03575 = 0.143 m/s; (6 − 2) · 0.03575 / 0.233 = 0.6137 rad/s to the left.
const TWIST = {
  linear: { x: expect.closeTo(0.143, 9), y: 0, z: 0 },
  angular: { x: 0, y: 0, z: expect.closeTo(0.143 / 0.233, 9) },
};

describe('the base command node', () => {
  it('says what the safety node tells the wheels of each robot, as a twist', async () => {
    expect(await hear('twist', 'geometry_msgs/msg/Twist')).toEqual([TWIST]);
  });

  it('keeps the stamp of the command, in the frame of the base, where one is wanted', async () => {
    expect(await hear('twist_stamped', 'geometry_msgs/msg/TwistStamped')).toEqual([
      {
        header: { stamp: { sec: 1, nanosec: 500_000_000 }, frame_id: 'b/base_link' },
        twist: TWIST,
      },
    ]);
  });
});
