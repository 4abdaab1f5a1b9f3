import { describe, expect, it } from 'vitest';
import { makeActuatorStand } from '../../kit/actuator-stand.ts';
import { makeMotorRobot } from '../../kit/motor-robots.ts';

const DT = 0.002;

/** A boom and a trolley on a fixed base, joints `slew` ±2 rad and `slide` ±0.5 m, with other motors. */
const makeCrane = (
  actuators: string,
  commandKind: 'effort' | 'position' | 'velocity' = 'position',
) => makeMotorRobot('crane', { actuators, commandKind });

const PD = (more = '') =>
  `{ kind: pd, joints: [slew, slide], stiffness: 40, damping: 2, maxEffort: 30${more} }`;
const VELOCITY = (more = '') =>
  `{ kind: velocity, joints: [slew, slide], damping: 5, maxEffort: 30${more} }`;

describe('a position servo', () => {
  it('in the solver is told to the engine once, and then only its targets', () => {
    const { engine, state, bank } = makeActuatorStand(makeCrane(PD()));
    bank.setCommand(0, [0.3, -0.1], 0);
    bank.apply(engine, state, 0, DT);
    bank.setCommand(0, [0.4, -0.1], DT);
    bank.apply(engine, state, DT, DT);
    const drive = { stiffness: 40, damping: 2, maxEffort: 30 };
    expect(engine.drives).toEqual([
      { robot: 0, jointIndex: 0, drive },
      { robot: 0, jointIndex: 1, drive },
    ]);
    expect([...engine.drivePosition]).toEqual([0.4, -0.1]);
    expect([...engine.driveVelocity]).toEqual([0, 0]);
    expect([...engine.jointEffort]).toEqual([0, 0]);
  });

  it('computes kp (command − position) − kd velocity from the state before an explicit step', () => {
    const { engine, state, bank } = makeActuatorStand(makeCrane(PD(', integration: explicit')));
    state.jointPosition.set([0.1, 0.2]);
    state.jointVelocity.set([0.5, -1]);
    bank.setCommand(0, [0.3, 0.2], 0);
    bank.apply(engine, state, 0, DT);
    // 40·(0.3 − 0.1) − 2·0.5 = 7; 40·0 − 2·(−1) = 2.
    expect(engine.jointEffort[0]).toBeCloseTo(7, 12);
    expect(engine.jointEffort[1]).toBeCloseTo(2, 12);
    bank.setCommand(0, [2, -0.5], DT);
    bank.apply(engine, state, DT, DT);
    // 40·1.9 − 1 = 75 and 40·(−0.7) + 2 = −26: the first saturates at 30.
    expect(engine.jointEffort[0]).toBe(30);
    expect(engine.jointEffort[1]).toBeCloseTo(-26, 12);
    expect(engine.drives).toEqual([]);
  });

  it.each(['solver', 'explicit'])('in the %s holds its joints where a reset left them', (how) => {
    const { engine, state, bank } = makeActuatorStand(makeCrane(PD(`, integration: ${how}`)));
    bank.setCommand(0, [1, 0.5], 0);
    bank.apply(engine, state, 0, DT);
    bank.reset(0);
    state.jointPosition.set([-0.7, 0.25]);
    bank.apply(engine, state, DT, DT);
    state.jointPosition.set([-0.6, 0.25]);
    bank.apply(engine, state, 2 * DT, DT);
    // 40·(−0.7 + 0.6) = −4 N·m back to where it stood.
    if (how === 'solver') expect([...engine.drivePosition]).toEqual([-0.7, 0.25]);
    else expect(engine.jointEffort[0]).toBeCloseTo(-4, 12);
  });

  it('starts from the command that a reset gives instead', () => {
    const { engine, state, bank } = makeActuatorStand(makeCrane(PD()));
    bank.reset(0, { command: [0.2, -0.3] });
    bank.apply(engine, state, 0, DT);
    expect([...engine.drivePosition]).toEqual([0.2, -0.3]);
  });

  it('turns a joint without end the short way round', () => {
    const servo =
      '{ kind: pd, joints: [axle], stiffness: 10, damping: 0, maxEffort: 100, integration: explicit }';
    const model = makeMotorRobot('damped', { actuators: servo, commandKind: 'position' });
    expect([model.commandLower, model.commandUpper]).toEqual([[-Math.PI], [Math.PI]]);
    const { engine, state, bank } = makeActuatorStand(model);
    state.jointPosition[0] = 3;
    bank.setCommand(0, [-3], 0);
    bank.apply(engine, state, 0, DT);
    // From 3 to −3 forwards: 2π − 6 = 0.2832 rad.
    expect(engine.jointEffort[0]).toBeCloseTo(10 * (2 * Math.PI - 6), 12);
  });

  it('has gains and strength of one robot alone', () => {
    const { engine, state, bank } = makeActuatorStand(makeCrane(PD()), 2);
    bank.setScales(1, { stiffness: 0.5, damping: 2, effort: 0.8 });
    bank.apply(engine, state, 0, DT);
    const told = engine.drives.filter(({ jointIndex }) => jointIndex === 0);
    expect(told.map(({ drive }) => drive)).toEqual([
      { stiffness: 40, damping: 2, maxEffort: 30 },
      // 40·0.5·0.8, 2·2·0.8, 30·0.8
      { stiffness: 16, damping: 3.2, maxEffort: 24 },
    ]);
  });

  it('goes to its stop command when commands stay away', () => {
    const { engine, state, bank } = makeActuatorStand(makeCrane(PD()));
    bank.setMotorTimeout(0.1);
    bank.setCommand(0, [0.3, 0.1], 0);
    bank.apply(engine, state, 0, DT);
    bank.apply(engine, state, 0.2, DT);
    expect(bank.hasTimedOut[0]).toBe(1);
    expect([...engine.drivePosition]).toEqual([0, 0]);
  });

  it('takes commands within the limits of its joints', () => {
    const model = makeCrane(PD());
    expect(model.commandLower).toEqual([-2, -0.5]);
    expect(model.commandUpper).toEqual([2, 0.5]);
  });
});

describe('a speed servo', () => {
  it('drives the speed in the solver, and stands still after a reset', () => {
    const { engine, state, bank } = makeActuatorStand(makeCrane(VELOCITY(), 'velocity'));
    bank.setCommand(0, [3, -0.1], 0);
    bank.apply(engine, state, 0, DT);
    expect(engine.drives[0]?.drive).toEqual({ stiffness: 0, damping: 5, maxEffort: 30 });
    expect([...engine.driveVelocity]).toEqual([3, -0.1]);
    bank.reset(0);
    bank.apply(engine, state, DT, DT);
    expect([...engine.driveVelocity]).toEqual([0, 0]);
  });

  it('computes kd (command − velocity), saturated, in an explicit step', () => {
    const model = makeCrane(VELOCITY(', integration: explicit'), 'velocity');
    const { engine, state, bank } = makeActuatorStand(model);
    state.jointVelocity.set([1, 0]);
    bank.setCommand(0, [3, -9], 0);
    bank.apply(engine, state, 0, DT);
    // 5·(3 − 1) = 10; 5·(−9) = −45 saturates at −30.
    expect([...engine.jointEffort]).toEqual([10, -30]);
  });

  it('takes commands up to the speed of its joint or its no-load speed, whichever is lower', () => {
    const plain = makeCrane(VELOCITY(), 'velocity');
    expect(plain.commandUpper).toEqual([100, 100]);
    const line = ', integration: explicit, torqueSpeed: { stallEffort: 40, noLoadSpeed: 6 }';
    const weak = makeCrane(VELOCITY(line), 'velocity');
    expect([weak.commandLower, weak.commandUpper]).toEqual([
      [-6, -6],
      [6, 6],
    ]);
  });
});

describe('robot.yaml', () => {
  it.each([
    ['a servo that is told efforts', PD(), 'effort', /a pd actuator does not take effort commands/],
    [
      'a lag inside the solver',
      PD(', lagS: 0.01'),
      'position',
      /solver's servo cannot have lagS .*explicit/,
    ],
    ['a motor that is too strong', PD().replace('30', '101'), 'position', /stronger than the URDF/],
    [
      'a maxEffort beyond stall',
      PD(', integration: explicit, torqueSpeed: { stallEffort: 20, noLoadSpeed: 6 }'),
      'position',
      /cannot reach its maxEffort even at standstill/,
    ],
    [
      'free play without inertia',
      PD(', integration: explicit, backlash: 0.01'),
      'position',
      /free play but no inertia .*joints\.slew\.armature/,
    ],
    [
      'an unknown battery',
      PD(
        ', integration: explicit, battery: lipo, torqueSpeed: { stallEffort: 40, noLoadSpeed: 6 }',
      ),
      'position',
      /unknown battery 'lipo'/,
    ],
    [
      'a battery without a torque–speed line',
      PD(', integration: explicit, battery: lipo'),
      'position',
      /needs its torque–speed line/,
    ],
  ] as const)('refuses %s', (_what, actuators, kind, message) => {
    expect(() => makeCrane(actuators, kind)).toThrow(message);
  });

  it('refuses a speed servo where nothing says how fast it may turn', () => {
    const actuators = '{ kind: velocity, joints: [axle], damping: 5, maxEffort: 30 }';
    expect(() => makeMotorRobot('damped', { actuators, commandKind: 'velocity' })).toThrow(
      /nothing says how far commands to joint 'axle' can go .*-Infinity … Infinity/,
    );
  });

  it('counts friction of the gears as friction of their joint, where the engine solves it', () => {
    const model = makeCrane(PD(', friction: { coulomb: 0.3, viscous: 0.02 }'));
    const slew = model.joints.find(({ name }) => name === 'slew');
    expect([slew?.friction, slew?.damping]).toEqual([0.3, 0.02]);
  });
});
