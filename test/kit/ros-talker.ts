import { chooseContext } from '../../nodes/ros/context.ts';
import { QOS } from '../../nodes/ros/port.ts';

/**
 * A process with one node that counts at 50 Hz on /count, and says the last word of a robot's controller
 * when it is told to end: run by the tests that need more than one process.
 */
const { context } = await chooseContext({
  middleware: 'ros2',
  log: (level, node, message) => process.stderr.write(`${level} ${node} ${message}\n`),
});
const node = context.createNode('talker');
const count = node.createPublisher('std_msgs/msg/UInt32', 'count');
const command = node.createPublisher('std_msgs/msg/String', 'command', QOS.default);
let numSent = 0;
node.createTimer(0.02, () => count.publish({ data: numSent++ }));
context.onShutdown(() => command.publish({ data: 'stop' }));
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => void context.shutdown().then(() => process.exit(0)));
}
