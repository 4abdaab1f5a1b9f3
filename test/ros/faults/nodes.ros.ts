import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RoleName } from '../../../launch/node/roles.ts';
import { QOS, type RosContext, type RosNode } from '../../../nodes/ros/port.ts';
import { makeRclContext } from '../../../nodes/ros/rcl/context.ts';
import { findRcl, loadRcl } from '../../../nodes/ros/rcl.ts';
import { makeRosStack, type RosStack, startAll } from '../../kit/ros-stack.ts';
import { type Watch, watchRobot } from '../soak/watch.ts';

/** As test/ros/soak/profile.yaml has it. */
const ROBOT = 'cf00';
const PERIOD_S = 0.01;
/** [ms] for four processes to start, or one to be found again, on a machine with other things to do */
const PATIENCE_MS = 90_000;
const TEST_MS = 4 * PATIENCE_MS;

let context: RosContext;
let node: RosNode;
let watch: Watch;
let stack: RosStack;

async function makeContext(): Promise<RosContext> {
  const search = findRcl();
  if (!search.found) throw new Error(search.reason);
  return makeRclContext(await loadRcl(search), { log: () => {} });
}

async function until(what: string, isSo: () => boolean): Promise<void> {
  const endMs = performance.now() + PATIENCE_MS;
  while (!isSo()) {
    if (performance.now() > endMs) throw new Error(`waited ${PATIENCE_MS} ms in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

const count = (action: string) => Number(watch.status.get(`safety: ${ROBOT}`)?.[action] ?? 0);

/** A hundred commands of the policy that passed: one simulated second in which all four are there. */
async function untilItFlies(): Promise<void> {
  const before = count('pass');
  // A node that starts anew counts anew.
  await until('commands that pass', () => count('pass') > 100 && count('pass') !== before);
}

async function killNode(role: RoleName): Promise<void> {
  const { child } = stack.processes.get(role)!;
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
}

beforeEach(async () => {
  context = await makeContext();
  node = context.createNode('watcher');
  watch = watchRobot(node, ROBOT, PERIOD_S);
  stack = makeRosStack();
  startAll(stack);
  await untilItFlies();
}, TEST_MS);

afterEach(async () => {
  await stack.end();
  await context.shutdown();
}, TEST_MS);

describe('a stack of processes', { timeout: TEST_MS }, () => {
  it('shows its policy the state of the very instant, and loses no command', async () => {
    const late = () => Number(watch.status.get('timing: simulator')?.['late commands']);
    await until('the simulator to tell', () => Number.isFinite(late()));
    const lateBefore = late();
    // What was lost while four processes found one another is no loss.
    watch.restart();
    await until('300 commands', () => watch.motors.numHeard > 300);
    expect(late()).toBe(lateBefore);
    // In simulated time, and the median: while four processes found one another it was more.
    const ageUs = Number(watch.status.get('timing: policy')?.['observation age p50 [µs]']);
    expect(ageUs).toBeLessThan(1e6 * PERIOD_S);
    watch.motors.end();
    expect(watch.motors.numMissing).toBe(0);
  });

  it('stops its robot when the policy is killed, and flies on with another one once that is allowed', async () => {
    await killNode('policy_node');
    await until('a stop', () => count('rule watchdog') > 0 && count('stop') > 0);
    stack.start('policy_node');
    const numBefore = watch.policy.numHeard;
    await until('the new policy', () => watch.policy.numHeard > numBefore + 50);
    // Latched: nobody takes off by himself.
    const passedBefore = count('pass');
    const client = node.createClient('std_srvs/srv/Trigger', '/clear_stop');
    await until('somebody to ask', () => client.isReady());
    let isCleared = false;
    // On the ground, tilted, it is refused until the simulator puts it back.
    const reset = node.createClient('std_srvs/srv/Trigger', '/reset');
    await until('the simulator', () => reset.isReady());
    expect(count('pass')).toBe(passedBefore);
    await reset.call({}, { timeoutMs: PATIENCE_MS });
    for (let attempt = 0; attempt < 20 && !isCleared; attempt++) {
      ({ success: isCleared } = await client.call({}, { timeoutMs: PATIENCE_MS }));
      if (!isCleared) await new Promise((resolve) => setTimeout(resolve, 500));
    }
    expect(isCleared).toBe(true);
    await until('commands that pass', () => count('pass') > passedBefore + 50);
  });

  it('goes on when the safety node is killed and started anew', async () => {
    await killNode('safety_node');
    stack.start('safety_node');
    const numBefore = watch.motors.numHeard;
    await until('commands to the motors', () => watch.motors.numHeard > numBefore + 50);
  });

  it('begins anew with a simulator that was killed, whose clock begins at 0', async () => {
    await killNode('simulator_node');
    const passedBefore = count('pass');
    stack.start('simulator_node');
    await until('commands that pass', () => count('pass') > passedBefore + 50);
  });

  it('tells a late joiner what was said once', async () => {
    const late = await makeContext();
    const texts: string[] = [];
    const frames: string[] = [];
    const joiner = late.createNode('late');
    joiner.createSubscription(
      'std_msgs/msg/String',
      `/${ROBOT}/robot_description`,
      QOS.latched,
      ({ data }) => texts.push(data),
    );
    joiner.createSubscription('tf2_msgs/msg/TFMessage', '/tf_static', QOS.latched, (message) =>
      frames.push(...message.transforms.map((one) => one.child_frame_id)),
    );
    await until('both', () => texts.length > 0 && frames.length > 0);
    expect(texts[0]).toContain('<robot');
    expect(frames).toContain(`${ROBOT}/odom`);
    await late.shutdown();
  });
});
