import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { UserError } from '../../../sim/errors.ts';
import { computeBodyPoses, computeCentreOfMass } from '../../../sim/robot/body-poses.ts';
import { loadRobot } from '../../../sim/robot/load.ts';
import { readMesh } from '../../../sim/robot/mesh/read-mesh.ts';
import { computeRigidBodies } from '../../../sim/robot/rigid-bodies.ts';
import { parseUrdf, readUrdf, type UrdfDescription } from '../../../sim/robot/urdf.ts';
import { expandXacro } from '../../../sim/robot/xacro/expand.ts';
import { makeGarbledText, makeGarbledXml } from '../../kit/garbled-xml.ts';
import { makeBinaryStl, makeCollada, makeObj, makeTextStl } from '../../kit/mesh-files.ts';
import { getTestRobotSource } from '../../kit/robots.ts';
import { makeXacroFiles } from '../../kit/xacro-files.ts';

/** Limits may be infinite: there is none. */
const UNLIMITED = ['lower', 'upper', 'maxVelocity', 'maxEffort'];
const RUNS = { seed: 20_250_101 } as const;

/** Every number of a value, by the way to it, that is none. */
function findBadNumbers(value: unknown, path = ''): string[] {
  if (typeof value === 'number') {
    const key = path.slice(path.lastIndexOf('.') + 1);
    const isGood = Number.isFinite(value) || (UNLIMITED.includes(key) && !Number.isNaN(value));
    return isGood ? [] : [`${path} = ${value}`];
  }
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => findBadNumbers(inner, `${path}.${key}`));
}

/** The result, or undefined where a UserError refuses the input; anything else that is thrown fails the test. */
function refuseOr<T>(make: () => T): T | undefined {
  try {
    return make();
  } catch (error) {
    if (error instanceof UserError) return undefined;
    throw error;
  }
}

function checkDescription(urdf: UrdfDescription): void {
  expect(findBadNumbers([urdf.links, urdf.joints, urdf.transmissions])).toEqual([]);
  const jointNames = urdf.joints.filter((j) => j.type !== 'fixed').map((j) => j.name);
  const bodies = computeRigidBodies({ ...urdf, jointNames, actuators: [] });
  const poses = computeBodyPoses(
    bodies,
    jointNames.map(() => 0.1),
  );
  expect(findBadNumbers([bodies.map(({ connection: _, ...body }) => body), poses])).toEqual([]);
  expect(findBadNumbers(computeCentreOfMass(bodies, poses))).toEqual([]);
}

const GRIPPER = `<robot name="gripper"><link name="world"/>
  <link name="base"><inertial><origin xyz="0 0 0.1" rpy="0.1 0 0"/><mass value="2"/>
    <inertia ixx="0.1" iyy="0.2" izz="0.2" ixy="0.01" ixz="0" iyz="0"/></inertial>
    <visual><geometry><mesh filename="package://a/b.stl" scale="1 1 -1"/></geometry><material name="m"><color rgba="1 0 0 1"/></material></visual>
    <collision name="c"><geometry><capsule radius="0.1" length="0.2"/></geometry></collision></link>
  <link name="left"><inertial><mass value="0.1"/><inertia ixx="1e-4" iyy="1e-4" izz="1e-4"/></inertial></link>
  <link name="right"><inertial><mass value="0.1"/><inertia ixx="1e-4" iyy="1e-4" izz="1e-4"/></inertial></link>
  <joint name="free" type="floating"><parent link="world"/><child link="base"/></joint>
  <joint name="a" type="prismatic"><parent link="base"/><child link="left"/><origin xyz="0 0.1 0"/><axis xyz="0 1 0"/>
    <limit lower="0" upper="0.04" effort="20" velocity="0.2"/><dynamics damping="1" friction="0.1"/></joint>
  <joint name="b" type="prismatic"><parent link="base"/><child link="right"/><axis xyz="0 -1 0"/>
    <limit lower="0" upper="0.04" effort="20" velocity="0.2"/><mimic joint="a" multiplier="1" offset="0"/></joint>
  <transmission name="t"><type>x</type><joint name="a"/><actuator name="m"><mechanicalReduction>5</mechanicalReduction></actuator></transmission>
</robot>`;
const URDFS = [GRIPPER, getTestRobotSource('crane').urdf];

describe('a garbled URDF', () => {
  it('is refused with reasons or becomes a robot of finite numbers', () => {
    let numAccepted = 0;
    const check = (text: string) => {
      // What is shown of a description with problems must not fail either.
      const shown = refuseOr(() => readUrdf(text, 'robot.urdf'))?.urdf;
      if (shown !== undefined) computeRigidBodies({ ...shown, jointNames: [], actuators: [] });
      const urdf = refuseOr(() => parseUrdf(text, 'robot.urdf'));
      if (urdf === undefined) return;
      numAccepted++;
      checkDescription(urdf);
    };
    fc.assert(fc.property(makeGarbledXml(URDFS), check), { ...RUNS, numRuns: 600 });
    fc.assert(fc.property(makeGarbledText(URDFS), check), { ...RUNS, numRuns: 300 });
    // Of changes this small many are harmless; if none were, nothing beyond the reader would have been tried.
    expect(numAccepted).toBeGreaterThan(100);
  });

  it('is refused where its bytes are of another encoding', () => {
    for (const encoding of ['utf16le', 'base64', 'hex'] as const) {
      const text = Buffer.from(Buffer.from(GRIPPER, 'utf8').toString(encoding), 'latin1');
      expect(() => parseUrdf(text.toString('utf8'), 'f')).toThrow(UserError);
    }
    expect(() => parseUrdf(Buffer.from(GRIPPER, 'utf16le').toString('utf8'), 'f')).toThrow(
      UserError,
    );
    expect(parseUrdf(`\uFEFF${GRIPPER}`, 'f').name).toBe('gripper');
  });

  it('ends where it is made to go on for ever', () => {
    const chain = (length: number) =>
      Array.from(
        { length },
        (_, i) =>
          `<link name="l${i}"/><joint name="j${i}" type="fixed"><parent link="l${i}"/><child link="l${i + 1}"/></joint>`,
      ).join('');
    const long = parseUrdf(`<robot name="r">${chain(1000)}<link name="l1000"/></robot>`, 'f');
    expect(long.links).toHaveLength(1001);
    const entity = Array.from(
      { length: 30 },
      (_, i) => `<!ENTITY e${i + 1} "&e${i};&e${i};">`,
    ).join('');
    const bomb = `<!DOCTYPE robot [<!ENTITY e0 "a">${entity}]><robot name="&e30;"/>`;
    expect(() => parseUrdf(bomb, 'f')).toThrow(UserError);
    const deep = `<robot name="r">${'<link name="a">'.repeat(5000)}${'</link>'.repeat(5000)}</robot>`;
    expect(() => parseUrdf(deep, 'f')).toThrow(/not well-formed XML .*nested/);
  });

  it('gives no robot with numbers that are none, as the shipped ones show', () => {
    for (const name of ['cartpole', 'crazyflie']) {
      const { commandLower: _l, commandUpper: _u, ...model } = loadRobot(name);
      expect(findBadNumbers(model)).toEqual([]);
    }
    expect(findBadNumbers({ mass: Number.NaN, lower: Number.NaN, upper: Infinity })).toEqual([
      '.mass = NaN',
      '.lower = NaN',
    ]);
  });
});

const XACRO = `<robot name="r" xmlns:xacro="http://ros.org/wiki/xacro">
  <xacro:arg name="n" default="3"/><xacro:property name="m" value="\${2 * 0.5}"/>
  <xacro:property name="base" value="a"/><xacro:include filename="part.xacro"/>
  <link name="\${base}"/><xacro:if value="\${m > 0}"><xacro:leg n="$(arg n)"><origin xyz="0 0 \${m}"/></xacro:leg></xacro:if>
  <xacro:unless value="\${'x' in ['x', 'y'][0]}"><link name="never"/></xacro:unless></robot>`;
const PART = `<robot xmlns:xacro="x"><xacro:macro name="leg" params="n:=1 *o">
  <xacro:if value="\${n > 0}"><link name="l\${n}"><inertial><xacro:insert_block name="o"/><mass value="\${m * n}"/>
  <inertia ixx="\${0.1 ** 2}" iyy="0.01" izz="\${sum([k for k in [0.01]])}"/></inertial></link>
  <joint name="j\${n}" type="fixed"><parent link="a"/><child link="l\${n}"/></joint>
  <xacro:leg n="\${n - 1}"><origin/></xacro:leg></xacro:if></xacro:macro></robot>`;

describe('a garbled xacro', () => {
  const expand = (robot: string, part: string) =>
    refuseOr(() => {
      const files = makeXacroFiles({ '/robot.xacro': robot, '/part.xacro': part });
      return parseUrdf(expandXacro('/robot.xacro', files), 'robot.xacro');
    });

  it('is refused with reasons or becomes a robot of finite numbers', () => {
    expect(expand(XACRO, PART)!.links.map((link) => link.name)).toEqual(['a', 'l3', 'l2', 'l1']);
    const text = fc.oneof(makeGarbledXml([XACRO]), makeGarbledText([XACRO]));
    const part = fc.oneof(fc.constant(PART), makeGarbledXml([PART]), makeGarbledText([PART]));
    fc.assert(
      fc.property(text, part, (robot, other) => {
        const urdf = expand(robot, other);
        if (urdf !== undefined) checkDescription(urdf);
      }),
      { ...RUNS, numRuns: 500 },
    );
  });

  it('is refused or computed whatever its expressions are', () => {
    const token = fc.constantFrom(
      ...['1', '2.5', "'a'", 'm', 'x', '(', ')', '[', ']', '{', '}', ',', ':', '.', '+', '-', '*'],
      ...[
        '**',
        '/',
        '//',
        '%',
        '<',
        '==',
        ' in ',
        ' is ',
        ' not ',
        ' and ',
        ' if ',
        ' else ',
        ' for ',
      ],
      ...[
        'range',
        'len',
        'str',
        'dict',
        'python',
        'xacro',
        'load_yaml',
        'lambda',
        '=',
        '|',
        '9'.repeat(40),
      ],
    );
    fc.assert(
      fc.property(fc.array(token, { maxLength: 14 }), (tokens) => {
        const attribute = tokens.join('').replaceAll('<', '&lt;');
        expand(
          `<robot name="r"><xacro:property name="m" value="3"/><link name="\${${attribute}}"/></robot>`,
          PART,
        );
      }),
      { ...RUNS, numRuns: 2000 },
    );
  });
});

describe('a garbled mesh file', () => {
  it('is refused with a reason or becomes triangles with finite corners', () => {
    const files = [
      ['a.stl', makeBinaryStl()],
      ['a.stl', makeTextStl()],
      ['a.obj', makeObj()],
      ['a.dae', makeCollada({ node: '<matrix>1 0 0 0 0 1 0 0 0 0 1 0 0 0 0 1</matrix>' })],
    ] as const;
    const edit = fc.record({ at: fc.nat(), byte: fc.nat(255) });
    fc.assert(
      fc.property(
        fc.constantFrom(...files),
        fc.array(edit, { maxLength: 8 }),
        fc.option(fc.nat(), { nil: undefined }),
        ([file, bytes], edits, cut) => {
          const made = bytes.slice(0, cut === undefined ? bytes.length : cut % bytes.length);
          for (const { at, byte } of edits) if (made.length > 0) made[at % made.length] = byte;
          const mesh = refuseOr(() => readMesh(made, file));
          if (mesh === undefined) return;
          expect(mesh.vertices.every(Number.isFinite)).toBe(true);
          const numVertices = mesh.vertices.length / 3;
          expect(mesh.triangles.every((index) => index < numVertices)).toBe(true);
        },
      ),
      { ...RUNS, numRuns: 800 },
    );
  });
});
