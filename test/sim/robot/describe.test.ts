import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { UserError } from '../../../sim/errors.ts';
import { describeRobot } from '../../../sim/robot/describe.ts';
import { loadRobot } from '../../../sim/robot/load.ts';
import { openRobot } from '../../../sim/robot/open.ts';
import { makeConfigTemplate, TEMPLATE_SERVO } from '../../../sim/robot/template.ts';
import { makeBinaryStl, makeTextStl } from '../../kit/mesh-files.ts';
import { getTestRobotSource } from '../../kit/robots.ts';

const ball = (name: string, mass: number, inner = '') =>
  `<link name="${name}"><inertial><mass value="${mass}"/><inertia ixx="0.1" iyy="0.1" izz="0.1"/></inertial>${inner}</link>`;
const hinge = (name: string, parent: string, child: string, limits: string, inner = '') =>
  `<joint name="${name}" type="revolute"><parent link="${parent}"/><child link="${child}"/>
   <origin xyz="1 0 0"/><axis xyz="0 1 0"/><limit ${limits} effort="5" velocity="3"/>${inner}</joint>`;
const mesh = (tag: string, file: string) =>
  `<${tag}><geometry><mesh filename="meshes/${file}"/></geometry></${tag}>`;

/** A trunk of 2 kg with a leg of 1 kg that hangs 1 m ahead on a hinge about y, and a follower behind. */
const WALKER = `<robot name="walker">
  ${ball('trunk', 2, '<collision><geometry><box size="1 1 0.5"/></geometry></collision>')}
  ${ball('leg', 1, `<collision><origin xyz="0 0 -1"/><geometry><sphere radius="0.2"/></geometry></collision>`)}
  ${ball('tail', 1)}
  ${hinge('knee', 'trunk', 'leg', 'lower="-1" upper="1"')}
  ${hinge('wag', 'trunk', 'tail', 'lower="-1" upper="1"', '<mimic joint="knee"/>')}
</robot>`;

function makeFolder(files: Readonly<Record<string, string | Uint8Array>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'robot-'));
  mkdirSync(join(folder, 'meshes'));
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
  return folder;
}

describe('describeRobot', () => {
  it('describes a bare URDF: masses, centre of mass, lowest point', async () => {
    const found = await describeRobot(makeFolder({ 'walker.urdf': WALKER }));
    expect(found.problems).toEqual([]);
    expect([found.model, found.configPath]).toEqual([undefined, undefined]);
    expect(found.mass).toBe(4);
    // 2 kg at 0 and two of 1 kg at x = 1: (1 + 1) / 4 = 0.5.
    expect(found.centreOfMass).toEqual([0.5, 0, 0]);
    // The foot's centre is 1 m below the hinge, its radius 0.2 m.
    expect(found.lowestPoint).toBeCloseTo(-1.2, 12);
  });

  it('takes the pose at home where robot.yaml gives one', async () => {
    const { urdf, yaml } = getTestRobotSource('pendulum');
    const upright = yaml.replace(
      'position: [0, 0, 1]',
      `position: [0, 0, 1], joints: { hinge: ${Math.PI} }`,
    );
    const found = await describeRobot(makeFolder({ 'p.urdf': urdf, 'robot.yaml': upright }));
    // The bob hangs 1 m below the hinge at zero, and stands 1 m above it after half a turn.
    expect(found.centreOfMass![2]).toBeCloseTo(1, 12);
  });

  it('lists problems of URDF, robot.yaml and meshes as data', async () => {
    const broken = WALKER.replace('mass value="1"', 'mass value="-1"');
    const first = await describeRobot(makeFolder({ 'walker.urdf': broken }));
    // The tree can be shown all the same.
    expect(first.urdf!.links.map((link) => link.name)).toEqual(['trunk', 'leg', 'tail']);
    expect(first.model).toBeUndefined();
    expect(first.problems.map(String).join()).toMatch(
      /walker\.urdf:3: robot\/link\[leg\].*mass is impossible/,
    );
    const second = await describeRobot(
      makeFolder({ 'walker.urdf': WALKER, 'robot.yaml': 'robot: walker\n' }),
    );
    expect(second.problems.map(String).join()).toMatch(/robot\.yaml: base: the value does not fit/);
    expect(second.mass).toBe(4);
    await expect(describeRobot(join(makeFolder({}), 'none.urdf'))).rejects.toThrow(UserError);
  });

  it('takes a massless root for a fixed base, and says so', async () => {
    const { urdf } = getTestRobotSource('pendulum');
    const found = await describeRobot(makeFolder({ 'p.urdf': urdf }));
    expect(found.problems).toEqual([]);
    expect(found.warnings.join()).toMatch(/only as a fixed base: .*has no mass/);
  });

  it('finds meshes, and tells missing ones to touch with from missing ones to look at', async () => {
    const urdf = `<robot name="m">${ball('a', 2, mesh('collision', 'a.stl') + mesh('visual', 'b.stl'))}</robot>`;
    const whole = await describeRobot(
      makeFolder({
        'm.urdf': urdf,
        'meshes/a.stl': makeBinaryStl(),
        'meshes/b.stl': makeTextStl(),
      }),
    );
    expect(whole.meshes.map((one) => one.asset!.triangles.length / 3)).toEqual([4, 4]);
    expect([whole.problems, whole.warnings]).toEqual([[], []]);
    const empty = await describeRobot(makeFolder({ 'm.urdf': urdf }));
    expect(empty.problems.map(String).join()).toMatch(
      /collision mesh 'meshes\/a\.stl' of link 'a': no such file .*searched .*meshes\/a\.stl/,
    );
    expect(empty.warnings.join()).toMatch(/visual mesh 'meshes\/b\.stl' of link 'a': no such file/);
  });
});

describe('openRobot', () => {
  const { urdf, yaml } = getTestRobotSource('crane');
  const withMesh = urdf.replace(
    '<link name="tip"/>',
    `<link name="tip">${mesh('collision', 'a.stl')}</link>`,
  );

  it('gives meshes by URI, and the hash that the same robot has without them', async () => {
    const folder = makeFolder({
      'c.urdf': withMesh,
      'robot.yaml': yaml,
      'meshes/a.stl': makeBinaryStl(),
    });
    const model = await openRobot(folder);
    expect(model.meshes.get('meshes/a.stl')!.triangles).toHaveLength(12);
    expect(loadRobot(folder).meshes.size).toBe(0);
    expect(loadRobot(folder).sha256).toBe(model.sha256);
    writeFileSync(join(folder, 'meshes/a.stl'), makeTextStl());
    expect((await openRobot(folder)).sha256).not.toBe(model.sha256);
  });

  it('refuses a robot whose collision mesh is missing, by name', async () => {
    const folder = makeFolder({ 'c.urdf': withMesh, 'robot.yaml': yaml });
    await expect(openRobot(folder)).rejects.toThrow(
      /collision mesh 'meshes\/a\.stl' of link 'tip'/,
    );
  });

  it('opens a xacro with arguments and a robot.yaml from elsewhere', async () => {
    const xacro = urdf
      .replace('name="crane"', 'name="$(arg name)"')
      .replace('<link name="base"/>', '<xacro:arg name="name" default="x"/><link name="base"/>');
    const folder = makeFolder({ 'c.urdf.xacro': xacro });
    const config = join(makeFolder({ 'crane.yaml': yaml }), 'crane.yaml');
    const options = { config, xacroArguments: { name: 'crane' } };
    const model = await openRobot(join(folder, 'c.urdf.xacro'), options);
    expect(model.name).toBe('crane');
    await expect(openRobot(folder, { config })).rejects.toThrow(/different robots .*got 'crane'/);
  });

  it('reads a robot without meshes as loadRobot does', async () => {
    for (const name of ['cartpole', 'crazyflie']) {
      expect(await openRobot(name)).toEqual(loadRobot(name));
    }
  });
});

describe('makeConfigTemplate', () => {
  it('writes a robot.yaml that loads at once and stands on the ground', async () => {
    const folder = makeFolder({ 'walker.urdf': WALKER });
    const text = makeConfigTemplate(await describeRobot(folder));
    writeFileSync(join(folder, 'robot.yaml'), text);
    const model = await openRobot(folder);
    expect(model.base).toBe('floating');
    expect(model.home.position[2]).toBeCloseTo(1.2, 12);
    expect(model.actuatedJointNames).toEqual(['knee']);
    // About the knee at x = 1: the leg 0.1; the rest, trunk 0.1 + 2 · 1², and tail 0.1, is 2.2 kg·m².
    const { frequency, dampingRatio } = TEMPLATE_SERVO;
    expect(model.actuators[0]).toMatchObject({
      kind: 'pd',
      // The file has four digits.
      stiffness: Number((2.2 * frequency ** 2).toPrecision(4)),
      damping: Number((2 * dampingRatio * 2.2 * frequency).toPrecision(4)),
      maxEffort: 5,
    });
    expect(text).toMatch(/REVIEW/);
  });

  it('puts joints whose limits leave 0 out into the middle of their range', async () => {
    const bent = WALKER.replace('lower="-1" upper="1"', 'lower="-2" upper="-1"');
    const folder = makeFolder({ 'walker.urdf': bent });
    writeFileSync(join(folder, 'robot.yaml'), makeConfigTemplate(await describeRobot(folder)));
    const model = await openRobot(folder);
    // The tail follows with its own rule.
    expect(model.home.jointPosition).toEqual([-1.5, -1.5]);
    expect(model.safety.stop).toEqual([-1.5]);
  });

  it('writes names that YAML would read as something else in quotes', async () => {
    const odd = WALKER.replaceAll('"knee"', '"1.0"').replaceAll('"walker"', '"yes: no"');
    const folder = makeFolder({ 'walker.urdf': odd });
    writeFileSync(join(folder, 'robot.yaml'), makeConfigTemplate(await describeRobot(folder)));
    const model = await openRobot(folder);
    expect([model.name, model.actuatedJointNames]).toEqual(['yes: no', ['1.0']]);
  });

  it('refuses a robot with problems, or without anything to move', async () => {
    const still = `<robot name="s">${ball('a', 1)}</robot>`;
    const description = await describeRobot(makeFolder({ 's.urdf': still }));
    expect(() => makeConfigTemplate(description)).toThrow(/no joint that a motor could move/);
    const broken = await describeRobot(makeFolder({ 's.urdf': '<robot name="s"/>' }));
    expect(() => makeConfigTemplate(broken)).toThrow(/description with problems .*no links/);
  });
});
