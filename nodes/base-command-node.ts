import type { RobotModel } from '../sim/robot/model.ts';
import { WheelTwist } from '../sim/robot/wheel-twist.ts';
import { readJointCommand } from './convert/joints.ts';
import { makeHeader } from './convert/parts.ts';
import type { JointState, Twist } from './ros/messages.ts';
import type { NodeOptions, RosContext, RosNode } from './ros/port.ts';
import { getFrameId, getRobotTopic, TOPICS } from './topics.ts';

export interface BaseCommandOptions {
  /** With a differential drive. */
  readonly model: RobotModel;
  readonly robots: readonly string[];
  readonly kind: 'twist' | 'twist_stamped';
  /** Relative to each robot's namespace. */
  readonly topic: string;
  readonly node?: NodeOptions;
}

/**
 * Says what the safety node tells the wheels in the words of whoever drives a base on wheels: the twist that they
 * make, forward along x and counterclockwise about z (REP-103), at the command's own time. A stopped robot gets 0.
 * @throws RangeError unless the robot has a differential drive
 */
export function makeBaseCommandNode(context: RosContext, options: BaseCommandOptions): void {
  const { model, robots } = options;
  const node = context.createNode('base_command', options.node ?? {});
  const wheels = new WheelTwist(model);
  const joint = new Float64Array(model.actuatedJointNames.length);
  const moves = new Float64Array(2);
  const { type, qos } = TOPICS.jointCommand;
  for (const robot of robots) {
    const say = makeVoice(node, options, robot);
    const topic = getRobotTopic(robot, TOPICS.jointCommand);
    node.createSubscription(type, topic, qos, (message) => {
      readJointCommand(joint, message, model);
      wheels.write(moves, joint);
      say(message, moves[0]!, moves[1]!);
    });
  }
}

/** @returns what publishes [m/s] forward and [rad/s] counterclockwise, with the stamp of a command */
function makeVoice(
  node: RosNode,
  { kind, topic: name }: BaseCommandOptions,
  robot: string,
): (command: JointState, speed: number, turnRate: number) => void {
  const topic = getRobotTopic(robot, { name });
  const zero = () => ({ x: 0, y: 0, z: 0 });
  const twist: Twist = { linear: zero(), angular: zero() };
  if (kind === 'twist') {
    const { type, qos } = TOPICS.baseCommand;
    const publisher = node.createPublisher(type, topic, qos);
    return (_command, speed, turnRate) => {
      twist.linear.x = speed;
      twist.angular.z = turnRate;
      publisher.publish(twist);
    };
  }
  const { type, qos } = TOPICS.baseCommandStamped;
  const publisher = node.createPublisher(type, topic, qos);
  const header = makeHeader(getFrameId(robot, 'base_link'));
  return ({ header: { stamp } }, speed, turnRate) => {
    twist.linear.x = speed;
    twist.angular.z = turnRate;
    publisher.publish({ header: { ...header, stamp }, twist });
  };
}
