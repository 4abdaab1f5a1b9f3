import type { MainModule, MjData, MjModel } from '@mujoco/mujoco';
import type { CopyViews } from './views.ts';

/**
 * [-] largest step × rate of decay that joint damping may have: Runge–Kutta's method is stable up to 2.78, and the
 * rate is that of the home pose.
 */
const MOST_DAMPING = 1;
const ORDER = 4;

/**
 * The second half of a step of one copy: what moves it is known, where does it go?
 *
 * Where nothing is constrained, neither by contact, limit or friction nor by a coupling or a drive, the motion is
 * smooth, and Runge–Kutta's fourth-order method keeps energy and momentum to 10⁻⁶ in a minute.
 *
 * All other steps are semi-implicit: constraints are solved for the velocity at the end, joint damping is implicit.
 * MuJoCo takes centrifugal and Coriolis forces at the velocity v of the beginning, which pumps energy in: 70 % a
 * minute into a quadruped that is thrown at 3 rad/s and holds its legs. Here they are those of v + ½·Δv, where Δv is
 * what the last step added: nearly the velocity in the middle of the step, with which none is gained and none lost
 * (0.1 %). MuJoCo's `implicit` takes them at the end, which brakes, and blows up on a double pendulum.
 */
export class Motion {
  readonly #mujoco: MainModule;
  readonly #model: MjModel;
  readonly #data: MjData;
  /** A handle on the model's own. */
  readonly #option: MjModel['opt'];
  /** Which parts of MuJoCo are off, usually and while nothing is constrained. */
  readonly #flags: number;
  readonly #freeFlags: number;
  readonly #timestepS: number;
  /** Whether joint damping is slow enough for Runge–Kutta's method, to which it is a force as any other. */
  #isSlow = true;
  /** [nv] what the last step added to the velocity; state, zero after a write */
  readonly velocityChange: Float64Array;
  readonly #velocity: Float64Array;

  constructor(mujoco: MainModule, model: MjModel, data: MjData) {
    this.#mujoco = mujoco;
    this.#model = model;
    this.#data = data;
    this.#option = model.opt;
    this.#timestepS = this.#option.timestep;
    this.#flags = this.#option.disableflags;
    this.#freeFlags = this.#flags | mujoco.mjtDisableBit.mjDSBL_CONSTRAINT.value;
    this.velocityChange = new Float64Array(model.nv);
    this.#velocity = new Float64Array(model.nv);
  }

  /** After a change of the model's parameters. */
  noteParameters(): void {
    const damping: Float64Array = this.#model.dof_damping;
    const mobility: Float64Array = this.#model.dof_invweight0;
    let rate = 0;
    // No motion decays faster than the rates at which each joint alone would come to rest, added up.
    for (let dof = 0; dof < damping.length; dof++) rate += damping[dof]! * mobility[dof]!;
    this.#isSlow = rate * this.#timestepS <= MOST_DAMPING;
  }

  /** After MuJoCo's first half of a step, with all forces of ours and targets of drives in their places. */
  step(views: CopyViews): void {
    const { qvel } = views;
    const before = this.#velocity;
    before.set(qvel);
    if (this.#isSlow && this.#data.nefc === 0) this.#stepFreely();
    else this.#stepConstrained(views);
    for (let dof = 0; dof < before.length; dof++) {
      this.velocityChange[dof] = qvel[dof]! - before[dof]!;
    }
  }

  free(): void {
    this.#option.delete();
  }

  /** Stages within the step look for no contacts, the next first half does. */
  #stepFreely(): void {
    this.#option.disableflags = this.#freeFlags;
    this.#mujoco.mj_fwdAcceleration(this.#model, this.#data);
    this.#mujoco.mj_fwdConstraint(this.#model, this.#data);
    this.#mujoco.mj_RungeKutta(this.#model, this.#data, ORDER);
    this.#option.disableflags = this.#flags;
  }

  #stepConstrained({ qvel, bias }: CopyViews): void {
    for (let dof = 0; dof < qvel.length; dof++) qvel[dof]! += this.velocityChange[dof]! / 2;
    this.#mujoco.mj_comVel(this.#model, this.#data);
    this.#mujoco.mj_rne(this.#model, this.#data, 0, bias);
    qvel.set(this.#velocity);
    this.#mujoco.mj_step2(this.#model, this.#data);
  }
}
