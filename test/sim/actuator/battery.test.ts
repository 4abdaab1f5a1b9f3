import { describe, expect, it } from 'vitest';
import { computeBatteryCurrent } from '../../../sim/actuator/battery.ts';
import { makeActuatorStand } from '../../kit/actuator-stand.ts';
import { makeMotorRobot } from '../../kit/motor-robots.ts';

/** 10 V full, 8 V empty, 0.5 Ω, 100 A·s. */
const BATTERY = (idlePower: number) =>
  `batteries: { pack: { nominalVoltage: 10, emptyVoltage: 8, resistance: 0.5, capacity: 100, idlePower: ${idlePower} } }`;

const ROTOR =
  '{ kind: rotor, spin: { left_joint: clockwise, right_joint: counterclockwise }, thrustCoefficient: 1.0e-6, ' +
  'torqueCoefficient: 2.0e-8, minSpeed: 100, maxSpeed: 4000, timeConstantS: 0.05, ' +
  'dragCoefficient: [0, 0], supply: { battery: pack, efficiency: 0.5 } }';

const makeCrane = (idlePower: number) =>
  makeActuatorStand(
    makeMotorRobot('crane', {
      actuators:
        '{ kind: effort, joints: [slew, slide], maxEffort: 4, battery: pack, ' +
        'torqueSpeed: { stallEffort: 4, noLoadSpeed: 20 } }',
      more: BATTERY(idlePower),
    }),
  );

describe('computeBatteryCurrent', () => {
  it('is what makes power at the terminals, and at most what gives the most power', () => {
    // (10 − 0.5·2)·2 = 18 W.
    expect(computeBatteryCurrent(18, 10, 0.5)).toBeCloseTo(2, 12);
    expect(computeBatteryCurrent(18, 10, 0)).toBeCloseTo(1.8, 12);
    // The most is 10²/(4·0.5) = 50 W at 10 A and 5 V.
    expect(computeBatteryCurrent(50, 10, 0.5)).toBeCloseTo(10, 12);
    expect(computeBatteryCurrent(500, 10, 0.5)).toBeCloseTo(10, 12);
  });
});

describe('a battery', () => {
  it('loses charge by its current and voltage by its charge and resistance', () => {
    const { engine, state, bank } = makeCrane(18);
    expect(bank.batteryVoltage[0]).toBeCloseTo(9, 12);
    bank.apply(engine, state, 0, 0.5);
    // 2 A for 0.5 s are 1 % of 100 A·s.
    expect(bank.batteryCharge[0]).toBeCloseTo(0.99, 12);
    bank.setScales(0, { batteryCharge: 0.5 });
    bank.reset(0);
    // Half full: 9 V without load; 9 − 0.5 I with (9 − 0.5 I) I = 18, I = 9 − √(81 − 36) = 2.2918.
    expect(bank.batteryVoltage[0]).toBeCloseTo(9 - 0.5 * (9 - Math.sqrt(45)), 12);
  });

  it('stays at its empty voltage when it is empty', () => {
    const { engine, state, bank } = makeCrane(0.001);
    bank.setScales(0, { batteryCharge: 0 });
    bank.reset(0);
    for (let i = 0; i < 10; i++) bank.apply(engine, state, i, 1);
    expect(bank.batteryCharge[0]).toBe(0);
    // 0.001 W at 8 V sag by 0.5·0.000125 V.
    expect(bank.batteryVoltage[0]).toBeCloseTo(8 - 0.5 * 0.000125, 8);
  });

  it('sags under the sum of its motors, and they weaken one step later', () => {
    const { engine, state, bank } = makeCrane(0);
    bank.setCommand(0, [2, 2], 0);
    bank.apply(engine, state, 0, 1e-6);
    // Two motors at standstill: 2² · 20/4 = 20 W each; 40 W: I = (10 − √(100 − 80))/1 = 5.528 A.
    const voltage = 10 - 0.5 * (10 - Math.sqrt(20));
    expect(bank.batteryVoltage[0]).toBeCloseTo(voltage, 6);
    state.jointVelocity.set([10, 0]);
    bank.setCommand(0, [4, 0], 1e-6);
    bank.apply(engine, state, 1e-6, 1e-6);
    // 4 (V/10 − 10/20)
    expect(engine.jointEffort[0]).toBeCloseTo(4 * (voltage / 10 - 0.5), 6);
  });

  it('is drawn on by what motors give, which their strength raises or lowers', () => {
    const { engine, state, bank } = makeCrane(0);
    bank.setScales(0, { effort: 0.5 });
    bank.reset(0);
    state.jointVelocity.set([5, 0]);
    bank.setCommand(0, [2, 0], 0);
    bank.apply(engine, state, 0, 1e-6);
    expect(engine.jointEffort[0]).toBeCloseTo(1, 12);
    // Of full strength, 2 · 5 + 2² · 20/4 = 30 W; half as strong a motor stalls at 2 N·m, 1 · 5 + 1² · 20/2 = 15 W:
    // I = 10 − √(100 − 30).
    expect(bank.batteryVoltage[0]).toBeCloseTo(10 - 0.5 * (10 - Math.sqrt(70)), 6);
  });

  it('is not charged by a motor that brakes', () => {
    const { engine, state, bank } = makeCrane(0);
    state.jointVelocity.set([19, 0]);
    bank.setCommand(0, [-0.5, 0], 0);
    bank.apply(engine, state, 0, 1);
    // −0.5·19 + 0.25·5 = −8.25 W: nothing is drawn, nothing stored.
    expect(bank.batteryCharge[0]).toBe(1);
    expect(bank.batteryVoltage[0]).toBe(10);
  });

  it('limits how fast rotors can turn, and is drawn on by their shaft power over their efficiency', () => {
    const model = makeMotorRobot('twin-rotor', {
      actuators: ROTOR,
      commandKind: 'velocity',
      more: BATTERY(0),
    });
    const { engine, state, bank } = makeActuatorStand(model, 2);
    bank.setScales(1, { batteryCharge: 0 });
    for (const robot of [0, 1]) bank.reset(robot, { command: [4000, 1000] });
    bank.writeJointState(state);
    // Empty is 8 of 10 V: 3200 rad/s instead of 4000; 1000 rad/s are in reach of both.
    expect([...state.jointVelocity]).toEqual([-4000, 1000, -3200, 1000]);
    bank.setScales(0, {});
    bank.reset(0, { command: [1000, 1000] });
    bank.apply(engine, state, 0, 1e-6);
    // 2 · 2e-8 · 1000³ / 0.5 = 80 W is beyond 50 W: half of the open voltage is left.
    expect(bank.batteryVoltage[0]).toBeCloseTo(5, 5);
  });
});
