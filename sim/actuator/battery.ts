import type { Battery } from '../robot/actuator-model.ts';
import type { RobotModel } from '../robot/model.ts';

/**
 * Current of a source with an open-circuit voltage E behind a resistance R that delivers a power P at its terminals:
 * P = (E − R·I)·I, its smaller root. More than E²/4R it cannot give: then it gives that, at half its voltage. [A]
 */
export function computeBatteryCurrent(power: number, openVoltage: number, resistance: number) {
  if (resistance === 0) return power / openVoltage;
  const root = Math.sqrt(Math.max(0, openVoltage * openVoltage - 4 * resistance * power));
  return (openVoltage - root) / (2 * resistance);
}

/**
 * Voltage without load, on a straight line from full to empty over the charge that is left. A lithium cell's
 * curve is flat in the middle and steep at both ends (Chen and Rincón-Mora, IEEE Trans. Energy Conversion 21(2),
 * 2006); the straight line keeps its ends and its mean slope. An empty battery stays at its empty voltage. [V]
 */
export function computeOpenVoltage(battery: Battery, charge: number): number {
  return battery.emptyVoltage + (battery.nominalVoltage - battery.emptyVoltage) * charge;
}

/** The batteries of N copies of a robot. What motors give back is not stored. */
export class Batteries {
  /** [numRobots, numBatteries] V at the terminals, under the load of the last step */
  readonly voltage: Float64Array;
  /** [numRobots, numBatteries] share of the capacity that is left */
  readonly charge: Float64Array;
  readonly #batteries: readonly Battery[];
  /** [numRobots, numBatteries] W drawn by motors in this step */
  readonly #power: Float64Array;
  /** [numRobots] [-] */
  readonly #resistanceScale: Float64Array;

  constructor(model: RobotModel, numRobots: number) {
    this.#batteries = model.batteries;
    const size = numRobots * model.batteries.length;
    this.voltage = new Float64Array(size);
    this.charge = new Float64Array(size);
    this.#power = new Float64Array(size);
    this.#resistanceScale = new Float64Array(numRobots).fill(1);
  }

  /** Index of a battery by name; −1 for undefined: what is fed by none. @throws RangeError for an unknown name */
  getIndex(name: string | undefined): number {
    if (name === undefined) return -1;
    const index = this.#batteries.findIndex((battery) => battery.name === name);
    if (index < 0) throw new RangeError(`no battery '${name}'`);
    return index;
  }

  /** @param scale [-] of the internal resistance of all batteries of a robot */
  setResistanceScale(robot: number, scale: number): void {
    this.#resistanceScale[robot] = scale;
  }

  /** @param charge [-] @range 0, 1; nothing but the idle power is drawn yet */
  reset(robot: number, charge: number): void {
    for (let i = 0; i < this.#batteries.length; i++) {
      const at = robot * this.#batteries.length + i;
      this.charge[at] = charge;
      this.#power[at] = 0;
      this.#load(at, this.#batteries[i]!, 0);
    }
  }

  /** Voltage at the terminals as a share of nominal; 1 for index −1. [-] */
  getVoltageShare(robot: number, index: number): number {
    if (index < 0) return 1;
    const at = robot * this.#batteries.length + index;
    return this.voltage[at]! / this.#batteries[index]!.nominalVoltage;
  }

  /** Counts what a motor draws in this step, negative where it gives back. [W] */
  draw(robot: number, index: number, power: number): void {
    if (index >= 0) this.#power[robot * this.#batteries.length + index]! += power;
  }

  /** Takes what was drawn; the voltage that follows is what motors find in the next step. */
  advance(dt: number): void {
    const count = this.#batteries.length;
    for (let at = 0; at < this.voltage.length; at++) {
      this.#load(at, this.#batteries[at % count]!, dt);
      this.#power[at] = 0;
    }
  }

  #load(at: number, battery: Battery, dt: number): void {
    const open = computeOpenVoltage(battery, this.charge[at]!);
    const power = Math.max(0, this.#power[at]!) + battery.idlePower;
    const robot = Math.floor(at / this.#batteries.length);
    const resistance = battery.resistance * this.#resistanceScale[robot]!;
    const current = computeBatteryCurrent(power, open, resistance);
    this.voltage[at] = open - resistance * current;
    this.charge[at] = Math.max(0, this.charge[at]! - (current * dt) / battery.capacity);
  }
}
