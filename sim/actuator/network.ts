import type { ActuatorNetwork } from '../robot/actuator-model.ts';
import { DenseNetwork } from './dense.ts';
import { History } from './history.ts';

/**
 * The joints that share one learned actuator, over N copies of a robot, evaluated as one batch per physics step.
 * Inputs are laid out as those of the public actuator networks: with ages [0, 1, 2], `position_velocity` and
 * positionScale −1 they are Walk These Ways' (Margolis and Agrawal, CoRL 2022) position − command, newest first, then
 * speeds, newest first; Isaac Lab's ActuatorNetMLP calls the fields input_idx, input_order and pos_scale.
 */
export class NetworkGroup {
  readonly #network: ActuatorNetwork;
  readonly #numMotors: number;
  readonly #numRows: number;
  readonly #error: History;
  readonly #velocity: History;
  readonly #dense: DenseNetwork;
  readonly #offset: { readonly error: number; readonly velocity: number; readonly stride: number };

  constructor(network: ActuatorNetwork, numRobots: number, numMotors: number) {
    this.#network = network;
    this.#numMotors = numMotors;
    this.#numRows = numRobots * numMotors;
    const maxAgeS = Math.max(...network.history) * network.sampleS;
    this.#error = new History(this.#numRows, maxAgeS);
    this.#velocity = new History(this.#numRows, maxAgeS);
    this.#dense = new DenseNetwork(network.layers, this.#numRows);
    const count = network.history.length;
    this.#offset = {
      position_velocity: { error: 0, velocity: count, stride: 1 },
      velocity_position: { error: count, velocity: 0, stride: 1 },
      interleaved: { error: 0, velocity: 1, stride: 2 },
    }[network.inputOrder];
  }

  reset(robot: number): void {
    for (let k = 0; k < this.#numMotors; k++) {
      this.#error.reset(robot * this.#numMotors + k);
      this.#velocity.reset(robot * this.#numMotors + k);
    }
  }

  /** Begins a step; every motor of every robot is `sense`d before `run`. */
  step(dt: number): void {
    this.#error.step(dt);
    this.#velocity.step(dt);
  }

  /** @param error [rad] or [m] command − position @param velocity [rad/s] or [m/s] */
  sense(robot: number, motor: number, error: number, velocity: number): void {
    const row = robot * this.#numMotors + motor;
    this.#error.write(row, error);
    this.#velocity.write(row, velocity);
  }

  run(): void {
    const { history, sampleS, positionScale, velocityScale } = this.#network;
    const { error, velocity, stride } = this.#offset;
    const { input } = this.#dense;
    const width = 2 * history.length;
    for (let row = 0; row < this.#numRows; row++) {
      for (let k = 0; k < history.length; k++) {
        const ageS = history[k]! * sampleS;
        const at = row * width + stride * k;
        input[at + error] = positionScale * this.#error.read(row, ageS);
        input[at + velocity] = velocityScale * this.#velocity.read(row, ageS);
      }
    }
    this.#dense.run(this.#numRows);
  }

  /** As of the last `run`, before saturation. [N·m] or [N] */
  getEffort(robot: number, motor: number): number {
    return this.#network.effortScale * this.#dense.output[robot * this.#numMotors + motor]!;
  }
}
