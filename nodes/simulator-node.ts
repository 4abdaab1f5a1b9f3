import type { TimingSnapshot } from '../policies/runtime/timing.ts';
import type { RobotWorld } from '../sim/world.ts';
import type { StartWriter } from '../sim/world-start.ts';
import { toTime } from './convert/stamp.ts';
import { makeDiagnosticArray, makeTimingStatus } from './diagnostics.ts';
import type { Clock, DiagnosticArray } from './ros/messages.ts';
import type { NodeOptions, Publisher, RosContext, RosNode } from './ros/port.ts';
import { makePacer } from './simulator/pacer.ts';
import type { RefereeNode } from './simulator/referee-node.ts';
import { serveSimulation } from './simulator/services/serve.ts';
import { Simulation, type WorldBuilder } from './simulator/simulation.ts';
import { SERVICES, TOPICS } from './topics.ts';

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
  /** default: playing */
  readonly startState?: 'playing' | 'paused' | 'stopped';
  /** Lets services load other worlds, and put more into one; frees `world` when it is no longer needed. */
  readonly builder?: WorldBuilder | undefined;
  /**
   * Says whose attempt is over; that robot alone begins its next episode. Without it episodes last until somebody
   * resets them. It knows one world: there is no builder beside it.
   */
  readonly referee?: RefereeNode | undefined;
  readonly node?: NodeOptions;
}

export interface SimulatorNode {
  /** For its parameters: `real_time_factor`, `seed`. */
  readonly node: RosNode;
  /** What is simulated now; undefined while no world is loaded. */
  readonly world: RobotWorld | undefined;
  readonly simSteps: number;
  readonly timeS: number;
  /** Control periods in which at least one robot's command did not come in time. */
  readonly lateTicks: number;
  /** Simulated time over wall time since the run began. */
  readonly realTimeFactor: number;
  /**
   * How punctually each control period ended by the wall clock. Its ticks last from the sensors of an instant until
   * all commands for it are there.
   */
  timing(): TimingSnapshot;
  /** Runs until `untilS` of simulated time, or until `stop()`. */
  run(untilS: number): Promise<void>;
  /** Ends `run` after the current period. */
  stop(): void;
  /** Starts the next episode before the next step. */
  reset(): void;
}

/**
 * Stands where the robots would: sensors out, joint commands in. It runs in lockstep: after `/clock`
 * and the sensors of an instant it waits for the commands made for that instant, so a run
 * depends on its seed alone, not on the machine's load. A command that does not come in time is
 * gone without; the motors' own timeout then damps the robot, which is not waited for until it is heard again.
 * It serves simulation_interfaces besides: see simulator/services.
 */
export function makeSimulatorNode(context: RosContext, options: SimulatorOptions): SimulatorNode {
  return new Simulator(context, options);
}

class Simulator implements SimulatorNode {
  readonly #options: SimulatorOptions;
  readonly #context: RosContext;
  readonly node: RosNode;
  readonly #simulation: Simulation;
  readonly #clock: Publisher<Clock>;
  readonly #diagnostics: Publisher<DiagnosticArray>;
  readonly #pacer: ReturnType<typeof makePacer>;
  #tick = 0;
  #numSteps = 0;
  #timeS = 0;
  #stopping = false;
  #wakeUp: (() => void) | undefined;
  lateTicks = 0;

  constructor(context: RosContext, options: SimulatorOptions) {
    const { world, robots, writeStart, description, builder, referee } = options;
    this.#options = options;
    this.#context = context;
    this.node = context.createNode('simulator', { ...options.node, isClockFixed: true });
    const { clock, diagnostics } = TOPICS;
    this.#clock = this.node.createPublisher(clock.type, clock.name, clock.qos);
    this.#diagnostics = this.node.createPublisher(
      diagnostics.type,
      diagnostics.name,
      diagnostics.qos,
    );
    this.#pacer = makePacer(options.realTimeFactor);
    this.#declareParameters();
    this.#pacer.setFactor(Number(this.node.getParameter('real_time_factor')));
    const simulation = new Simulation(
      this.node,
      {
        ...{ world, robots, description, builder, referee },
        seed: Number(this.node.getParameter('seed')),
        start: { writeStart, motors: options.motorsAtStart },
        startState: options.startState ?? 'playing',
      },
      () => this.#wakeUp?.(),
    );
    this.#simulation = simulation;
    this.#noteTime();
    this.node.onParameterChange((parameter, value) => {
      if (parameter === 'real_time_factor') this.#pacer.setFactor(Number(value));
      if (parameter === 'seed') simulation.setSeed(Number(value));
    });
    this.node.createService(SERVICES.reset.type, SERVICES.reset.name, () => {
      this.reset();
      return { success: true, message: `${robots.length} robots go back to their start` };
    });
    serveSimulation(simulation, () => this.stop());
  }

  get world(): RobotWorld | undefined {
    return this.#simulation.plant?.world;
  }

  get timeS(): number {
    return this.#timeS;
  }

  get simSteps(): number {
    return this.#numSteps;
  }

  get realTimeFactor(): number {
    return this.#pacer.achievedFactor;
  }

  timing(): TimingSnapshot {
    return this.#pacer.timing();
  }

  reset(): void {
    const { safePoint } = this.#simulation;
    void safePoint.act(() => this.#simulation.startEpisode('next'));
  }

  stop(): void {
    this.#stopping = true;
    this.#pacer.interrupt();
    this.#simulation.run.wake();
    this.#wakeUp?.();
  }

  async run(untilS: number): Promise<void> {
    const { safePoint, run } = this.#simulation;
    const halfPeriodS = this.#options.world.controlPeriodS / 2;
    this.#pacer.start(this.#timeS);
    safePoint.close(() => run.wake());
    let isStanding = false;
    while (!this.#stopping && this.#timeS < untilS - halfPeriodS) {
      await safePoint.work();
      if (this.#stopping) break;
      if (!run.mayStep) {
        // What was done while it stands shows.
        this.#publishInstant();
        isStanding = true;
        await run.waitForChange();
        continue;
      }
      if (isStanding) this.#pacer.resume();
      isStanding = false;
      await this.#step();
    }
    await safePoint.open();
    if (this.#stopping) await this.#takeLastStep();
  }

  async #step(): Promise<void> {
    const publishedMs = performance.now();
    this.#publishInstant();
    await this.#context.settled();
    await this.#waitForCommands();
    this.#pacer.noteAnswer((performance.now() - publishedMs) / 1000);
    this.#report();
    this.#advance();
    if (!this.#stopping) this.#simulation.endAttempts();
    this.#simulation.run.noteStep();
    await this.#pacer.waitFor(this.#timeS);
  }

  #advance(): void {
    this.#simulation.plant?.advance();
    this.#tick++;
    this.#noteTime();
  }

  #noteTime(): void {
    const { world } = this;
    if (world === undefined) return;
    this.#timeS = world.timeS;
    this.#numSteps = world.numSteps;
  }

  /** Once a simulated second: how punctual the simulation is, and how often it went on without a command. */
  #report(): void {
    const ticksPerS = Math.max(1, Math.round(1 / this.#options.world.controlPeriodS));
    if (this.#tick === 0 || this.#tick % ticksPerS !== 0) return;
    const status = makeTimingStatus('simulator', this.timing());
    status.values.push({ key: 'late commands', value: String(this.lateTicks) });
    const stampNs = BigInt(Math.round(this.#timeS * 1e9));
    this.#diagnostics.publish(makeDiagnosticArray(stampNs, [status]));
  }

  /** What was sent last, a stop, reaches the motors and shows in what the sensors say. */
  async #takeLastStep(): Promise<void> {
    await this.#context.settled();
    this.#advance();
    this.#publishInstant();
    await this.#context.settled();
  }

  /**
   * In one process the time first, then what is measured at it: nothing is heard before its stamp. A graph delivers
   * each message by itself, and nobody there can wait for the rest of an instant: whoever acts on the time must have
   * heard what was measured at it, so that the time goes out last.
   */
  #publishInstant(): void {
    const stampNs = BigInt(Math.round(this.#timeS * 1e9));
    const isGraph = this.#context.backend !== 'embedded';
    if (isGraph) this.#simulation.plant?.publish(this.#tick, stampNs);
    this.#clock.publish({ clock: toTime(stampNs) });
    if (!isGraph) this.#simulation.plant?.publish(this.#tick, stampNs);
  }

  async #waitForCommands(): Promise<void> {
    const { plant } = this.#simulation;
    if (plant === undefined) return;
    let timer: NodeJS.Timeout | undefined;
    let isTimeOver = false;
    while (!this.#stopping && !isTimeOver && !plant.hasCommands) {
      await new Promise<void>((resolve) => {
        this.#wakeUp = resolve;
        timer ??= setTimeout(() => {
          isTimeOver = true;
          this.#wakeUp?.();
        }, this.#options.commandTimeoutMs);
      });
    }
    clearTimeout(timer);
    this.#wakeUp = undefined;
    if (!this.#stopping && plant.giveUpWaiting()) this.lateTicks++;
  }

  #declareParameters(): void {
    this.node.declareParameter({
      name: 'real_time_factor',
      default: this.#options.realTimeFactor,
      description: 'Simulated seconds per second; 0 = as fast as the commands come.',
      unit: 's/s',
      range: [0, 1000],
    });
    this.node.declareParameter({
      name: 'seed',
      default: this.#options.seed,
      description: 'All that is drawn follows from it, from the next reset on.',
      integer: true,
      range: [Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER],
    });
  }
}
