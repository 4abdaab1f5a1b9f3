import { chooseContext } from '../../nodes/ros/context.ts';
import { watchRobot } from '../ros/soak/watch.ts';

/**
 * A process that listens to one robot and prints what it has heard as a line of JSON, four times a second: for tests
 * whose nodes live where the test itself hears nothing. Arguments: the robot's namespace, its control period in s.
 */
const [robot = '', periodS = ''] = process.argv.slice(2);
const { context } = await chooseContext({ middleware: 'ros2', log: () => {} });
const watch = watchRobot(context.createNode('watcher'), robot, Number(periodS));
const timer = setInterval(() => {
  const { policy, motors, status } = watch;
  const heard = { policy: policy.numHeard, motors: motors.numHeard };
  process.stdout.write(`${JSON.stringify({ ...heard, status: Object.fromEntries(status) })}\n`);
}, 250);
process.on('SIGINT', () => {
  clearInterval(timer);
  void context.shutdown().then(() => process.exit(0));
});
