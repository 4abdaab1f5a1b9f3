import { STANDARD_GRAVITY } from '../../sim/math/gravity.ts';
import { clamp } from '../../sim/math/vec3.ts';
import { getJointIndex, type RobotModel } from '../../sim/robot/model.ts';
import { computeRigidBodies } from '../../sim/robot/rigid-bodies.ts';
import type { RobotView } from '../../sim/task/robot-view.ts';
import type { ActionSpec } from '../../sim/task/task.ts';
import type { Controller } from './controller.ts';
import { discretize, type LinearSystem, solveLqr } from './lqr.ts';

/**
 * Bryson's rule (A. E. Bryson and Y.-C. Ho, "Applied Optimal Control", 1975): each weight is one over
 * the square of the largest deviation that is acceptable.
 */
const ACCEPTABLE = { position: 0.5, angle: 0.1, velocity: 1, rate: 1, force: 5 } as const;

export interface CartpoleParameters {
  /** [kg] */
  readonly cartMass: number;
  readonly poleMass: number;
  /** [m] hinge to the pole's centre of mass */
  readonly poleLength: number;
  /** [kg·m²] about the pole's centre of mass and the hinge's axis */
  readonly poleInertia: number;
}

/** Reads masses and lengths off the robot: a slider carrying a hinge. */
export function computeCartpoleParameters(model: RobotModel): CartpoleParameters {
  const bodies = computeRigidBodies(model).filter((body) => body.connection !== undefined);
  const cart = bodies.find((body) => body.connection!.joint.type === 'prismatic');
  const pole = bodies.find((body) => body.connection!.joint.type !== 'prismatic');
  if (bodies.length !== 2 || cart === undefined || pole === undefined) {
    throw new RangeError(`robot '${model.name}' is not a cart with a pole`);
  }
  return {
    cartMass: cart.mass,
    poleMass: pole.mass,
    poleLength: Math.hypot(...pole.centreOfMass),
    poleInertia: pole.moments[1],
  };
}

/**
 * The upright pole, linearised: state x, θ, ẋ, θ̇, input the force on the cart. R. V. Florian, "Correct
 * equations for the dynamics of the cart-pole system", 2007, for small θ:
 * (M+m)ẍ + mlθ̈ = F and mlẍ + (I+ml²)θ̈ = mglθ, with θ leaning towards +x.
 */
export function computeCartpoleSystem(parameters: CartpoleParameters): LinearSystem {
  const { cartMass, poleMass: m, poleLength: l, poleInertia } = parameters;
  const total = cartMass + m;
  const inertia = poleInertia + m * l * l;
  const determinant = total * inertia - (m * l) ** 2;
  const tip = m * STANDARD_GRAVITY * l;
  return {
    a: [
      [0, 0, 1, 0],
      [0, 0, 0, 1],
      [0, (-m * l * tip) / determinant, 0, 0],
      [0, (total * tip) / determinant, 0, 0],
    ],
    b: [[0], [0], [inertia / determinant], [(-m * l) / determinant]],
  };
}

/** Linear-quadratic regulator that balances a pole over the reference's x. */
export class CartpoleLqr implements Controller {
  readonly name = 'cartpole-lqr';
  /** [4] N per m, rad, m/s, rad/s: force = −gain · state */
  readonly gain: readonly number[];
  readonly #action: ActionSpec;
  readonly #cart: number;
  readonly #pole: number;

  /** @throws RangeError unless the robot is a cart with a pole */
  constructor(model: RobotModel, action: ActionSpec, periodS: number) {
    const system = discretize(computeCartpoleSystem(computeCartpoleParameters(model)), periodS);
    const { position, angle, velocity, rate, force } = ACCEPTABLE;
    const weights = [position, angle, velocity, rate].map((deviation) => 1 / deviation ** 2);
    const q = weights.map((weight, i) => weights.map((_, j) => (i === j ? weight : 0)));
    this.gain = solveLqr(system, q, [[1 / force ** 2]]).gain[0]!;
    this.#action = action;
    const cart = model.actuatedJointNames[0]!;
    this.#cart = getJointIndex(model, cart);
    this.#pole = model.jointNames.findIndex((name) => name !== cart);
  }

  compute(raw: Float32Array, view: RobotView, robot: number): void {
    const { state, reference } = view;
    const row = robot * state.numJoints;
    const [kx, ka, kv, kw] = this.gain as readonly [number, number, number, number];
    const force = -(
      kx * (state.jointPosition[row + this.#cart]! - reference.position[3 * robot]!) +
      ka * state.jointPosition[row + this.#pole]! +
      kv * state.jointVelocity[row + this.#cart]! +
      kw * state.jointVelocity[row + this.#pole]!
    );
    const { scale, offset, clip } = this.#action;
    raw[robot] = clamp((force - offset[0]!) / scale[0]!, clip[0], clip[1]);
  }
}
