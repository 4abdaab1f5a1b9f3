import { afterEach, describe, expect, it } from 'vitest';
import { makeOdometryMessage } from '../../nodes/convert/base.ts';
import { makeJointCommandMessage, makeJointStateMessage } from '../../nodes/convert/joints.ts';
import { makeScanMessage, writeScan } from '../../nodes/convert/ranges.ts';
import { makeReferenceMessage } from '../../nodes/convert/reference.ts';
import { makeDiagnosticArray, makeSafetyStatus } from '../../nodes/diagnostics.ts';
import { makeEmbeddedContext } from '../../nodes/ros/embedded.ts';
import type { RosContext, RosNode } from '../../nodes/ros/port.ts';
import { SENSOR_TOPICS, SERVICES, TOPICS } from '../../nodes/topics.ts';
import { makeViewerNode, type ViewerNode, type ViewerOptions } from '../../nodes/viewer-node.ts';
import {
  SAFETY_RULES,
  type SafetyAction,
  type SafetyRule,
  type Verdict,
} from '../../policies/safety/verdict.ts';
import { loadRobot } from '../../sim/robot/load.ts';
import type { LidarSensor } from '../../sim/robot/sensor-model.ts';
import { decodeMesh } from '../../web-viewer/mesh-format.ts';
import { computeFrameLayout } from '../../web-viewer/protocol.ts';
import { CUBE_MESH } from '../kit/meshes.ts';
import { buildScene } from '../kit/scenes.ts';
import { connectClient, type TestClient } from './viewer/viewer-client.ts';

const model = loadRobot('crazyflie');
const S = Math.SQRT1_2;
/** cf1's odom frame stands at (10, 0, 0), turned by +90° about z: its x axis is map's y axis. */
const mapFromOdom = [
  { translation: [0, 0, 0], rotation: [0, 0, 0, 1] },
  { translation: [10, 0, 0], rotation: [0, 0, S, S] },
] as const;

let context: RosContext;
let viewer: ViewerNode;

async function start(options: Partial<ViewerOptions> = {}): Promise<RosNode> {
  context = makeEmbeddedContext({ log: () => {} });
  viewer = await makeViewerNode(context, {
    model,
    robots: ['cf0', 'cf1'],
    mapFromOdom,
    host: '127.0.0.1',
    port: 0,
    frameRateHz: 60,
    runInfo: { policy: 'test' },
    ...options,
  });
  return context.createNode('world');
}

afterEach(async () => {
  await viewer.close();
  await context.shutdown();
});

/** Reads cf1's fields by name out of the next frame that satisfies the condition. */
async function readField(client: TestClient, field: string, isReady: (x: number) => boolean) {
  const { welcome } = await client.waitFor('welcome');
  const offset = computeFrameLayout(welcome.robots).offsets[1]!.get(field)!;
  const { width } = welcome.robots[1]!.fields.find(({ name }) => name === field)!;
  const { frame } = await client.waitFor('frame', (m) => isReady(m.frame.values[offset]!));
  return [...frame.values.subarray(offset, offset + width)];
}

const isKnown = (x: number) => !Number.isNaN(x);

function publishOdometry(node: RosNode): void {
  const message = makeOdometryMessage('cf1/odom', 'cf1/base_link');
  message.pose.pose.position = { x: 1, y: 0, z: 2 };
  // Rolled by 90° about its x axis.
  message.pose.pose.orientation = { x: S, y: 0, z: 0, w: S };
  message.twist.twist.linear = { x: 3, y: 4, z: 0 };
  const { type, name, qos } = TOPICS.odom;
  node.createPublisher(type, `/cf1/${name}`, qos).publish(message);
}

const NO_ACTIONS: Record<SafetyAction, number> = { pass: 0, clamp: 0, hold: 0, damp: 0, stop: 0 };
const NO_RULES = Object.fromEntries(SAFETY_RULES.map((rule) => [rule, 0])) as Record<
  SafetyRule,
  number
>;

function publishSafety(node: RosNode, verdict: Verdict): void {
  const { type, name, qos } = TOPICS.diagnostics;
  const header = { stamp: { sec: 0, nanosec: 0 }, frame_id: '' };
  node
    .createPublisher(type, name, qos)
    .publish({ header, status: [makeSafetyStatus('cf1', verdict, NO_ACTIONS, NO_RULES)] });
}

function publishTruth(node: RosNode): void {
  const message = makeOdometryMessage('cf1/odom', 'cf1/base_link');
  message.pose.pose.position = { x: 1, y: 0, z: 2 };
  const { type, name, qos } = TOPICS.groundTruth;
  node.createPublisher(type, `/cf1/${name}`, qos).publish(message);
}

describe('the viewer node', () => {
  it('draws a robot whose sensors tell no place where it truly is, and says so', async () => {
    const sensors = model.sensors.filter(({ kind }) => kind === 'imu');
    const node = await start({ model: { ...model, sensors } });
    const client = await connectClient(viewer.url);
    const { welcome } = await client.waitFor('welcome');
    expect(welcome.robots.map(({ poseSource }) => poseSource)).toEqual(['truth', 'truth']);
    publishOdometry(node);
    publishTruth(node);
    // x of its odom frame is y of the map, whose origin is 10 m away.
    const position = await readField(client, 'position', isKnown);
    for (const [k, value] of [10, 1, 2].entries()) expect(position[k]).toBeCloseTo(value, 5);
    // Level, as it truly is, and not rolled, as was measured.
    expect((await readField(client, 'tilt', isKnown))[0]).toBeCloseTo(0, 5);
  });

  it('draws a robot that measures its place there, whatever the truth', async () => {
    const node = await start();
    const client = await connectClient(viewer.url);
    const { welcome } = await client.waitFor('welcome');
    expect(welcome.robots.map(({ poseSource }) => poseSource)).toEqual([undefined, undefined]);
    publishTruth(node);
    publishOdometry(node);
    expect((await readField(client, 'tilt', isKnown))[0]).toBeCloseTo(90, 4);
  });

  it('shows what a lidar saw from where the robot was then, and hits alone', async () => {
    const lidar: LidarSensor = {
      ...{ kind: 'lidar', name: 'scan', link: 'base_link', rateHz: 10, latencyS: 0.1 },
      linkFromSensor: { translation: [0, 0, 0.5], rotation: [0, 0, 0, 1] },
      ...{ minRange: 0.1, maxRange: 10, range: { noise: 0, bias: 0 } },
      ...{ azimuth: [0, Math.PI / 2], numAzimuths: 2, elevations: [0] },
    };
    const node = await start({ model: { ...model, sensors: [...model.sensors, lidar] } });
    const client = await connectClient(viewer.url);
    await client.waitFor('welcome');
    const odometry = makeOdometryMessage('cf1/odom', 'cf1/base_link');
    const { odom } = TOPICS;
    const poses = node.createPublisher(odom.type, `/cf1/${odom.name}`, odom.qos);
    // At 1 s it was 1 m ahead of its origin; at 2 s it is elsewhere.
    for (const [sec, x] of [
      [1, 1],
      [2, 50],
    ]) {
      odometry.header.stamp = { sec: sec!, nanosec: 0 };
      odometry.pose.pose.position.x = x!;
      poses.publish(odometry);
    }
    const scan = makeScanMessage('cf1/scan_frame', lidar);
    writeScan(scan, 1_050_000_000n, 0, Float64Array.of(2, Number.POSITIVE_INFINITY));
    node
      .createPublisher('sensor_msgs/msg/LaserScan', '/cf1/scan', SENSOR_TOPICS.scan.qos)
      .publish(scan);
    const { scan: seen } = await client.waitFor('points');
    expect([seen.robot, seen.lidar, seen.points.length]).toEqual([1, 0, 3]);
    // 1 m + 2 m along x of its odom frame, which is y of the map, half a metre up.
    for (const [k, value] of [10, 3, 0.5].entries()) expect(seen.points[k]).toBeCloseTo(value, 5);
  });

  it('draws a robot that is bolted down on its mount, and hears it by its joints', async () => {
    const cartpole = loadRobot('cartpole');
    const node = await start({ model: cartpole });
    const client = await connectClient(viewer.url);
    const position = await readField(client, 'position', isKnown);
    // Half a metre up, at the origin of cf1's odom frame.
    for (const [k, value] of [10, 0, 0.5].entries()) expect(position[k]).toBeCloseTo(value, 5);
    const { type, name, qos } = TOPICS.jointStates;
    node.createPublisher(type, `/cf1/${name}`, qos).publish(makeJointStateMessage(cartpole));
    expect((await readField(client, 'odometry_age', isKnown))[0]).toBeLessThan(1);
  });

  it('serves the meshes of its robots, and warns by name of one that is missing', async () => {
    const mesh = (uri: string) => ({
      name: uri,
      linkFromShape: mapFromOdom[0],
      geometry: { kind: 'mesh', uri, scale: [1, 1, 1] } as const,
    });
    const [base, ...links] = model.links;
    const visuals = [mesh('cube.stl'), mesh('gone.stl')];
    await start({
      model: {
        ...model,
        links: [{ ...base!, visuals }, ...links],
        meshes: new Map([['cube.stl', CUBE_MESH]]),
      },
    });
    const client = await connectClient(viewer.url);
    const { welcome } = await client.waitFor('welcome');
    const { meshes = {}, links: drawn } = welcome.models[0]!;
    expect(Object.keys(meshes)).toEqual(['cube.stl']);
    expect(drawn[0]!.collisions?.length).toBe(base!.collisions.length);
    const response = await fetch(`${viewer.url}/${meshes['cube.stl']!.path}`);
    const decoded = decodeMesh(new Uint8Array(await response.arrayBuffer()));
    expect(decoded).toEqual({ vertices: CUBE_MESH.vertices, triangles: CUBE_MESH.triangles });
    const { event } = await client.waitFor('event', (m) => m.event.severity === 'warning');
    expect(event.text).toContain("'gone.stl' of base_link");
  });

  it('tells who the robots are and what may be asked', async () => {
    await start();
    const client = await connectClient(viewer.url);
    const { welcome } = await client.waitFor('welcome');
    expect(welcome.robots.map(({ name }) => name)).toEqual(['cf0', 'cf1']);
    expect(welcome.models[0]?.rotorJoints).toEqual(model.actuatedJointNames);
    expect(welcome.actions).toEqual(['stop', 'clear_stop', 'reset']);
    expect(welcome.run).toEqual({ policy: 'test' });
  });

  it('sends NaN for what it has not heard', async () => {
    await start();
    const client = await connectClient(viewer.url);
    await client.waitFor('welcome');
    const { frame } = await client.waitFor('frame');
    expect([...frame.values].every(Number.isNaN)).toBe(true);
  });

  it('moves a pose from the robot’s odom frame into the map', async () => {
    const node = await start();
    publishOdometry(node);
    const client = await connectClient(viewer.url);
    // map = (10, 0, 0) + Rz(90°)·(1, 0, 2) = (10, 1, 2)
    const position = await readField(client, 'position', isKnown);
    expect(position[0]).toBeCloseTo(10, 6);
    expect(position[1]).toBeCloseTo(1, 6);
    expect(position[2]).toBeCloseTo(2, 6);
    // qz(90°)·qx(90°) = (S, 0, 0·, …): w = S·S, x = S·S, y = S·S, z = S·S, all 0.5
    const orientation = await readField(client, 'orientation', isKnown);
    for (const component of orientation) expect(component).toBeCloseTo(0.5, 6);
    // |(3, 4, 0)| = 5; rolled by 90° the tilt is 90°
    expect((await readField(client, 'speed', isKnown))[0]).toBeCloseTo(5, 6);
    expect((await readField(client, 'tilt', isKnown))[0]).toBeCloseTo(90, 4);
  });

  it('takes the position error between odometry and reference', async () => {
    const node = await start();
    publishOdometry(node);
    const reference = makeReferenceMessage('cf1/odom');
    reference.points[0]!.transforms[0]!.translation = { x: 1, y: 3, z: -2 };
    const { type, name, qos } = TOPICS.reference;
    node.createPublisher(type, `/cf1/${name}`, qos).publish(reference);
    const client = await connectClient(viewer.url);
    // (1, 0, 2) to (1, 3, −2): √(9 + 16) = 5
    expect((await readField(client, 'position_error', isKnown))[0]).toBeCloseTo(5, 6);
    // Its heading in the map is the odom frame's: 90°.
    expect((await readField(client, 'reference', isKnown))[3]).toBeCloseTo(Math.PI / 2, 6);
  });

  it('puts joints in the model’s order, whatever order a message has', async () => {
    const node = await start();
    const state = makeJointStateMessage(model);
    state.name.reverse();
    state.velocity = Float64Array.of(4, 3, 2, 1);
    const command = makeJointCommandMessage(model);
    command.velocity.fill(7);
    const { jointStates, jointCommand } = TOPICS;
    node.createPublisher(jointStates.type, '/cf1/joint_states', jointStates.qos).publish(state);
    node
      .createPublisher(jointCommand.type, '/cf1/joint_command', jointCommand.qos)
      .publish(command);
    const client = await connectClient(viewer.url);
    expect(await readField(client, 'joint_velocity', isKnown)).toEqual([1, 2, 3, 4]);
    expect(await readField(client, 'command', isKnown)).toEqual([7, 7, 7, 7]);
  });

  it('turns an outside force into the map, from odom and from base_link', async () => {
    const node = await start();
    const { type, qos } = TOPICS.disturbance;
    const publisher = node.createPublisher(type, '/cf1/disturbance', qos);
    const torque = { x: 0, y: 0, z: 0 };
    const stamp = { sec: 0, nanosec: 0 };
    publisher.publish({
      header: { stamp, frame_id: 'cf1/odom' },
      wrench: { force: { x: 2, y: 0, z: 0 }, torque },
    });
    const client = await connectClient(viewer.url);
    // Rz(90°)·(2, 0, 0) = (0, 2, 0)
    expect((await readField(client, 'disturbance', isKnown))[1]).toBeCloseTo(2, 6);

    publishOdometry(node);
    publisher.publish({
      header: { stamp, frame_id: 'cf1/base_link' },
      wrench: { force: { x: 0, y: 3, z: 0 }, torque },
    });
    // Rx(90°)·(0, 3, 0) = (0, 0, 3); a turn about z leaves it.
    const next = await connectClient(viewer.url);
    expect((await readField(next, 'disturbance', (x) => Math.abs(x) < 1))[2]).toBeCloseTo(3, 6);
  });

  it('gives a late joiner the course, in the map, and the events so far', async () => {
    const node = await start();
    const { type, qos } = TOPICS.path;
    const header = { stamp: { sec: 0, nanosec: 0 }, frame_id: 'cf1/odom' };
    const orientation = { x: 0, y: 0, z: 0, w: 1 };
    node.createPublisher(type, '/cf1/path', qos).publish({
      header,
      poses: [{ header, pose: { position: { x: 1, y: 2, z: 3 }, orientation } }],
    });
    publishSafety(node, { action: 'stop', rule: 'tilt', detail: '1.20 > 1.00 rad' });
    await context.settled();
    const client = await connectClient(viewer.url);
    const { path } = await client.waitFor('path');
    // (10, 0, 0) + Rz(90°)·(1, 2, 3) = (8, 1, 3)
    expect(path.robot).toBe(1);
    expect([...path.points].map((x) => Math.round(x * 1e5) / 1e5)).toEqual([8, 1, 3]);
    const { event } = await client.waitFor('event');
    expect(event).toMatchObject({
      severity: 'error',
      source: 'cf1',
      text: 'stop, tilt: 1.20 > 1.00 rad',
    });
  });

  it('logs a hazard once, and its end, but no clamping', async () => {
    const node = await start();
    const client = await connectClient(viewer.url);
    publishSafety(node, { action: 'clamp', rule: 'command_range', detail: 'x' });
    for (let i = 0; i < 3; i++)
      publishSafety(node, { action: 'hold', rule: 'tilt', detail: `${i}` });
    publishSafety(node, { action: 'pass', rule: 'none', detail: '' });
    await client.waitFor('event', ({ event }) => event.severity === 'info');
    const texts = client.messages.flatMap((m) => (m.type === 'event' ? [m.event.text] : []));
    expect(texts).toEqual(['hold, tilt: 0', 'hold over: pass']);
  });

  it('does not cry error over a filter that waits for its first command', async () => {
    const node = await start();
    const client = await connectClient(viewer.url);
    publishSafety(node, { action: 'stop', rule: 'not_armed', detail: 'no command yet' });
    const { event } = await client.waitFor('event');
    expect(event).toMatchObject({ severity: 'info', text: 'stop, not armed: no command yet' });
  });

  it('shows a stop of many robots in the next frame, though each says so by itself', async () => {
    // Twice as many as /diagnostics queues by itself.
    const robots = Array.from({ length: 2 * TOPICS.diagnostics.qos.depth }, (_, i) => `cf${i}`);
    const node = await start({ robots, mapFromOdom: robots.map(() => mapFromOdom[0]) });
    const { type, name, qos } = TOPICS.diagnostics;
    const publisher = node.createPublisher(type, name, qos);
    const header = { stamp: { sec: 0, nanosec: 0 }, frame_id: '' };
    const verdict = { action: 'stop', rule: 'stop_request', detail: '' } as const;
    for (const robot of robots) {
      const status = [makeSafetyStatus(robot, verdict, NO_ACTIONS, NO_RULES)];
      publisher.publish({ header, status });
    }
    await context.settled();
    const client = await connectClient(viewer.url);
    const { welcome } = await client.waitFor('welcome');
    const { frame } = await client.waitFor('frame');
    const { offsets } = computeFrameLayout(welcome.robots);
    const actions = offsets.map((fields) => frame.values[fields.get('safety')!]);
    expect(actions).toEqual(robots.map(() => welcome.safetyActions.indexOf('stop')));
  });

  it('calls the stop service and passes its answer on', async () => {
    const node = await start();
    node.createService(SERVICES.stop.type, SERVICES.stop.name, () => ({
      success: true,
      message: '2 robots stopped',
    }));
    const client = await connectClient(viewer.url);
    client.send({ type: 'request', request: { id: 3, action: 'stop' } });
    const { reply } = await client.waitFor('reply');
    expect(reply).toEqual({ id: 3, ok: true, text: '2 robots stopped' });
  });

  it('lets a spectator look, not touch', async () => {
    const node = await start({ actions: [] });
    let calls = 0;
    node.createService(SERVICES.reset.type, SERVICES.reset.name, () => {
      calls++;
      return { success: true, message: '' };
    });
    const client = await connectClient(viewer.url);
    client.send({ type: 'request', request: { id: 1, action: 'reset' } });
    expect((await client.waitFor('reply')).reply.ok).toBe(false);
    expect(calls).toBe(0);
  });

  it('tells robot by robot how long its obstacles have been on their ways', async () => {
    const scene = buildScene({ moving: [{ count: 1, reach: 1 }] });
    const node = await start({ scene });
    const { type, name, qos } = TOPICS.randomization;
    // Since the epoch of the node's clock; cf1's obstacles were 7 s on their ways when its episode began.
    const draw = (robot: string, value: string) => ({
      ...{ level: 0, name: `randomization: ${robot}`, message: '', hardware_id: robot },
      values: [{ key: 'obstacleTimeS', value }],
    });
    const beganNs = node.nowNs() - 2_000_000_000n;
    node
      .createPublisher(type, name, qos)
      .publish(makeDiagnosticArray(beganNs, [draw('cf0', '0'), draw('cf1', '7')]));
    const client = await connectClient(viewer.url);
    const { welcome } = await client.waitFor('welcome');
    expect(welcome.scene?.objects).toHaveLength(1);
    const layout = computeFrameLayout(welcome.robots);
    const offset = (robot: number) => layout.offsets[robot]!.get('scene_time')!;
    const { frame } = await client.waitFor('frame', (m) => isKnown(m.frame.values[offset(1)]!));
    const passedS = Number(frame.stampNs - beganNs) / 1e9;
    expect(frame.values[offset(0)]).toBeCloseTo(passedS, 4);
    expect(frame.values[offset(1)]).toBeCloseTo(7 + passedS, 4);
  });

  it('says nothing of a scene that nobody has told it', async () => {
    await start();
    const { welcome } = await (await connectClient(viewer.url)).waitFor('welcome');
    expect(welcome.scene).toBeUndefined();
    expect(welcome.robots[0]?.fields.map(({ name }) => name)).not.toContain('scene_time');
  });

  it('refuses a list of transforms that does not go with the robots', async () => {
    context = makeEmbeddedContext({ log: () => {} });
    const attempt = start({ robots: ['cf0'] });
    await expect(attempt).rejects.toThrow('2 transforms for 1 robots');
    await start();
  });
});
