import { makeOdometryMessage } from '../../nodes/convert/base.ts';
import { makeJointStateMessage } from '../../nodes/convert/joints.ts';
import { makeReferenceMessage } from '../../nodes/convert/reference.ts';
import { writeStamp } from '../../nodes/convert/stamp.ts';
import { makeDiagnosticArray, makeSafetyStatus } from '../../nodes/diagnostics.ts';
import type { RosContext, RosNode } from '../../nodes/ros/port.ts';
import { SERVICES, TOPICS } from '../../nodes/topics.ts';
import { SAFETY_RULES, type SafetyRule, type Verdict } from '../../policies/safety/verdict.ts';
import type { Transform } from '../../sim/robot/geometry.ts';
import { loadRobot } from '../../sim/robot/load.ts';

export const FLEET_MODEL = loadRobot('crazyflie');
export const FLEET_ROBOTS = ['cf00', 'cf01', 'cf02', 'cf03'] as const;
/** A row along x, 0.6 m apart. */
export const FLEET_MAP_FROM_ODOM: readonly Transform[] = FLEET_ROBOTS.map((_, i) => ({
  translation: [0.6 * i, 0, 0],
  rotation: [0, 0, 0, 1],
}));
export const PATH_POINTS = 25;

const RADIUS = 0.25;
const RATE_HZ = 30;
const PASS: Verdict = { action: 'pass', rule: 'none', detail: '' };
const STOPPED: Verdict = { action: 'stop', rule: 'stop_request', detail: 'asked by test' };
const NO_ACTIONS = { pass: 0, clamp: 0, hold: 0, damp: 0, stop: 0 } as const;
const NO_RULES = Object.fromEntries(SAFETY_RULES.map((rule) => [rule, 0])) as Record<
  SafetyRule,
  number
>;

export interface PublishedFleet {
  readonly calls: readonly string[];
  /** Says, as a simulator does, that an episode of every robot begins now. */
  beginEpisode(): void;
  close(): void;
}

/**
 * Robots that circle, on the real topics and services, without physics: what a page shows can be
 * computed. Stopped ones stand still where they are.
 */
export function publishFleet(context: RosContext): PublishedFleet {
  const node = context.createNode('fleet');
  const calls: string[] = [];
  let angle = 0;
  let isStopped = false;
  const diagnostics = node.createPublisher(
    TOPICS.diagnostics.type,
    TOPICS.diagnostics.name,
    TOPICS.diagnostics.qos,
  );
  const randomization = node.createPublisher(
    TOPICS.randomization.type,
    TOPICS.randomization.name,
    TOPICS.randomization.qos,
  );
  const robots = FLEET_ROBOTS.map((name) => makeRobot(node, name));
  for (const [action, { type, name }] of [
    ['stop', SERVICES.stop],
    ['clear_stop', SERVICES.clear],
    ['reset', SERVICES.reset],
  ] as const) {
    node.createService(type, name, () => {
      calls.push(action);
      isStopped = action === 'stop';
      return { success: true, message: `${action}: ${FLEET_ROBOTS.length} robots did it` };
    });
  }
  const timer = setInterval(() => {
    const stampNs = node.nowNs();
    if (!isStopped) angle += 1.5 / RATE_HZ;
    for (const robot of robots) robot.publish(stampNs, angle, isStopped);
    const status = FLEET_ROBOTS.map((name) =>
      makeSafetyStatus(name, isStopped ? STOPPED : PASS, NO_ACTIONS, NO_RULES),
    );
    diagnostics.publish(makeDiagnosticArray(stampNs, status));
  }, 1000 / RATE_HZ);
  return {
    calls,
    beginEpisode: () => {
      const draws = FLEET_ROBOTS.map((robot) => ({
        ...{ level: 0, name: `randomization: ${robot}`, message: 'episode 0', hardware_id: robot },
        values: [{ key: 'obstacleTimeS', value: '0' }],
      }));
      randomization.publish(makeDiagnosticArray(node.nowNs(), draws));
    },
    close: () => {
      clearInterval(timer);
      node.destroy();
    },
  };
}

function makeRobot(node: RosNode, name: string) {
  const publisher = <K extends 'odom' | 'jointStates' | 'reference'>(key: K) => {
    const { type, name: topic, qos } = TOPICS[key];
    return node.createPublisher(type, `/${name}/${topic}`, qos);
  };
  const odometry = makeOdometryMessage(`${name}/odom`, `${name}/base_link`);
  const joints = makeJointStateMessage(FLEET_MODEL);
  const reference = makeReferenceMessage(`${name}/odom`);
  const publishers = {
    odom: publisher('odom'),
    jointStates: publisher('jointStates'),
    reference: publisher('reference'),
  };
  publishPath(node, name);
  return {
    publish: (stampNs: bigint, angle: number, isStopped: boolean) => {
      const { position } = odometry.pose.pose;
      const target = reference.points[0]!.transforms[0]!.translation;
      for (const point of [position, target]) {
        point.x = RADIUS * Math.cos(angle);
        point.y = RADIUS * Math.sin(angle);
        point.z = 0.5;
      }
      joints.velocity.fill(isStopped ? 0 : 1800);
      for (const message of [odometry, joints, reference]) writeStamp(message.header, stampNs);
      publishers.odom.publish(odometry);
      publishers.jointStates.publish(joints);
      publishers.reference.publish(reference);
    },
  };
}

function publishPath(node: RosNode, name: string): void {
  const header = { stamp: { sec: 0, nanosec: 0 }, frame_id: `${name}/odom` };
  const orientation = { x: 0, y: 0, z: 0, w: 1 };
  const poses = Array.from({ length: PATH_POINTS }, (_, k) => {
    const angle = (2 * Math.PI * k) / (PATH_POINTS - 1);
    const position = { x: RADIUS * Math.cos(angle), y: RADIUS * Math.sin(angle), z: 0.5 };
    return { header, pose: { position, orientation } };
  });
  const { type, name: topic, qos } = TOPICS.path;
  node.createPublisher(type, `/${name}/${topic}`, qos).publish({ header, poses });
}
