import { afterEach, expect, it } from 'vitest';
import { makeJointStateMessage } from '../../nodes/convert/joints.ts';
import { makeJointInterfacesNode } from '../../nodes/joint-interfaces-node.ts';
import { makeEmbeddedContext } from '../../nodes/ros/embedded.ts';
import type { JointState } from '../../nodes/ros/messages.ts';
import type { RosContext } from '../../nodes/ros/port.ts';
import { TOPICS } from '../../nodes/topics.ts';

let context: RosContext;
afterEach(() => context.shutdown());

/** Says something of the joints of two robots, and hears it again of the second. */
async function hear(message: JointState): Promise<unknown[]> {
  context = makeEmbeddedContext({ log: () => {} });
  const node = context.createNode('listener');
  makeJointInterfacesNode(context, { robots: ['a', 'b'] });
  const heard: unknown[] = [];
  const { dynamicJointStates, jointStates } = TOPICS;
  const { type, qos } = dynamicJointStates;
  node.createSubscription(type, '/b/dynamic_joint_states', qos, (told) => heard.push(told));
  for (const robot of ['a', 'b']) {
    const topic = `/${robot}/joint_states`;
    node.createPublisher(jointStates.type, topic, jointStates.qos).publish({
      ...message,
      header: { ...message.header, frame_id: robot },
    });
  }
  await context.settled();
  return heard;
}

it('joints are told interface by interface, with the stamp of the measurement', async () => {
  const message = makeJointStateMessage({ jointNames: ['hip', 'knee'] });
  message.header.stamp = { sec: 3, nanosec: 4 };
  message.position = Float64Array.of(0.1, 0.2);
  message.velocity = Float64Array.of(1, 2);
  message.effort = Float64Array.of(10, 20);
  const interface_names = ['position', 'velocity', 'effort'];
  expect(await hear(message)).toEqual([
    {
      header: { stamp: { sec: 3, nanosec: 4 }, frame_id: 'b' },
      joint_names: ['hip', 'knee'],
      interface_values: [
        { interface_names, values: Float64Array.of(0.1, 1, 10) },
        { interface_names, values: Float64Array.of(0.2, 2, 20) },
      ],
    },
  ]);
});

it('what joint_states leaves out is no interface', async () => {
  const message = makeJointStateMessage({ jointNames: ['hip'] });
  message.position = Float64Array.of(0.5);
  message.velocity = new Float64Array(0);
  message.effort = new Float64Array(0);
  expect(await hear(message)).toMatchObject([
    { interface_values: [{ interface_names: ['position'], values: Float64Array.of(0.5) }] },
  ]);
});
