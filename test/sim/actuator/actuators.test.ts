import { describe, expect, it } from 'vitest';
import { makeActuatorBank } from '../../../sim/actuator/actuators.ts';
import { NOMINAL_ACTUATORS } from '../../../sim/actuator/scales.ts';
import { loadRobot } from '../../../sim/robot/load.ts';
import { SolverConfig } from '../../../sim/robot/physics-config.ts';
import { computeHoverSpeed } from '../../../sim/robot/quadrotor.ts';
import { makeActuatorStand } from '../../kit/actuator-stand.ts';
import { makeBench } from '../../kit/engine-bench.ts';
import { makeTestRobot } from '../../kit/robots.ts';

const G = 9.80665;
const DT = 0.002;
const TWIN = makeTestRobot('twin-rotor');
const CRAZYFLIE = loadRobot('crazyflie');
const NOMINAL = NOMINAL_ACTUATORS;

const makeStand = (model = TWIN, numRobots = 1) => makeActuatorStand(model, numRobots);

describe('a rotor', () => {
  it('has covered 63.2 % of a step of its command after one time constant, whatever the timestep', () => {
    for (const dt of [0.001, 0.01, 0.05]) {
      const { state, engine, bank } = makeStand();
      bank.reset(0, { command: [0, 0] });
      bank.setCommand(0, [1000, 500], 0);
      // Time constant 0.05 s.
      for (let i = 0; i < Math.round(0.05 / dt); i++) bank.apply(engine, state, i * dt, dt);
      bank.writeJointState(state);
      // 1 − 1/e = 0.63212; exact at every timestep. Left turns clockwise: negative about its axis.
      expect(state.jointVelocity[0]! / -1000).toBeCloseTo(1 - Math.exp(-1), 12);
      expect(state.jointVelocity[1]! / 500).toBeCloseTo(1 - Math.exp(-1), 12);
    }
  });

  it('saturates at its fastest and slowest speed, but can be switched off', () => {
    const settle = (command: number) => {
      const { state, engine, bank } = makeStand();
      bank.reset(0, { command: [1000, 1000] });
      bank.setCommand(0, [command, command], 0);
      bank.apply(engine, state, 0, 10);
      bank.writeJointState(state);
      return state.jointVelocity[1]!;
    };
    // Range 100 … 4000 rad/s; 10 s are 200 time constants.
    expect(settle(9000)).toBeCloseTo(4000, 9);
    expect(settle(50)).toBeCloseTo(100, 9);
    expect(settle(0)).toBeCloseTo(0, 9);
    expect(settle(-5)).toBeCloseTo(0, 9);
  });

  it('turns by its mean speed: the angle is the integral of the lagging speed', () => {
    const { state, engine, bank } = makeStand();
    bank.reset(0, { command: [0, 0] });
    bank.setCommand(0, [100, 100], 0);
    bank.apply(engine, state, 0, 0.05);
    bank.writeJointState(state);
    // 100·(t − τ(1 − e^(−t/τ))) = 100·0.05·e⁻¹ = 1.8394 rad.
    expect(state.jointPosition[1]).toBeCloseTo(5 / Math.E, 12);
    expect(state.jointPosition[0]).toBeCloseTo(-5 / Math.E, 12);
  });

  it('pushes up with k_f ω² and turns the body against its spin with k_m ω²', () => {
    const { state, engine, bank } = makeStand();
    bank.reset(0, { command: [1000, 0] });
    bank.apply(engine, state, 0, DT);
    // Left rotor: 1e-6·1000² = 1 N at y = 0.2 gives roll torque +0.2; clockwise, so the body is turned
    // counterclockwise by 2e-8·1000² = 0.02.
    expect([...engine.baseForceB]).toEqual([0, 0, 1]);
    expect(engine.baseTorqueB[0]).toBeCloseTo(0.2, 12);
    expect(engine.baseTorqueB[1]).toBeCloseTo(0, 12);
    expect(engine.baseTorqueB[2]).toBeCloseTo(0.02, 12);
  });

  it('drags against its motion through the air, across and along its axis', () => {
    const { state, engine, bank } = makeStand();
    bank.reset(0, { command: [1000, 1000] });
    state.linearVelocityW.set([3, 0, -2]);
    bank.apply(engine, state, 0, DT);
    // Two rotors at 1000 rad/s: −2·1000·1e-5·3 = −0.06 N; thrust 2 N and −2·1000·2e-5·(−2) = +0.08 N.
    expect(engine.baseForceB[0]).toBeCloseTo(-0.06, 12);
    expect(engine.baseForceB[2]).toBeCloseTo(2.08, 12);
    // Drag acts at the hubs, 0.1 m above the hull's origin and its centre of mass 0.02 m above that
    // (0.2 kg of 1 kg at 0.1 m): pitch torque z·F_x = 0.08·(−0.06).
    expect(engine.baseTorqueB[1]).toBeCloseTo(-0.0048, 12);
  });

  it('drags along body axes when the body is turned', () => {
    const { state, engine, bank } = makeStand();
    bank.reset(0, { command: [1000, 1000] });
    // Yawed by 90°; flying along y of odom is flying forward.
    state.orientation.set([0, 0, Math.SQRT1_2, Math.SQRT1_2]);
    state.linearVelocityW.set([0, 3, 0]);
    bank.apply(engine, state, 0, DT);
    expect(engine.baseForceB[0]).toBeCloseTo(-0.06, 12);
    expect(engine.baseForceB[1]).toBeCloseTo(0, 12);
  });

  it('scales thrust, lag and drag of one robot alone', () => {
    const { state, engine, bank } = makeStand(TWIN, 2);
    bank.setScales(1, { ...NOMINAL, thrust: 0.5, timeConstant: 2, drag: 3 });
    for (const robot of [0, 1]) bank.reset(robot, { command: [1000, 1000] });
    state.linearVelocityW.set([1, 0, 0, 1, 0, 0]);
    bank.apply(engine, state, 0, DT);
    expect(engine.baseForceB[2]).toBeCloseTo(2, 12);
    expect(engine.baseForceB[5]).toBeCloseTo(1, 12);
    expect(engine.baseForceB[3]! / engine.baseForceB[0]!).toBeCloseTo(3, 12);
    for (const robot of [0, 1]) bank.setCommand(robot, [0, 0], DT);
    bank.apply(engine, state, DT, 0.05);
    bank.writeJointState(state);
    expect(state.jointVelocity[1]).toBeCloseTo(1000 * Math.exp(-1), 9);
    expect(state.jointVelocity[3]).toBeCloseTo(1000 * Math.exp(-0.5), 9);
  });
});

describe('motors without commands', () => {
  it('go to their stop command by themselves once the timeout has passed, and say so', () => {
    const { state, engine, bank } = makeStand(TWIN, 2);
    bank.setMotorTimeout(0.1);
    for (let i = 0; i <= 30; i++) {
      const timeS = i * 0.01;
      bank.setCommand(1, [1000, 1000], timeS);
      if (i <= 10) bank.setCommand(0, [1000, 1000], timeS);
      bank.apply(engine, state, timeS, 0.01);
      // The last command is of 0.1 s; at 0.2 s it is 0.1 s old, which is still allowed.
      expect([...bank.hasTimedOut]).toEqual([timeS > 0.2 + 1e-6 ? 1 : 0, 0]);
    }
    bank.writeJointState(state);
    // Ten steps of 0.01 s without command: e^(−0.1/0.05) = 0.135 of about 1000 rad/s.
    expect(state.jointVelocity[1]!).toBeLessThan(200);
    expect(state.jointVelocity[3]!).toBeGreaterThan(980);
    bank.setCommand(0, [1000, 1000], 0.31);
    bank.apply(engine, state, 0.31, 0.01);
    expect(bank.hasTimedOut[0]).toBe(0);
  });

  it('count from the first step after a reset, whatever the clock says', () => {
    const { state, engine, bank } = makeStand();
    bank.setMotorTimeout(0.1);
    bank.apply(engine, state, 0, 0.01);
    bank.reset(0);
    bank.apply(engine, state, 50, 0.01);
    expect(bank.hasTimedOut[0]).toBe(0);
    bank.apply(engine, state, 50.2, 0.01);
    expect(bank.hasTimedOut[0]).toBe(1);
  });

  it('have the timeout of their robot unless told otherwise', () => {
    const { state, engine } = makeStand(CRAZYFLIE);
    const bank = makeActuatorBank(CRAZYFLIE, 1);
    bank.apply(engine, state, 0, DT);
    bank.apply(engine, state, CRAZYFLIE.safety.motorTimeoutS, DT);
    expect(bank.hasTimedOut[0]).toBe(0);
    bank.apply(engine, state, CRAZYFLIE.safety.motorTimeoutS + DT, DT);
    expect(bank.hasTimedOut[0]).toBe(1);
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY])('treat a command with %d as none', (bad) => {
    const { state, engine, bank } = makeStand();
    bank.setMotorTimeout(0.1);
    bank.apply(engine, state, 0, 0.01);
    for (let i = 1; i <= 15; i++) {
      bank.setCommand(0, [1000, bad], i * 0.01);
      bank.apply(engine, state, i * 0.01, 0.01);
    }
    expect(bank.hasTimedOut[0]).toBe(1);
    bank.writeJointState(state);
    expect([...state.jointVelocity].every(Number.isFinite)).toBe(true);
  });

  it('forget commands under way at a reset', () => {
    const { state, engine, bank } = makeStand();
    bank.setScales(0, { ...NOMINAL, latencyS: 0.05 });
    bank.setCommand(0, [3000, 3000], 0);
    bank.reset(0, { command: [1000, 1000] });
    bank.apply(engine, state, 0.1, DT);
    expect(engine.baseForceB[2]).toBeCloseTo(2, 12);
  });
});

describe('an effort motor', () => {
  it('saturates, and loses strength by its scale', () => {
    const { state, engine, bank } = makeStand(loadRobot('cartpole'));
    bank.setCommand(0, [25], 0);
    bank.apply(engine, state, 0, DT);
    // 10 N at most; the pole, joint 1, has no motor.
    expect([...engine.jointEffort]).toEqual([10, 0]);
    bank.setScales(0, { ...NOMINAL, effort: 0.8 });
    bank.setCommand(0, [-25], DT);
    bank.apply(engine, state, DT, DT);
    expect(engine.jointEffort[0]).toBeCloseTo(-8, 12);
  });
});

describe('setScales', () => {
  it('refuses factors that make no sense', () => {
    const { bank } = makeStand();
    expect(() => bank.setScales(0, { ...NOMINAL, timeConstant: 0 })).toThrow(/timeConstant/);
    expect(() => bank.setScales(0, { ...NOMINAL, thrust: -1 })).toThrow(/thrust/);
    expect(() => bank.setScales(0, { ...NOMINAL, latencyS: -1 })).toThrow(/latency/);
    expect(() => bank.setMotorTimeout(0)).toThrow(/timeout/);
    expect(() => bank.reset(0, { command: [1] })).toThrow(/expected 2, got 1/);
  });
});

describe('a crazyflie in the air', () => {
  /** Runs one control law for a while: rotor commands held from the start. */
  const fly = async (command: readonly number[], durationS: number) => {
    const bench = await makeBench(CRAZYFLIE, {
      gravityW: [0, 0, -G],
      solver: SolverConfig.parse({ rapier: { iterations: 1, internalIterations: 1 } }),
    });
    const bank = makeActuatorBank(CRAZYFLIE, 1);
    bank.setMotorTimeout(Number.POSITIVE_INFINITY);
    bank.reset(0, { command });
    for (let i = 0; i < Math.round(durationS / DT); i++) {
      bank.apply(bench.engine, bench.state, i * DT, DT);
      bench.run(DT);
    }
    return bench.state;
  };
  const hover = computeHoverSpeed(CRAZYFLIE, G);

  it('keeps its height at hover speed, level, without a command other than its reset', async () => {
    const { position, orientation } = await fly([hover, hover, hover, hover], 2);
    expect(position[2]).toBeCloseTo(1, 4);
    expect(Math.hypot(orientation[0]!, orientation[1]!, orientation[2]!)).toBeLessThan(1e-6);
  });

  // REP-103: roll + right side down, pitch + nose down, yaw + counterclockwise seen from above.
  // A faster rotor lifts its corner: front right up is left side down (roll −), nose up (pitch −).
  // m1 and m3 spin counterclockwise, so their reaction turns the body clockwise (yaw −).
  it.each([
    { rotor: 0, name: 'm1 front right', roll: -1, pitch: -1, yaw: -1 },
    { rotor: 1, name: 'm2 back right', roll: -1, pitch: 1, yaw: 1 },
    { rotor: 2, name: 'm3 back left', roll: 1, pitch: 1, yaw: -1 },
    { rotor: 3, name: 'm4 front left', roll: 1, pitch: -1, yaw: 1 },
  ])('turns as it must when $name speeds up', async ({ rotor, roll, pitch, yaw }) => {
    const command = [hover, hover, hover, hover];
    command[rotor]! += 20;
    const { angularVelocityB } = await fly(command, 0.05);
    expect([...angularVelocityB].map(Math.sign)).toEqual([roll, pitch, yaw]);
    // Thrust rises by k_f (2·1727·20 + 20²) = 1.54 mN: at 32.5 mm 50 µN·m, over 16.57 µkg·m² for 50 ms.
    const extra = 2.218e-8 * ((hover + 20) ** 2 - hover ** 2);
    const rate = (0.0325 * extra * 0.05) / 16.57171e-6;
    expect(Math.abs(angularVelocityB[0]!) / rate).toBeCloseTo(1, 1);
    // Yaw by k_m instead: 0.00596 m of arm over 29.26 µkg·m².
    const yawRate = (0.005964552 * extra * 0.05) / 29.261652e-6;
    expect(Math.abs(angularVelocityB[2]!) / yawRate).toBeCloseTo(1, 1);
  });

  it('comes to a terminal speed in a fall with idling rotors, drag equal to what is left of the weight', async () => {
    // Rotors at 1200 rad/s carry (1200/1727.6)² = 48 % of the weight.
    const { linearVelocityW } = await fly([1200, 1200, 1200, 1200], 40);
    const excess = 0.027 * G - 4 * 2.218e-8 * 1200 ** 2;
    const terminal = excess / (4 * 1200 * 10.311e-7);
    expect(linearVelocityW[2]! / -terminal).toBeCloseTo(1, 2);
  });
});
