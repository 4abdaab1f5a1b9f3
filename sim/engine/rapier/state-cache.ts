import {
  type BodyStates,
  type JointStates,
  type Kinematics,
  makeBodyStates,
  makeJointStates,
} from '../kinematics.ts';
import type { BodyTable } from './body-table.ts';

/** Poses, twists and joints of all copies as of the last step or write, read from Rapier when first asked for. */
export class StateCache {
  readonly #bodies: BodyTable;
  readonly #kinematics: Kinematics;
  readonly #numRobots: number;
  readonly #states: BodyStates;
  readonly #joints: JointStates;
  #statesAreFresh = false;
  #jointsAreFresh = false;

  constructor(bodies: BodyTable, kinematics: Kinematics, numRobots: number, numJoints: number) {
    this.#bodies = bodies;
    this.#kinematics = kinematics;
    this.#numRobots = numRobots;
    this.#states = makeBodyStates(numRobots * kinematics.bodies.length);
    this.#joints = makeJointStates(numRobots, numJoints);
  }

  /** To be read only; valid until the next step or write. */
  viewStates(): BodyStates {
    if (!this.#statesAreFresh) this.#bodies.read(this.#states);
    this.#statesAreFresh = true;
    return this.#states;
  }

  /** To be read only, but for the turns that are meant; valid until the next step or write. */
  viewJoints(): JointStates {
    const states = this.viewStates();
    if (this.#jointsAreFresh) return this.#joints;
    for (let robot = 0; robot < this.#numRobots; robot++) {
      this.#kinematics.writeJoints(this.#joints, robot, states);
    }
    this.#jointsAreFresh = true;
    return this.#joints;
  }

  /** As they are in memory, fresh or not. */
  get joints(): JointStates {
    return this.#joints;
  }

  /** After a copy's row of states was written: its joints follow from it. */
  forgetJoints(): void {
    this.#jointsAreFresh = false;
  }

  /** After a step. */
  forget(): void {
    this.#statesAreFresh = false;
    this.#jointsAreFresh = false;
  }
}
