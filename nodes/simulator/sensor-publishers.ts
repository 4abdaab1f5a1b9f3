import { QUAT_IDENTITY } from '../../sim/math/quat.ts';
import { computeKnownState } from '../../sim/robot/known-state.ts';
import type { RobotWorld } from '../../sim/world.ts';
import {
  makeImuMessage,
  makeOdometryMessage,
  makePoseMessage,
  makeTransformMessage,
  writeImu,
  writeOdometry,
  writePose,
  writeTransform,
} from '../convert/base.ts';
import { makeJointStateMessage, writeJointState } from '../convert/joints.ts';
import { listMeasuredJoints } from '../robot-state.ts';
import type { JointState } from '../ros/messages.ts';
import type { Publisher, RosNode, TypeName } from '../ros/port.ts';
import { getFrameId, getRobotTopic, MAP_FRAME, TOPICS } from '../topics.ts';

export interface SensorPublishers {
  /** @param tick control periods since the start @param stampNs [ns] simulated time */
  publish(tick: number, stampNs: bigint): void;
}

/** [Hz] enough for eyes; controllers listen to odom */
const TF_RATE_HZ = 50;

/** Publishes what the sensors of each robot say, and in simulation the truth beside it. */
export function makeSensorPublishers(
  node: RosNode,
  world: RobotWorld,
  robots: readonly string[],
): SensorPublishers {
  const { model } = world;
  const publishers = robots.map((robot, index) => makeRobotPublishers(node, world, robot, index));
  publishMapFromOdom(node, world, robots);
  const known = computeKnownState(model);
  // Without a place there is no transform to tell: whoever asks tf is to hear of that.
  const hasTransform = model.base === 'floating' && known.position && known.orientation;
  const publishTransforms = hasTransform ? makeTransformPublisher(node, world, robots) : undefined;
  const ticksPerTransform = Math.max(1, Math.round(1 / (TF_RATE_HZ * world.controlPeriodS)));
  return {
    publish(tick, stampNs) {
      for (const publish of publishers) publish(stampNs);
      if (tick % ticksPerTransform === 0) publishTransforms?.(stampNs);
    },
  };
}

function makeRobotPublishers(
  node: RosNode,
  world: RobotWorld,
  robot: string,
  row: number,
): (stampNs: bigint) => void {
  const { model } = world;
  const advertise = <T extends TypeName>(spec: {
    readonly name: string;
    readonly type: T;
    readonly qos: (typeof TOPICS)[keyof typeof TOPICS]['qos'];
  }) => node.createPublisher(spec.type, getRobotTopic(robot, spec), spec.qos);
  const odomFrame = getFrameId(robot, 'odom');
  const baseFrame = getFrameId(robot, 'base_link');
  const joints = makeJointPublisher(advertise(TOPICS.jointStates), world, row);
  const imu = makeImuPublisher(advertise(TOPICS.imu), world, row, baseFrame);
  if (model.base === 'fixed') {
    return (stampNs) => {
      joints(stampNs);
      imu();
    };
  }
  const measured = makeOdometryMessage(odomFrame, baseFrame, computeKnownState(model));
  const trueMotion = makeOdometryMessage(odomFrame, baseFrame);
  const odom = advertise(TOPICS.odom);
  const truth = advertise(TOPICS.groundTruth);
  const pose = makePosePublisher(advertise(TOPICS.pose), world, row, odomFrame);
  const disturbance = advertise(TOPICS.disturbance);
  const wrench = {
    header: { stamp: { sec: 0, nanosec: 0 }, frame_id: odomFrame },
    wrench: { force: { x: 0, y: 0, z: 0 }, torque: { x: 0, y: 0, z: 0 } },
  };
  return (stampNs) => {
    joints(stampNs);
    imu();
    pose();
    writeOdometry(measured, stampNs, world.measured, row);
    odom.publish(measured);
    writeOdometry(trueMotion, stampNs, world.truth, row);
    truth.publish(trueMotion);
    wrench.header.stamp = measured.header.stamp;
    wrench.wrench.force.x = world.disturbanceForceW[3 * row]!;
    wrench.wrench.force.y = world.disturbanceForceW[3 * row + 1]!;
    wrench.wrench.force.z = world.disturbanceForceW[3 * row + 2]!;
    disturbance.publish(wrench);
  };
}

/** Joints with an encoder as measured, the others as they are, for displays. */
function makeJointPublisher(
  publisher: Publisher<JointState>,
  world: RobotWorld,
  row: number,
): (stampNs: bigint) => void {
  const message = makeJointStateMessage(world.model);
  const isMeasured = listMeasuredJoints(world.model);
  return (stampNs) => {
    writeJointState(message, stampNs, world.truth, row);
    isMeasured.forEach((measured, joint) => {
      if (!measured) return;
      const k = row * world.measured.numJoints + joint;
      message.position[joint] = world.measured.jointPosition[k]!;
      message.velocity[joint] = world.measured.jointVelocity[k]!;
    });
    publisher.publish(message);
  };
}

/** Sensors have rates of their own: a reading goes out when it is new, with the time it was measured. */
function makeImuPublisher(
  publisher: Publisher<ReturnType<typeof makeImuMessage>>,
  world: RobotWorld,
  row: number,
  frame: string,
): () => void {
  const message = makeImuMessage(frame);
  const { imu } = world;
  return () => {
    if (imu.isNew[row] === 0) return;
    writeImu(message, secondsToNs(imu.stampS[row]!), row, imu.angularVelocityB, imu.specificForceB);
    publisher.publish(message);
  };
}

function makePosePublisher(
  publisher: Publisher<ReturnType<typeof makePoseMessage>>,
  world: RobotWorld,
  row: number,
  frame: string,
): () => void {
  const message = makePoseMessage(frame);
  const { motionCapture } = world;
  return () => {
    if (motionCapture.isNew[row] === 0) return;
    const { position, orientation, stampS } = motionCapture;
    writePose(message, secondsToNs(stampS[row]!), row, position, orientation);
    publisher.publish(message);
  };
}

/** Where each robot's odom frame lies in the map (REP-105); it never moves. */
function publishMapFromOdom(node: RosNode, world: RobotWorld, robots: readonly string[]): void {
  const { type, name, qos } = TOPICS.tfStatic;
  const publisher = node.createPublisher(type, name, qos);
  const transforms = robots.map((robot, row) => {
    const message = makeTransformMessage(MAP_FRAME, getFrameId(robot, 'odom'));
    const origin = world.mapFromOdom.subarray(3 * row, 3 * row + 3);
    writeTransform(message, 0n, 0, origin, QUAT_IDENTITY);
    return message;
  });
  publisher.publish({ transforms });
}

function makeTransformPublisher(
  node: RosNode,
  world: RobotWorld,
  robots: readonly string[],
): (stampNs: bigint) => void {
  const { type, name, qos } = TOPICS.tf;
  const publisher = node.createPublisher(type, name, qos);
  const transforms = robots.map((robot) =>
    makeTransformMessage(getFrameId(robot, 'odom'), getFrameId(robot, 'base_link')),
  );
  return (stampNs) => {
    transforms.forEach((message, row) => {
      writeTransform(message, stampNs, row, world.measured.position, world.measured.orientation);
    });
    publisher.publish({ transforms });
  };
}

/** A measurement from before the run began (a delayed first sample) is stamped with its beginning. */
function secondsToNs(timeS: number): bigint {
  return BigInt(Math.max(0, Math.round(timeS * 1e9)));
}
