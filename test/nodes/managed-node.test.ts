import { afterEach, describe, expect, it } from 'vitest';
import { makeReferenceMessage, writeReference } from '../../nodes/convert/reference.ts';
import { type ManagedOptions, manageNode } from '../../nodes/managed-node.ts';
import { makePolicyNode } from '../../nodes/policy-node.ts';
import { makeEmbeddedContext } from '../../nodes/ros/embedded.ts';
import { makeSafetyNode } from '../../nodes/safety-node.ts';
import { getRobotTopic, TOPICS } from '../../nodes/topics.ts';
import { RuntimeConfig, SafetyConfig } from '../../policies/config.ts';
import { makeReferenceBatch } from '../../sim/task/robot-view.ts';
import { type FakeFleet, makeFakeFleet } from '../kit/fake-fleet.ts';
import { until } from '../kit/ros-backends.ts';
import { makeTinyPolicy, makeTinyRobot } from '../kit/tiny-policy.ts';

const PERIOD_S = 0.01;
const ROBOTS = ['a', 'b'] as const;
const WANTED = [0.4, -0.4];
const STOP = [0, 0];

let fleet: FakeFleet | undefined;
afterEach(() => fleet?.context.shutdown());

function start(lifecycle: ManagedOptions) {
  const model = makeTinyRobot();
  fleet = makeFakeFleet(model, ROBOTS);
  makeSafetyNode(fleet.context, {
    ...{ model, robots: ROBOTS, periodS: PERIOD_S, clock: 'ros', lifecycle },
    config: SafetyConfig.parse({}),
  });
  return fleet;
}

/** From one tick to the next the policy wants the same of both robots. */
async function fly(f: FakeFleet, from: number, ticks: number) {
  for (let k = from; k < from + ticks; k++) {
    await f.tick(k * PERIOD_S);
    for (const robot of ROBOTS.keys()) await f.want(robot, k * PERIOD_S, WANTED);
  }
}

const change = async (f: FakeFleet, label: string) => {
  const client = f.node.createClient('lifecycle_msgs/srv/ChangeState', '/safety/change_state');
  return (await client.call({ transition: { id: 0, label } })).success;
};
const getState = async (f: FakeFleet) => {
  const client = f.node.createClient('lifecycle_msgs/srv/GetState', '/safety/get_state');
  return (await client.call({})).current_state.label;
};
const last = (f: FakeFleet, robot = 0) => f.commands[robot]?.at(-1)?.joint;

describe('a managed safety node', () => {
  it('is active from its start where nobody manages it', async () => {
    const f = start({ autostart: true });
    await fly(f, 0, 3);
    expect([last(f), await getState(f)]).toEqual([WANTED, 'active']);
  });

  it('sends the stop command until it is activated, whatever the policy wants', async () => {
    const f = start({ autostart: false });
    await fly(f, 0, 5);
    expect(await getState(f)).toBe('unconfigured');
    // One at its start; then one a period, from 1.5 periods of silence on.
    expect(f.commands[0]!.length).toBeGreaterThanOrEqual(4);
    expect(f.commands[0]!.every(({ joint }) => joint.every((value) => value === 0))).toBe(true);
    expect([await change(f, 'configure'), await change(f, 'activate')]).toEqual([true, true]);
    await fly(f, 5, 1);
    expect(last(f)).toEqual(WANTED);
  });

  it('stops at once when it is deactivated, and goes on with a fresh command after that alone', async () => {
    const f = start({ autostart: true });
    await fly(f, 0, 3);
    const numBefore = f.commands[0]!.length;
    expect(await change(f, 'deactivate')).toBe(true);
    await f.context.settled();
    expect(f.commands[0]!.slice(numBefore).map(({ joint }) => joint)).toEqual([STOP]);
    await fly(f, 3, 10);
    expect(f.commands[0]!.slice(numBefore).map(({ joint }) => joint[0])).not.toContain(WANTED[0]);
    await change(f, 'activate');
    await f.tick(13 * PERIOD_S);
    // What the policy wanted while nobody listened is not done now.
    expect(last(f)).toEqual(STOP);
    await fly(f, 14, 1);
    expect(last(f)).toEqual(WANTED);
  });

  it('keeps stopped what a person stopped, whoever activates it', async () => {
    const f = start({ autostart: true });
    await fly(f, 0, 3);
    const call = (name: string) =>
      f.node.createClient('std_srvs/srv/Trigger', name).call({}) as Promise<{ success: boolean }>;
    await call('/a/stop');
    await change(f, 'deactivate');
    await change(f, 'activate');
    await fly(f, 3, 3);
    expect([last(f, 0), last(f, 1)]).toEqual([STOP, WANTED]);
    expect((await call('/clear_stop')).success).toBe(true);
    await fly(f, 6, 1);
    expect(last(f, 0)).toEqual(WANTED);
  });
});

describe('a managed policy node', () => {
  it('says nothing until it is activated, and begins without a past', async () => {
    const model = makeTinyRobot();
    fleet = makeFakeFleet(model, ['a']);
    const { context, node, tick } = fleet;
    const policy = await makePolicyNode(context, {
      ...{ policy: await makeTinyPolicy(), model, robots: ['a'], clock: 'ros', periodS: PERIOD_S },
      ...{ runtime: RuntimeConfig.parse({}), lifecycle: { autostart: false } },
    });
    const { type, qos } = TOPICS.reference;
    const references = node.createPublisher(type, '/a/command/trajectory', qos);
    const reference = makeReferenceBatch(1);
    reference.position.set([0.1, -0.2, 0]);
    const message = makeReferenceMessage('a/odom');
    const heard: number[][] = [];
    const { policyCommand } = TOPICS;
    const topic = getRobotTopic('a', policyCommand);
    node.createSubscription(policyCommand.type, topic, policyCommand.qos, ({ effort }) =>
      heard.push(Array.from(effort as ArrayLike<number>)),
    );
    const live = async (k: number) => {
      writeReference(message, BigInt(k) * 10_000_000n, reference, 0);
      references.publish(message);
      await tick(k * PERIOD_S);
      // The first tick of the thread is over before there is anything to do.
      await until(`tick ${k}`, () => policy.timing().ticks >= k + 2);
      await context.settled();
    };
    for (let k = 0; k < 3; k++) await live(k);
    expect(heard).toEqual([]);
    const client = node.createClient('lifecycle_msgs/srv/ChangeState', '/policy/change_state');
    for (const label of ['configure', 'activate'])
      expect(await client.call({ transition: { id: 0, label } })).toEqual({ success: true });
    await live(3);
    await until('a command', () => heard.length > 0);
    // Action = error + half the last action, which is none: 0.1 and −0.2; command = 2 · action.
    expect(heard).toEqual([[expect.closeTo(0.2, 6), expect.closeTo(-0.4, 6)]]);
    await policy.close();
  });
});

describe('a node that others start and stop', () => {
  it('is brought to rest by whatever ends its work, errors too', async () => {
    const context = makeEmbeddedContext({ log: () => {} });
    const done: string[] = [];
    const node = context.createNode('worker');
    const lifecycle = manageNode(
      node,
      { autostart: false },
      {
        activate: () => done.push('activate'),
        deactivate: () => done.push('deactivate'),
      },
    );
    for (const label of ['configure', 'activate', 'deactivate', 'activate', 'shutdown']) {
      expect(await lifecycle.request(label), label).toBe(true);
    }
    expect(lifecycle.state).toBe('finalized');
    expect(done).toEqual([...['deactivate', 'activate', 'deactivate', 'activate', 'deactivate']]);
    done.length = 0;
    const other = manageNode(
      context.createNode('other'),
      { autostart: false },
      {
        activate: () => {
          throw new Error('broken');
        },
        deactivate: () => done.push('deactivate'),
      },
    );
    await other.request('configure');
    expect(await other.request('activate')).toBe(false);
    // Once because nothing is to move before it is told to, once because of the error.
    expect([other.state, done]).toEqual(['unconfigured', ['deactivate', 'deactivate']]);
    await context.shutdown();
  });
});
