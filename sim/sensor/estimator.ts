import { writeIntegrated, writeNormalized, writeQuatProduct, writeRotated } from '../math/quat.ts';
import type { Rng } from '../math/rng.ts';
import type { Vec3 } from '../math/vec3.ts';
import type { StateBatch } from '../robot/state.ts';
import type { EstimatorGains } from './gains.ts';

/** One remembered state: position 3, velocity 3, orientation 4, angular velocity 3. */
const ENTRY = 13;
const P = 0;
const V = 3;
const Q = 6;
const W = 10;

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
 * The estimate stands at the newest visible IMU sample; the IMU's own latency is left in, as on the
 * robot.
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
  readonly #then = new Float64Array(ENTRY);
  readonly #fixed = new Float64Array(ENTRY);

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
      this.#past[o + W + k] = truth.angularVelocityB[r]!;
      this.#scratch[k] = bias.orientation[r]! + turn;
    }
    writeIntegrated(this.#past, o + Q, truth.orientation, 4 * robot, this.#scratch, 0, 1);
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
    const past = this.#past;
    const a = from * ENTRY;
    const b = to * ENTRY;
    writeIntegrated(this.#turn, 0, past, a + Q, data, offset, dt / 2);
    writeRotated(this.#scratch, 0, this.#turn, 0, data, offset + 3);
    writeIntegrated(past, b + Q, past, a + Q, data, offset, dt);
    for (let k = 0; k < 3; k++) {
      const acceleration = this.#scratch[k]! + this.#gravityW[k]!;
      const velocity = past[a + V + k]!;
      past[b + P + k] = past[a + P + k]! + velocity * dt + 0.5 * acceleration * dt * dt;
      past[b + V + k] = velocity + acceleration * dt;
      past[b + W + k] = data[offset + k]!;
    }
  }

  /** Takes in a motion capture pose: position, then orientation x, y, z, w. */
  correct(robot: number, stampTick: number, data: Float64Array, offset: number): void {
    const first = this.#findEntry(robot, stampTick);
    this.#writeStateAt(this.#then, robot, first, stampTick);
    this.#writeCorrected(data, offset);
    for (let age = first; age >= 0; age--) this.#carryForward(robot, age, stampTick);
  }

  /** Writes the newest estimate into the robot's row of `out`. */
  writeEstimate(out: StateBatch, robot: number): void {
    const o = (robot * this.#capacity + this.#head[robot]!) * ENTRY;
    for (let k = 0; k < 3; k++) {
      out.position[3 * robot + k] = this.#past[o + P + k]!;
      out.linearVelocityW[3 * robot + k] = this.#past[o + V + k]!;
      out.angularVelocityB[3 * robot + k] = this.#past[o + W + k]!;
    }
    for (let k = 0; k < 4; k++) out.orientation[4 * robot + k] = this.#past[o + Q + k]!;
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

  /** The remembered state at the stamp; between two samples with that sample's velocities. */
  #writeStateAt(out: Float64Array, robot: number, age: number, stampTick: number): void {
    const slot = this.#getSlot(robot, age);
    const o = slot * ENTRY;
    const dt = (stampTick - this.#pastTick[slot]!) * this.#tickS;
    for (let k = 0; k < ENTRY; k++) out[k] = this.#past[o + k]!;
    if (dt === 0) return;
    for (let k = 0; k < 3; k++) out[P + k] = out[P + k]! + out[V + k]! * dt;
    writeIntegrated(out, Q, out, Q, out, W, dt);
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
