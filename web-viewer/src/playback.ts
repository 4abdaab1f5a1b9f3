import type { Field, FrameLayout, RobotEntry } from '../protocol.ts';
import type { VisualModel } from '../robot-schema.ts';

/** [s] furthest that the playhead may lag or lead before it jumps */
const SNAP_S = 0.5;
/** [1/s] how fast a lag is made up for */
const CATCH_UP_RATE = 4;

interface Sample {
  readonly timeS: number;
  readonly values: Float32Array;
}

/**
 * Plays frames back slightly late, so that there are two frames to blend between: arrival
 * jitter must not be seen as a jumping robot. Time is the frames' own stamp; the playhead runs at
 * the measured rate of the stamps and is pulled gently towards its place behind the newest one.
 */
export class Playback {
  readonly #capacity = 8;
  readonly #samples: Sample[] = [];
  readonly #blend: readonly Blend[];
  readonly #out: Float32Array;
  #playheadS = Number.NaN;

  constructor(robots: readonly RobotEntry[], models: readonly VisualModel[], layout: FrameLayout) {
    this.#blend = makeBlendPlan(robots, models, layout);
    this.#out = new Float32Array(layout.size).fill(Number.NaN);
  }

  /** [s] stamp that is being shown; NaN before the first frame */
  get playheadS(): number {
    return this.#playheadS;
  }

  push(timeS: number, values: Float32Array): void {
    const newest = this.#samples.at(-1);
    if (newest !== undefined && timeS <= newest.timeS) {
      // The clock went back: a reset or a new run.
      if (timeS < newest.timeS) this.#playheadS = Number.NaN;
      this.#samples.length = 0;
    }
    this.#samples.push({ timeS, values });
    if (this.#samples.length > this.#capacity) this.#samples.shift();
  }

  /**
   * Moves the playhead and gives the blended frame; borrowed until the next call.
   * @param rate stamp seconds per wall second
   */
  advance(wallDt: number, rate: number): Float32Array {
    const samples = this.#samples;
    const newest = samples.at(-1);
    if (newest === undefined) return this.#out;
    const oldest = samples[0]!;
    const periodS = samples.length > 1 ? (newest.timeS - oldest.timeS) / (samples.length - 1) : 0;
    const targetS = newest.timeS - 1.5 * periodS;
    const errorS = targetS - this.#playheadS;
    if (!(Math.abs(errorS) < SNAP_S)) this.#playheadS = targetS;
    else this.#playheadS += wallDt * rate + errorS * Math.min(1, CATCH_UP_RATE * wallDt);
    this.#playheadS = Math.min(Math.max(this.#playheadS, oldest.timeS), newest.timeS);
    this.#write(this.#playheadS);
    return this.#out;
  }

  #write(timeS: number): void {
    const samples = this.#samples;
    let next = samples.findIndex((sample) => sample.timeS >= timeS);
    if (next < 0) next = samples.length - 1;
    const b = samples[next]!;
    const a = samples[Math.max(0, next - 1)]!;
    const span = b.timeS - a.timeS;
    const t = span > 0 ? (timeS - a.timeS) / span : 1;
    for (const { offset, kind, episode } of this.#blend) {
      // A robot that was put elsewhere was nowhere in between.
      const isNew = episode !== undefined && isOther(a.values[episode]!, b.values[episode]!);
      BLENDS[kind](this.#out, offset, isNew ? b.values : a.values, b.values, t);
    }
  }
}

/** Whether two episodes differ; one that is not told differs from none. */
export function isOther(before: number, now: number): boolean {
  return before !== now && !Number.isNaN(before) && !Number.isNaN(now);
}

const TURN = 2 * Math.PI;

type BlendKind = keyof typeof BLENDS;

/** How one number of a frame, or a quaternion from there on, becomes that of a moment between two frames. */
interface Blend {
  readonly offset: number;
  readonly kind: BlendKind;
  /** Where the number of the robot's episode stands; undefined where none is told. */
  readonly episode: number | undefined;
}

const BLENDS = {
  linear(out: Float32Array, i: number, a: Float32Array, b: Float32Array, t: number): void {
    const from = a[i]!;
    const to = b[i]!;
    out[i] = Number.isNaN(from) ? to : from + t * (to - from);
  },
  /** An angle whose whole turns mean nothing: the short way round, and never far from `to`. */
  angle(out: Float32Array, i: number, a: Float32Array, b: Float32Array, t: number): void {
    const to = b[i]!;
    const back = a[i]! - to;
    const short = back - TURN * Math.round(back / TURN);
    out[i] = Number.isNaN(short) ? to : to + (1 - t) * short;
  },
  newest(out: Float32Array, i: number, _a: Float32Array, b: Float32Array): void {
    out[i] = b[i]!;
  },
  quaternion(out: Float32Array, i: number, a: Float32Array, b: Float32Array, t: number): void {
    let dot = 0;
    for (let k = 0; k < 4; k++) dot += a[i + k]! * b[i + k]!;
    // q and −q are the same rotation: take the near one. NaN (not known yet) takes b.
    const s = Number.isNaN(dot) ? 0 : dot < 0 ? t - 1 : 1 - t;
    const u = Number.isNaN(dot) ? 1 : t;
    let norm = 0;
    for (let k = 0; k < 4; k++) {
      const value = s === 0 ? u * b[i + k]! : s * a[i + k]! + u * b[i + k]!;
      out[i + k] = value;
      norm += value * value;
    }
    const scale = 1 / Math.sqrt(norm);
    for (let k = 0; k < 4; k++) out[i + k] = out[i + k]! * scale;
  },
} as const;

function makeBlendPlan(
  robots: readonly RobotEntry[],
  models: readonly VisualModel[],
  layout: FrameLayout,
): Blend[] {
  const plan: Blend[] = [];
  robots.forEach((robot, index) => {
    const episode = layout.offsets[index]!.get('episode');
    for (const field of robot.fields) {
      const start = layout.offsets[index]!.get(field.name)!;
      const model = models[robot.model];
      if (field.name === 'orientation') {
        plan.push({ offset: start, kind: 'quaternion', episode });
        continue;
      }
      for (let k = 0; k < field.width; k++) {
        plan.push({ offset: start + k, kind: chooseBlend(field, k, model), episode });
      }
    }
  });
  return plan;
}

function chooseBlend(field: Field, component: number, model: VisualModel | undefined): BlendKind {
  if (field.name === 'safety' || field.name === 'episode') return 'newest';
  if (field.name === 'obstacles') return component % 4 === 3 ? 'angle' : 'linear';
  // Position, then yaw.
  if (field.name === 'reference') return component === 3 ? 'angle' : 'linear';
  if (field.name !== 'joint_position') return 'linear';
  // A joint with limits cannot go the other way round; one without may be reported modulo a turn.
  const name = model?.jointNames[component];
  const joint = model?.joints.find((other) => other.name === name);
  return joint?.type === 'continuous' ? 'angle' : 'linear';
}
