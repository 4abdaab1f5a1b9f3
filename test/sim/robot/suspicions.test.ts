import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { describeRobot } from '../../../sim/robot/describe.ts';
import { findRobotFiles, listRobots } from '../../../sim/robot/load.ts';
import { makeBinaryStl } from '../../kit/mesh-files.ts';

/** Warnings about a robot given as files. */
async function inspect(files: Readonly<Record<string, string | Uint8Array>>): Promise<string[]> {
  const folder = mkdtempSync(join(tmpdir(), 'suspect-'));
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
  const { warnings, problems } = await describeRobot(folder);
  expect(problems).toEqual([]);
  return warnings.map((warning) => warning.replace(`${folder}/`, ''));
}

const link = (name: string, mass: number, shapes: string) =>
  `<link name="${name}"><inertial><mass value="${mass}"/><inertia ixx="1" iyy="1" izz="1"/></inertial>${shapes}</link>`;
const shape = (tag: string, geometry: string) =>
  `<${tag}><geometry>${geometry}</geometry></${tag}>`;
const box = (size: number) => `<box size="${size} ${size} ${size}"/>`;
const one = (mass: number, shapes: string) => ({
  'r.urdf': `<robot name="r">${link('a', mass, shapes)}</robot>`,
});

/** A go2 whose description somebody wrote in other units. */
function garble(pattern: RegExp, factor: number): { 'r.urdf': string } {
  const scale = (text: string) =>
    text
      .split(' ')
      .map((number) => Number(number) * factor)
      .join(' ');
  const urdf = readFileSync(findRobotFiles('go2').urdf, 'utf8');
  return {
    'r.urdf': urdf.replace(pattern, (_, key, value) => `${key}="${scale(value)}"`),
  };
}

describe('suspicions about a description', () => {
  it('says nothing about the robots in the box', async () => {
    expect(listRobots().length).toBeGreaterThan(3);
    for (const name of listRobots()) expect((await describeRobot(name)).warnings).toEqual([]);
  });

  it('knows lengths in millimetres by robots of more than 50 m', async () => {
    // 49 m of foam and 51 m.
    expect(await inspect(one(49 ** 3 * 20, shape('visual', box(49))))).toEqual([]);
    expect(await inspect(one(51 ** 3 * 20, shape('visual', box(51))))).toEqual([
      'r.urdf:1: robot/link[a]: the box looks as if it were in millimetres (expected at most 50 m, got 51 m). Give it in metres.',
    ]);
    const every = await inspect(garble(/(size|radius|length)="([^"]+)"/g, 1000));
    expect(every.join()).toMatch(/link\[base_link\]: the box looks .*got 376 m/);
  });

  it('names a mesh in millimetres, and not its density besides', async () => {
    const files = one(1, shape('visual', '<mesh filename="unit.stl" scale="60 60 60"/>'));
    const [warning, ...others] = await inspect({ ...files, 'unit.stl': makeBinaryStl() });
    expect(warning).toMatch(/mesh 'unit\.stl' looks as .*got 60 m\)\. Scale it by 0\.001/);
    expect(others).toEqual([]);
  });

  it('tells collision shapes of another scale than the visuals', async () => {
    const both = (collision: number) =>
      inspect(one(1, shape('collision', box(collision)) + shape('visual', box(0.2))));
    expect(await both(0.01)).toEqual([]);
    expect(await both(0.0002)).toEqual([
      expect.stringMatching(/not of one scale .*got collision 0\.0002 m, visual 0\.2 m/),
    ]);
  });

  it('knows joints placed in millimetres', async () => {
    const arm = (reach: number) => ({
      'r.urdf': `<robot name="r">${link('a', 1, '')}${link('b', 1, '')}<joint name="j" type="continuous">
        <parent link="a"/><child link="b"/><origin xyz="0 0 ${reach}"/></joint></robot>`,
    });
    expect(await inspect(arm(0.85))).toEqual([]);
    expect((await inspect(arm(850))).join()).toMatch(/origins of its joints .*got 850 m/);
  });

  it('knows masses in grams: no matter is denser than 25 000 kg/m³', async () => {
    // A box of 0.1 m holds 1e-3 m³: 25 kg at most.
    const heavy = (mass: number) => inspect(one(mass, shape('collision', box(0.1))));
    expect(await heavy(24.9)).toEqual([]);
    expect(await heavy(25.1)).toEqual([
      'r.urdf:1: robot/link[a]: the body is heavier than any matter: grams? (expected 10 to 25000 kg/m³, got 25.1 kg in 0.001 m³, 25100 kg/m³, in a). Give its masses in kg.',
    ]);
    const go2 = await inspect(garble(/(mass value|i[xyz]{2})="([^"]+)"/g, 1000));
    // Each of its 13 bodies.
    expect(go2.filter((text) => /grams\?/.test(text))).toHaveLength(13);
  });

  it('measures the box around a whole body: what its shapes do not fill may be part of it', async () => {
    // Two balls of 1 cm at the ends of a rod that nobody drew weigh 1 kg: 1.2e5 kg/m³ in themselves.
    const ball = (x: number) =>
      `<collision><origin xyz="${x} ${x} ${x}"/><geometry><sphere radius="0.01"/></geometry></collision>`;
    expect(await inspect(one(1, ball(-0.1) + ball(0.1)))).toEqual([]);
    expect((await inspect(one(1, ball(0)))).join()).toMatch(/heavier than any matter/);
  });

  it('knows bodies lighter than foam, and whether rather their sizes are wrong', async () => {
    const light = (mass: number) => inspect(one(mass, shape('visual', box(1))));
    expect(await light(10.1)).toEqual([]);
    expect((await light(9.9)).join()).toMatch(/lighter than foam .*9\.9 kg in 1 m³, 9\.9 kg\/m³/);
    // 0.1 kg in a box of 30 m: 4 mg/m³.
    expect((await inspect(one(0.1, shape('visual', box(30))))).join()).toMatch(
      /lighter than air: sizes in millimetres\?/,
    );
    // 1 kg in a box of 0.1 mm.
    expect((await inspect(one(1, shape('visual', box(1e-4))))).join()).toMatch(/too small\?/);
  });

  it('takes the volume that a mesh encloses, turned inside out by its scale or not', async () => {
    // The tetrahedron of edges 1 encloses 1/6 m³ and is 6 kg/m³ with 1 kg, 12 with 2 kg.
    const files = (mass: number) => ({
      ...one(mass, shape('visual', '<mesh filename="unit.stl" scale="-1 1 1"/>')),
      'unit.stl': makeBinaryStl(),
    });
    expect(await inspect(files(2))).toEqual([]);
    expect((await inspect(files(1))).join()).toMatch(/1 kg in 0\.167 m³, 6 kg\/m³/);
  });
});

describe('suspicions about home', () => {
  /** A cube of 0.2 m and 1 kg on a wheel that nobody sees. */
  const cube = (home: string, base = 'floating') => ({
    'r.urdf': `<robot name="r">${link('a', 1, shape('collision', box(0.2)))}${link('b', 1, '')}
      <joint name="j" type="continuous"><parent link="a"/><child link="b"/></joint></robot>`,
    'robot.yaml': `robot: r\nbase: ${base}\ncommandKind: effort\nhome: ${home}\nactuators: [{ kind: effort, joints: [j], maxEffort: 1 }]\nsafety: { maxCommandRate: 1, damp: 0, stop: 0, motorTimeoutS: 0.1 }\n`,
  });

  it('knows a robot that begins in the ground', async () => {
    expect(await inspect(cube('{ position: [0, 0, 0.091] }'))).toEqual([]);
    expect(await inspect(cube('{ position: [0, 0, 0.08] }'))).toEqual([
      'robot.yaml: home.position: the robot begins in the ground, and contact will throw it out (expected at most 0.01 m below 0, got its lowest point at -0.02 m, base_link at 0.08 m). It stands on the ground with 0.1 as the third number.',
    ]);
    expect(await inspect(cube('{ position: [0, 0, 0] }', 'fixed'))).toEqual([]);
  });

  it('knows a robot that begins with a fall from higher than it is tall, unless it flies', async () => {
    expect(await inspect(cube('{ position: [0, 0, 0.299] }'))).toEqual([]);
    expect((await inspect(cube('{ position: [0, 0, 0.31] }'))).join()).toMatch(
      /fall from higher than it is tall \(expected at most 0\.2 m above 0, got its lowest point at 0\.21 m/,
    );
  });

  it('turns the robot as home does', async () => {
    // On an edge the cube reaches 0.1 · √2 = 0.1414 m down.
    const tipped = (z: number) =>
      inspect(cube(`{ position: [0, 0, ${z}], rollPitchYaw: [${Math.PI / 4}, 0, 0] }`));
    expect(await tipped(0.132)).toEqual([]);
    expect((await tipped(0.13)).join()).toMatch(/in the ground.*with 0\.141 as the third/);
  });
});
