import { UserError } from '../../sim/errors.ts';
import type { Rng } from '../../sim/math/rng.ts';
import { type Attempt, Referee } from '../../sim/referee.ts';
import { readsPlace } from '../../sim/task/reads-place.ts';
import { makeReferenceBatch } from '../../sim/task/robot-view.ts';
import type { TaskDefinition } from '../../sim/task/task.ts';
import type { RobotWorld } from '../../sim/world.ts';
import { makeHeader } from '../convert/parts.ts';
import { makeReferenceMessage, writeReference } from '../convert/reference.ts';
import { writeStamp } from '../convert/stamp.ts';
import { CMD_VEL_TIMEOUT_S, readVelocityCommand } from '../reference-by-hand.ts';
import type { PoseStamped, TwistStamped } from '../ros/messages.ts';
import type { RosContext, RosNode } from '../ros/port.ts';
import { getFrameId, getRobotTopic, MAP_FRAME, TOPICS } from '../topics.ts';

export interface RefereeOptions {
  readonly task: TaskDefinition;
  readonly world: RobotWorld;
  readonly robots: readonly string[];
  /** Told of every attempt that is over. */
  readonly onAttempt?: (attempt: Attempt) => void;
}

/**
 * Stands beside simulated robots and asks of them what a task asks: a place on `command/trajectory`, or a velocity on
 * `command/velocity`. Somebody's `goal_pose` or `cmd_vel` comes first. It sees the truth, and names the robots whose
 * attempt is over, for the simulator to put elsewhere.
 */
export interface RefereeNode {
  readonly task: TaskDefinition;
  /** A robot was reset. @param rng of what is asked of it in this episode */
  begin(robot: number, rng: Rng): void;
  /** @param joint [numActuatedJoints] what a robot's motors are told for the period that comes */
  noteCommand(robot: number, joint: ArrayLike<number>): void;
  /** Looks at all robots after a control period. @returns those whose attempt is over */
  look(): readonly number[];
  /** Says what is asked of every robot at this instant. */
  publish(stampNs: bigint): void;
}

export function makeRefereeNode(context: RosContext, options: RefereeOptions): RefereeNode {
  const { task, world, robots, onAttempt } = options;
  const node = context.createNode('referee', {
    parameters: { use_sim_time: true },
    isClockFixed: true,
  });
  const referee = new Referee(task, world);
  const asksPlace = readsPlace(task.observations, world.model, `task '${task.name}'`);
  const voices = robots.map((robot, row) =>
    asksPlace
      ? askPlace(node, referee, world, robot, row)
      : askVelocity(node, referee, task, robot, row),
  );
  return {
    task,
    begin: (robot, rng) => referee.begin(robot, rng),
    noteCommand: (robot, joint) => referee.noteCommand(robot, joint),
    look() {
      const over = referee.look();
      for (const attempt of over) onAttempt?.(attempt);
      return over.map(({ robot }) => robot);
    },
    publish(stampNs) {
      for (const voice of voices) voice(stampNs);
    },
  };
}

type Voice = (stampNs: bigint) => void;

function askPlace(
  node: RosNode,
  referee: Referee,
  world: RobotWorld,
  robot: string,
  row: number,
): Voice {
  const { reference, goalPose } = TOPICS;
  const odom = getFrameId(robot, 'odom');
  const message = makeReferenceMessage(odom);
  const publisher = node.createPublisher(
    reference.type,
    getRobotTopic(robot, reference),
    reference.qos,
  );
  node.createSubscription(goalPose.type, getRobotTopic(robot, goalPose), goalPose.qos, (goal) =>
    referee.askFor(row, { place: readGoal(goal, odom, world.mapFromOdom.subarray(3 * row)) }),
  );
  return (stampNs) => {
    writeReference(message, stampNs, referee.reference, row);
    publisher.publish(message);
  };
}

/** @param mapFromOdom [3] m: odom frames are not turned against the map */
function readGoal(
  { header, pose }: PoseStamped,
  odom: string,
  mapFromOdom: ArrayLike<number>,
): readonly [x: number, y: number] {
  const { x, y } = pose.position;
  const problem = (text: string, expected: string, got: string) =>
    new UserError({
      where: 'goal_pose',
      problem: text,
      expected,
      got,
      remedy: 'Send it again, in that frame.',
    });
  if (!Number.isFinite(x) || !Number.isFinite(y)) {
    throw problem(
      'the goal is nowhere; it is ignored',
      'finite position.x, position.y',
      `${x}, ${y}`,
    );
  }
  if (header.frame_id === odom) return [x, y];
  if (header.frame_id === MAP_FRAME) return [x - mapFromOdom[0]!, y - mapFromOdom[1]!];
  throw problem('the goal is in an unknown frame', `${odom} or ${MAP_FRAME}`, header.frame_id);
}

function askVelocity(
  node: RosNode,
  referee: Referee,
  task: TaskDefinition,
  robot: string,
  row: number,
): Voice {
  const { velocityReference, cmdVel } = TOPICS;
  const byHand = makeReferenceBatch(1);
  let heardNs: bigint | undefined;
  node.createSubscription(cmdVel.type, getRobotTopic(robot, cmdVel), cmdVel.qos, (twist) => {
    readVelocityCommand(byHand, 0, twist, task.commandRanges ?? {});
    const [forward, left, yawRate] = byHand.velocityCommand;
    referee.askFor(row, { velocityCommand: [forward!, left!, yawRate!] });
    heardNs = node.nowNs();
  });
  const publisher = node.createPublisher(
    velocityReference.type,
    getRobotTopic(robot, velocityReference),
    velocityReference.qos,
  );
  const zero = () => ({ x: 0, y: 0, z: 0 });
  const message: TwistStamped = {
    header: makeHeader(getFrameId(robot, 'base_link')),
    twist: { linear: zero(), angular: zero() },
  };
  return (stampNs) => {
    if (heardNs !== undefined && Number(stampNs - heardNs) / 1e9 > CMD_VEL_TIMEOUT_S) {
      heardNs = undefined;
      referee.askFor(row, undefined);
    }
    const { velocityCommand } = referee.reference;
    writeStamp(message.header, stampNs);
    message.twist.linear.x = velocityCommand[3 * row]!;
    message.twist.linear.y = velocityCommand[3 * row + 1]!;
    message.twist.angular.z = velocityCommand[3 * row + 2]!;
    publisher.publish(message);
  };
}
