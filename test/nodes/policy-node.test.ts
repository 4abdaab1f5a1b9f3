import { afterEach, describe, expect, it } from 'vitest';
import { makeReferenceMessage, writeReference } from '../../nodes/convert/reference.ts';
import { makePolicyNode, type PolicyNode } from '../../nodes/policy-node.ts';
import { getFrameId, getRobotTopic, TOPICS } from '../../nodes/topics.ts';
import { RuntimeConfig } from '../../policies/config.ts';
import { makeReferenceBatch } from '../../sim/task/robot-view.ts';
import { type FakeFleet, makeFakeFleet } from '../kit/fake-fleet.ts';
import { makeTinyPolicy, makeTinyRobot } from '../kit/tiny-policy.ts';

const PERIOD_S = 0.01;

let fleet: FakeFleet | undefined;
let policy: PolicyNode | undefined;
afterEach(async () => {
  await policy?.close();
  await fleet?.context.shutdown();
});

/** One robot at the origin that is asked to be at (0.1, −0.2, 0). */
async function start(
  runtime: Partial<RuntimeConfig> = {},
  draft: Parameters<typeof makeTinyPolicy>[0] = {},
) {
  const model = makeTinyRobot();
  fleet = makeFakeFleet(model, ['a']);
  const { node, context } = fleet;
  policy = await makePolicyNode(context, {
    policy: await makeTinyPolicy(draft),
    model,
    robots: ['a'],
    runtime: RuntimeConfig.parse(runtime),
    clock: 'ros',
    periodS: PERIOD_S,
  });
  const commands: { stampS: number; joint: readonly number[] }[] = [];
  let wake: (() => void) | undefined;
  node.createSubscription(
    TOPICS.policyCommand.type,
    getRobotTopic('a', TOPICS.policyCommand),
    TOPICS.policyCommand.qos,
    ({ header, effort }) => {
      commands.push({
        stampS: header.stamp.sec + header.stamp.nanosec / 1e9,
        joint: Array.from(effort as ArrayLike<number>),
      });
      wake?.();
    },
  );
  const references = node.createPublisher(
    TOPICS.reference.type,
    getRobotTopic('a', TOPICS.reference),
    TOPICS.reference.qos,
  );
  const reference = makeReferenceBatch(1);
  reference.position.set([0.1, -0.2, 0]);
  const message = makeReferenceMessage(getFrameId('a', 'odom'));
  /** Publishes one instant and waits for the command made for it. */
  const tick = async (timeS: number) => {
    const heard = new Promise<void>((resolve) => {
      wake = resolve;
    });
    writeReference(message, BigInt(Math.round(timeS * 1e9)), reference, 0);
    references.publish(message);
    await fleet!.tick(timeS);
    await heard;
  };
  return { fleet, policy, commands, tick };
}

describe('the policy node', () => {
  it('makes one command for each instant, stamped with it, from what was measured at it', async () => {
    const { commands, tick, policy: p } = await start();
    for (let k = 0; k < 3; k++) await tick(k * PERIOD_S);
    expect(commands.map(({ stampS }) => stampS)).toEqual([0, 0.01, 0.02]);
    // Action = error + half the last action, command = 2 · action.
    // Left: 0.1, 0.15, 0.175; right: −0.2, −0.3, −0.35.
    const expected = [
      [0.2, -0.4],
      [0.3, -0.6],
      [0.35, -0.7],
    ];
    for (const [k, { joint }] of commands.entries()) {
      for (const [j, value] of joint.entries()) expect(value).toBeCloseTo(expected[k]![j]!, 6);
    }
    expect(p.numTicks).toBe(3);
  });

  it('forgets its last action when a new episode begins', async () => {
    const { fleet: f, commands, tick } = await start();
    await f.publishEpisode(0);
    for (let k = 0; k < 3; k++) await tick(k * PERIOD_S);
    await f.publishEpisode(1);
    await tick(0.03);
    expect(commands.at(-1)?.joint[0]).toBeCloseTo(0.2, 6);
  });

  it.each([
    ['from 1970', 1_795_286_883, {}],
    ['when it comes late', 7.31, {}],
    ['when it comes late and is to hold its period', 7.31, { onMiss: 'hold' }],
  ] as const)(
    'answers every instant of a clock %s, and finds none late',
    async (_, startS, runtime) => {
      const { commands, tick, policy: p } = await start(runtime);
      for (let k = 0; k < 100; k++) await tick(startS + k * PERIOD_S);
      expect(commands).toHaveLength(100);
      const atS = commands.at(-1)!.stampS;
      expect(atS).toBeCloseTo(startS + 99 * PERIOD_S, 6);
      const { ticks, overruns, skipped, lateness, period } = p.timing();
      // One more at the start, a period before the first.
      expect({ ticks, overruns, skipped }).toEqual({ ticks: 101, overruns: 0, skipped: 0 });
      expect(lateness.max).toBeLessThan(1e-6);
      expect(period.max).toBeCloseTo(PERIOD_S, 6);
    },
  );

  it('begins anew, and says so, when the clock goes back', async () => {
    const { fleet: f, commands, tick } = await start();
    for (let k = 0; k < 3; k++) await tick(5 + k * PERIOD_S);
    commands.length = 0;
    for (let k = 0; k < 3; k++) await tick(1 + k * PERIOD_S);
    expect(f.logs.filter((line) => /warn: .*went back/.test(line))).toHaveLength(1);
    expect(commands.map(({ stampS }) => stampS)).toEqual([1, 1.01, 1.02]);
    // As from the start: 2 · (0.1, 0.15, 0.175), the last action forgotten.
    const left = [0.2, 0.3, 0.35];
    for (const [k, { joint }] of commands.entries()) expect(joint[0]).toBeCloseTo(left[k]!, 6);
  });

  it('warns of the provider that it does not run on', async () => {
    const { fleet: f, policy: p } = await start({ provider: 'coreml' });
    expect(p.provider).toMatchObject({ requested: 'coreml', used: 'cpu' });
    expect(f.logs.some((line) => /warn: provider coreml is not used, cpu is: /.test(line))).toBe(
      true,
    );
  });
});

describe('a policy that is asked for a velocity', () => {
  it('acts before it is asked, then does what cmd_vel says within what it was taught, until that ends', async () => {
    // Action = (ahead, left) + half the last action, command = 2 · action; the turn has no weight.
    const {
      fleet: f,
      commands,
      tick,
    } = await start(
      {},
      {
        observations: [
          { name: 'linearVelocityCommand', width: 2, unit: 'm/s', frame: 'heading' },
          { name: 'yawRateCommand', width: 1, unit: 'rad/s' },
          { name: 'lastAction', width: 2, unit: '-' },
        ],
        commandRanges: { forward: [-0.2, 0.2], left: [-0.4, 0.4] },
      },
    );
    const twist = f.node.createPublisher(
      'geometry_msgs/msg/Twist',
      '/a/cmd_vel',
      TOPICS.cmdVel.qos,
    );
    const zero = { x: 0, y: 0, z: 0 };
    await tick(0);
    twist.publish({ linear: { x: 0.5, y: -0.1, z: 0 }, angular: zero });
    await f.context.settled();
    await tick(0.01);
    await tick(0.02);
    await tick(1);
    // 0; 0.2 of the 0.5 asked for; 0.2 + 0.5 · 0.2; half of that once the command is too old. Left: as asked.
    const expected = [
      [0, 0],
      [0.4, -0.2],
      [0.6, -0.3],
      [0.3, -0.15],
    ];
    expect(commands).toHaveLength(4);
    for (const [k, { joint }] of commands.entries()) {
      for (const [j, value] of joint.entries()) expect(value).toBeCloseTo(expected[k]![j]!, 6);
    }
  });
});
