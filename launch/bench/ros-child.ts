import { makeJointStateMessage, writeJointState } from '../../nodes/convert/joints.ts';
import { makePolicyNode } from '../../nodes/policy-node.ts';
import { writeCdr } from '../../nodes/ros/cdr.ts';
import { QOS } from '../../nodes/ros/port.ts';
import { makeRclContext } from '../../nodes/ros/rcl/context.ts';
import { makeQos } from '../../nodes/ros/rcl/qos.ts';
import { findRcl, loadRcl } from '../../nodes/ros/rcl.ts';
import { RuntimeConfig } from '../../policies/config.ts';
import { loadRobot } from '../../sim/robot/load.ts';
import { makeStateBatch } from '../../sim/robot/state.ts';
import { findPolicyFile } from '../paths.ts';
import {
  type ChildTask,
  type Contender,
  ECHO,
  ECHO_OBJECTS,
  getAnswerTopic,
  listQuestionTopics,
  makeWideRobot,
  POLICY_ROBOT,
  STATE_TOPIC,
} from './ros-plan.ts';

/** One process of `zerogap bench ros`, told by its first argument what to be; says `ready`, and ends with its parent. */
const task = JSON.parse(process.argv[2] ?? '') as ChildTask;
process.on('disconnect', () => process.exit(0));

const search = findRcl();
if (!search.found) throw new Error(search.reason);
const library = await loadRcl(search);
const { rcl } = library;

const ROLES: Readonly<Record<ChildTask['role'], () => Promise<void> | void>> = {
  policy: runPolicy,
  echo: () => runEcho(ECHO, 'bytes'),
  echoObjects: () => runEcho(ECHO_OBJECTS, 'objects'),
  publish: runPublisher,
  publishNaively: runNaivePublisher,
};
await ROLES[task.role]();
process.send?.('ready');

/** The policy node as it runs on a robot beside a simulator. */
async function runPolicy(): Promise<void> {
  const context = await makeRclContext(library);
  await makePolicyNode(context, {
    policy: findPolicyFile(task.policy, '--policy'),
    model: loadRobot(task.robot),
    robots: [POLICY_ROBOT],
    runtime: RuntimeConfig.parse({}),
    clock: 'ros',
    periodS: task.periodS,
  });
}

/**
 * rclnodejs as it is: the same messages come in, and at the last of them as much goes out. As bytes, which nobody reads,
 * or as the objects that rclnodejs makes of messages and messages of.
 */
async function runEcho(contender: Contender, form: 'bytes' | 'objects'): Promise<void> {
  const isRaw = form === 'bytes';
  const node = await makeBareNode(`bench_echo_${form}`);
  const { type, topic, qos } = getAnswerTopic(contender);
  const message = makeJointStateMessage(loadRobot(task.robot));
  const answer = isRaw ? Buffer.from(writeCdr(type, message)) : message;
  const publisher = node.createPublisher(type, topic, { qos: makeQos(rcl, qos) });
  const parts = listQuestionTopics(contender, task.inputs);
  for (const [k, part] of parts.entries()) {
    const isLast = k === parts.length - 1;
    node.createSubscription(part.type, part.topic, { qos: makeQos(rcl, part.qos), isRaw }, () => {
      if (isLast) publisher.publish(answer);
    });
  }
  node.spin(10);
}

/** The port's publisher, as every node uses it: one message that is written over and over. */
async function runPublisher(): Promise<void> {
  const context = await makeRclContext(library);
  const node = context.createNode('bench_publisher');
  const publisher = node.createPublisher('sensor_msgs/msg/JointState', STATE_TOPIC, QOS.sensorData);
  const model = makeWideRobot();
  const state = makeStateBatch(1, model.jointNames.length);
  const message = makeJointStateMessage(model);
  publishAtRate((stampNs) => {
    writeJointState(message, stampNs, state, 0);
    publisher.publish(message);
  });
}

/** What one writes at first with rclnodejs: an object of its own for every message. */
async function runNaivePublisher(): Promise<void> {
  const node = await makeBareNode('bench_naive');
  const type = 'sensor_msgs/msg/JointState';
  const publisher = node.createPublisher(type, STATE_TOPIC, { qos: makeQos(rcl, QOS.sensorData) });
  const model = makeWideRobot();
  const state = makeStateBatch(1, model.jointNames.length);
  node.spin(10);
  publishAtRate((stampNs) => {
    const message = makeJointStateMessage(model);
    writeJointState(message, stampNs, state, 0);
    publisher.publish(message);
  });
}

async function makeBareNode(name: string) {
  const context = new rcl.Context();
  await rcl.init(context, []);
  return new rcl.Node(name, '/', context, {}, [], false);
}

/** [1] messages that are made up for in one go */
const MOST_AT_ONCE = 5;

/** Tells its parent every second how much of a core the process took, and how many messages it sent. */
function publishAtRate(publish: (stampNs: bigint) => void): void {
  const startMs = performance.now();
  let numSent = 0;
  let numDue = 0;
  setInterval(() => {
    const due = Math.floor(((performance.now() - startMs) / 1000) * task.rateHz);
    // What a busy machine makes it miss by more than that is missed, or it would never catch up.
    for (let k = Math.max(numDue, due - MOST_AT_ONCE); k < due; k++) {
      publish(BigInt(Math.round(performance.now() * 1e6)));
      numSent++;
    }
    numDue = due;
  }, 1000 / task.rateHz);
  let before = process.cpuUsage();
  let beforeMs = startMs;
  let sentBefore = 0;
  setInterval(() => {
    const { user, system } = process.cpuUsage(before);
    const nowMs = performance.now();
    const wallS = (nowMs - beforeMs) / 1000;
    const load = { share: (user + system) / 1e6 / wallS, rateHz: (numSent - sentBefore) / wallS };
    process.send?.(load);
    [before, beforeMs, sentBefore] = [process.cpuUsage(), nowMs, numSent];
  }, 1000);
}
