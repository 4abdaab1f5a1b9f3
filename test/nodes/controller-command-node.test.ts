import { afterEach, describe, expect, it } from 'vitest';
import {
  type ControllerCommandOptions,
  makeControllerCommandNode,
} from '../../nodes/controller-command-node.ts';
import { makeJointCommandMessage, writeJointCommand } from '../../nodes/convert/joints.ts';
import { makeEmbeddedContext } from '../../nodes/ros/embedded.ts';
import { QOS, type RosContext, type TypeName } from '../../nodes/ros/port.ts';
import { getRobotTopic, TOPICS } from '../../nodes/topics.ts';
import { makeTinyRobot } from '../kit/tiny-policy.ts';

let context: RosContext;
afterEach(() => context.shutdown());

/** Tells the motors of two robots something, and hears what a controller of the second one does. */
async function hear(
  type: TypeName,
  topic: string,
  options: Pick<ControllerCommandOptions, 'kind' | 'topic' | 'joints'>,
  model = makeTinyRobot(),
) {
  context = makeEmbeddedContext({ log: () => {} });
  const node = context.createNode('listener');
  makeControllerCommandNode(context, { model, robots: ['a', 'b'], periodS: 1.02, ...options });
  const heard: unknown[] = [];
  node.createSubscription(type, topic, QOS.default, (message) => heard.push(message));
  const command = makeJointCommandMessage(model);
  for (const [robot, joint] of [['a', [9, 9]] as const, ['b', [0.5, -1]] as const]) {
    const { type: own, qos } = TOPICS.jointCommand;
    const publisher = node.createPublisher(own, getRobotTopic(robot, TOPICS.jointCommand), qos);
    writeJointCommand(command, 7n, model.commandKind, joint);
    publisher.publish(command);
  }
  await context.settled();
  return heard;
}

const FORWARD = 'std_msgs/msg/Float64MultiArray';
const layout = { dim: [], data_offset: 0 };

describe('a command for ros2_control', () => {
  it('is bare numbers in the order of the robot for a forward_command_controller', async () => {
    const heard = await hear(FORWARD, '/b/forward_command_controller/commands', {
      kind: 'forward',
    });
    expect(heard).toEqual([{ layout, data: Float64Array.of(0.5, -1) }]);
  });

  it('follows the order of the controller, on the topic of that controller', async () => {
    const options = { kind: 'forward', topic: 'legs/commands', joints: ['right', 'left'] } as const;
    const heard = await hear(FORWARD, '/b/legs/commands', options);
    expect(heard).toEqual([{ layout, data: Float64Array.of(-1, 0.5) }]);
  });

  it('is one point, due a period after it is heard, for a joint_trajectory_controller', async () => {
    const heard = await hear(
      'trajectory_msgs/msg/JointTrajectory',
      '/b/joint_trajectory_controller/joint_trajectory',
      { kind: 'trajectory', joints: ['right', 'left'] },
      makeTinyRobot({ commandKind: 'position' }),
    );
    const none = new Float64Array(0);
    expect(heard).toEqual([
      {
        header: { stamp: { sec: 0, nanosec: 0 }, frame_id: '' },
        joint_names: ['right', 'left'],
        points: [
          {
            ...{ positions: Float64Array.of(-1, 0.5), velocities: none, accelerations: none },
            ...{ effort: none, time_from_start: { sec: 1, nanosec: 20_000_000 } },
          },
        ],
      },
    ]);
  });

  it('is refused for joints that are not those of the robot, and as a trajectory of what are no positions', async () => {
    const make = (options: Pick<ControllerCommandOptions, 'kind' | 'joints'>) =>
      hear(FORWARD, '/x', options);
    await expect(make({ kind: 'trajectory' })).rejects.toThrow(/'tiny' takes effort/);
    for (const joints of [['left'], ['left', 'left'], ['left', 'up'], ['left', 'right', 'left']]) {
      await expect(make({ kind: 'forward', joints })).rejects.toThrow(/are not left, right/);
    }
  });
});
