import { writeSync } from 'node:fs';
import { makeRecorderNode } from '../../nodes/recorder-node.ts';
import { makeEmbeddedContext } from '../../nodes/ros/embedded.ts';
import { QOS } from '../../nodes/ros/port.ts';

/**
 * A process of its own that records until it is killed, or until the disk refuses: publishes a
 * message every 5 ms with the machine's time in it, and prints each once it is published.
 * Arguments: path of the recording, padding of each message [byte].
 */
const [, , target = '', padding = '0'] = process.argv;
let failed = false;
let numAfterFailure = 0;
const context = makeEmbeddedContext({ log: () => {} });
const recorder = await makeRecorderNode(context, {
  path: target,
  onError: (error) => {
    writeSync(1, `error ${error.message}\n`);
    failed = true;
  },
});
// Noise does not compress, so the file grows as the messages do.
const noise = Array.from({ length: Number(padding) }, () =>
  String.fromCharCode(33 + Math.random() * 90),
).join('');
const publisher = context
  .createNode('talker')
  .createPublisher('std_msgs/msg/String', '/time', QOS.default);
const timer = setInterval(() => {
  const data = `${performance.timeOrigin + performance.now()} ${noise}`;
  publisher.publish({ data });
  writeSync(1, `${data.slice(0, data.indexOf(' '))}\n`);
  if (failed) numAfterFailure++;
  if (numAfterFailure === 3) {
    clearInterval(timer);
    void recorder.close().then(() => writeSync(1, `closed ${JSON.stringify(recorder.stats())}\n`));
  }
}, 5);
