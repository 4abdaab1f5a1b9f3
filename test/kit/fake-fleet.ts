import { makeOdometryMessage, writeOdometry } from '../../nodes/convert/base.ts';
import { makeJointCommandMessage, writeJointCommand } from '../../nodes/convert/joints.ts';
import { toTime } from '../../nodes/convert/stamp.ts';
import { makeEmbeddedContext } from '../../nodes/ros/embedded.ts';
import type { RosContext, RosNode } from '../../nodes/ros/port.ts';
import { getFrameId, getRobotTopic, TOPICS } from '../../nodes/topics.ts';
import type { RobotModel } from '../../sim/robot/model.ts';
import { makeStateBatch, type StateBatch } from '../../sim/robot/state.ts';

/** A stand-in for hardware: publishes what a test says the robots measure, keeps what they are sent. */
export interface FakeFleet {
  readonly context: RosContext;
  readonly node: RosNode;
  /** What the robots measure; a test changes it between ticks. */
  readonly state: StateBatch;
  /** Every motor command of each robot, oldest first. */
  readonly commands: readonly { readonly stampS: number; readonly joint: readonly number[] }[][];
  readonly logs: readonly string[];
  /** Publishes the state stamped with this time, then the clock; resolves when all is delivered. */
  tick(timeS: number, options?: { readonly silent?: boolean }): Promise<void>;
  /** Publishes what a policy would want. */
  want(robot: number, timeS: number, joint: readonly number[]): Promise<void>;
  publishEpisode(number: number): Promise<void>;
}

export function makeFakeFleet(model: RobotModel, robots: readonly string[]): FakeFleet {
  const logs: string[] = [];
  const context = makeEmbeddedContext({
    log: (level, _node, text) => logs.push(`${level}: ${text}`),
  });
  const node = context.createNode('fake_fleet');
  const state = makeStateBatch(robots.length, model.jointNames.length);
  const commands = robots.map(() => [] as { stampS: number; joint: number[] }[]);
  const clock = node.createPublisher(TOPICS.clock.type, TOPICS.clock.name, TOPICS.clock.qos);
  const episode = node.createPublisher(
    TOPICS.episode.type,
    TOPICS.episode.name,
    TOPICS.episode.qos,
  );
  const odometry = robots.map((robot) => ({
    message: makeOdometryMessage(getFrameId(robot, 'odom'), getFrameId(robot, 'base_link')),
    publisher: node.createPublisher(
      TOPICS.odom.type,
      getRobotTopic(robot, TOPICS.odom),
      TOPICS.odom.qos,
    ),
  }));
  const wishes = robots.map((robot) =>
    node.createPublisher(
      TOPICS.policyCommand.type,
      getRobotTopic(robot, TOPICS.policyCommand),
      TOPICS.policyCommand.qos,
    ),
  );
  robots.forEach((robot, row) => {
    const { type, qos } = TOPICS.jointCommand;
    node.createSubscription(type, getRobotTopic(robot, TOPICS.jointCommand), qos, (message) => {
      const { sec, nanosec } = message.header.stamp;
      const joint = Array.from(message[model.commandKind] as ArrayLike<number>);
      commands[row]!.push({ stampS: sec + nanosec / 1e9, joint });
    });
  });
  const wish = makeJointCommandMessage(model);
  const toStampNs = (timeS: number) => BigInt(Math.round(timeS * 1e9));
  return {
    ...{ context, node, state, commands, logs },
    async tick(timeS, options = {}) {
      if (options.silent !== true) {
        odometry.forEach(({ message, publisher }, row) => {
          writeOdometry(message, toStampNs(timeS), state, row);
          publisher.publish(message);
        });
      }
      clock.publish({ clock: toTime(toStampNs(timeS)) });
      await context.settled();
    },
    async want(robot, timeS, joint) {
      writeJointCommand(wish, toStampNs(timeS), model.commandKind, joint);
      wishes[robot]!.publish(wish);
      await context.settled();
    },
    async publishEpisode(number) {
      episode.publish({ data: number });
      await context.settled();
    },
  };
}
