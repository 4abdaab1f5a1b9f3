import { QUAT_IDENTITY } from '../../sim/math/quat.ts';
import { computeKnownState } from '../../sim/robot/known-state.ts';
import type { RobotModel } from '../../sim/robot/model.ts';
import { TRANSFORM_IDENTITY } from '../../sim/robot/transform.ts';
import type { RobotWorld } from '../../sim/world.ts';
import { makeTransformMessage, writeTransform } from '../convert/base.ts';
import { listMeasuredJoints } from '../robot-state.ts';
import type { TransformStamped } from '../ros/messages.ts';
import { FramePoses, type LinkFrame, listRaySensors } from '../sensor-frames.ts';
import { getFrameId, getLinkFrameId, getSensorFrameId, MAP_FRAME, TOPICS } from '../topics.ts';
import type { PublisherSource } from './publisher-source.ts';

/**
 * Publishes the transforms between the frames of all robots (REP-105): at once those that never change, then, whenever
 * called, those that do.
 */
export function makeTransformPublisher(
  node: PublisherSource,
  world: RobotWorld,
  robots: readonly string[],
): (stampNs: bigint) => void {
  const { tf, tfStatic } = TOPICS;
  const sensors = robots.map((robot, row) => makeSensorTransforms(world, robot, row));
  // One message: a late joiner gets the last one alone.
  node.createPublisher(tfStatic.type, tfStatic.name, tfStatic.qos).publish({
    transforms: [
      ...listMapFromOdom(world, robots),
      ...sensors.flatMap(({ fixed }) => fixed.map(({ message }) => message)),
    ],
  });
  const known = computeKnownState(world.model);
  // Without a place there is no transform to tell: whoever asks tf is to hear of that.
  const hasPlace = world.model.base === 'floating' && known.position && known.orientation;
  const bases = hasPlace
    ? robots.map((robot) =>
        makeTransformMessage(getFrameId(robot, 'odom'), getFrameId(robot, 'base_link')),
      )
    : [];
  const transforms = [
    ...bases,
    ...sensors.flatMap(({ moving }) => moving.map(({ message }) => message)),
  ];
  if (transforms.length === 0) return () => {};
  const publisher = node.createPublisher(tf.type, tf.name, tf.qos);
  return (stampNs) => {
    bases.forEach((message, row) => {
      writeTransform(message, stampNs, row, world.measured.position, world.measured.orientation);
    });
    for (const { write } of sensors) write(stampNs);
    publisher.publish({ transforms });
  };
}

/** Where each robot's odom frame lies in the map; it never moves. */
function listMapFromOdom(world: RobotWorld, robots: readonly string[]): TransformStamped[] {
  return robots.map((robot, row) => {
    const message = makeTransformMessage(MAP_FRAME, getFrameId(robot, 'odom'));
    const origin = world.mapFromOdom.subarray(3 * row, 3 * row + 3);
    writeTransform(message, 0n, 0, origin, QUAT_IDENTITY);
    return message;
  });
}

interface SensorTransform {
  /** Row in the poses. */
  readonly index: number;
  readonly message: TransformStamped;
}

/** From base_link to the frames that one robot's sensors measure in, as far as its encoders know them. */
function makeSensorTransforms(world: RobotWorld, robot: string, row: number) {
  const { model, measured, truth } = world;
  const frames = listSensorFrames(world, robot);
  const poses = new FramePoses(model, frames);
  const transforms = frames.map(({ frameId }, index): SensorTransform => {
    const message = makeTransformMessage(getFrameId(robot, 'base_link'), frameId);
    writeTransform(message, 0n, index, poses.position, poses.orientation);
    return { index, message };
  });
  const moving = transforms.filter(({ index }) => poses.moves[index]);
  const isMeasured = listMeasuredJoints(model);
  const joints = new Float64Array(model.jointNames.length);
  const write = (stampNs: bigint) => {
    if (moving.length === 0) return;
    // As joint_states tells them.
    isMeasured.forEach((known, joint) => {
      const source = known ? measured : truth;
      joints[joint] = source.jointPosition[row * joints.length + joint]!;
    });
    poses.compute(joints);
    for (const { index, message } of moving) {
      writeTransform(message, stampNs, index, poses.position, poses.orientation);
    }
  };
  return { fixed: transforms.filter(({ index }) => !poses.moves[index]), moving, write };
}

/** Each frame once; base_link itself needs no transform. */
function listSensorFrames(
  { model, readings }: RobotWorld,
  robot: string,
): (LinkFrame & { readonly frameId: string })[] {
  const rays = listRaySensors(model).map((sensor) => ({
    frameId: getSensorFrameId(robot, sensor),
    link: sensor.link,
    linkFromFrame: sensor.linkFromSensor,
  }));
  const links = listContactLinks(model, readings).map((link) => ({
    frameId: getLinkFrameId(robot, link, model.rootLink),
    link,
    linkFromFrame: TRANSFORM_IDENTITY,
  }));
  return [...rays, ...links];
}

function listContactLinks(model: RobotModel, readings: RobotWorld['readings']): string[] {
  const links = [...readings.values()].flatMap((reading) =>
    reading.kind === 'contact' ? reading.links : [],
  );
  return [...new Set(links)].filter((link) => link !== model.rootLink);
}
