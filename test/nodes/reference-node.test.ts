import { afterEach, describe, expect, it } from 'vitest';
import { readReference } from '../../nodes/convert/reference.ts';
import { makeReferenceNode } from '../../nodes/reference-node.ts';
import { QOS } from '../../nodes/ros/port.ts';
import { getFrameId, getRobotTopic, TOPICS } from '../../nodes/topics.ts';
import { CourseConfig } from '../../sim/task/course.ts';
import { makeReferenceBatch } from '../../sim/task/robot-view.ts';
import { type FakeFleet, makeFakeFleet } from '../kit/fake-fleet.ts';
import { makeTinyRobot } from '../kit/tiny-policy.ts';

const PERIOD_S = 0.01;

let fleet: FakeFleet | undefined;
afterEach(() => fleet?.context.shutdown());

interface Heard {
  readonly position: readonly number[];
  readonly velocity: readonly number[];
  readonly yaw: number;
}

/** A robot at (0.1, 0, 0) whose course is the point (0.4, 0, 0.3). */
function start() {
  const model = makeTinyRobot();
  fleet = makeFakeFleet(model, ['a']);
  fleet.state.position[0] = 0.1;
  const heard: Heard[] = [];
  const batch = makeReferenceBatch(1);
  const { type, qos } = TOPICS.reference;
  fleet.node.createSubscription(type, getRobotTopic('a', TOPICS.reference), qos, (message) => {
    readReference(batch, 0, message, getFrameId('a', 'odom'));
    heard.push({
      position: [...batch.position],
      velocity: [...batch.linearVelocityW],
      yaw: batch.yaw[0]!,
    });
  });
  const course = CourseConfig.parse({ kind: 'waypoints', points: [[0.4, 0, 0.3]], speed: 0.5 });
  const reference = makeReferenceNode(fleet.context, {
    model,
    robots: ['a'],
    courses: [course],
    periodS: PERIOD_S,
    maxSpeed: 1,
    geofence: model.safety.geofence,
    clock: 'ros',
  });
  return { fleet, heard, reference };
}

async function run(f: FakeFleet, from: number, ticks: number) {
  for (let k = from; k < from + ticks; k++) await f.tick(k * PERIOD_S);
}

describe('the reference node', () => {
  it('begins where the robot stands, without a jump', async () => {
    const { fleet: f, heard } = start();
    await run(f, 0, 1);
    expect(heard[0]?.position).toEqual([0.1, 0, 0]);
    expect(heard[0]?.velocity).toEqual([0, 0, 0]);
  });

  it('leads the robot to its course no faster than the course allows, then follows it', async () => {
    const { fleet: f, heard, reference } = start();
    // 0.42 m at up to 0.5 m/s with 0.5 m/s²: a triangle of 2·√(0.42/0.5) = 1.84 s and two pauses of 0.5 s.
    await run(f, 0, 260);
    const speeds = heard.map(({ velocity }) => Math.hypot(...velocity));
    expect(Math.max(...speeds)).toBeLessThanOrEqual(0.5 + 1e-9);
    expect(Math.max(...speeds)).toBeGreaterThan(0.4);
    expect(reference.meanPositionError).toBeNaN();
    await run(f, 260, 60);
    expect(heard.at(-1)?.position).toEqual([0.4, 0, 0.3]);
    // The robot never moved: |(0.1, 0, 0) − (0.4, 0, 0.3)| = √(0.3² + 0.3²).
    expect(reference.meanPositionError).toBeCloseTo(Math.hypot(0.3, 0.3), 6);
    for (let k = 1; k < heard.length; k++) {
      const step = heard[k]!.position.map((x, axis) => x - heard[k - 1]!.position[axis]!);
      expect(Math.hypot(...step)).toBeLessThanOrEqual(0.5 * PERIOD_S + 1e-9);
    }
  });

  it('shows its course as a path to whoever comes late', async () => {
    const { fleet: f } = start();
    await run(f, 0, 2);
    const paths: number[] = [];
    f.node.createSubscription('nav_msgs/msg/Path', '/a/path', QOS.latched, ({ poses }) =>
      paths.push(poses.length),
    );
    await f.context.settled();
    expect(paths).toEqual([200]);
  });

  it('obeys cmd_vel while it keeps coming, inside the geofence, and goes back afterwards', async () => {
    const { fleet: f, heard } = start();
    await run(f, 0, 1);
    const twist = f.node.createPublisher('geometry_msgs/msg/Twist', '/a/cmd_vel', QOS.default);
    const zero = { x: 0, y: 0, z: 0 };
    for (let k = 1; k <= 20; k++) {
      twist.publish({ linear: { x: 0, y: 0.5, z: 0 }, angular: zero });
      await f.tick(k * PERIOD_S);
    }
    // 20 ticks of 10 ms at 0.5 m/s to the left; the message of a tick is heard before its reference is made.
    expect(heard.at(-1)?.position[1]).toBeCloseTo(0.1, 6);
    expect(heard.at(-1)?.velocity.slice(0, 2)).toEqual([0, 0.5]);
    // Heard for the last time at 0.2 s: it holds until 0.7 s.
    await run(f, 21, 49);
    expect(heard.at(-1)?.velocity[1]).toBe(0.5);
    // Back from (0.1, 0.35, 0): 0.55 m take 2·√(0.55/0.5) = 2.1 s and two pauses of 0.5 s.
    await run(f, 70, 330);
    expect(heard.at(-1)?.position).toEqual([0.4, 0, 0.3]);
  });

  it('leads no faster by hand than the policy can follow, and keeps off the fence and the floor', async () => {
    const { fleet: f, heard } = start();
    await run(f, 0, 1);
    const twist = f.node.createPublisher('geometry_msgs/msg/Twist', '/a/cmd_vel', QOS.default);
    const zero = { x: 0, y: 0, z: 0 };
    for (let k = 1; k <= 300; k++) {
      twist.publish({ linear: { x: 3, y: 0, z: -4 }, angular: zero });
      await f.tick(k * PERIOD_S);
      if (k > 1) continue;
      // (3, 0, −4) is 5 m/s long; 1 m/s of the same direction is (0.6, 0, −0.8).
      expect(heard.at(-1)?.velocity[0]).toBeCloseTo(0.6, 9);
    }
    // The fence ends at 1 m, the floor is at 0: 0.3 m are kept from both.
    expect(heard.at(-1)?.position[0]).toBeCloseTo(0.7, 9);
    expect(heard.at(-1)?.position[2]).toBeCloseTo(0.3, 9);
  });

  it('ignores a velocity that is not finite, says so, and goes on for every robot', async () => {
    const { fleet: f, heard } = start();
    await run(f, 0, 1);
    const twist = f.node.createPublisher('geometry_msgs/msg/Twist', '/a/cmd_vel', QOS.default);
    const zero = { x: 0, y: 0, z: 0 };
    twist.publish({ linear: { x: Number.NaN, y: 0, z: 0 }, angular: zero });
    await run(f, 1, 400);
    expect(heard.at(-1)?.position).toEqual([0.4, 0, 0.3]);
    expect(f.logs.some((line) => line.includes('the velocity is not finite'))).toBe(true);
  });

  it('fetches a robot that has fallen behind by more than a metre instead of calling from afar', async () => {
    const { fleet: f, heard } = start();
    await run(f, 0, 320);
    expect(heard.at(-1)?.position).toEqual([0.4, 0, 0.3]);
    // 1.3 m to the side: stopped, carried away, cleared again.
    f.state.position[0] = -0.9;
    await run(f, 320, 2);
    expect(heard.at(-1)?.position).toEqual([-0.9, 0, 0]);
    expect(heard.at(-1)?.velocity).toEqual([0, 0, 0]);
  });

  it('waits where a stopped robot lies, and leads on from there when it is cleared', async () => {
    const { fleet: f, heard } = start();
    const diagnostics = f.node.createPublisher(
      'diagnostic_msgs/msg/DiagnosticArray',
      '/diagnostics',
      QOS.default,
    );
    const report = (level: number) => {
      const status = { level, name: 'safety: a', message: '', hardware_id: 'a', values: [] };
      diagnostics.publish({
        header: { stamp: { sec: 0, nanosec: 0 }, frame_id: '' },
        status: [status],
      });
    };
    await run(f, 0, 320);
    report(2);
    // It fell half a metre short of its course: near enough to pass for followed.
    f.state.position[0] = 0.2;
    await run(f, 320, 100);
    expect(heard.at(-1)).toMatchObject({ position: [0.2, 0, 0], velocity: [0, 0, 0] });
    report(0);
    await run(f, 420, 2);
    expect(heard.at(-1)?.position[0]).toBeCloseTo(0.2, 3);
    await run(f, 422, 300);
    expect(heard.at(-1)?.position).toEqual([0.4, 0, 0.3]);
  });

  it('leads nobody from a place that is not known', async () => {
    const { fleet: f, heard } = start();
    f.state.position[0] = Number.NaN;
    await run(f, 0, 5);
    expect(heard).toEqual([]);
    expect(f.logs.filter((line) => line.startsWith('error'))).toEqual([]);
    f.state.position[0] = 0.1;
    await run(f, 5, 2);
    expect(heard[0]?.position).toEqual([0.1, 0, 0]);
  });

  it('starts again from the robot when a new episode begins', async () => {
    const { fleet: f, heard } = start();
    await f.publishEpisode(0);
    await run(f, 0, 320);
    await f.publishEpisode(1);
    f.state.position[0] = -0.2;
    await run(f, 320, 1);
    expect(heard.at(-1)?.position).toEqual([-0.2, 0, 0]);
  });
});
