import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { computeDcMotorEffort, computeDcMotorPower } from '../../../sim/actuator/dc-motor.ts';
import { makeActuatorStand } from '../../kit/actuator-stand.ts';
import { makeMotorRobot } from '../../kit/motor-robots.ts';

const DT = 0.002;
const EFFORT = (more: string, joints = 'slew, slide') =>
  `{ kind: effort, joints: [${joints}], maxEffort: 30${more} }`;
const makeCrane = (more: string, joints?: string) =>
  makeActuatorStand(makeMotorRobot('crane', { actuators: EFFORT(more, joints) }));

describe('a lag of the effort', () => {
  it('has covered 63.2 % of a step after one time constant, and its impulse is exact at any timestep', () => {
    for (const dt of [0.001, 0.01, 0.05]) {
      const { engine, state, bank } = makeCrane(', lagS: 0.05');
      bank.apply(engine, state, 0, dt);
      bank.setCommand(0, [10, 0], 0);
      let impulse = 0;
      const steps = Math.round(0.05 / dt);
      for (let i = 0; i < steps; i++) {
        bank.apply(engine, state, i * dt, dt);
        impulse += engine.jointEffort[0]! * dt;
      }
      // ∫ 10 (1 − e^(−t/τ)) dt over one τ = 10 τ e⁻¹ = 0.18394 N·m·s.
      expect(impulse).toBeCloseTo((10 * 0.05) / Math.E, 12);
      // The mean of a vanishing step after it is the value there: 10 (1 − e⁻¹).
      bank.apply(engine, state, 0.05, 1e-9);
      expect(engine.jointEffort[0]).toBeCloseTo(10 * (1 - 1 / Math.E), 6);
    }
  });

  it('has settled at a reset, and is slower by the scale of one robot', () => {
    const { engine, state, bank } = makeCrane(', lagS: 0.05');
    bank.setScales(0, { lag: 2 });
    bank.reset(0, { command: [10, 0] });
    bank.apply(engine, state, 0, DT);
    expect(engine.jointEffort[0]).toBe(10);
    bank.setCommand(0, [0, 0], DT);
    bank.apply(engine, state, DT, 0.1);
    bank.apply(engine, state, 0.1 + DT, 1e-9);
    // 0.1 s are one time constant of 2 · 0.05 s.
    expect(engine.jointEffort[0]).toBeCloseTo(10 / Math.E, 6);
  });
});

describe("a motor's own delay", () => {
  it('comes on top of the latency of its robot, motor by motor', () => {
    const actuators = `${EFFORT(', delayS: 0.01', 'slew')}, ${EFFORT('', 'slide')}`;
    const { engine, state, bank } = makeActuatorStand(makeMotorRobot('crane', { actuators }));
    bank.setScales(0, { latencyS: 0.004, delay: 2 });
    bank.setCommand(0, [5, 7], 0);
    const seen = Array.from({ length: 14 }, (_, i) => {
      bank.apply(engine, state, i * DT, DT);
      return [...engine.jointEffort];
    });
    // Latency 4 ms = 2 steps; the first motor has 2 · 10 ms = 10 steps more.
    expect(seen.findIndex(([, slide]) => slide === 7)).toBe(2);
    expect(seen.findIndex(([slew]) => slew === 5)).toBe(12);
  });
});

describe('a DC motor', () => {
  /** Stall 4 N·m, no-load 20 rad/s, current limit 3 N·m. */
  const MOTOR = { stallEffort: 4, noLoadSpeed: 20, maxEffort: 3 };

  it.each([
    { what: 'limited by its current at standstill', wanted: 9, speed: 0, given: 3 },
    { what: 'at the corner: 4 (1 − 5/20) = 3', wanted: 9, speed: 5, given: 3 },
    { what: 'on its line: 4 (1 − 10/20) = 2', wanted: 9, speed: 10, given: 2 },
    { what: 'spent at its no-load speed', wanted: 9, speed: 20, given: 0 },
    {
      what: 'braking beyond it, want it or not: 4 (1 − 25/20) = −1',
      wanted: 9,
      speed: 25,
      given: -1,
    },
    { what: 'braking with all its current', wanted: -9, speed: 10, given: -3 },
    { what: 'the same backwards: −4 (1 − 10/20)', wanted: -9, speed: -10, given: -2 },
    { what: 'what is wanted below all limits', wanted: 1.5, speed: 10, given: 1.5 },
  ])('is $what', ({ wanted, speed, given }) => {
    expect(computeDcMotorEffort(wanted, speed, MOTOR, 1)).toBeCloseTo(given, 12);
  });

  it('has a line that sinks with the voltage: at 80 %, 4 (0.8 − 10/20) = 1.2', () => {
    expect(computeDcMotorEffort(9, 10, MOTOR, 0.8)).toBeCloseTo(1.2, 12);
  });

  it('never leaves its limits, and never gives more than it is asked for but to brake', () => {
    const number = fc.double({ min: -60, max: 60, noNaN: true });
    fc.assert(
      fc.property(number, number, (wanted, speed) => {
        const given = computeDcMotorEffort(wanted, speed, MOTOR, 1);
        expect(Math.abs(given)).toBeLessThanOrEqual(3);
        const isBraking = given * speed < 0;
        if (!isBraking) expect(Math.abs(given)).toBeLessThanOrEqual(Math.abs(wanted));
      }),
    );
  });

  it('draws what it does and what it heats: at stall all is heat, at no load nothing is drawn', () => {
    // V = R i + k ω with k = V/20, i = τ/k. At stall τ = 4: P = τ² ω₀/stall = 16·20/4 = 80 W.
    expect(computeDcMotorPower(4, 0, MOTOR)).toBeCloseTo(80, 12);
    expect(computeDcMotorPower(0, 20, MOTOR)).toBe(0);
    // Half speed, τ = 2: 2·10 = 20 W of work and 4·20/4 = 20 W of heat: half of the current, all of the voltage.
    expect(computeDcMotorPower(2, 10, MOTOR)).toBeCloseTo(40, 12);
  });

  it('limits the effort of its joint by the speed of its joint', () => {
    const { engine, state, bank } = makeCrane(
      ', torqueSpeed: { stallEffort: 40, noLoadSpeed: 20 }',
    );
    state.jointVelocity.set([10, -10]);
    bank.setCommand(0, [30, 30], 0);
    bank.apply(engine, state, 0, DT);
    // 40 (1 − 10/20) = 20; backwards the line stands at 40 (1 + 0.5), so the current's 30 holds.
    expect([...engine.jointEffort]).toEqual([20, 30]);
  });
});

describe('a transmission', () => {
  /** A differential: motor `slew` moves both joints alike, motor `slide` moves them against one another. */
  const ROWS = '{ slew: { slew: 2, slide: 3 }, slide: { slew: 1, slide: -3 } }';

  it('carries efforts and speeds by the same factors, so that power is the same on both sides', () => {
    const number = fc.double({ min: -7, max: 7, noNaN: true });
    const { engine, state, bank } = makeCrane(`, transmission: ${ROWS}`);
    fc.assert(
      fc.property(fc.tuple(number, number, number, number), ([a, b, v, w]) => {
        bank.setCommand(0, [a, b], 0);
        state.jointVelocity.set([v, w]);
        bank.apply(engine, state, 0, DT);
        const joints = engine.jointEffort[0]! * v + engine.jointEffort[1]! * w;
        // Motor speeds: 2v + 3w and v − 3w.
        const motors = a * (2 * v + 3 * w) + b * (v - 3 * w);
        // 1e-12 of powers of some hundred watts is rounding.
        expect(Math.abs(joints - motors)).toBeLessThan(1e-10);
      }),
    );
  });

  it('lets one tendon move a joint that has no motor', () => {
    const actuators = EFFORT(', transmission: { slew: { slew: 1, slide: 0.5 } }', 'slew');
    const model = makeMotorRobot('crane', { actuators });
    expect([model.jointNames, model.actuatedJointNames]).toEqual([['slew', 'slide'], ['slew']]);
    const { engine, state, bank } = makeActuatorStand(model);
    bank.setCommand(0, [6], 0);
    bank.apply(engine, state, 0, DT);
    expect([...engine.jointEffort]).toEqual([6, 3]);
  });

  it("closes a servo's loop over the motor's coordinate, whose range its commands have", () => {
    const actuators =
      '{ kind: pd, joints: [slew], stiffness: 10, damping: 1, maxEffort: 30, integration: explicit, ' +
      'transmission: { slew: { slew: 1, slide: -2 } } }';
    const model = makeMotorRobot('crane', { actuators, commandKind: 'position' });
    // slew ±2 and slide ±0.5: 2 + 2·0.5 = 3 either way.
    expect([model.commandLower, model.commandUpper]).toEqual([[-3], [3]]);
    const { engine, state, bank } = makeActuatorStand(model);
    state.jointPosition.set([0.5, 0.1]);
    state.jointVelocity.set([0.2, 0.3]);
    bank.setCommand(0, [1], 0);
    bank.apply(engine, state, 0, DT);
    // 10 (1 − (0.5 − 0.2)) − (0.2 − 0.6) = 7.4, by −2 on the slide.
    expect(engine.jointEffort[0]).toBeCloseTo(7.4, 12);
    expect(engine.jointEffort[1]).toBeCloseTo(-14.8, 12);
  });

  it.each([
    ['an unknown joint', '{ slew: { slew: 1, hoist: 1 } }', /unknown joint 'hoist'/],
    ['a row without its own joint', '{ slew: { slide: 1 } }', /goes by the name of a joint/],
    ['a row of no motor', '{ hoist: { slew: 1 } }', /goes by the name of a joint/],
    ['more than a joint may feel', '{ slew: { slew: 1, slide: 4 } }', /≤ 100, got 120/],
  ])('refuses %s', (_what, rows, message) => {
    expect(() => makeCrane(`, transmission: ${rows}`)).toThrow(message);
  });
});
