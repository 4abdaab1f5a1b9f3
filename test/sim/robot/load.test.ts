import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { UserError } from '../../../sim/errors.ts';
import { listRobots, loadRobot, readRobotDescription } from '../../../sim/robot/load.ts';
import { computeTotalMass } from '../../../sim/robot/model.ts';
import { computeHoverSpeed, computeRotorGeometry } from '../../../sim/robot/quadrotor.ts';
import { computeRigidBodies } from '../../../sim/robot/rigid-bodies.ts';
import { getTestRobotSource, parseTestRobot } from '../../kit/robots.ts';

const TWIN = getTestRobotSource('twin-rotor');
const CRANE = getTestRobotSource('crane');

describe('loadRobot', () => {
  it('loads every robot in the box', () => {
    expect(listRobots()).toEqual(['cartpole', 'crazyflie', 'go2', 'turtlebot']);
    for (const name of listRobots()) expect(loadRobot(name).name).toBe(name);
  });

  it('lists the valid names when there is no such robot', () => {
    expect(() => loadRobot('crazyfly')).toThrow(
      /robot 'crazyfly': there is no such robot \(expected one of cartpole, crazyflie/,
    );
  });

  it('loads a robot by folder and by file, with the same hash', () => {
    const folder = mkdtempSync(join(tmpdir(), 'robot-'));
    writeFileSync(join(folder, 'twin.urdf'), TWIN.urdf);
    writeFileSync(join(folder, 'robot.yaml'), TWIN.yaml);
    const model = loadRobot(folder);
    expect(model.sha256).toMatch(/^[0-9a-f]{64}$/);
    expect(loadRobot(join(folder, 'twin.urdf')).sha256).toBe(model.sha256);
    expect(readRobotDescription(folder)).toBe(TWIN.urdf);
  });

  it('gives another hash when either file changes', () => {
    const folder = mkdtempSync(join(tmpdir(), 'robot-'));
    writeFileSync(join(folder, 'twin.urdf'), TWIN.urdf);
    writeFileSync(join(folder, 'robot.yaml'), TWIN.yaml);
    const before = loadRobot(folder).sha256;
    writeFileSync(join(folder, 'robot.yaml'), `${TWIN.yaml}# a comment\n`);
    expect(loadRobot(folder).sha256).not.toBe(before);
  });

  it('says which file is missing', () => {
    const folder = mkdtempSync(join(tmpdir(), 'robot-'));
    expect(() => loadRobot(folder)).toThrow(/exactly one \.urdf file in the folder.*got none/);
    writeFileSync(join(folder, 'twin.urdf'), TWIN.urdf);
    expect(() => loadRobot(folder)).toThrow(/robot\.yaml cannot be read/);
  });

  it('freezes the model', () => {
    const model = loadRobot('cartpole');
    expect(() => Object.assign(model.home, { position: [1, 2, 3] })).toThrow(TypeError);
  });
});

describe('parseRobot', () => {
  const faults: readonly [what: string, source: { urdf: string; yaml: string }, message: RegExp][] =
    [
      [
        'an unknown joint',
        { ...TWIN, yaml: TWIN.yaml.replace('left_joint', 'lft_joint') },
        /robot\.yaml: actuators\[0\]\.spin: unknown joint 'lft_joint'; the robot has: left_joint, right_joint/,
      ],
      [
        'an unknown key',
        { ...TWIN, yaml: `${TWIN.yaml}colour: red\n` },
        /robot\.yaml:7: colour: unknown key \(expected one of robot, base, .*, got colour/,
      ],
      [
        'a value of the wrong type',
        { ...TWIN, yaml: TWIN.yaml.replace('base: floating', 'base: 3') },
        /robot\.yaml:2: base: the value does not fit .*fixed \| floating, got 3/,
      ],
      [
        'broken YAML',
        { ...TWIN, yaml: TWIN.yaml.replace('home: {', 'home: {{') },
        /robot\.yaml:\d+:\d+: this is not valid YAML/,
      ],
      [
        'another robot',
        { ...TWIN, yaml: TWIN.yaml.replace('robot: twin-rotor', 'robot: quad') },
        /robot: the two files describe different robots \(expected 'twin-rotor' as in the URDF, got 'quad'/,
      ],
      [
        'a command kind that the actuators do not take',
        { ...TWIN, yaml: TWIN.yaml.replace('commandKind: velocity', 'commandKind: effort') },
        /a rotor actuator does not take effort commands/,
      ],
      [
        'a motor stronger than its joint',
        { ...CRANE, yaml: CRANE.yaml.replace('maxEffort: 100', 'maxEffort: 101') },
        /the motor of joint 'slew' is stronger than the URDF allows \(expected maxEffort ≤ 100, got 101/,
      ],
      [
        'a home position beyond a limit',
        { ...CRANE, yaml: CRANE.yaml.replace('[0, 0, 1] }', '[0, 0, 1], joints: { slew: 3 } }') },
        /home\.joints\.slew: the home position lies outside the limits .*-2 … 2, got 3/,
      ],
      [
        'a home of 0 that nobody wrote and no joint can take',
        { ...CRANE, urdf: CRANE.urdf.replace('lower="-2"', 'lower="0.5"') },
        /home\.joints\.slew: the home position lies outside the limits .*0\.5 … 2, got none, which means 0/,
      ],
      [
        'a safety limit for half the joints',
        {
          ...CRANE,
          yaml: CRANE.yaml.replace('maxCommandRate: 1000', 'maxCommandRate: { slew: 9 }'),
        },
        /safety\.maxCommandRate: a joint has no value .*got none for slide/,
      ],
      [
        'a fallback command out of range',
        { ...CRANE, yaml: CRANE.yaml.replace('damp: 0', 'damp: 500') },
        /safety\.damp: the command of joint 'slew' is out of range/,
      ],
      [
        'a moving link without mass',
        {
          ...CRANE,
          urdf: CRANE.urdf.replace(/<link name="trolley">.*?<\/link>/s, '<link name="trolley"/>'),
        },
        /robot\.urdf:3: robot\/link\[trolley\]: a link that moves has no mass/,
      ],
    ];
  it.each(faults)('names the place of %s', (_what, source, message) => {
    expect(() => parseTestRobot(source)).toThrow(UserError);
    expect(() => parseTestRobot(source)).toThrow(message);
  });

  it('gives commands, limits and fallbacks to the actuated joints alone, in joint order', () => {
    const model = loadRobot('cartpole');
    expect(model.jointNames).toEqual(['cart_joint', 'pole_joint']);
    expect(model.actuatedJointNames).toEqual(['cart_joint']);
    expect(model.commandLower).toEqual([-10]);
    expect(model.safety.stop).toEqual([0]);
    expect(model.home.jointPosition).toEqual([0, 0]);
  });
});

describe('crazyflie', () => {
  const model = loadRobot('crazyflie');

  it('weighs 27 g, as the datasheet says, in one body', () => {
    expect(computeTotalMass(model)).toBe(0.027);
    expect(computeRigidBodies(model)).toHaveLength(1);
  });

  it('has its motors where the firmware has them: front right, back right, back left, front left', () => {
    const signs = computeRotorGeometry(model).map(({ arm }) => arm.slice(0, 2).map(Math.sign));
    expect(signs).toEqual([
      [1, -1],
      [-1, -1],
      [-1, 1],
      [1, 1],
    ]);
    // 46 mm from the centre: 0.0325·√2 = 0.04596.
    for (const { arm } of computeRotorGeometry(model)) {
      expect(Math.hypot(arm[0], arm[1])).toBeCloseTo(0.046, 4);
    }
  });

  it('hovers within 2 % of the speed that the maker measured for 27 g of thrust', () => {
    // Table: 24.4 g at 15924 rpm, 28.6 g at 17174 rpm; 27 g lies at 15924 + 1250·2.6/4.2 = 16698 rpm.
    const measured = (16698 * 2 * Math.PI) / 60;
    expect(Math.abs(computeHoverSpeed(model, 9.80665) / measured - 1)).toBeLessThan(0.02);
  });

  it('has its torque coefficient in the measured ratio to its thrust coefficient', () => {
    for (const { actuator } of computeRotorGeometry(model)) {
      // 0.005964552 m; the product is written with five digits.
      expect(actuator.torqueCoefficient / actuator.thrustCoefficient).toBeCloseTo(0.005964552, 6);
    }
  });
});

describe('cartpole', () => {
  it('has the masses of 1983: cart 1.0 kg, pole 0.1 kg', () => {
    const model = loadRobot('cartpole');
    expect(computeRigidBodies(model).map((body) => body.mass)).toEqual([0, 1, 0.1]);
    expect(computeTotalMass(model)).toBeCloseTo(1.1, 12);
  });
});
