import { afterEach, describe, expect, it } from 'vitest';
import { makeBusyState } from '../../launch/bench/tick-bench.ts';
import { checkConfig, readProfile } from '../../launch/config.ts';
import type { NodeParameters } from '../../launch/node/parameters.ts';
import { ROLES, type RunningNode } from '../../launch/node/roles.ts';
import { makePlan } from '../../launch/plan.ts';
import { makeOdometryMessage, writeOdometry } from '../../nodes/convert/base.ts';
import {
  makeJointCommandMessage,
  makeJointStateMessage,
  writeJointCommand,
  writeJointState,
} from '../../nodes/convert/joints.ts';
import { toTime } from '../../nodes/convert/stamp.ts';
import { makeEmbeddedContext } from '../../nodes/ros/embedded.ts';
import type { MessageTypes, Twist } from '../../nodes/ros/messages.ts';
import { QOS, type Qos, type RosContext, type TypeName } from '../../nodes/ros/port.ts';
import { getFrameId, getRobotTopic, TOPICS } from '../../nodes/topics.ts';
import { runCli, startCli } from '../kit/cli.ts';
import { until } from '../kit/ros-backends.ts';

let context: RosContext | undefined;
const running: RunningNode[] = [];
afterEach(async () => {
  for (const node of running.splice(0).reverse()) await node.end();
  await context?.shutdown();
});

/** One robot of a profile with a task, and what its node processes are told. */
async function prepare(profile: string, clock: NodeParameters['clock']) {
  const config = checkConfig({ ...readProfile(profile), numRobots: 1 });
  const plan = await makePlan(config, profile);
  context = makeEmbeddedContext({ log: () => {} });
  const parameters = { profile, config, clock, startState: 'playing', autostart: true } as const;
  return { plan, parameters, context, robot: plan.robots[0]! };
}

const ARGUMENTS = ['--ros-args', '-p', 'profile:=navigate', '-p', 'use_sim_time:=true'];

describe('nodes in processes of their own', () => {
  it('refuse what there is nothing to do for: no courses to follow where a task asks', async () => {
    const { code, stderr } = await runCli(['node', 'reference_node', ...ARGUMENTS]);
    expect([code, stderr]).toEqual([
      2,
      expect.stringMatching(/reference_node.*turtlebot-navigate.*reference_node:=false/s),
    ]);
  });

  it('are found by name alone', async () => {
    const { code, stderr } = await runCli(['node', 'policy', ...ARGUMENTS]);
    expect([code, stderr]).toEqual([2, expect.stringMatching(/no such node.*policy_node/)]);
  });

  it('run with a task until they are told to end, even twice, and then end well', async () => {
    const simulator = startCli(['node', 'simulator_node', ...ARGUMENTS]);
    expect(await simulator.waitFor('middleware embedded')).toMatch(/WARN.*simulator_node/);
    simulator.child.kill('SIGTERM');
    // As a launch file does, which passes on what the terminal has sent already.
    simulator.child.kill('SIGTERM');
    const { code, signal, stderr } = await simulator.result;
    expect([code, signal], stderr).toEqual([0, null]);
  });
});

describe('the nodes of a profile with a task', () => {
  it('drive the robot together: what the policy wants reaches wheels and base, safety in between', async () => {
    const { plan, parameters, context: shared, robot } = await prepare('navigate', 'ros');
    const node = shared.createNode('listener');
    const heard = { joint: 0, twist: 0, goal: 0 };
    const { jointCommand, baseCommand, reference } = TOPICS;
    for (const [key, entry] of [
      ['joint', jointCommand],
      ['twist', baseCommand],
      ['goal', reference],
    ] as const) {
      node.createSubscription(entry.type, getRobotTopic(robot, entry), QOS.default, () => {
        heard[key]++;
      });
    }
    for (const role of ['safety_node', 'policy_node', 'simulator_node'] as const) {
      running.push(await ROLES[role](shared, plan, parameters));
    }
    await until('ten commands', () => heard.joint > 10 && heard.twist > 10);
    expect(heard.goal).toBeGreaterThan(0);
  });

  it('say as a twist what the wheels get, and 0 when the safety node ends', async () => {
    const { plan, parameters, context: shared, robot } = await prepare('navigate', 'ros');
    const { model } = plan;
    const node = shared.createNode('fake');
    const twists: Twist[] = [];
    const { baseCommand, policyCommand, clock, odom, jointStates } = TOPICS;
    const topic = getRobotTopic(robot, baseCommand);
    node.createSubscription(baseCommand.type, topic, baseCommand.qos, (twist) =>
      twists.push(twist),
    );
    const safety = await ROLES.safety_node(shared, plan, parameters);
    const publish = <T extends TypeName>(
      entry: { readonly name: string; readonly type: T; readonly qos: Qos },
      message: MessageTypes[T],
    ) => node.createPublisher(entry.type, getRobotTopic(robot, entry), entry.qos).publish(message);
    const state = makeBusyState(model);
    state.position.fill(0);
    const odometry = makeOdometryMessage(getFrameId(robot, 'odom'), getFrameId(robot, 'base_link'));
    writeOdometry(odometry, 0n, state, 0);
    const joints = makeJointStateMessage(model);
    writeJointState(joints, 0n, state, 0);
    const wish = makeJointCommandMessage(model);
    writeJointCommand(wish, 0n, 'velocity', [1, 1]);
    node.createPublisher(clock.type, clock.name, clock.qos).publish({ clock: toTime(0n) });
    publish(odom, odometry);
    publish(jointStates, joints);
    publish(policyCommand, wish);
    await shared.settled();
    // Both wheels alike: straight ahead.
    expect(twists.at(-1)).toMatchObject({ linear: { y: 0 }, angular: { z: 0 } });
    expect(twists.at(-1)?.linear.x).toBeGreaterThan(0);
    const numBefore = twists.length;
    await safety.end();
    await shared.settled();
    expect(twists.slice(numBefore)).toMatchObject([{ linear: { x: 0 }, angular: { z: 0 } }]);
  });
});
