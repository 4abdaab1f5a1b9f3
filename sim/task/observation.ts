import { clamp } from '../math/vec3.ts';
import type { RobotModel } from '../robot/model.ts';
import type { StateBatch } from '../robot/state.ts';
import { checkObservationSpecs } from './observation-check.ts';
import { findObservationTermKind, listTermColumns } from './observation-terms.ts';
import {
  makeScanBatch,
  type ObservationMemory,
  type ReferenceBatch,
  type RobotView,
  type ScanBatch,
} from './robot-view.ts';
import type { IntegralBounds, ObservationTerm, ObservationTermSpec } from './task.ts';

export type HistoryLayout = 'term' | 'frame';
export type HistoryOrder = 'oldest_first' | 'newest_first';

/**
 * How the position-error integral is kept unless a policy says otherwise of itself. Each axis
 * stays within ±`limit` m·s, and while the error is longer than `maxError` m (a push, a new
 * goal far off) the integral stands still: conditional integration, K. J. Åström and T. Hägglund,
 * "PID Controllers: Theory, Design, and Tuning", 1995, section 3.5. It holds what a steady wind or
 * a wrong mass asks for and nothing else.
 */
export const POSITION_ERROR_INTEGRAL: IntegralBounds = Object.freeze({ limit: 0.8, maxError: 0.4 });

export interface ObservationPipelineOptions {
  /** In the order of the network's input. */
  readonly terms: readonly ObservationTermSpec[];
  /**
   * `term`: all frames of the first term, then all of the second, …
   * `frame`: all terms of one frame, then all of the next; needs equal histories.
   */
  readonly historyLayout?: HistoryLayout;
  readonly historyOrder?: HistoryOrder;
  /** Default {@link POSITION_ERROR_INTEGRAL} */
  readonly positionErrorIntegral?: IntegralBounds | undefined;
  readonly numRobots: number;
  readonly model: RobotModel;
  /** Where the specification stands, for error messages. */
  readonly where?: string;
}

/**
 * Turns what a robot knows into the network's input. The one module for this in training,
 * evaluation, replay and on the robot. One control step is: write the measurement into the view's
 * state, `updateMemory`, `write`, infer, `remember` the clipped action.
 */
export class ObservationPipeline {
  /** Numbers per robot. */
  readonly width: number;
  /**
   * What each of them is: `yawError`, `angularVelocityB.x`, `jointPosition.FL_hip_joint`; frames of the past end
   * in `[-1]`, `[-2]`, … in control steps, or in what a term that keeps its history itself says
   */
  readonly names: readonly string[];
  readonly numRobots: number;
  readonly memory: ObservationMemory;
  readonly #model: RobotModel;
  readonly #numActions: number;
  readonly #terms: readonly BoundTerm[];
  /** [numRobots, #framesWidth] processed frames; per term, oldest first */
  readonly #frames: Float32Array;
  readonly #framesWidth: number;
  /** [numRobots] 1 until the first observation after a reset */
  readonly #fresh: Uint8Array;
  /** [numActions] s */
  readonly #lagS: Float64Array;
  /** [numActions] share of the way to the last action that is gone after `#lagGainDt` */
  readonly #lagGain: Float64Array;
  #lagGainDt = Number.NaN;
  readonly #integralBounds: IntegralBounds;

  constructor(options: ObservationPipelineOptions) {
    const { model, numRobots, terms } = options;
    this.#integralBounds = options.positionErrorIntegral ?? POSITION_ERROR_INTEGRAL;
    if (!Number.isInteger(numRobots) || numRobots < 1) {
      throw new RangeError(`ObservationPipeline: numRobots must be at least 1, got ${numRobots}`);
    }
    const layout = options.historyLayout ?? 'term';
    checkObservationSpecs(terms, model, layout, options.where ?? 'observations');
    this.#terms = bindTerms(terms, model, layout, options.historyOrder ?? 'oldest_first');
    this.width = this.#terms.reduce((sum, term) => sum + term.width * term.history, 0);
    this.names = listNames(this.#terms);
    this.numRobots = numRobots;
    this.#model = model;
    this.#numActions = model.actuatedJointNames.length;
    this.#framesWidth = this.#terms.reduce((sum, term) => sum + term.width * term.numFrames, 0);
    this.#frames = new Float32Array(numRobots * this.#framesWidth);
    this.#fresh = new Uint8Array(numRobots).fill(1);
    this.#lagS = Float64Array.from(model.actuators, (a) =>
      a.kind === 'rotor' ? a.timeConstantS : 0,
    );
    this.#lagGain = new Float64Array(this.#numActions);
    this.memory = {
      lastAction: new Float32Array(numRobots * this.#numActions),
      laggedAction: new Float32Array(numRobots * this.#numActions),
      timeS: new Float64Array(numRobots),
      positionErrorIntegralW: new Float64Array(numRobots * 3),
    };
  }

  /**
   * The view that this pipeline reads: the given arrays and its own memory.
   * @param scans default: those of lidars that have not seen anything
   */
  makeView(
    state: StateBatch,
    reference: ReferenceBatch,
    scans: ScanBatch = makeScanBatch(this.#model, this.numRobots),
  ): RobotView {
    return { state, reference, scans, memory: this.memory };
  }

  /** Forgets history, actions, time and integral of one robot. */
  reset(robot: number): void {
    this.#fresh[robot] = 1;
    this.memory.timeS[robot] = 0;
    this.memory.lastAction.fill(0, robot * this.#numActions, (robot + 1) * this.#numActions);
    this.memory.laggedAction.fill(0, robot * this.#numActions, (robot + 1) * this.#numActions);
    this.memory.positionErrorIntegralW.fill(0, 3 * robot, 3 * robot + 3);
  }

  /**
   * Writes the observations of all robots: each term clipped, then scaled, then stacked with
   * its history. Call once per control step. The first call after a reset fills the whole history
   * with the current frame.
   * @param out [numRobots, width]
   */
  write(out: Float32Array, view: RobotView): void {
    for (let robot = 0; robot < this.numRobots; robot++) this.writeRow(out, robot, view, robot);
  }

  /** As `write`, for one robot, into one row of `out`. */
  writeRow(out: Float32Array, row: number, view: RobotView, robot: number): void {
    const base = robot * this.#framesWidth;
    const outBase = row * this.width;
    const fresh = this.#fresh[robot] === 1;
    const frames = this.#frames;
    for (let t = 0; t < this.#terms.length; t++) {
      const term = this.#terms[t]!;
      const { width, numFrames, stride, keepsHistory } = term;
      const oldest = base + term.offset;
      const newest = oldest + width * (numFrames - 1);
      const written = keepsHistory ? oldest : newest;
      if (written > oldest) frames.copyWithin(oldest, oldest + width, newest + width);
      term.write(frames, written, view, robot);
      for (let k = written; k < newest + width; k++) {
        frames[k] = clamp(frames[k]!, term.lower, term.upper) * term.scale;
      }
      if (fresh && !keepsHistory) {
        for (let k = oldest; k < newest; k += width) frames.copyWithin(k, newest, newest + width);
      }
      for (let f = 0; f < term.history; f++) {
        const source = oldest + f * stride * width;
        const target = outBase + term.outOffsets[f]!;
        for (let k = 0; k < width; k++) out[target + k] = frames[source + k]!;
      }
    }
    this.#fresh[robot] = 0;
  }

  /** Keeps what the policy has just commanded. @param clippedActions [numRobots, numActions] */
  remember(robot: number, clippedActions: Float32Array, row = robot): void {
    const n = this.#numActions;
    for (let k = 0; k < n; k++) {
      this.memory.lastAction[robot * n + k] = clippedActions[row * n + k]!;
    }
  }

  /**
   * Advances what is remembered of all robots by one control step: the time, the actions' lag, and the
   * integrals, see {@link POSITION_ERROR_INTEGRAL}. @param dt [s]
   */
  updateMemory(view: RobotView, dt: number): void {
    for (let robot = 0; robot < this.numRobots; robot++) this.updateMemoryRow(view, robot, dt);
  }

  /** As `updateMemory`, for one robot. A position that is not finite changes no integral. */
  updateMemoryRow(view: RobotView, robot: number, dt: number): void {
    this.#advanceLag(robot, dt);
    if (this.#fresh[robot] === 0) this.memory.timeS[robot]! += dt;
    const i = 3 * robot;
    const x = view.reference.position[i]! - view.state.position[i]!;
    const y = view.reference.position[i + 1]! - view.state.position[i + 1]!;
    const z = view.reference.position[i + 2]! - view.state.position[i + 2]!;
    const { limit, maxError } = this.#integralBounds;
    if (!(x * x + y * y + z * z <= maxError * maxError)) return;
    const integral = this.memory.positionErrorIntegralW;
    integral[i] = clamp(integral[i]! + x * dt, -limit, limit);
    integral[i + 1] = clamp(integral[i + 1]! + y * dt, -limit, limit);
    integral[i + 2] = clamp(integral[i + 2]! + z * dt, -limit, limit);
  }

  #advanceLag(robot: number, dt: number): void {
    const n = this.#numActions;
    const { lastAction, laggedAction } = this.memory;
    if (dt !== this.#lagGainDt) {
      this.#lagGainDt = dt;
      for (let k = 0; k < n; k++) this.#lagGain[k] = 1 - Math.exp(-dt / this.#lagS[k]!);
    }
    for (let k = robot * n; k < (robot + 1) * n; k++) {
      laggedAction[k]! += (lastAction[k]! - laggedAction[k]!) * this.#lagGain[k - robot * n]!;
    }
  }
}

/**
 * Makes the pipeline of one policy for N robots.
 * @throws UserError per unknown name, wrong width, unit, frame, joint, clip, scale or history
 */
export function makeObservationPipeline(options: ObservationPipelineOptions): ObservationPipeline {
  return new ObservationPipeline(options);
}

interface BoundTerm {
  /** [width] what each number of a frame is */
  readonly columns: readonly string[];
  readonly write: ObservationTerm;
  readonly width: number;
  readonly history: number;
  /** Control steps from one of them to the next. */
  readonly stride: number;
  /** Frames that are kept, for them to be among. */
  readonly numFrames: number;
  /** Whether it writes them all itself. */
  readonly keepsHistory: boolean;
  readonly lower: number;
  readonly upper: number;
  readonly scale: number;
  /** Of this term's frames in a robot's row of frames. */
  readonly offset: number;
  /** [history] where each frame, oldest first, goes in the network's input. */
  readonly outOffsets: readonly number[];
}

function bindTerms(
  specs: readonly ObservationTermSpec[],
  model: RobotModel,
  layout: HistoryLayout,
  order: HistoryOrder,
): BoundTerm[] {
  const frameWidth = specs.reduce((sum, spec) => sum + spec.width, 0);
  let offset = 0;
  let framesOffset = 0;
  let offsetInFrame = 0;
  return specs.map((spec) => {
    const { history = 1, historyStride: stride = 1 } = spec;
    const numFrames = (history - 1) * stride + 1;
    const start = offset;
    const framesStart = framesOffset;
    const startInFrame = offsetInFrame;
    const outOffsets = Array.from({ length: history }, (_, frame) => {
      const position = order === 'oldest_first' ? frame : history - 1 - frame;
      return layout === 'term'
        ? start + position * spec.width
        : position * frameWidth + startInFrame;
    });
    offset += spec.width * history;
    framesOffset += spec.width * numFrames;
    offsetInFrame += spec.width;
    // checkObservationSpecs has refused unknown names.
    const kind = findObservationTermKind(spec.name)!;
    const jointNames = spec.jointNames ?? [];
    return {
      columns: listTermColumns(kind, model, jointNames, spec.width).map((column) =>
        column === '' ? spec.name : `${spec.name}.${column}`,
      ),
      write: kind.make(model, jointNames, spec),
      width: spec.width,
      history,
      stride,
      numFrames,
      keepsHistory: kind.keepsHistory === true,
      lower: spec.clip?.[0] ?? Number.NEGATIVE_INFINITY,
      upper: spec.clip?.[1] ?? Number.POSITIVE_INFINITY,
      scale: spec.scale ?? 1,
      offset: framesStart,
      outOffsets,
    };
  });
}

function listNames(terms: readonly BoundTerm[]): string[] {
  const names: string[] = [];
  for (const { columns, history, stride, outOffsets } of terms) {
    outOffsets.forEach((offset, frame) => {
      const age = (history - 1 - frame) * stride;
      columns.forEach((column, k) => {
        names[offset + k] = age === 0 ? column : `${column}[-${age}]`;
      });
    });
  }
  return names;
}
