import { describe, expect, it } from 'vitest';
import { UserError, UserErrors } from '../../../sim/errors.ts';
import { parseUrdf } from '../../../sim/robot/urdf.ts';

const INERTIAL = '<inertial><mass value="1"/><inertia ixx="0.1" iyy="0.1" izz="0.1"/></inertial>';
const ARM = `<robot name="arm">
  <link name="base"/>
  <link name="tool">${INERTIAL}</link>
  <joint name="hinge" type="revolute">
    <parent link="base"/><child link="tool"/>
    <origin xyz="0 0 1" rpy="0 0 1.5707963267948966"/>
    <axis xyz="0 0 2"/>
    <limit lower="-1" upper="1" effort="5" velocity="3"/>
    <dynamics damping="0.2" friction="0.1"/>
  </joint>
</robot>`;

function readFault(urdf: string): UserError {
  try {
    parseUrdf(urdf, 'arm.urdf');
  } catch (error) {
    if (error instanceof UserError) return error;
  }
  throw new Error('expected a UserError');
}

describe('parseUrdf', () => {
  it('reads links, joints, limits and dynamics', () => {
    const { name, rootLink, links, joints } = parseUrdf(ARM, 'arm.urdf');
    expect([name, rootLink, links.map((link) => link.name)]).toEqual([
      'arm',
      'base',
      ['base', 'tool'],
    ]);
    const joint = joints[0]!;
    expect(joint).toMatchObject({
      name: 'hinge',
      type: 'revolute',
      lower: -1,
      upper: 1,
      maxEffort: 5,
      maxVelocity: 3,
      damping: 0.2,
      friction: 0.1,
    });
    // "0 0 2" has length 2; yaw π/2 is the quaternion (0, 0, sin π/4, cos π/4).
    expect(joint.axis).toEqual([0, 0, 1]);
    expect(joint.parentFromJoint.rotation[2]).toBeCloseTo(Math.SQRT1_2, 15);
  });

  const silent: readonly [what: string, urdf: string, warning: string][] = [
    [
      'misspelt attributes',
      ARM.replace('velocity="3"', 'velocty="3" speed="3"'),
      "arm.urdf:8: robot/joint[hinge]/limit: 'velocty', 'speed' ignored; attributes known here: lower, upper, velocity, effort",
    ],
    [
      'a limit that is left out',
      ARM.replace(' effort="5"', ''),
      "arm.urdf:8: robot/joint[hinge]/limit: 'effort' is not given and counts as unlimited",
    ],
    [
      'a motor without effort',
      ARM.replace('effort="5"', 'effort="0"'),
      "arm.urdf:8: robot/joint[hinge]/limit: 'effort' is 0: no motor can move the joint",
    ],
    [
      'a range without extent',
      ARM.replace('lower="-1" upper="1"', 'lower="0" upper="0"'),
      "arm.urdf:8: robot/joint[hinge]/limit: 'lower' and 'upper' are both 0: the joint cannot move",
    ],
    [
      'limits in degrees',
      ARM.replace('lower="-1"', 'lower="-90"'),
      'arm.urdf:8: robot/joint[hinge]/limit: -90 to 1 are more than four turns: angles are in rad',
    ],
    [
      'angles in degrees',
      ARM.replace('0 0 1.5707963267948966', '0 0 90'),
      'arm.urdf:6: robot/joint[hinge]/origin: rpy 0 0 90 is more than a whole turn: angles are in rad',
    ],
    [
      'a start of a free base that is not used',
      ARM.replace('revolute', 'floating').replace(/<axis.*dynamics[^>]*>/s, ''),
      'arm.urdf:4: robot/joint[hinge]: the <origin> of a free base is not used: `home` of robot.yaml says where it starts',
    ],
  ];
  it.each(silent)('warns of %s', (_what, urdf, warning) => {
    expect(parseUrdf(urdf, 'arm.urdf').warnings).toContain(warning);
  });

  it('has nothing to say about a description without faults', () => {
    expect(parseUrdf(ARM, 'arm.urdf').warnings).toEqual([]);
  });

  it('does not mind the encoding of comments', () => {
    expect(parseUrdf(ARM.replace('<link', '<!-- f\uFFFDr --><link'), 'f').name).toBe('arm');
  });

  it('takes x as the axis of a joint that gives none', () => {
    expect(parseUrdf(ARM.replace('<axis xyz="0 0 2"/>', ''), 'f').joints[0]!.axis).toEqual([
      1, 0, 0,
    ]);
  });

  it('reads shapes with their colours and keeps mesh paths and scales', () => {
    const { links } = parseUrdf(
      `<robot name="r"><material name="red"><color rgba="1 0 0 1"/></material><link name="a">
        <visual name="hull"><geometry><mesh filename="package://x/hull.stl" scale="0.001 0.001 0.001"/></geometry>
          <material name="red"/></visual>
        <collision><geometry><cylinder radius="0.1" length="0.4"/></geometry></collision>
      </link></robot>`,
      'f',
    );
    expect(links[0]!.visuals[0]).toMatchObject({
      name: 'hull',
      colour: [1, 0, 0, 1],
      geometry: { kind: 'mesh', uri: 'package://x/hull.stl', scale: [0.001, 0.001, 0.001] },
    });
    expect(links[0]!.collisions[0]).toMatchObject({
      name: 'a/collision0',
      geometry: { kind: 'cylinder', radius: 0.1, length: 0.4 },
    });
  });

  it('finds a material that another visual has defined', () => {
    const visual = (material: string) =>
      `<visual><geometry><sphere radius="1"/></geometry>${material}</visual>`;
    const { links } = parseUrdf(
      `<robot name="r"><link name="a">${visual('<material name="sky"/>')}
       ${visual('<material name="sky"><color rgba="0 0 1 1"/></material>')}</link></robot>`,
      'f',
    );
    expect(links[0]!.visuals.map((shape) => shape.colour)).toEqual([
      [0, 0, 1, 1],
      [0, 0, 1, 1],
    ]);
  });

  const faults: readonly [what: string, urdf: string, message: RegExp][] = [
    ['broken XML', ARM.replace('</joint>', ''), /arm\.urdf:\d+.*not well-formed XML.*'joint'/s],
    [
      'names in another encoding',
      ARM.replaceAll('"tool"', '"werkzeug_f\uFFFDr"'),
      /arm\.urdf:3: <link> holds letters that are not UTF-8/,
    ],
    ['another format', '<sdf version="1.8"/>', /not a URDF \(expected outermost element <robot>/],
    ['no links', '<robot name="x"/>', /no links/],
    [
      'an unknown parent',
      ARM.replace('<parent link="base"/>', '<parent link="bse"/>'),
      /robot\/joint\[hinge\]: unknown parent link 'bse' \(expected one of base, tool/,
    ],
    [
      'an unknown child',
      ARM.replace('<child link="tool"/>', '<child link="tol"/>'),
      /unknown child link 'tol' \(expected one of base, tool/,
    ],
    [
      'two links of one name',
      ARM.replace('<link name="base"/>', '<link name="base"/><link name="base"/>'),
      /link name 'base' is taken \(expected unique names, got another one on line 2/,
    ],
    [
      'two roots',
      ARM.replace('<link name="base"/>', '<link name="base"/><link name="stray"/>'),
      /more than one tree \(expected one root link, got roots base, stray/,
    ],
    [
      'a loop',
      `<robot name="r"><link name="a"/><link name="b"/>
       <joint name="ab" type="fixed"><parent link="a"/><child link="b"/></joint>
       <joint name="ba" type="fixed"><parent link="b"/><child link="a"/></joint></robot>`,
      /form a loop \(expected a tree, got a → b → a/,
    ],
    [
      'a link with two parents',
      ARM.replace(
        '</robot>',
        '<joint name="weld" type="fixed"><parent link="base"/><child link="tool"/></joint></robot>',
      ),
      /link 'tool' has two parents .*got joints 'hinge' and 'weld'/,
    ],
    [
      'an axis without direction',
      ARM.replace('0 0 2', '0 0 0'),
      /joint\[hinge\]\/axis: the axis has no direction/,
    ],
    [
      'a revolute joint without limits',
      ARM.replace(/<limit[^>]*>/, ''),
      /joint\[hinge\]: element <limit> is missing/,
    ],
    ['limits the wrong way round', ARM.replace('lower="-1"', 'lower="2"'), /2 > 1/],
    ['a negative damping', ARM.replace('damping="0.2"', 'damping="-2"'), /'damping' is negative/],
    [
      'an unknown joint type',
      ARM.replace('"revolute"', '"planar"'),
      /joint\[hinge\]: the joint type is not supported .*got 'planar'.*two prismatic joints and a continuous one/,
    ],
    [
      'a floating joint inside the robot',
      ARM.replace('<link name="base"/>', `<link name="base">${INERTIAL}</link>`).replace(
        '"revolute"',
        '"floating"',
      ),
      /joint\[hinge\]: only the base of a robot can float .*got one between 'base' and 'tool'/,
    ],
    ['a massless inertial', ARM.replace('mass value="1"', 'mass value="0"'), /mass is impossible/],
    [
      'a negative moment of inertia',
      ARM.replace('ixx="0.1"', 'ixx="-0.1"'),
      /link\[tool\]\/inertial\/inertia: the inertia is impossible .*positive principal moments/,
    ],
    [
      // 0.1 + 0.1 < 0.3: no mass distribution has such moments.
      'an inertia against the triangle inequality',
      ARM.replace('izz="0.1"', 'izz="0.3"'),
      /triangle inequality.*got principal moments 0\.1000, 0\.1000, 0\.3000/,
    ],
    [
      // Diagonal looks fine, but the principal moments are 0.1 ± 0.2.
      'products of inertia that are too large',
      ARM.replace('ixx="0.1"', 'ixx="0.1" ixy="0.2"'),
      /positive principal moments, got principal moments -0\.1000/,
    ],
    [
      'a word for a number',
      ARM.replace('upper="1"', 'upper="one"'),
      /'upper' cannot be read .*got 'one'/,
    ],
    ['NaN', ARM.replace('mass value="1"', 'mass value="NaN"'), /one finite number, got 'NaN'/],
    ['two numbers for three', ARM.replace('0 0 1"', '0 1"'), /3 finite numbers .*got '0 1'/],
    [
      'an unknown shape',
      ARM.replace(INERTIAL, `${INERTIAL}<collision><geometry><cone/></geometry></collision>`),
      /collision\/geometry: the shape is not known .*got <cone>/,
    ],
  ];
  it.each(faults)('names the place of %s', (_what, urdf, message) => {
    expect(readFault(urdf).message).toMatch(message);
  });

  it('reports every problem of a file at once, each with its line', () => {
    const fault = readFault(
      ARM.replace('mass value="1"', 'mass value="-1"')
        .replace('0 0 2', 'up')
        .replace('"tool"/><', '"tol"/><'),
    );
    expect(fault).toBeInstanceOf(UserErrors);
    const { errors } = fault as UserErrors;
    expect(errors.length).toBeGreaterThanOrEqual(2);
    // The link stands on line 3 of the text, the axis on line 7.
    expect(errors[0]!.message).toMatch(/^arm\.urdf:3: robot\/link\[tool\]\/inertial\/mass/);
    expect(errors.some((e) => e.message.startsWith('arm.urdf:7: robot/joint[hinge]/axis'))).toBe(
      true,
    );
  });
});
