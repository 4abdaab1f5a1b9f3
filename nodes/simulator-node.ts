import type { TimingSnapshot } from '../policies/runtime/timing.ts';
import { Rng } from '../sim/math/rng.ts';
import type { RobotWorld } from '../sim/world.ts';
import type { StartWriter } from '../sim/world-start.ts';
import { readJointCommand } from './convert/joints.ts';
import { toNs, toTime } from './convert/stamp.ts';
import { makeDiagnosticArray } from './diagnostics.ts';
import type { Clock, DiagnosticArray, UInt32 } from './ros/messages.ts';
import type { Publisher, RosContext, RosNode } from './ros/port.ts';
import { makeObstaclePublisher } from './simulator/obstacle-publishers.ts';
import { makePacer } from './simulator/pacer.ts';
import type { RefereeNode } from './simulator/referee-node.ts';
import { makeSensorPublishers, type SensorPublishers } from './simulator/sensor-publishers.ts';
import { EPISODE_START_KEY, getRobotTopic, SERVICES, TOPICS } from './topics.ts';

export interface SimulatorOptions {
  readonly world: RobotWorld;
  /** Namespace of each robot, in the world's order. */
  readonly robots: readonly string[];
  readonly seed: number;
  readonly writeStart: StartWriter;
  /** Whether an episode begins in flight or with the motors off, on the ground. */
  readonly motorsAtStart: 'hover' | 'rest';
  /** Simulated seconds per second of wall time; 0 = as fast as the commands come. */
  readonly realTimeFactor: number;
  /** [ms] wall time to wait for commands before going on without them */
  readonly commandTimeoutMs: number;
  /** The URDF, for `robot_description`. */
  readonly description: string;
  /** Says whose episode is over; without it they last until somebody resets them. */
  readonly referee?: RefereeNode | undefined;
}

export interface SimulatorNode {
  /** For its parameters: `real_time_factor`. */
  readonly node: RosNode;
  readonly simSteps: number;
  readonly timeS: number;
  /** Control periods in which at least one robot's command did not come in time. */
  readonly lateTicks: number;
  /** Simulated time over wall time since the run began. */
  readonly realTimeFactor: number;
  /** How punctually each control period ended by the wall clock. */
  timing(): TimingSnapshot;
  /** Runs until `untilS` of simulated time, or until `stop()`. */
  run(untilS: number): Promise<void>;
  /** Ends `run` after the current period. */
  stop(): void;
  reset(): void;
}

/**
 * Stands where the robots would: sensors out, joint commands in. It runs in lockstep: after `/clock`
 * and the sensors of an instant it waits for the commands made for that instant, so a run
 * depends on its seed alone, not on the machine's load. A command that does not come in time is
 * gone without; the motors' own timeout then damps the robot.
 */
export function makeSimulatorNode(context: RosContext, options: SimulatorOptions): SimulatorNode {
  return new Simulator(context, options);
}

class Simulator implements SimulatorNode {
  readonly #options: SimulatorOptions;
  readonly #context: RosContext;
  readonly node: RosNode;
  readonly #sensors: SensorPublishers;
  readonly #clock: Publisher<Clock>;
  readonly #episode: Publisher<UInt32>;
  readonly #randomization: Publisher<DiagnosticArray>;
  readonly #robotEpisodes: readonly Publisher<UInt32>[];
  readonly #publishObstacles: (stampNs: bigint) => void;
  /** [numRobots] of each robot's present episode */
  readonly #episodes: Int32Array;
  /** [numRobots] s at which it began */
  readonly #beganS: Float64Array;
  /** Per robot: [numActuatedJoints] the latest command */
  readonly #commands: readonly Float64Array[];
  /** [numRobots] ns, stamp of the latest command */
  readonly #commandStampNs: BigInt64Array;
  readonly #pacer: ReturnType<typeof makePacer>;
  /** [ns] the time that commands are made for now */
  #instantNs = 0n;
  #tick = 0;
  #episodeNumber = 0;
  #resetAsked = false;
  #stopping = false;
  #wakeUp: (() => void) | undefined;
  lateTicks = 0;

  constructor(context: RosContext, options: SimulatorOptions) {
    const { world, robots } = options;
    this.#options = options;
    this.#context = context;
    this.node = context.createNode('simulator');
    this.#sensors = makeSensorPublishers(this.node, world, robots);
    this.#clock = this.node.createPublisher(TOPICS.clock.type, TOPICS.clock.name, TOPICS.clock.qos);
    this.#episode = this.node.createPublisher(
      TOPICS.episode.type,
      TOPICS.episode.name,
      TOPICS.episode.qos,
    );
    this.#randomization = this.node.createPublisher(
      TOPICS.randomization.type,
      TOPICS.randomization.name,
      TOPICS.randomization.qos,
    );
    this.#pacer = makePacer(options.realTimeFactor);
    this.node.declareParameter({
      name: 'real_time_factor',
      default: options.realTimeFactor,
      description: 'Simulated seconds per second; 0 = as fast as the commands come.',
      unit: 's/s',
      range: [0, 1000],
    });
    this.node.onParameterChange((name, value) => {
      if (name === 'real_time_factor') this.#pacer.setFactor(Number(value));
    });
    this.#publishObstacles = makeObstaclePublisher(this.node, world, robots);
    this.#robotEpisodes = robots.map((robot) => {
      const { type, qos } = TOPICS.robotEpisode;
      return this.node.createPublisher(type, getRobotTopic(robot, TOPICS.robotEpisode), qos);
    });
    this.#episodes = new Int32Array(robots.length).fill(-1);
    this.#beganS = new Float64Array(robots.length);
    this.#commands = robots.map(() => new Float64Array(world.model.actuatedJointNames.length));
    this.#commandStampNs = new BigInt64Array(robots.length).fill(-1n);
    robots.forEach((robot, index) => {
      this.node.createSubscription(
        TOPICS.jointCommand.type,
        getRobotTopic(robot, TOPICS.jointCommand),
        TOPICS.jointCommand.qos,
        (message) => {
          const command = this.#commands[index]!;
          readJointCommand(command, message, world.model);
          world.setCommand(index, command);
          // A command for a time to come counts as one for now: lockstep waits for each instant.
          const stampNs = toNs(message.header.stamp);
          this.#commandStampNs[index] = stampNs < this.#instantNs ? stampNs : this.#instantNs;
          this.#wakeUp?.();
        },
      );
      const description = this.node.createPublisher(
        TOPICS.robotDescription.type,
        getRobotTopic(robot, TOPICS.robotDescription),
        TOPICS.robotDescription.qos,
      );
      description.publish({ data: options.description });
    });
    this.node.createService(SERVICES.reset.type, SERVICES.reset.name, () => {
      this.reset();
      return { success: true, message: `${robots.length} robots go back to their start` };
    });
    this.#startAll();
  }

  get timeS(): number {
    return this.#options.world.timeS;
  }

  get simSteps(): number {
    return this.#options.world.numSteps;
  }

  get realTimeFactor(): number {
    return this.#pacer.achievedFactor;
  }

  timing(): TimingSnapshot {
    return this.#pacer.timing();
  }

  reset(): void {
    this.#resetAsked = true;
  }

  stop(): void {
    this.#stopping = true;
    this.#pacer.interrupt();
    this.#wakeUp?.();
  }

  async run(untilS: number): Promise<void> {
    const { world } = this.#options;
    this.#pacer.start(world.timeS);
    while (!this.#stopping && world.timeS < untilS - world.controlPeriodS / 2) {
      if (this.#resetAsked) this.#startAll();
      const stampNs = this.#publishInstant();
      await this.#context.settled();
      await this.#waitForCommands(stampNs);
      const { referee } = this.#options;
      for (let robot = 0; robot < this.#commands.length; robot++) {
        referee?.noteCommand(robot, this.#commands[robot]!);
      }
      world.advance();
      this.#tick++;
      const over = referee?.look() ?? [];
      if (over.length > 0 && !this.#stopping) this.#startSome(over);
      await this.#pacer.waitFor(world.timeS);
    }
    if (this.#stopping) await this.#takeLastStep();
  }

  /** What was sent last, a stop, reaches the motors and shows in what the sensors say. */
  async #takeLastStep(): Promise<void> {
    await this.#context.settled();
    this.#options.world.advance();
    this.#tick++;
    this.#publishInstant();
    await this.#context.settled();
  }

  /** The time first, then what is measured at it: nothing is heard before its stamp. */
  #publishInstant(): bigint {
    const stampNs = BigInt(Math.round(this.#options.world.timeS * 1e9));
    this.#instantNs = stampNs;
    this.#clock.publish({ clock: toTime(stampNs) });
    this.#options.referee?.publish(stampNs);
    this.#sensors.publish(this.#tick, stampNs);
    this.#publishObstacles(stampNs);
    return stampNs;
  }

  async #waitForCommands(stampNs: bigint): Promise<void> {
    if (this.#hasCommands(stampNs)) return;
    let timer: NodeJS.Timeout | undefined;
    let isLate = false;
    while (!this.#stopping && !isLate && !this.#hasCommands(stampNs)) {
      await new Promise<void>((resolve) => {
        this.#wakeUp = resolve;
        timer ??= setTimeout(() => {
          isLate = true;
          this.#wakeUp?.();
        }, this.#options.commandTimeoutMs);
      });
    }
    clearTimeout(timer);
    this.#wakeUp = undefined;
    if (isLate) this.lateTicks++;
  }

  #hasCommands(stampNs: bigint): boolean {
    for (const stamp of this.#commandStampNs) if (stamp < stampNs) return false;
    return true;
  }

  #startAll(): void {
    this.#resetAsked = false;
    for (let robot = 0; robot < this.#commands.length; robot++) this.#startEpisode(robot);
    this.#checkSources();
    this.#publishDraws();
    this.#episode.publish({ data: this.#episodeNumber });
    this.#episodeNumber++;
  }

  #startSome(robots: readonly number[]): void {
    for (const robot of robots) {
      this.#startEpisode(robot);
      this.#robotEpisodes[robot]!.publish({ data: this.#episodes[robot]! });
    }
    this.#publishDraws();
  }

  #startEpisode(robot: number): void {
    const { world, seed, writeStart, motorsAtStart, referee } = this.#options;
    const episode = ++this.#episodes[robot]!;
    const rng = new Rng(seed, 'robot', robot, 'episode', episode);
    const field = referee?.task.field;
    world.reset(robot, rng, writeStart, { motors: motorsAtStart, field });
    referee?.begin(robot, rng.fork('reference'));
    this.#beganS[robot] = world.timeS;
  }

  /** Motors must hear one voice: the brand that only the safety filter gives ends at the topic. */
  #checkSources(): void {
    for (const robot of this.#options.robots) {
      const topic = getRobotTopic(robot, TOPICS.jointCommand);
      const sources = this.node.getPublishers(topic).map(({ node }) => node);
      if (sources.length <= 1) continue;
      this.node.logger.error(`${topic} has more than one publisher: ${sources.join(', ')}`);
    }
  }

  /** The draw of each robot, so that a recording tells what was flown. */
  #publishDraws(): void {
    const { world, robots } = this.#options;
    const stampNs = BigInt(Math.round(world.timeS * 1e9));
    const status = robots.map((robot, row) => ({
      level: 0,
      name: `randomization: ${robot}`,
      message: `episode ${this.#episodes[row]}`,
      hardware_id: robot,
      values: [
        ...Object.entries(world.contexts[row]!),
        [EPISODE_START_KEY, this.#beganS[row]!] as const,
      ].map(([key, value]) => ({ key, value: String(value) })),
    }));
    this.#randomization.publish(makeDiagnosticArray(stampNs, status));
  }
}
