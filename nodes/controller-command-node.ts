import type { RobotModel } from '../sim/robot/model.ts';
import { readJointCommand } from './convert/joints.ts';
import { makeHeader } from './convert/parts.ts';
import type { Float64MultiArray, JointTrajectory } from './ros/messages.ts';
import type { NodeOptions, RosContext, RosNode } from './ros/port.ts';
import { getRobotTopic, TOPICS } from './topics.ts';

/** Which controller of ros2_control takes the command. */
export const CONTROLLER_KINDS = ['forward', 'trajectory'] as const;
export type ControllerKind = (typeof CONTROLLER_KINDS)[number];

export interface ControllerCommandOptions {
  readonly model: RobotModel;
  readonly robots: readonly string[];
  readonly kind: ControllerKind;
  /** Relative to each robot's namespace; that of a controller by the name of its type unless given. */
  readonly topic?: string | undefined;
  /** All actuated joints in the order of the controller's own parameter `joints`; the robot's unless given. */
  readonly joints?: readonly string[] | undefined;
  /** [s] between two commands */
  readonly periodS: number;
  readonly node?: NodeOptions;
}

/**
 * Says what the safety node tells the motors in the words of ros2_control, joint by joint in the controller's order: to a
 * forward_command_controller as bare numbers in the robot's command unit, to a joint_trajectory_controller as a
 * trajectory of one point, which is due one period from now.
 * @throws RangeError unless `joints` are the actuated joints, or for a trajectory of what are no positions
 */
export function makeControllerCommandNode(
  context: RosContext,
  options: ControllerCommandOptions,
): void {
  const { model, robots } = options;
  const order = findOrder(options);
  const node = context.createNode('controller_command', options.node ?? {});
  const joint = new Float64Array(order.length);
  const ordered = new Float64Array(order.length);
  const { type, qos } = TOPICS.jointCommand;
  for (const robot of robots) {
    const say = makeVoice(node, options, robot, ordered);
    node.createSubscription(type, getRobotTopic(robot, TOPICS.jointCommand), qos, (message) => {
      readJointCommand(joint, message, model);
      order.forEach((from, to) => {
        ordered[to] = joint[from]!;
      });
      say();
    });
  }
}

/** [numActuatedJoints] where each joint of the controller stands in the robot's own order */
function findOrder({ model, kind, joints }: ControllerCommandOptions): readonly number[] {
  const { actuatedJointNames, commandKind } = model;
  if (kind === 'trajectory' && commandKind !== 'position') {
    throw new RangeError(`a trajectory is of positions, and '${model.name}' takes ${commandKind}`);
  }
  const names = joints ?? actuatedJointNames;
  const order = names.map((name) => actuatedJointNames.indexOf(name));
  const isWhole = new Set(order).size === actuatedJointNames.length && !order.includes(-1);
  if (isWhole && names.length === actuatedJointNames.length) return order;
  throw new RangeError(`joints ${names.join(', ')} are not ${actuatedJointNames.join(', ')}`);
}

/** @param values [numActuatedJoints] controller order; read at every call @returns what publishes them */
function makeVoice(
  node: RosNode,
  { model, kind, topic, joints, periodS }: ControllerCommandOptions,
  robot: string,
  values: Float64Array,
): () => void {
  if (kind === 'forward') {
    const { type, name, qos } = TOPICS.forwardCommand;
    const publisher = node.createPublisher(
      type,
      getRobotTopic(robot, { name: topic ?? name }),
      qos,
    );
    const message: Float64MultiArray = { layout: { dim: [], data_offset: 0 }, data: values };
    return () => publisher.publish(message);
  }
  const { type, name, qos } = TOPICS.trajectoryCommand;
  const publisher = node.createPublisher(type, getRobotTopic(robot, { name: topic ?? name }), qos);
  const none = new Float64Array(0);
  const message: JointTrajectory = {
    // Without a stamp it begins when it is heard, whatever clock the controller has.
    header: makeHeader(''),
    joint_names: [...(joints ?? model.actuatedJointNames)],
    points: [
      {
        ...{ positions: values, velocities: none, accelerations: none, effort: none },
        time_from_start: toDuration(periodS),
      },
    ],
  };
  return () => publisher.publish(message);
}

function toDuration(seconds: number): { sec: number; nanosec: number } {
  const ns = Math.round(seconds * 1e9);
  return { sec: Math.floor(ns / 1e9), nanosec: ns % 1e9 };
}
