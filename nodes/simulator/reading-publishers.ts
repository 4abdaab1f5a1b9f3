import { throwIfAny, UserError } from '../../sim/errors.ts';
import type { RobotModel } from '../../sim/robot/model.ts';
import type {
  ContactReading,
  DepthReading,
  LidarReading,
  RangeReading,
  SensorReading,
} from '../../sim/sensor/reading.ts';
import type { RobotWorld } from '../../sim/world.ts';
import { makeDepthMessage, writeDepth } from '../convert/depth.ts';
import { makeHeader, makeVector, writeVector } from '../convert/parts.ts';
import {
  isPlanar,
  makeCloudMessage,
  makeRangeMessage,
  makeScanMessage,
  writeCloud,
  writeRange,
  writeScan,
} from '../convert/ranges.ts';
import { writeStamp } from '../convert/stamp.ts';
import type { WrenchStamped } from '../ros/messages.ts';
import { getLinkFrameId, getSensorFrameId, getSensorTopic, SENSOR_TOPICS } from '../topics.ts';
import type { PublisherSource } from './publisher-source.ts';
import { secondsToNs } from './seconds.ts';

/** Publishes one row of a reading with the time it was measured. */
type Publish = (stampNs: bigint) => void;

interface Place {
  readonly node: PublisherSource;
  readonly model: RobotModel;
  readonly robot: string;
  /** Of the robot in the readings. */
  readonly row: number;
}

/**
 * Publishes what one robot's lidars, range finders, depth cameras and contact sensors say. Each has a rate of its own: a
 * reading goes out when it is new.
 */
export function makeReadingPublishers(
  node: PublisherSource,
  world: RobotWorld,
  robot: string,
  row: number,
): () => void {
  const place = { node, model: world.model, robot, row };
  const publishers = [...world.readings.values()].flatMap((reading) => {
    const publish = makePublish(place, reading);
    return publish === undefined ? [] : [{ reading, publish }];
  });
  return () => {
    for (const { reading, publish } of publishers) {
      if (reading.isNew[row] === 1) publish(secondsToNs(reading.stampS[row]!));
    }
  };
}

function makePublish(place: Place, reading: SensorReading): Publish | undefined {
  switch (reading.kind) {
    case 'lidar':
      return isPlanar(reading.sensor) ? makeScan(place, reading) : makeCloud(place, reading);
    case 'range':
      return makeRange(place, reading);
    case 'depth_camera':
      return makeDepth(place, reading);
    case 'contact':
      return makeContacts(place, reading);
    // The base's IMU, motion capture and encoders have topics of their own; odometry goes into odom.
    case 'imu':
    case 'motion_capture':
    case 'encoder':
    case 'odometry':
      return undefined;
  }
}

function makeScan({ node, robot, row }: Place, { sensor, range }: LidarReading): Publish {
  const { type, qos } = SENSOR_TOPICS.scan;
  const topic = getSensorTopic(robot, SENSOR_TOPICS.scan, sensor.name);
  const publisher = node.createPublisher(type, topic, qos);
  const message = makeScanMessage(getSensorFrameId(robot, sensor), sensor);
  return (stampNs) => {
    writeScan(message, stampNs, row, range);
    publisher.publish(message);
  };
}

function makeCloud({ node, robot, row }: Place, { sensor, range }: LidarReading): Publish {
  const { type, qos } = SENSOR_TOPICS.points;
  const topic = getSensorTopic(robot, SENSOR_TOPICS.points, sensor.name);
  const publisher = node.createPublisher(type, topic, qos);
  const cloud = makeCloudMessage(getSensorFrameId(robot, sensor), sensor);
  return (stampNs) => {
    writeCloud(cloud, stampNs, row, range);
    publisher.publish(cloud.message);
  };
}

function makeRange({ node, robot, row }: Place, { sensor, range }: RangeReading): Publish {
  const { type, qos } = SENSOR_TOPICS.range;
  const topic = getSensorTopic(robot, SENSOR_TOPICS.range, sensor.name);
  const publisher = node.createPublisher(type, topic, qos);
  const message = makeRangeMessage(getSensorFrameId(robot, sensor), sensor);
  return (stampNs) => {
    writeRange(message, stampNs, row, range);
    publisher.publish(message);
  };
}

function makeDepth({ node, robot, row }: Place, { sensor, depth }: DepthReading): Publish {
  const { depth: image, cameraInfo } = SENSOR_TOPICS;
  const images = node.createPublisher(
    image.type,
    getSensorTopic(robot, image, sensor.name),
    image.qos,
  );
  const infos = node.createPublisher(
    cameraInfo.type,
    getSensorTopic(robot, cameraInfo, sensor.name),
    cameraInfo.qos,
  );
  const message = makeDepthMessage(getSensorFrameId(robot, sensor), sensor);
  return (stampNs) => {
    writeDepth(message, stampNs, row, depth);
    images.publish(message.image);
    infos.publish(message.info);
  };
}

function makeContacts({ node, model, robot, row }: Place, reading: ContactReading): Publish {
  const { type, qos } = SENSOR_TOPICS.contact;
  const { sensor, shapes, links, force } = reading;
  const topics = shapes.map((shape) =>
    getSensorTopic(robot, SENSOR_TOPICS.contact, sensor.name, shape),
  );
  throwIfAny(topics.flatMap((topic, i) => refuseTwin(topic, shapes, topics.indexOf(topic), i)));
  const cells = topics.map((topic, i) => {
    const message: WrenchStamped = {
      header: makeHeader(getLinkFrameId(robot, links[i]!, model.rootLink)),
      wrench: { force: makeVector(), torque: makeVector() },
    };
    return { publisher: node.createPublisher(type, topic, qos), message };
  });
  return (stampNs) => {
    cells.forEach(({ publisher, message }, i) => {
      writeStamp(message.header, stampNs);
      writeVector(message.wrench.force, force, 3 * (row * shapes.length + i));
      publisher.publish(message);
    });
  };
}

/** Names that differ only in characters that ROS does not know would speak on one topic. */
function refuseTwin(topic: string, shapes: readonly string[], first: number, i: number) {
  if (first === i) return [];
  return [
    new UserError({
      where: topic,
      problem: 'two collision shapes have this topic',
      expected: 'names that differ in letters and digits',
      got: `'${shapes[first]}' and '${shapes[i]}'`,
      remedy: 'Rename one in the URDF.',
    }),
  ];
}
