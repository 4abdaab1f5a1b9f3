import { computeYaw, writeQuatProduct } from '../../sim/math/quat.ts';
import type { RobotWorld } from '../../sim/world.ts';
import { makeHeader, makeQuaternion, makeVector, writeQuaternion } from '../convert/parts.ts';
import { writeStamp } from '../convert/stamp.ts';
import type { Pose } from '../ros/messages.ts';
import { getFrameId, getRobotTopic, TOPICS } from '../topics.ts';
import type { PublisherSource } from './publisher-source.ts';

/**
 * Publishes where the obstacles around each robot are whose places the scene does not tell: those that are drawn in
 * every episode, in the scene's order. Nothing where there are none.
 */
export function makeObstaclePublisher(
  node: PublisherSource,
  world: RobotWorld,
  robots: readonly string[],
): (stampNs: bigint) => void {
  const { scene, obstacleNames, obstaclePlaces } = world;
  const drawn = obstacleNames.flatMap((name, column) => {
    const object = scene.objects.find((candidate) => candidate.name === name)!;
    return object.motion === undefined ? [{ column, object }] : [];
  });
  if (drawn.length === 0) return () => {};
  const turn = new Float64Array(4);
  const { type, qos } = TOPICS.obstacles;
  const voices = robots.map((robot, row) => {
    const poses = drawn.map(
      (): Pose => ({ position: makeVector(), orientation: makeQuaternion() }),
    );
    const message = { header: makeHeader(getFrameId(robot, 'odom')), poses };
    const publisher = node.createPublisher(type, getRobotTopic(robot, TOPICS.obstacles), qos);
    return (stampNs: bigint) => {
      writeStamp(message.header, stampNs);
      drawn.forEach(({ column, object: { odomFromObject } }, k) => {
        const at = 4 * (row * obstacleNames.length + column);
        const { position, orientation } = poses[k]!;
        position.x = obstaclePlaces[at]!;
        position.y = obstaclePlaces[at + 1]!;
        position.z = obstaclePlaces[at + 2]!;
        const half = (obstaclePlaces[at + 3]! - computeYaw(odomFromObject.rotation)) / 2;
        turn.set([0, 0, Math.sin(half), Math.cos(half)]);
        writeQuatProduct(turn, 0, turn, 0, odomFromObject.rotation, 0);
        writeQuaternion(orientation, turn, 0);
      });
      publisher.publish(message);
    };
  });
  return (stampNs) => {
    for (const publish of voices) publish(stampNs);
  };
}
