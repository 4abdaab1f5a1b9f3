import {
  writeIntegrated,
  writeInverseRotated,
  writeNormalized,
  writeQuatProduct,
  writeRotated,
} from '../math/quat.ts';
import type { Rng } from '../math/rng.ts';
import type { Vec3 } from '../math/vec3.ts';
import type { StateBatch } from '../robot/state.ts';
import type { EstimatorGains } from './gains.ts';

/** One remembered state: position 3, velocity 3, orientation 4; then the IMU sample that led to it. */
const ENTRY = 16;
const P = 0;
const V = 3;
const Q = 6;
/** Angular velocity 3, specific force 3, as in a sample of the IMU. */
const IMU = 10;

/**
 * What a robot's firmware knows about its base: strapdown integration of the IMU, corrected by
 * delayed motion capture with constant gains (see gains.ts). It stands in for the extended Kalman
 * filter of a flight controller and, like one, is told neither the noise nor the bias that an
 * episode drew.
 *
 * Delay: a pose says where the robot was when the cameras saw it. So it is compared with the state
 * remembered from that moment, the correction is applied there, and carried forward to now. Carrying
 * forward is exact and needs no second integration: what the IMU adds between two moments, seen
 * from the orientation at the first one and without gravity, does not depend on the state at the
 * first (C. Forster et al., "On-manifold preintegration for real-time visual-inertial odometry",
 * IEEE Trans. Robotics 33(1), 2017), so later velocities and positions turn and shift with it.
 *
 * The IMU is late too. What is written out is the newest state carried to now with the newest sample
 * held; only the angular velocity is as old as that sample.
 */
export class Estimator {
  readonly #gains: EstimatorGains;
  readonly #gravityW: Vec3;
  readonly #tickS: number;
  readonly #capacity: number;
  /** [numRobots, capacity, ENTRY] ring of past states, newest at head */
  readonly #past: Float64Array;
  readonly #pastTick: Float64Array;
  readonly #head: Int32Array;
  readonly #length: Int32Array;
  readonly #scratch = new Float64Array(4);
  readonly #turn = new Float64Array(4);
  /** Remembered state at a pose's stamp, the same corrected, the newest one carried to now. */
  readonly #then = new Float64Array(ENTRY);
  readonly #fixed = new Float64Array(ENTRY);
  readonly #now = new Float64Array(ENTRY);

  /** @param options.maxLatencyS the oldest pose that must still find its moment remembered */
  constructor(options: {
    readonly numRobots: number;
    readonly gains: EstimatorGains;
    readonly gravityW: Vec3;
    readonly imuRateHz: number;
    readonly maxLatencyS: number;
    readonly physicsRateHz: number;
  }) {
    this.#gains = options.gains;
    this.#gravityW = options.gravityW;
    this.#tickS = 1 / options.physicsRateHz;
    // The latency's samples, rounded up twice (to ticks, to samples), and the one it lies behind.
    this.#capacity = Math.ceil(options.maxLatencyS * options.imuRateHz) + 3;
    this.#past = new Float64Array(options.numRobots * this.#capacity * ENTRY);
    this.#pastTick = new Float64Array(options.numRobots * this.#capacity);
    this.#head = new Int32Array(options.numRobots);
    this.#length = new Int32Array(options.numRobots);
  }

  /**
   * Starts an episode as if the filter had long settled on the true start state: off by motion
   * capture's bias and by an error drawn from the filter's own steady state.
   * @param bias of motion capture: position [m], orientation [rad], row `robot` of [numRobots, 3]
   */
  reset(
    robot: number,
    tick: number,
    truth: StateBatch,
    rng: Rng,
    bias: {
      readonly position: Float64Array;
      readonly orientation: Float64Array;
      readonly noiseScale: number;
    },
  ): void {
    const o = robot * this.#capacity * ENTRY;
    const g = this.#gains;
    const slope = g.positionError > 0 ? g.positionVelocityCovariance / g.positionError ** 2 : 0;
    const rest = Math.sqrt(
      Math.max(0, g.velocityError ** 2 - slope * g.positionVelocityCovariance),
    );
    for (let k = 0; k < 3; k++) {
      const r = 3 * robot + k;
      const position = rng.normal(0, g.positionError * bias.noiseScale);
      const velocity = slope * position + rng.normal(0, rest * bias.noiseScale);
      const turn = rng.normal(0, g.orientationError * bias.noiseScale);
      this.#past[o + P + k] = truth.position[r]! + bias.position[r]! + position;
      this.#past[o + V + k] = truth.linearVelocityW[r]! + velocity;
      this.#past[o + IMU + k] = truth.angularVelocityB[r]!;
      // Until the first sample: unaccelerated.
      this.#past[o + IMU + 3 + k] = -this.#gravityW[k]!;
      this.#scratch[k] = bias.orientation[r]! + turn;
    }
    writeIntegrated(this.#past, o + Q, truth.orientation, 4 * robot, this.#scratch, 0, 1);
    writeInverseRotated(this.#past, o + IMU + 3, this.#past, o + Q, this.#past, o + IMU + 3);
    this.#head[robot] = 0;
    this.#length[robot] = 1;
    this.#pastTick[robot * this.#capacity] = tick;
  }

  /** Takes in an IMU sample: mean angular velocity and specific force since the one before. */
  predict(robot: number, stampTick: number, data: Float64Array, offset: number): void {
    const from = robot * this.#capacity + this.#head[robot]!;
    this.#head[robot] = (this.#head[robot]! + 1) % this.#capacity;
    this.#length[robot] = Math.min(this.#length[robot]! + 1, this.#capacity);
    const to = robot * this.#capacity + this.#head[robot]!;
    const dt = (stampTick - this.#pastTick[from]!) * this.#tickS;
    this.#pastTick[to] = stampTick;
    this.#integrate(this.#past, to * ENTRY, from * ENTRY, data, offset, dt);
    for (let k = 0; k < 6; k++) this.#past[to * ENTRY + IMU + k] = data[offset + k]!;
  }

  /** Takes in a motion capture pose: position, then orientation x, y, z, w. */
  correct(robot: number, stampTick: number, data: Float64Array, offset: number): void {
    const first = this.#findEntry(robot, stampTick);
    this.#writeStateAt(this.#then, robot, first, stampTick);
    this.#writeCorrected(data, offset);
    for (let age = first; age >= 0; age--) this.#carryForward(robot, age, stampTick);
  }

  /** Writes the estimate for `tick` into the robot's row of `out`. */
  writeEstimate(out: StateBatch, robot: number, tick: number): void {
    const slot = this.#getSlot(robot, 0);
    const o = slot * ENTRY;
    const dt = (tick - this.#pastTick[slot]!) * this.#tickS;
    const now = this.#now;
    this.#integrate(now, 0, o, this.#past, o + IMU, dt);
    for (let k = 0; k < 3; k++) {
      out.position[3 * robot + k] = now[P + k]!;
      out.linearVelocityW[3 * robot + k] = now[V + k]!;
      out.angularVelocityB[3 * robot + k] = this.#past[o + IMU + k]!;
    }
    for (let k = 0; k < 4; k++) out.orientation[4 * robot + k] = now[Q + k]!;
  }

  /** Strapdown: the remembered state at `from` moved on by `dt` with one IMU sample held. */
  #integrate(
    out: Float64Array,
    to: number,
    from: number,
    sample: Float64Array,
    s: number,
    dt: number,
  ): void {
    const past = this.#past;
    // The force acts, on average, in the orientation halfway.
    writeIntegrated(this.#turn, 0, past, from + Q, sample, s, dt / 2);
    writeRotated(this.#scratch, 0, this.#turn, 0, sample, s + 3);
    writeIntegrated(out, to + Q, past, from + Q, sample, s, dt);
    for (let k = 0; k < 3; k++) {
      const acceleration = this.#scratch[k]! + this.#gravityW[k]!;
      const velocity = past[from + V + k]!;
      out[to + P + k] = past[from + P + k]! + velocity * dt + 0.5 * acceleration * dt * dt;
      out[to + V + k] = velocity + acceleration * dt;
    }
  }

  /** Slot of the state that is `age` samples old. */
  #getSlot(robot: number, age: number): number {
    const index = (this.#head[robot]! - age + this.#capacity) % this.#capacity;
    return robot * this.#capacity + index;
  }

  /** Age of the newest state at or before the stamp; the oldest one if all are later. */
  #findEntry(robot: number, stampTick: number): number {
    const oldest = this.#length[robot]! - 1;
    let age = 0;
    while (age < oldest && this.#pastTick[this.#getSlot(robot, age)]! > stampTick) age++;
    return age;
  }

  /** The remembered state at the stamp; between two samples the earlier one is held. */
  #writeStateAt(out: Float64Array, robot: number, age: number, stampTick: number): void {
    const slot = this.#getSlot(robot, age);
    const dt = (stampTick - this.#pastTick[slot]!) * this.#tickS;
    this.#integrate(out, 0, slot * ENTRY, this.#past, slot * ENTRY + IMU, dt);
  }

  /** From `then` and the pose: the corrected state, and the turn (odom) between the two. */
  #writeCorrected(pose: Float64Array, offset: number): void {
    const then = this.#then;
    const fixed = this.#fixed;
    const gains = this.#gains;
    for (let k = 0; k < 3; k++) {
      const difference = pose[offset + k]! - then[P + k]!;
      fixed[P + k] = then[P + k]! + gains.position * difference;
      fixed[V + k] = then[V + k]! + (gains.velocity / gains.periodS) * difference;
    }
    // turn = pose · then⁻¹, shortened to the gain's fraction of its angle.
    writeConjugate(this.#scratch, then, Q);
    writeQuatProduct(this.#turn, 0, pose, offset + 3, this.#scratch, 0);
    writeFraction(this.#turn, gains.orientation);
  }

  /** Turns and shifts one remembered state as the correction at the stamp demands. */
  #carryForward(robot: number, age: number, stampTick: number): void {
    const slot = this.#getSlot(robot, age);
    const o = slot * ENTRY;
    const past = this.#past;
    const dt = (this.#pastTick[slot]! - stampTick) * this.#tickS;
    const increment = this.#scratch;
    for (let k = 0; k < 3; k++) {
      const free = this.#then[V + k]! + this.#gravityW[k]! * dt;
      increment[k] = past[o + V + k]! - free;
    }
    writeRotated(increment, 0, this.#turn, 0, increment, 0);
    const fall = 0.5 * dt * dt;
    for (let k = 0; k < 3; k++) {
      past[o + V + k] = this.#fixed[V + k]! + this.#gravityW[k]! * dt + increment[k]!;
      const ballistic = this.#then[V + k]! * dt + this.#gravityW[k]! * fall;
      increment[k] = past[o + P + k]! - this.#then[P + k]! - ballistic;
    }
    writeRotated(increment, 0, this.#turn, 0, increment, 0);
    for (let k = 0; k < 3; k++) {
      const ballistic = this.#fixed[V + k]! * dt + this.#gravityW[k]! * fall;
      past[o + P + k] = this.#fixed[P + k]! + ballistic + increment[k]!;
    }
    writeQuatProduct(past, o + Q, this.#turn, 0, past, o + Q);
    writeNormalized(past, o + Q, past, o + Q);
  }
}

function writeConjugate(out: Float64Array, q: Float64Array, o: number): void {
  out[0] = -q[o]!;
  out[1] = -q[o + 1]!;
  out[2] = -q[o + 2]!;
  out[3] = q[o + 3]!;
}

/** q becomes the rotation about the same axis by `fraction` of its (shorter) angle. */
function writeFraction(q: Float64Array, fraction: number): void {
  const sign = q[3]! < 0 ? -1 : 1;
  const sine = Math.sqrt(q[0]! * q[0]! + q[1]! * q[1]! + q[2]! * q[2]!);
  const half = fraction * Math.atan2(sine, sign * q[3]!);
  const scale = sine > 1e-12 ? (sign * Math.sin(half)) / sine : sign * fraction;
  for (let k = 0; k < 3; k++) q[k] = q[k]! * scale;
  q[3] = Math.cos(half);
}
