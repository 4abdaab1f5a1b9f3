import type { RobotModel } from '../../sim/robot/model.ts';
import { isRowFinite, makeStateBatch, type StateBatch } from '../../sim/robot/state.ts';
import { type ActionPipeline, makeActionPipeline } from '../../sim/task/action.ts';
import { makeObservationPipeline, type ObservationPipeline } from '../../sim/task/observation.ts';
import { readsPlace } from '../../sim/task/reads-place.ts';
import {
  makeReferenceBatch,
  type ReferenceBatch,
  type RobotView,
} from '../../sim/task/robot-view.ts';
import { REFERENCE_TIMEOUT_S } from '../config.ts';
import type { TickTime } from './control-loop.ts';
import type { ControlManifest } from './control-manifest.ts';
import {
  type MailboxBuffer,
  type MailboxReader,
  type MailboxWriter,
  makeMailboxBuffer,
  makeMailboxReader,
  makeMailboxWriter,
} from './mailbox.ts';
import {
  COMMAND,
  computeCommandRowWidth,
  computeStateRowWidth,
  REFERENCE_ROW_WIDTH,
  REFERENCE_STAMP,
  readReferenceRow,
  readStateRow,
  STATE_RESETS,
  STATE_STAMP,
  writeCommandBody,
} from './rows.ts';
import { computeScanRowWidth, ScanInbox } from './scan-rows.ts';
import { CHANNEL, type Timing } from './timing.ts';

/** Everything that flows between a control tick and the rest, one mailbox per robot each. */
export interface ControlMailboxes {
  readonly states: MailboxBuffer;
  readonly references: MailboxBuffer;
  readonly scans: MailboxBuffer;
  readonly commands: MailboxBuffer;
}

export function makeControlMailboxes(model: RobotModel, numRobots: number): ControlMailboxes {
  const stateWidth = computeStateRowWidth(model.jointNames.length);
  const commandWidth = computeCommandRowWidth(model.actuatedJointNames.length);
  return {
    states: makeMailboxBuffer(numRobots, stateWidth),
    references: makeMailboxBuffer(numRobots, REFERENCE_ROW_WIDTH),
    scans: makeMailboxBuffer(numRobots, computeScanRowWidth(model)),
    commands: makeMailboxBuffer(numRobots, commandWidth),
  };
}

/** What a tick needs of a policy. */
export interface TickPolicy {
  readonly manifest: ControlManifest;
  readonly batch: number;
  /** [batch, numObs]; undefined for one that is shown the robots themselves */
  readonly input: Float32Array | undefined;
  /** [batch, numActions] */
  readonly output: Float32Array;
  /** Shows one robot that takes part in this tick, to one that has no `input`. */
  see?(view: RobotView, robot: number): void;
  run(): void;
  /** As run, without a trace; undefined where there is nothing to fetch from memory. */
  rehearse?(): void;
  reset(robot: number): void;
}

export interface ControlTickOptions {
  readonly policy: TickPolicy;
  readonly model: RobotModel;
  readonly mailboxes: ControlMailboxes;
  readonly timing: Timing;
  /** Where the policy came from, for error messages. */
  readonly where?: string;
  /** Called when a tick's commands are in their mailboxes. */
  readonly onPublished?: () => void;
}

/**
 * One control tick over all robots: read the newest measurements, observe, infer, act, publish. A robot
 * takes part once it has a state and, if the policy observes where it should be, a reference. One that is asked for
 * a velocity at most stands until somebody asks. One that looks through a lidar also needs its scan, and says nothing
 * while the last one is older than {@link ScanInbox.isFresh} lets it be: the safety filter's watchdog sees to the rest. A reference that is not finite is left out; one that
 * is not renewed for {@link REFERENCE_TIMEOUT_S} keeps its position and yaw, and its velocity counts as zero.
 * Allocates nothing itself.
 */
export class ControlTick {
  readonly #policy: TickPolicy;
  readonly #timing: Timing;
  readonly #observation: ObservationPipeline;
  readonly #action: ActionPipeline;
  readonly #state: StateBatch;
  readonly #reference: ReferenceBatch;
  readonly #view: RobotView;
  readonly #scans: ScanInbox;
  readonly #stateIn: readonly MailboxReader[];
  readonly #referenceIn: readonly MailboxReader[];
  readonly #commandOut: readonly MailboxWriter[];
  /** [numRobots] 1 once something has arrived */
  readonly #hasState: Uint8Array;
  /** As well, or from the beginning where the policy can do without. */
  readonly #hasReference: Uint8Array;
  /** [numRobots] s */
  readonly #stateStampS: Float64Array;
  /** [numRobots] s */
  readonly #referenceStampS: Float64Array;
  /** [numRobots] as of the last state row */
  readonly #numResets: Float64Array;
  /** [numRobots, numActions] */
  readonly #command: Float64Array;
  readonly #clipped: Float32Array;
  /** [0]: s, time of the tick that runs */
  readonly #nowS = new Float64Array(1);
  readonly #onPublished: (() => void) | undefined;
  #tick = 0;
  /** Holds the period, which would be boxed on each call if it came from a field. */
  readonly #updateMemory: (robot: number) => void;

  /** @throws UserErrors if the policy's terms or actions do not fit the robot */
  constructor(options: ControlTickOptions) {
    const { policy, model, mailboxes } = options;
    const numRobots = policy.batch;
    const { manifest } = policy;
    const where = options.where ?? manifest.name;
    this.#policy = policy;
    this.#timing = options.timing;
    this.#onPublished = options.onPublished;
    this.#observation = makeObservationPipeline({
      terms: manifest.observations,
      historyLayout: manifest.historyLayout,
      historyOrder: manifest.historyOrder,
      positionErrorIntegral: manifest.positionErrorIntegral,
      numRobots,
      model,
      where: `${where}: manifest observations`,
    });
    this.#action = makeActionPipeline({
      spec: manifest.action,
      jointNames: manifest.jointNames,
      numRobots,
      model,
      where: `${where}: manifest action`,
    });
    this.#state = makeStateBatch(numRobots, model.jointNames.length);
    this.#reference = makeReferenceBatch(numRobots);
    const sensors = new Set(manifest.observations.flatMap(({ sensor }) => sensor ?? []));
    const scansIn = Array.from({ length: numRobots }, (_, robot) =>
      makeMailboxReader(mailboxes.scans, robot),
    );
    this.#scans = new ScanInbox(model, scansIn, sensors);
    this.#view = this.#observation.makeView(this.#state, this.#reference, this.#scans.scans);
    const { periodS } = manifest;
    this.#updateMemory = (robot) => this.#observation.updateMemoryRow(this.#view, robot, periodS);
    const robots = Array.from({ length: numRobots }, (_, robot) => robot);
    this.#stateIn = robots.map((robot) => makeMailboxReader(mailboxes.states, robot));
    this.#referenceIn = robots.map((robot) => makeMailboxReader(mailboxes.references, robot));
    this.#commandOut = robots.map((robot) => makeMailboxWriter(mailboxes.commands, robot));
    this.#hasState = new Uint8Array(numRobots);
    const needsPlace = readsPlace(manifest.observations, model, where);
    this.#hasReference = new Uint8Array(numRobots).fill(needsPlace ? 0 : 1);
    this.#stateStampS = new Float64Array(numRobots).fill(Number.NaN);
    this.#referenceStampS = new Float64Array(numRobots).fill(Number.NaN);
    this.#numResets = new Float64Array(numRobots);
    this.#command = new Float64Array(numRobots * this.#action.numActions);
    this.#clipped = new Float32Array(numRobots * this.#action.numActions);
  }

  /** Ticks done. */
  get numTicks(): number {
    return this.#tick;
  }

  run(time: TickTime): void {
    this.#nowS[0] = time.nowS;
    for (let robot = 0; robot < this.#policy.batch; robot++) {
      this.#receive(robot);
      if (!this.#isReady(robot)) continue;
      this.#updateMemory(robot);
      const { input } = this.#policy;
      if (input === undefined) this.#policy.see?.(this.#view, robot);
      else this.#observation.writeRow(input, robot, this.#view, robot);
    }
    this.#policy.run();
    this.#publish();
  }

  /** Brings what a tick needs back into the processor's caches. */
  rehearse(): void {
    this.#policy.rehearse?.();
  }

  #isReady(robot: number): boolean {
    return (
      this.#hasState[robot] === 1 &&
      this.#hasReference[robot] === 1 &&
      this.#scans.isFresh(robot, this.#nowS, this.#numResets)
    );
  }

  #receive(robot: number): void {
    this.#receiveReference(robot);
    this.#scans.receive(robot);
    const states = this.#stateIn[robot]!;
    if (!states.receive()) return;
    const row = states.view();
    readStateRow(this.#state, robot, row);
    this.#stateStampS[robot] = row[STATE_STAMP]!;
    if (this.#hasState[robot] === 0 || this.#numResets[robot] !== row[STATE_RESETS]) {
      this.#forget(robot);
    }
    this.#numResets[robot] = row[STATE_RESETS]!;
    this.#hasState[robot] = 1;
  }

  #receiveReference(robot: number): void {
    const references = this.#referenceIn[robot]!;
    if (references.receive()) {
      const row = references.view();
      if (isRowFinite(row, 0, REFERENCE_ROW_WIDTH)) {
        readReferenceRow(this.#reference, robot, row);
        this.#referenceStampS[robot] = row[REFERENCE_STAMP]!;
        this.#hasReference[robot] = 1;
      } else this.#timing.count('rejectedReferences');
    }
    const ageS = Math.abs(this.#nowS[0]! - this.#referenceStampS[robot]!);
    if (ageS > REFERENCE_TIMEOUT_S) {
      // Nobody leads any more: a velocity that is held for ever flies away from a position that is not.
      this.#reference.linearVelocityW.fill(0, 3 * robot, 3 * robot + 3);
      this.#reference.velocityCommand.fill(0, 3 * robot, 3 * robot + 3);
    }
  }

  #publish(): void {
    const { output } = this.#policy;
    const n = this.#action.numActions;
    for (let robot = 0; robot < this.#policy.batch; robot++) {
      if (!this.#isReady(robot)) continue;
      this.#action.writeRow(this.#command, this.#clipped, output, robot);
      const allFinite = isRowFinite(this.#command, robot, n) && isRowFinite(output, robot, n);
      if (allFinite) this.#observation.remember(robot, this.#clipped);
      else {
        // Clipping would hide an infinity from the safety filter; what a network that has lost its
        // mind says is no command at all. Nor must it read NaN back from its own memory for ever.
        this.#command.fill(Number.NaN, robot * n, (robot + 1) * n);
        this.#forget(robot);
      }
      const { sample } = this.#timing;
      sample[CHANNEL.observationAge] = this.#nowS[0]! - this.#stateStampS[robot]!;
      this.#timing.add(CHANNEL.observationAge);
      const mailbox = this.#commandOut[robot]!;
      const row = mailbox.view();
      row[COMMAND.stampS] = this.#nowS[0]!;
      row[COMMAND.tick] = this.#tick;
      row[COMMAND.observationAgeS] = sample[CHANNEL.observationAge]!;
      row[COMMAND.isFinite] = allFinite ? 1 : 0;
      writeCommandBody(row, this.#command, this.#clipped, robot, n);
      mailbox.publish();
    }
    this.#tick++;
    this.#onPublished?.();
  }

  #forget(robot: number): void {
    this.#observation.reset(robot);
    this.#policy.reset(robot);
  }
}
