import { computeKnownState } from '../../sim/robot/known-state.ts';
import type { RobotWorld } from '../../sim/world.ts';
import {
  makeImuMessage,
  makeOdometryMessage,
  makePoseMessage,
  writeImu,
  writeOdometry,
  writePose,
} from '../convert/base.ts';
import { makeJointStateMessage, writeJointState } from '../convert/joints.ts';
import { listMeasuredJoints } from '../robot-state.ts';
import type { JointState } from '../ros/messages.ts';
import type { Publisher, TypeName } from '../ros/port.ts';
import { getFrameId, getRobotTopic, TOPICS } from '../topics.ts';
import type { PublisherSource } from './publisher-source.ts';
import { makeReadingPublishers } from './reading-publishers.ts';
import { secondsToNs } from './seconds.ts';
import { makeTransformPublisher } from './transform-publishers.ts';

export interface SensorPublishers {
  /** @param tick control periods since the start @param stampNs [ns] simulated time */
  publish(tick: number, stampNs: bigint): void;
}

/** [Hz] enough for eyes; controllers listen to odom */
const TF_RATE_HZ = 50;

/** Publishes what the sensors of each robot say, and in simulation the truth beside it. */
export function makeSensorPublishers(
  node: PublisherSource,
  world: RobotWorld,
  robots: readonly string[],
): SensorPublishers {
  const publishers = robots.map((robot, index) => makeRobotPublishers(node, world, robot, index));
  const publishTransforms = makeTransformPublisher(node, world, robots);
  const ticksPerTransform = Math.max(1, Math.round(1 / (TF_RATE_HZ * world.controlPeriodS)));
  return {
    publish(tick, stampNs) {
      for (const publish of publishers) publish(stampNs);
      if (tick % ticksPerTransform === 0) publishTransforms(stampNs);
    },
  };
}

function makeRobotPublishers(
  node: PublisherSource,
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
  const readings = makeReadingPublishers(node, world, robot, row);
  if (model.base === 'fixed') {
    return (stampNs) => {
      joints(stampNs);
      imu();
      readings();
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
    readings();
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
