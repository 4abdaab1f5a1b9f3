import { getFactor } from '../math/factor.ts';
import type { RobotModel } from '../robot/model.ts';
import { type CommandDelay, makeCommandDelay, TIME_TOLERANCE_S } from './delay.ts';
import type { ActuatorScales } from './scales.ts';

/** What lies between a sent command and each motor: the robot's latency, the motor's own delay, the motor timeout. */
export class CommandInbox {
  /** [numRobots, numActuators] what has arrived at the motors */
  readonly command: Float64Array;
  /** [numRobots] 1 while the motors of a robot have stopped by themselves for want of commands */
  readonly hasTimedOut: Uint8Array;
  readonly #stop: readonly number[];
  readonly #width: number;
  readonly #delay: CommandDelay;
  /** Motors with a delay of their own. */
  readonly #late: readonly {
    readonly index: number;
    readonly delayS: number;
    readonly delay: CommandDelay;
  }[];
  /** [numActuators] */
  readonly #arrived: Float64Array;
  readonly #one = new Float64Array(1);
  /** [numRobots] s, NaN from a reset to the next `receive` */
  readonly #lastArrivalS: Float64Array;
  #timeoutS: number;

  constructor(model: RobotModel, numRobots: number) {
    this.#stop = model.safety.stop;
    this.#timeoutS = model.safety.motorTimeoutS;
    this.#width = model.actuators.length;
    this.#delay = makeCommandDelay(numRobots, this.#width);
    this.#late = model.actuators.flatMap((actuator, index) => {
      if (actuator.kind === 'rotor' || actuator.delayS === undefined) return [];
      const delay = makeCommandDelay(numRobots, 1);
      for (let robot = 0; robot < numRobots; robot++) delay.setLatency(robot, actuator.delayS);
      return [{ index, delayS: actuator.delayS, delay }];
    });
    this.command = new Float64Array(numRobots * this.#width);
    this.#arrived = new Float64Array(this.#width);
    this.hasTimedOut = new Uint8Array(numRobots);
    this.#lastArrivalS = new Float64Array(numRobots);
  }

  push(robot: number, command: ArrayLike<number>, timeS: number): void {
    this.#delay.push(robot, command, timeS);
  }

  /** Brings `command` of one robot up to `timeS`. */
  receive(robot: number, timeS: number): void {
    if (Number.isNaN(this.#lastArrivalS[robot]!)) this.#lastArrivalS[robot] = timeS;
    if (this.#delay.take(robot, timeS, this.#arrived, 0)) {
      this.#lastArrivalS[robot] = timeS;
      this.hasTimedOut[robot] = 0;
      this.#handOn(robot, timeS);
    }
    const offset = robot * this.#width;
    for (const { index, delay } of this.#late) {
      delay.take(robot, timeS, this.command, offset + index);
    }
    if (timeS - this.#lastArrivalS[robot]! <= this.#timeoutS + TIME_TOLERANCE_S) return;
    this.hasTimedOut[robot] = 1;
    for (let i = 0; i < this.#width; i++) this.command[offset + i] = this.#stop[i]!;
  }

  /** To motors without a delay at once, to the others on their way. */
  #handOn(robot: number, timeS: number): void {
    let next = 0;
    for (let i = 0; i < this.#width; i++) {
      const late = this.#late[next];
      if (late?.index !== i) {
        this.command[robot * this.#width + i] = this.#arrived[i]!;
        continue;
      }
      this.#one[0] = this.#arrived[i]!;
      late.delay.push(robot, this.#one, timeS);
      next++;
    }
  }

  /** Forgets what is under way; `command` has been held for long. */
  reset(robot: number, command: ArrayLike<number>): void {
    this.#delay.clear(robot);
    for (const { delay } of this.#late) delay.clear(robot);
    this.#lastArrivalS[robot] = Number.NaN;
    this.hasTimedOut[robot] = 0;
    for (let i = 0; i < this.#width; i++) this.command[robot * this.#width + i] = command[i]!;
  }

  /** Holds for commands already under way, too. */
  setLatency(robot: number, scales: Pick<ActuatorScales, 'latencyS' | 'delay'>): void {
    this.#delay.setLatency(robot, scales.latencyS);
    for (const { delay, delayS, index } of this.#late) {
      delay.setLatency(robot, delayS * getFactor(scales.delay, index));
    }
  }

  /** [s] Infinity for never */
  setTimeout(timeoutS: number): void {
    if (!(timeoutS > 0)) throw new RangeError(`motor timeout must be above 0 s, got ${timeoutS}`);
    this.#timeoutS = timeoutS;
  }
}
