import type { DynamicJointState, InterfaceValue, JointState } from './ros/messages.ts';
import type { NodeOptions, RosContext } from './ros/port.ts';
import { getRobotTopic, TOPICS } from './topics.ts';

export interface JointInterfacesOptions {
  readonly robots: readonly string[];
  readonly node?: NodeOptions;
}

/**
 * Says what the joints do in the words of ros2_control, for those who listen to its joint_state_broadcaster: joint by
 * joint, interface by interface. Joints and stamps are those of `joint_states`; what that leaves out (an empty list) is no
 * interface.
 */
export function makeJointInterfacesNode(
  context: RosContext,
  { robots, node: options = {} }: JointInterfacesOptions,
): void {
  const node = context.createNode('joint_interfaces', options);
  const { jointStates, dynamicJointStates } = TOPICS;
  for (const robot of robots) {
    const { type, qos } = dynamicJointStates;
    const publisher = node.createPublisher(type, getRobotTopic(robot, dynamicJointStates), qos);
    node.createSubscription(
      jointStates.type,
      getRobotTopic(robot, jointStates),
      jointStates.qos,
      (message) => publisher.publish(toDynamicJointState(message)),
    );
  }
}

/** hardware_interface/types/hardware_interface_type_values.hpp, in the order in which ros2_control's own robots export them. */
const INTERFACES = ['position', 'velocity', 'effort'] as const;

function toDynamicJointState(message: JointState): DynamicJointState {
  const told = INTERFACES.filter((name) => message[name].length > 0);
  return {
    header: message.header,
    joint_names: message.name,
    interface_values: message.name.map(
      (_, joint): InterfaceValue => ({
        interface_names: told,
        values: Float64Array.from(told, (name) => message[name][joint]!),
      }),
    ),
  };
}
