import { afterEach, describe, expect, it } from 'vitest';
import { makeJointCommandMessage, writeJointCommand } from '../../nodes/convert/joints.ts';
import { toNs } from '../../nodes/convert/stamp.ts';
import { makeEmbeddedContext } from '../../nodes/ros/embedded.ts';
import type { DiagnosticStatus, Odometry } from '../../nodes/ros/messages.ts';
import { QOS, type RosContext } from '../../nodes/ros/port.ts';
import { makeSafetyNode } from '../../nodes/safety-node.ts';
import { makeSimulatorNode } from '../../nodes/simulator-node.ts';
import { TOPICS } from '../../nodes/topics.ts';
import { SafetyConfig } from '../../policies/config.ts';
import { RandomizationConfig } from '../../sim/randomize/config.ts';
import { loadRobot, readRobotDescription } from '../../sim/robot/load.ts';
import { computeHoverSpeed } from '../../sim/robot/quadrotor.ts';
import { FLAT_SCENE } from '../../sim/terrain/scene.ts';
import { makeRobotWorld, type RobotWorld } from '../../sim/world.ts';

const model = loadRobot('crazyflie');
const HOVER = computeHoverSpeed(model, 9.80665);

let context: RosContext | undefined;
let world: RobotWorld | undefined;
afterEach(async () => {
  await context?.shutdown();
  world?.free();
});

async function start(options: { readonly commandTimeoutMs?: number } = {}) {
  context = makeEmbeddedContext({ log: () => {} });
  world = await makeRobotWorld({
    model,
    numRobots: 1,
    physicsRateHz: 500,
    controlRateHz: 100,
    tileSpacing: 2,
    scene: FLAT_SCENE,
    randomization: RandomizationConfig.parse({}),
  });
  const simulator = makeSimulatorNode(context, {
    world,
    robots: ['cf00'],
    seed: 1,
    writeStart: () => {},
    motorsAtStart: 'hover',
    realTimeFactor: 0,
    commandTimeoutMs: options.commandTimeoutMs ?? 5000,
    description: readRobotDescription('crazyflie'),
  });
  const pilot = context.createNode('pilot');
  return { context, world, simulator, pilot };
}

type Started = Awaited<ReturnType<typeof start>>;

/** Answers every clock with the same rotor speed, until told not to. */
function answer({ pilot }: Started, speed: number) {
  const publisher = pilot.createPublisher('sensor_msgs/msg/JointState', '/cf00/joint_command');
  const message = makeJointCommandMessage(model);
  const control = { isSilent: false, numAnswers: 0 };
  pilot.createSubscription('rosgraph_msgs/msg/Clock', '/clock', QOS.clock, ({ clock }) => {
    if (control.isSilent) return;
    control.numAnswers++;
    writeJointCommand(message, toNs(clock), 'velocity', [speed, speed, speed, speed]);
    publisher.publish(message);
  });
  return control;
}

describe('the simulator node', () => {
  it('takes one step per command in lockstep, however fast or slow they come', async () => {
    const started = await start();
    const control = answer(started, HOVER);
    await started.simulator.run(0.5);
    expect(control.numAnswers).toBe(50);
    expect(started.simulator.simSteps).toBe(250);
    expect(started.simulator.lateTicks).toBe(0);
    expect(started.simulator.timeS).toBeCloseTo(0.5, 9);
  });

  it('goes on without commands after the timeout, and the motors stop by themselves', async () => {
    const started = await start({ commandTimeoutMs: 5 });
    const control = answer(started, HOVER);
    await started.simulator.run(0.1);
    control.isSilent = true;
    await started.simulator.run(0.8);
    expect(started.simulator.lateTicks).toBe(70);
    // The motors time out 0.2 s after the last command and spin down with 65 ms; 0.5 s later nothing turns.
    for (const speed of started.world.truth.jointVelocity) expect(Math.abs(speed)).toBeLessThan(5);
  });

  it('publishes the clock before the sensors of its instant, and the truth beside them', async () => {
    const started = await start();
    const order: string[] = [];
    const { pilot } = started;
    const note = (name: string) => () => order.push(name);
    pilot.createSubscription('nav_msgs/msg/Odometry', '/cf00/odom', TOPICS.odom.qos, note('odom'));
    pilot.createSubscription(
      'nav_msgs/msg/Odometry',
      '/cf00/ground_truth/odom',
      TOPICS.groundTruth.qos,
      note('truth'),
    );
    pilot.createSubscription('rosgraph_msgs/msg/Clock', '/clock', QOS.clock, note('clock'));
    answer(started, HOVER);
    await started.simulator.run(0.03);
    expect(order).toEqual(Array.from({ length: 3 }, () => ['clock', 'odom', 'truth']).flat());
  });

  it('tells once a simulated second how it keeps its time, and how often it went on without commands', async () => {
    const started = await start({ commandTimeoutMs: 5 });
    const { type, name, qos } = TOPICS.diagnostics;
    const told: DiagnosticStatus[] = [];
    started.pilot.createSubscription(type, name, qos, ({ status }) => told.push(...status));
    const control = answer(started, HOVER);
    await started.simulator.run(1.5);
    control.isSilent = true;
    await started.simulator.run(2.5);
    // Not at 0, when nothing has been measured yet. From 1.5 on all of 50 periods are late, and that of 2 s itself.
    expect(told.map((status) => status.name)).toEqual(['timing: simulator', 'timing: simulator']);
    const late = told.map(({ values }) => values.find(({ key }) => key === 'late commands')?.value);
    expect(late).toEqual(['0', '51']);
  });

  it('changes its pace by parameter, and refuses one that makes no sense', async () => {
    const started = await start();
    answer(started, HOVER);
    const { simulator } = started;
    expect(simulator.node.getParameter('real_time_factor')).toBe(0);
    expect(() => simulator.node.setParameter('real_time_factor', -1)).toThrow(/0.*1000/);
    simulator.node.setParameter('real_time_factor', 2);
    const before = performance.now();
    await simulator.run(0.4);
    // 0.4 s at twice real time take 0.2 s; unpaced they take a tenth of that.
    expect(performance.now() - before).toBeGreaterThan(180);
  });

  it('puts the robots back on /reset, tells it as a new episode, and lets the clock run on', async () => {
    const started = await start();
    const { pilot, simulator, world: w } = started;
    const episodes: number[] = [];
    pilot.createSubscription('std_msgs/msg/UInt32', '/episode', QOS.latched, ({ data }) =>
      episodes.push(data),
    );
    answer(started, 0);
    await simulator.run(0.3);
    expect(w.truth.position[2]).toBeLessThan(0.9);
    const client = pilot.createClient('std_srvs/srv/Trigger', '/reset');
    expect(await client.call({})).toMatchObject({ success: true });
    await simulator.run(0.31);
    // One period of free fall from home at 1 m: 1 − ½ · 9.81 · 0.01² is 0.5 mm lower.
    expect(w.truth.position[2]).toBeGreaterThan(0.999);
    expect(episodes).toEqual([0, 1]);
    expect(simulator.timeS).toBeCloseTo(0.31, 9);
  });

  it('says what is wrong with a command and keeps the last good one', async () => {
    const logs: string[] = [];
    const started = await start({ commandTimeoutMs: 5 });
    started.pilot.createSubscription('rcl_interfaces/msg/Log', '/rosout', QOS.default, ({ msg }) =>
      logs.push(msg),
    );
    const publisher = started.pilot.createPublisher(
      'sensor_msgs/msg/JointState',
      '/cf00/joint_command',
    );
    publisher.publish({
      header: { stamp: { sec: 0, nanosec: 0 }, frame_id: '' },
      name: ['m1_joint', 'm2_joint', 'm3_joint', 'm5_joint'],
      position: [],
      velocity: [1, 1, 1, 1],
      effort: [],
    });
    await started.simulator.run(0.02);
    expect(logs.join('\n')).toContain('missing m4_joint; unknown m5_joint');
  });
});

describe('a robot that has but an IMU', () => {
  it('publishes no place as if it knew one, nor a transform, and its safety filter lets it stand', async () => {
    const go2 = loadRobot('go2');
    context = makeEmbeddedContext({ log: () => {} });
    world = await makeRobotWorld({
      model: go2,
      numRobots: 1,
      controlRateHz: 50,
      tileSpacing: 0,
      scene: FLAT_SCENE,
      randomization: RandomizationConfig.parse({}),
    });
    const simulator = makeSimulatorNode(context, {
      ...{ world, robots: ['dog'], seed: 1, writeStart: () => {}, motorsAtStart: 'hover' },
      ...{ realTimeFactor: 0, commandTimeoutMs: 50, description: '' },
    });
    const config = SafetyConfig.parse({});
    const periodS = world.controlPeriodS;
    const robots = ['dog'];
    const safety = makeSafetyNode(context, { model: go2, robots, config, periodS, clock: 'ros' });
    const listener = context.createNode('listener');
    const heard: Odometry[] = [];
    const children: string[] = [];
    const { odom, tf, policyCommand } = TOPICS;
    listener.createSubscription(odom.type, '/dog/odom', odom.qos, (m) => {
      heard.push(structuredClone(m));
    });
    listener.createSubscription(tf.type, tf.name, tf.qos, ({ transforms }) => {
      children.push(...transforms.map((transform) => transform.child_frame_id));
    });
    const wish = listener.createPublisher(
      policyCommand.type,
      '/dog/policy/joint_command',
      policyCommand.qos,
    );
    const message = makeJointCommandMessage(go2);
    const stand = go2.actuatedJointNames.map(
      (name) => go2.home.jointPosition[go2.jointNames.indexOf(name)]!,
    );
    listener.createSubscription('rosgraph_msgs/msg/Clock', '/clock', QOS.clock, ({ clock }) => {
      writeJointCommand(message, toNs(clock), 'position', stand);
      wish.publish(message);
    });
    await simulator.run(0.4);
    const { pose, twist } = heard.at(-1)!;
    expect(pose.pose.position).toEqual({ x: 0, y: 0, z: 0 });
    expect(pose.covariance[0]).toBe(1e6);
    expect(twist.covariance[0]).toBe(1e6);
    expect(pose.covariance[21]).toBe(0);
    expect(Math.abs(pose.pose.orientation.w)).toBeGreaterThan(0.99);
    // Its feet are where its joints say.
    expect(children).toContain('dog/FL_foot');
    expect(children).not.toContain('dog/base_link');
    expect(safety.counts.stop).toBeLessThanOrEqual(2);
    expect(safety.counts.pass + safety.counts.clamp).toBeGreaterThan(15);
  });
});
