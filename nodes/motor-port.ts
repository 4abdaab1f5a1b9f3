import type { MotorPort, SafeCommand } from '../policies/safety/filter.ts';
import type { RobotModel } from '../sim/robot/model.ts';
import { makeJointCommandMessage, writeJointCommand } from './convert/joints.ts';
import type { RosNode } from './ros/port.ts';
import { getRobotTopic, TOPICS } from './topics.ts';

/** Motors at the other end of a topic. Takes what the filter made and nothing else. */
export function makeTopicMotorPort(
  node: RosNode,
  model: RobotModel,
  robots: readonly string[],
): MotorPort {
  const { type, qos } = TOPICS.jointCommand;
  const publishers = new Map(
    robots.map((robot) => [
      robot,
      node.createPublisher(type, getRobotTopic(robot, TOPICS.jointCommand), qos),
    ]),
  );
  const message = makeJointCommandMessage(model);
  return {
    write(robot, command: SafeCommand) {
      const stampNs = BigInt(Math.round(command.stampS * 1e9));
      writeJointCommand(message, stampNs, model.commandKind, command.joint);
      publishers.get(robot)?.publish(message);
    },
  };
}
