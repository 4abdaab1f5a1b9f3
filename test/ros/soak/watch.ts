import { toNs } from '../../../nodes/convert/stamp.ts';
import type { DiagnosticArray, JointState, Time } from '../../../nodes/ros/messages.ts';
import type { Qos, RosNode } from '../../../nodes/ros/port.ts';
import { getRobotTopic, TOPICS } from '../../../nodes/topics.ts';
import { StampStream } from './stream.ts';

/** What somebody hears who listens to the graph and says nothing. */
export interface Watch {
  readonly policy: StampStream;
  readonly motors: StampStream;
  /** Newest values of each status on /diagnostics, by its name. */
  readonly status: ReadonlyMap<string, Readonly<Record<string, string>>>;
  /** Forgets what was heard of the commands so far. */
  restart(): void;
}

/** Deep, so that a watcher who is late loses nothing that it would then call lost. */
const DEEP = { reliability: 'reliable', durability: 'volatile', depth: 2000 } as const;

/** @param periodS [s] between two commands */
export function watchRobot(node: RosNode, robot: string, periodS: number): Watch {
  let policy = new StampStream(periodS);
  let motors = new StampStream(periodS);
  const status = new Map<string, Readonly<Record<string, string>>>();
  const follow = (topic: string, qos: Qos, note: (stampS: number) => void) =>
    node.createSubscription(
      'sensor_msgs/msg/JointState',
      getRobotTopic(robot, { name: topic }),
      qos,
      ({ header }: JointState) => note(toSeconds(header.stamp)),
    );
  follow(TOPICS.policyCommand.name, DEEP, (stampS) => policy.note(stampS));
  follow(TOPICS.jointCommand.name, DEEP, (stampS) => motors.note(stampS));
  const { type, name, qos } = TOPICS.diagnostics;
  node.createSubscription(type, name, qos, (message: DiagnosticArray) => {
    for (const one of message.status) {
      status.set(one.name, Object.fromEntries(one.values.map(({ key, value }) => [key, value])));
    }
  });
  return {
    get policy() {
      return policy;
    },
    get motors() {
      return motors;
    },
    status,
    restart() {
      policy = new StampStream(periodS);
      motors = new StampStream(periodS);
    },
  };
}

function toSeconds(stamp: Time): number {
  return Number(toNs(stamp)) / 1e9;
}
