import { describe, expect, it } from 'vitest';
import { ENGINE_NAMES } from '../../../sim/engine/engine.ts';
import { STANDARD_GRAVITY } from '../../../sim/math/gravity.ts';
import { loadRobot } from '../../../sim/robot/load.ts';
import { cartpoleBalance } from '../../../sim/tasks/cartpole-balance.ts';
import { makeBench } from '../../kit/engine-bench.ts';

const { controlRateHz, substeps = 0 } = cartpoleBalance;
const cartpole = loadRobot('cartpole');
/** [-] a tenth of what the randomisation takes off the masses and adds to them */
const TOLERANCE = 0.01;

describe.each(ENGINE_NAMES)('at the physics rate of cartpole-balance, %s', (engine) => {
  it('lets the pole fall, and pushes the cart, as their equations do', async () => {
    const bench = await makeBench(cartpole, {
      engine,
      timestepS: 1 / (controlRateHz * substeps),
      gravityW: [0, 0, -STANDARD_GRAVITY],
      solver: cartpole.physics.solver,
    });
    bench.place(0, (state) => {
      state.jointPosition[1] = 0.002;
    });
    // θ̈ = 15.786 θ near upright (test/policies/classical/lqr.test.ts): after 0.6 s
    // θ = 0.002 cosh(0.6 √15.786) = 0.002 · 5.472; the sine is short of its angle by 2e-5 there.
    const fallen = bench.run(0.6).jointPosition[1]!;
    expect(Math.abs(fallen / (0.002 * Math.cosh(0.6 * Math.sqrt(15.786))) - 1)).toBeLessThan(
      TOLERANCE,
    );
    bench.place(0, () => {});
    // From rest, 1 N: ẍ = (I + ml²) F / D = 0.033333 / 0.0341667 = 0.97561 m/s². The pole, tipped back at −1.4634 rad/s²,
    // adds 0.7176 · 1.4634 · t³ / 6 = 0.00018 m/s in 0.1 s.
    const pushed = bench.run(0.1, ({ jointEffort }) => {
      jointEffort[0] = 1;
    });
    expect(Math.abs(pushed.jointVelocity[0]! / (0.097561 + 0.00018) - 1)).toBeLessThan(TOLERANCE);
  });
});
