import { writeRotated } from '../../sim/math/quat.ts';
import type { Rng } from '../../sim/math/rng.ts';
import type { StateBatch } from '../../sim/robot/state.ts';
import type { RobotWorld } from '../../sim/world.ts';
import type { StartWriter } from '../../sim/world-start.ts';
import { readJointCommand } from '../convert/joints.ts';
import { toNs } from '../convert/stamp.ts';
import type { UInt32 } from '../ros/messages.ts';
import type { Publisher, RosNode } from '../ros/port.ts';
import { getRobotTopic, TOPICS } from '../topics.ts';
import { makeObstaclePublisher } from './obstacle-publishers.ts';
import type { PublisherSource } from './publisher-source.ts';
import type { RefereeNode } from './referee-node.ts';
import { makeSensorPublishers, type SensorPublishers } from './sensor-publishers.ts';

/** How every episode of a world begins. */
export interface EpisodeStart {
  readonly writeStart: StartWriter;
  /** Whether an episode begins in flight or with the motors off, on the ground. */
  readonly motors: 'hover' | 'rest';
}

export interface PlantOptions {
  /** The URDF, for `robot_description`. */
  readonly description: string;
  /** Told of every command that came. */
  readonly onCommand: () => void;
  /** Of this world; absent where no task is asked. */
  readonly referee: RefereeNode | undefined;
}

/**
 * One world with everything that connects it to the graph: its sensors out, its commands in. A simulator that goes
 * over to another world makes another plant.
 */
export class Plant {
  readonly world: RobotWorld;
  /** Namespace of each robot, in the world's order. */
  readonly robots: readonly string[];
  readonly #node: RosNode;
  readonly #sensors: SensorPublishers;
  readonly #owned: { destroy(): void }[] = [];
  readonly #publishObstacles: (stampNs: bigint) => void;
  readonly #episodes: readonly Publisher<UInt32>[];
  readonly #referee: RefereeNode | undefined;
  /** Per robot: [numActuatedJoints] the latest command */
  readonly #commands: readonly Float64Array[];
  /** [numRobots] ns, stamp of the latest command */
  readonly #commandStampNs: BigInt64Array;
  /** [numRobots] 1 for a robot that let an instant pass without a command, until it is heard again */
  readonly #isSilent: Uint8Array;
  /** [numRobots, 6] m/s, rad/s [@frame odom] [@invalid NaN] before the last control period */
  readonly #velocityBefore: Float64Array;
  /** [ns] the time that commands are made for now */
  #instantNs = 0n;

  constructor(
    node: RosNode,
    world: RobotWorld,
    robots: readonly string[],
    { description, onCommand, referee }: PlantOptions,
  ) {
    this.#node = node;
    this.world = world;
    this.robots = robots;
    this.#referee = referee;
    const source = this.#makeOwningNode();
    this.#sensors = makeSensorPublishers(source, world, robots);
    this.#publishObstacles = makeObstaclePublisher(source, world, robots);
    this.#episodes = robots.map((robot) => {
      const { type, qos } = TOPICS.robotEpisode;
      return source.createPublisher(type, getRobotTopic(robot, TOPICS.robotEpisode), qos);
    });
    const numCommands = world.model.actuatedJointNames.length;
    this.#commands = robots.map(() => new Float64Array(numCommands));
    this.#commandStampNs = new BigInt64Array(robots.length).fill(-1n);
    this.#isSilent = new Uint8Array(robots.length);
    this.#velocityBefore = new Float64Array(robots.length * 6).fill(Number.NaN);
    robots.forEach((robot, index) => {
      this.#hearCommands(robot, index, onCommand);
      const { type, qos } = TOPICS.robotDescription;
      const topic = getRobotTopic(robot, TOPICS.robotDescription);
      source.createPublisher(type, topic, qos).publish({ data: description });
    });
  }

  /** Puts one robot at the start of an episode. @param rng of all that is drawn for it */
  startEpisode(robot: number, rng: Rng, { writeStart, motors }: EpisodeStart): void {
    const field = this.#referee?.task.field;
    this.world.reset(robot, rng, writeStart, { motors, field });
    this.#referee?.begin(robot, rng.fork('reference'));
    this.#forgetVelocity(robot);
  }

  /** Says that one robot alone began the episode of that number. */
  publishEpisode(robot: number, number: number): void {
    this.#episodes[robot]!.publish({ data: number });
  }

  /** Motors must hear one voice: the brand that only the safety filter gives ends at the topic. */
  checkSources(): void {
    for (const robot of this.robots) {
      const topic = getRobotTopic(robot, TOPICS.jointCommand);
      const sources = this.#node.getPublishers(topic).map(({ node }) => node);
      if (sources.length <= 1) continue;
      this.#node.logger.error(`${topic} has more than one publisher: ${sources.join(', ')}`);
    }
  }

  /** Looks at all robots after a control period. @returns those whose attempt is over */
  findOver(): readonly number[] {
    return this.#referee?.look() ?? [];
  }

  /** Puts one robot elsewhere in mid-episode. @param state whose row 0 it takes over */
  moveRobot(robot: number, state: StateBatch): void {
    this.world.writeState(robot, state, 0);
    this.#forgetVelocity(robot);
  }

  /** Publishes what is asked and what the sensors say at an instant, and waits for the commands of that instant from then on. */
  publish(tick: number, stampNs: bigint): void {
    this.#instantNs = stampNs;
    this.#referee?.publish(stampNs);
    this.#sensors.publish(tick, stampNs);
    this.#publishObstacles(stampNs);
  }

  advance(): void {
    for (let robot = 0; robot < this.robots.length; robot++) {
      this.#writeVelocity(this.#velocityBefore, robot);
      this.#referee?.noteCommand(robot, this.#commands[robot]!);
    }
    this.world.advance();
  }

  /** Whether every robot that is heard at all has its command for the instant. */
  get hasCommands(): boolean {
    return this.#commandStampNs.every(
      (stampNs, robot) => stampNs >= this.#instantNs || this.#isSilent[robot] === 1,
    );
  }

  /**
   * Goes on without the commands that have not come: their robots are waited for no more until they are heard again.
   * @returns whether any had not
   */
  giveUpWaiting(): boolean {
    let isAnyLate = false;
    this.#commandStampNs.forEach((stampNs, robot) => {
      if (stampNs >= this.#instantNs) return;
      this.#isSilent[robot] = 1;
      isAnyLate = true;
    });
    return isAnyLate;
  }

  /**
   * Mean acceleration of one robot over the last control period: linear, then angular.
   * [6] m/s², rad/s² [@frame odom] [@invalid NaN where it has not moved on its own since it was placed]
   */
  computeAcceleration(robot: number): Float64Array {
    const acceleration = new Float64Array(6);
    const now = new Float64Array((robot + 1) * 6);
    this.#writeVelocity(now, robot);
    for (let k = 0; k < 6; k++) {
      const change = now[6 * robot + k]! - this.#velocityBefore[6 * robot + k]!;
      acceleration[k] = change / this.world.controlPeriodS;
    }
    return acceleration;
  }

  /** Takes the world off the graph; whoever made it frees it. */
  destroy(): void {
    for (const owned of this.#owned) owned.destroy();
  }

  #forgetVelocity(robot: number): void {
    this.#velocityBefore.fill(Number.NaN, 6 * robot, 6 * robot + 6);
  }

  #writeVelocity(out: Float64Array, robot: number): void {
    const { linearVelocityW, angularVelocityB, orientation } = this.world.truth;
    for (let k = 0; k < 3; k++) out[6 * robot + k] = linearVelocityW[3 * robot + k]!;
    writeRotated(out, 6 * robot + 3, orientation, 4 * robot, angularVelocityB, 3 * robot);
  }

  #own<T extends { destroy(): void }>(thing: T): T {
    this.#owned.push(thing);
    return thing;
  }

  /** What the publishers of sensors need of a node; whatever they make on it goes with this plant. */
  #makeOwningNode(): PublisherSource {
    return {
      createPublisher: (type, topic, qos) =>
        this.#own(this.#node.createPublisher(type, topic, qos)),
    };
  }

  #hearCommands(robot: string, index: number, onCommand: () => void): void {
    const { type, qos } = TOPICS.jointCommand;
    const topic = getRobotTopic(robot, TOPICS.jointCommand);
    const subscription = this.#node.createSubscription(type, topic, qos, (message) => {
      const command = this.#commands[index]!;
      readJointCommand(command, message, this.world.model);
      this.world.setCommand(index, command);
      // A command for a time to come counts as one for now: lockstep waits for each instant.
      const stampNs = toNs(message.header.stamp);
      this.#commandStampNs[index] = stampNs < this.#instantNs ? stampNs : this.#instantNs;
      this.#isSilent[index] = 0;
      onCommand();
    });
    this.#own(subscription);
  }
}
