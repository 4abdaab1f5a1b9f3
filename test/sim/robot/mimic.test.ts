import { describe, expect, it } from 'vitest';
import { UserError } from '../../../sim/errors.ts';
import { parseUrdf } from '../../../sim/robot/urdf.ts';
import { parseTestRobot } from '../../kit/robots.ts';

const BALL = '<inertial><mass value="1"/><inertia ixx="0.1" iyy="0.1" izz="0.1"/></inertial>';
const LIMIT = '<limit lower="-1" upper="1" effort="5" velocity="3"/>';
const finger = (name: string, inner: string, type = 'revolute') =>
  `<link name="${name}">${BALL}</link><joint name="${name}_joint" type="${type}">
   <parent link="palm"/><child link="${name}"/>${LIMIT}${inner}</joint>`;
const hand = (...fingers: string[]) =>
  `<robot name="hand"><link name="palm"/>${fingers.join('')}</robot>`;
const mimic = (joint: string, factors = '') => `<mimic joint="${joint}_joint" ${factors}/>`;

const YAML = (joints: string, home = '{ a_joint: 0.5 }') =>
  `robot: hand\nbase: fixed\ncommandKind: effort\nhome: { position: [0, 0, 1], joints: ${home} }\n` +
  `actuators: [{ kind: effort, joints: [${joints}], maxEffort: 5 }]\n` +
  'safety: { maxCommandRate: 10, damp: 0, stop: 0, motorTimeoutS: 0.1 }\n';

const readMimic = (urdf: string, joint: string) =>
  parseUrdf(urdf, 'hand.urdf').joints.find((candidate) => candidate.name === joint)!.mimic;

describe('<mimic>', () => {
  it('gives a joint the rule by which it follows another, 1 and 0 unless given', () => {
    const urdf = hand(
      finger('a', ''),
      finger('b', mimic('a', 'multiplier="-2" offset="0.1"')),
      finger('c', mimic('a')),
    );
    expect(readMimic(urdf, 'b_joint')).toEqual({ joint: 'a_joint', multiplier: -2, offset: 0.1 });
    expect(readMimic(urdf, 'c_joint')).toEqual({ joint: 'a_joint', multiplier: 1, offset: 0 });
    expect(readMimic(urdf, 'a_joint')).toBeUndefined();
  });

  it('puts a follower of a follower behind the joint that moves on its own', () => {
    // c = 3 b + 0.5 and b = 2 a + 0.25 make c = 6 a + 3 · 0.25 + 0.5 = 6 a + 1.25.
    const urdf = hand(
      finger('c', mimic('b', 'multiplier="3" offset="0.5"')),
      finger('b', mimic('a', 'multiplier="2" offset="0.25"')),
      finger('a', ''),
    );
    expect(readMimic(urdf, 'c_joint')).toEqual({ joint: 'a_joint', multiplier: 6, offset: 1.25 });
  });

  it('warns where the rule leads a follower beyond its own limits, not where rounding does', () => {
    const warningsOf = (factors: string) =>
      parseUrdf(hand(finger('a', ''), finger('b', mimic('a', factors))), 'hand.urdf').warnings;
    // a in ±1 takes b to −2 · 1 + 0.1 = −1.9 and −2 · (−1) + 0.1 = 2.1, where ±1 is allowed.
    expect(warningsOf('multiplier="-2" offset="0.1"')).toEqual([
      "hand.urdf:2: robot/joint[b_joint]: follows 'a_joint' over -1.900 … 2.100, beyond its own limits -1 … 1",
    ]);
    expect(warningsOf('multiplier="1.01"')).toEqual([]);
  });

  const faults: readonly [what: string, urdf: string, message: RegExp][] = [
    [
      'a joint that does not exist',
      hand(finger('a', ''), finger('b', mimic('z'))),
      /joint\[b_joint\]: <mimic> names .*no such joint \(expected one of a_joint, got 'z_joint'/,
    ],
    [
      'a fixed joint',
      hand(finger('a', '', 'fixed'), finger('b', mimic('a'))),
      /cannot be followed: it is fixed/,
    ],
    [
      'a ring',
      hand(finger('a', mimic('b')), finger('b', mimic('a'))),
      /follow one another in a ring/,
    ],
    ['itself', hand(finger('a', mimic('a'))), /in a ring \(expected one of \(no joint moves/],
  ];
  it.each(faults)('is refused where it names %s', (_what, urdf, message) => {
    expect(() => parseUrdf(urdf, 'hand.urdf')).toThrow(UserError);
    expect(() => parseUrdf(urdf, 'hand.urdf')).toThrow(message);
  });

  const urdf = hand(finger('a', ''), finger('b', mimic('a', 'multiplier="-1" offset="0.2"')));

  it('keeps its joint in joint order, at home where the rule puts it', () => {
    const model = parseTestRobot({ urdf, yaml: YAML('a_joint') });
    expect(model.jointNames).toEqual(['a_joint', 'b_joint']);
    expect(model.actuatedJointNames).toEqual(['a_joint']);
    // −1 · 0.5 + 0.2
    expect(model.home.jointPosition).toEqual([0.5, -0.3]);
  });

  it('lets its joint have neither a motor nor a home position', () => {
    expect(() => parseTestRobot({ urdf, yaml: YAML('a_joint, b_joint') })).toThrow(
      /joint 'b_joint' follows joint 'a_joint' and can have no actuator/,
    );
    expect(() =>
      parseTestRobot({ urdf, yaml: YAML('a_joint', '{ a_joint: 0, b_joint: 0 }') }),
    ).toThrow(/home\.joints\.b_joint: joint 'b_joint' follows joint 'a_joint'/);
  });
});

describe('a floating joint between an empty root link and the robot', () => {
  const body = `<link name="body">${BALL}</link>`;
  const float =
    '<joint name="free" type="floating"><parent link="world"/><child link="body"/></joint>';
  const urdf = `<robot name="hand"><link name="world"/>${body}${float}${finger('a', '').replace('palm', 'body')}</robot>`;

  it('makes its child the root link, and leaves world and itself out', () => {
    const found = parseUrdf(urdf, 'f');
    expect([found.base, found.rootLink]).toEqual(['floating', 'body']);
    expect(found.links.map((link) => link.name)).toEqual(['body', 'a']);
    expect(found.joints.map((joint) => joint.name)).toEqual(['a_joint']);
  });

  it('has to agree with robot.yaml', () => {
    const floating = YAML('a_joint').replace('base: fixed', 'base: floating');
    expect(parseTestRobot({ urdf, yaml: floating }).base).toBe('floating');
    expect(() => parseTestRobot({ urdf, yaml: YAML('a_joint') })).toThrow(
      /base: the two files .*'floating' as in the URDF, got 'fixed'/,
    );
  });
});

describe('<transmission>', () => {
  const read = (xml: string) =>
    parseUrdf(hand(finger('a', ''), finger('b', ''), xml), 'hand.urdf').transmissions;

  it('is read with its joints, actuators and reductions', () => {
    const xml = `<transmission name="t"><type>transmission_interface/SimpleTransmission</type>
      <joint name="a_joint"><hardwareInterface>hardware_interface/EffortJointInterface</hardwareInterface></joint>
      <actuator name="m"><mechanicalReduction>50</mechanicalReduction></actuator></transmission>`;
    expect(read(xml)).toEqual([
      {
        name: 't',
        type: 'transmission_interface/SimpleTransmission',
        joints: [{ name: 'a_joint', mechanicalReduction: 1 }],
        actuators: [{ name: 'm', mechanicalReduction: 50 }],
      },
    ]);
  });

  it('is read in the older form too, whose reduction stands beside its ends', () => {
    const xml = `<transmission name="t" type="pr2_mechanism_model/SimpleTransmission">
      <actuator name="m"/><joint name="b_joint"/><mechanicalReduction>-3.5</mechanicalReduction></transmission>`;
    expect(read(xml)[0]).toMatchObject({
      type: 'pr2_mechanism_model/SimpleTransmission',
      actuators: [{ name: 'm', mechanicalReduction: -3.5 }],
    });
  });

  it('is warned of where it names a joint that does not exist', () => {
    const xml = '<transmission name="t"><joint name="z"/><actuator name="m"/></transmission>';
    const { transmissions, warnings } = parseUrdf(hand(finger('a', ''), xml), 'hand.urdf');
    expect(transmissions[0]!.joints).toEqual([]);
    expect(warnings.join()).toMatch(/transmission\[t\]\/joint\[z\]: there is no joint 'z'/);
  });
});
