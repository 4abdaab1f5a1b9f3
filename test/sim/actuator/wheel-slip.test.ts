import { describe, expect, it } from 'vitest';
import { makeActuatorBank } from '../../../sim/actuator/actuators.ts';
import { ENGINE_NAMES, type EngineName } from '../../../sim/engine/engine.ts';
import {
  computeSlipSpeed,
  writeTwist,
  writeWheelSpeeds,
} from '../../../sim/robot/differential-drive.ts';
import type { Scene } from '../../../sim/terrain/scene.ts';
import { makeBench } from '../../kit/engine-bench.ts';
import { parseTestRobot } from '../../kit/robots.ts';

const G = 9.80665;
const DT = 0.002;
/** [-] of the floor; the wheels are rougher, and the smaller friction holds. */
const FRICTION = 0.3;
/** [m] */
const RADIUS = 0.1;
/** [kg·m²] of one wheel about its axle */
const INERTIA = 0.002;
/** [kg] 4 kg of body and four wheels of 0.5 kg */
const MASS = 6;
/** [N·m] of each motor */
const EFFORT = 1;

const wheel = (name: string, x: number, y: number) => `
  <link name="${name}"><inertial><mass value="0.5"/>
    <inertia ixx="${INERTIA}" iyy="${INERTIA}" izz="${INERTIA}"/></inertial>
    <collision><geometry><sphere radius="${RADIUS}"/></geometry></collision></link>
  <joint name="${name}_joint" type="continuous"><parent link="base"/><child link="${name}"/>
    <origin xyz="${x} ${y} 0"/><axis xyz="0 1 0"/><limit effort="10" velocity="200"/></joint>`;

/** Four driven wheels, so that all of the weight is on driven wheels however it shifts between them. */
const CART = parseTestRobot({
  urdf: `<robot name="cart"><link name="base"><inertial><mass value="4"/>
    <inertia ixx="0.05" iyy="0.1" izz="0.1"/></inertial></link>
    ${wheel('front_left', 0.25, 0.2)}${wheel('front_right', 0.25, -0.2)}
    ${wheel('back_left', -0.25, 0.2)}${wheel('back_right', -0.25, -0.2)}</robot>`,
  yaml: `
robot: cart
base: floating
commandKind: velocity
home: { position: [0, 0, ${RADIUS}] }
actuators:
  - kind: velocity
    joints: [front_left_joint, front_right_joint, back_left_joint, back_right_joint]
    damping: 5
    maxEffort: ${EFFORT}
drive:
  kind: differential
  left: [front_left_joint, back_left_joint]
  right: [front_right_joint, back_right_joint]
  wheelRadius: ${RADIUS}
  wheelSeparation: 0.4
contact: { default: { friction: 1 } }
safety: { maxCommandRate: 1000, damp: 0, stop: 0, motorTimeoutS: 10 }
`,
});
const DRIVE = CART.drive!;
const FLOOR: Scene = {
  ground: { kind: 'plane', material: { friction: FRICTION, restitution: 0 } },
  objects: [],
};

async function makeDrivenCart(engine: EngineName) {
  const bench = await makeBench(CART, {
    engine,
    timestepS: DT,
    gravityW: [0, 0, -G],
    scene: FLOOR,
  });
  const bank = makeActuatorBank(CART, 1);
  let timeS = 0;
  return {
    ...bench,
    /** Runs a while with the wheels told to make a twist. */
    drive(forwardSpeed: number, yawRate: number, durationS: number) {
      const wheels = [0, 0];
      writeWheelSpeeds(wheels, DRIVE, forwardSpeed, yawRate);
      const [left, right] = wheels as [number, number];
      for (let i = 0; i < Math.round(durationS / DT); i++) {
        bank.setCommand(0, [left, right, left, right], timeS);
        bank.apply(bench.engine, bench.state, timeS, DT);
        bench.run(DT);
        timeS += DT;
      }
    },
    get wheelSpeed(): number {
      return bench.state.jointVelocity.reduce((sum, speed) => sum + speed, 0) / 4;
    },
    get forwardSpeed(): number {
      return bench.state.linearVelocityW[0]!;
    },
  };
}

describe.each(ENGINE_NAMES)('wheels in %s', (engine) => {
  it('spin where the ground cannot hold what the motors give, by exactly the difference', async () => {
    const cart = await makeDrivenCart(engine);
    cart.drive(0, 0, 0.2);
    // 20 m/s is out of reach in 0.2 s, so the motors give all they have: 4 N·m where μ m g R = 1.765 N·m would do.
    cart.drive(20, 0, 0.2);
    // The floor's normal impulse is m (g t + v_z), whatever the wheels hop: v_z comes to 0.07 m/s in MuJoCo's soft contacts.
    const normal = MASS * (G * 0.2 + cart.state.linearVelocityW[2]!);
    // Friction takes its full share of it: about 0.59 m/s for the body, and what it leaves of the motors' 4 τ t,
    // about 56 rad/s for the wheels.
    const speed = (FRICTION * normal) / MASS;
    const spin = (4 * EFFORT * 0.2 - FRICTION * normal * RADIUS) / (4 * INERTIA);
    const slip = spin * RADIUS - speed;
    // Measured 0.2 % at most: the first step of 2 ms does not slide yet.
    const TOLERANCE = 0.005;
    expect(Math.abs(cart.forwardSpeed / speed - 1)).toBeLessThan(TOLERANCE);
    expect(Math.abs(cart.wheelSpeed / spin - 1)).toBeLessThan(TOLERANCE);
    const measured = computeSlipSpeed(DRIVE, cart.wheelSpeed, cart.forwardSpeed);
    expect(Math.abs(measured / slip - 1)).toBeLessThan(TOLERANCE);
    cart.engine.free();
  });

  it('grip again once the robot has caught up with them', async () => {
    const cart = await makeDrivenCart(engine);
    cart.drive(0, 0, 0.2);
    // 1 m/s takes 1 / (0.3 · 9.80665) = 0.34 s of sliding; half a second later it rolls.
    cart.drive(1, 0, 0.84);
    expect(cart.forwardSpeed).toBeCloseTo(1, 2);
    expect(computeSlipSpeed(DRIVE, cart.wheelSpeed, cart.forwardSpeed)).toBeCloseTo(0, 2);
    cart.engine.free();
  });

  it('roll without slip when told to speed up more gently than friction allows', async () => {
    const cart = await makeDrivenCart(engine);
    cart.drive(0, 0, 0.2);
    let worst = 0;
    for (let i = 1; i <= 50; i++) {
      // 1 m/s² is a third of μ g.
      cart.drive(i * 0.01, 0, 0.01);
      worst = Math.max(
        worst,
        Math.abs(computeSlipSpeed(DRIVE, cart.wheelSpeed, cart.forwardSpeed)),
      );
    }
    // 2 % of the speed reached: the creep of soft contacts.
    expect(worst).toBeLessThan(0.01);
    const twist = [0, 0];
    writeTwist(twist, DRIVE, cart.wheelSpeed, cart.wheelSpeed);
    expect(cart.forwardSpeed / twist[0]!).toBeCloseTo(1, 2);
    cart.engine.free();
  });
});
