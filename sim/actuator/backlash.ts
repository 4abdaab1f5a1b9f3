/**
 * Free play between a motor and its joint: the dead zone of rigid gears with state (Nordin and Gutman, Controlling
 * mechanical systems with backlash: a survey, Automatica 38, 2002, section 2; their shaft made stiff).
 *
 * Inside the gap the motor turns alone, J·dω/dt = τ, and the joint feels nothing. Where it meets a flank, teeth do
 * not bounce: the joint gets the motor's surplus of momentum at once. Pressed on a flank, motor and joint move as
 * one and the joint feels all of τ. A flank only pushes: the motor lets go when τ turns, or when the joint
 * runs ahead of what τ alone would make of the motor.
 *
 * The joint's armature J is always part of the joint in the engine. So a blow of J·(ω_motor − ω_joint) leaves both at
 * the speed that two bodies of J and the joint's own inertia have after an inelastic impact, whatever that
 * inertia is; the price is that a joint in mid-gap still carries J.
 */
export class GearPlay {
  /** [numRobots] rad or m, rad/s or m/s of the motor, as of the last `sense` */
  readonly position: Float64Array;
  readonly velocity: Float64Array;
  readonly #halfGap: number;
  /** [numRobots] kg·m² or kg */
  readonly #inertia: Float64Array;
  readonly #nominalInertia: number;
  /** [numRobots] rad or m: motor minus joint; NaN from a reset to the first `transmit` */
  readonly #offset: Float64Array;
  /** [numRobots] which flank it is pressed on: −1, 0 for none, 1 */
  readonly #flank: Int8Array;
  /** [numRobots] rad/s or m/s that the motor has come to if nothing held it back */
  readonly #freeVelocity: Float64Array;

  /**
   * @param gap [rad] or [m] from flank to flank @range > 0
   * @param inertia [kg·m²] or [kg] of the motor, felt at the joint @range > 0
   */
  constructor(gap: number, inertia: number, numRobots: number) {
    this.#halfGap = gap / 2;
    this.#nominalInertia = inertia;
    this.#inertia = new Float64Array(numRobots).fill(inertia);
    this.position = new Float64Array(numRobots);
    this.velocity = new Float64Array(numRobots);
    this.#offset = new Float64Array(numRobots).fill(Number.NaN);
    this.#flank = new Int8Array(numRobots);
    this.#freeVelocity = new Float64Array(numRobots);
  }

  /** The next `transmit` finds the motor pressed on the flank that its effort pushes against. */
  reset(robot: number): void {
    this.#offset[robot] = Number.NaN;
    this.#flank[robot] = 0;
  }

  /** @param scale [-] @range > 0 factor of the inertia, the same that the engine's armature has */
  setInertiaScale(robot: number, scale: number): void {
    this.#inertia[robot] = this.#nominalInertia * scale;
  }

  /** Works out where the motor is, given its joint now. */
  sense(robot: number, jointPosition: number, jointVelocity: number, dt: number): void {
    if (Number.isNaN(this.#offset[robot]!)) {
      this.position[robot] = jointPosition;
      this.velocity[robot] = jointVelocity;
      return;
    }
    const flank = this.#flank[robot]!;
    const lead = jointVelocity - this.#freeVelocity[robot]!;
    if (flank !== 0 && flank * lead > 0) {
      this.#flank[robot] = 0;
      this.#offset[robot] = this.#clampOffset(this.#offset[robot]! - lead * dt);
    }
    const isPressed = this.#flank[robot] !== 0;
    this.velocity[robot] = isPressed ? jointVelocity : this.#freeVelocity[robot]!;
    this.position[robot] = jointPosition + this.#offset[robot]!;
  }

  /** Moves the motor by one step under `effort`; returns what the joint feels. [N·m] or [N] */
  transmit(robot: number, effort: number, jointVelocity: number, dt: number): number {
    if (Number.isNaN(this.#offset[robot]!)) {
      this.#offset[robot] = Math.sign(effort) * this.#halfGap;
    }
    const inertia = this.#inertia[robot]!;
    const free = this.velocity[robot]! + (effort / inertia) * dt;
    const surplus = free - jointVelocity;
    const reached = this.#offset[robot]! + surplus * dt;
    this.#freeVelocity[robot] = free;
    this.#offset[robot] = this.#clampOffset(reached);
    if (Math.abs(reached) < this.#halfGap || surplus * reached <= 0) {
      this.#flank[robot] = 0;
      return 0;
    }
    this.#flank[robot] = Math.sign(reached);
    return (inertia * surplus) / dt;
  }

  #clampOffset(offset: number): number {
    return Math.min(Math.max(offset, -this.#halfGap), this.#halfGap);
  }
}
