import { describe, expect, it } from 'vitest';
import { makeMjcf } from '../../../sim/engine/mjcf.ts';
import type { RobotModel } from '../../../sim/robot/model.ts';
import { FLAT_SCENE, type Scene } from '../../../sim/terrain/scene.ts';
import { makeTestRobot } from '../../kit/robots.ts';
import { makeTinyRobot, makeTinySolid } from '../../kit/tiny-robot.ts';

const toMjcf = (model: RobotModel, scene: Scene = FLAT_SCENE) => {
  const settings = { numRobots: 1, timestepS: 0.002, gravityW: [0, 0, -9.81], scene } as const;
  return makeMjcf({ model, solver: model.physics.solver, ...settings }, new Map()).text;
};

describe('a robot as MJCF', () => {
  it('hangs its bodies as the URDF does, welds lumped, limits and inertials explicit', () => {
    const lines = toMjcf(makeTestRobot('crane'))
      .split('\n')
      .map((line) => line.trim());
    expect(lines).toContain('<body name="crane/base" mocap="true" pos="0 0 1" quat="1 0 0 0">');
    // The tip is welded to the boom at 0.5 m, the trolley's joint sits 0.25 m farther out.
    const trolley = lines.find((line) => line.startsWith('<body name="crane/trolley"'));
    expect(trolley).toMatch(
      /pos="0\.75 0 0" quat="0\.707106781186547\d* 0 0 0\.707106781186547\d*"/,
    );
    expect(lines).toContain(
      '<joint name="crane/slide" type="slide" axis="0 -1 0" limited="true" range="-0.5 0.5" actuatorfrclimited="true" actuatorfrcrange="-100 100"/>',
    );
    expect(lines).toContain(
      '<inertial pos="0.5 0 0" quat="1 0 0 0" mass="1" diaginertia="0.5 0.5 0.5"/>',
    );
  });

  it('writes damping and friction of joints, and nothing where there is none', () => {
    const mjcf = toMjcf(makeTestRobot('damped-rubbing'));
    expect(mjcf).toMatch(/damping="0\.2" frictionloss="0\.3"/);
    expect(toMjcf(makeTestRobot('pendulum'))).not.toMatch(/damping|frictionloss|limited="true"/);
  });

  it('leaves the range of effort away where it is empty, which MuJoCo would refuse', () => {
    const links = [{ name: 'hull' }, { name: 'wheel' }];
    const make = (maxEffort: number) =>
      toMjcf(
        makeTinyRobot({
          links,
          joints: [{ name: 'drop', parent: 'hull', child: 'wheel', maxEffort }],
        }),
      );
    expect(make(2)).toContain('actuatorfrcrange="-2 2"');
    expect(make(0)).not.toContain('actuatorfrc');
  });

  it('writes armature, and a joint that follows another as an equality', () => {
    const mimic = { joint: 'lead', multiplier: -2, offset: 0.1 };
    const mjcf = toMjcf(
      makeTinyRobot({
        links: [{ name: 'hull' }, { name: 'a' }, { name: 'b' }],
        joints: [
          { name: 'lead', parent: 'hull', child: 'a', armature: 0.3 },
          { name: 'follow', parent: 'hull', child: 'b', mimic },
        ],
      }),
    );
    expect(mjcf).toMatch(/<joint name="tiny\/lead" .*armature="0\.3"/);
    expect(mjcf).toMatch(
      /<joint joint1="tiny\/follow" joint2="tiny\/lead" polycoef="0\.1 -2 0 0 0" solref="0\.004 1"/,
    );
    // What follows another is not driven.
    expect(mjcf.match(/<fixed name="[^"]*"/g)).toEqual(['<fixed name="tiny/lead"']);
  });

  it('halves the sizes of shapes and keeps robots from one another', () => {
    const mjcf = toMjcf(makeTestRobot('brick'));
    expect(mjcf).toMatch(
      /<geom name="brick\/base\/collision0#0" type="box" size="0\.05 0\.03 0\.02" .*contype="1" conaffinity="2"/,
    );
    expect(mjcf).toMatch(/<geom name="ground" .*contype="2" conaffinity="1"/);
  });

  it('gives the more slippery of two geoms the say, and a pair of its own to what bounces', () => {
    const ball = { kind: 'sphere', radius: 0.1 } as const;
    const model = makeTinySolid([
      { name: 'rough', geometry: ball, friction: 0.9 },
      { name: 'smooth', geometry: ball, friction: 0.1 },
      { name: 'rubber', geometry: ball, friction: 0.9, restitution: 0.5 },
    ]);
    const mjcf = toMjcf(model);
    const priority = (name: string) =>
      Number(new RegExp(`<geom name="${name}" .*priority="(\\d+)"`).exec(mjcf)?.[1]);
    // The floor's 0.5 lies between.
    expect(priority('tiny/rough#0')).toBeLessThan(priority('ground'));
    expect(priority('tiny/smooth#0')).toBeGreaterThan(priority('ground'));
    expect(mjcf.match(/<pair .*/g)).toHaveLength(1);
    // 0.999·(1 + 0.5)/0.002 = 749.25 1/s.
    expect(mjcf).toMatch(
      /<pair name="pair#0" geom1="tiny\/rubber#0" geom2="ground" condim="3" friction="0\.5 0\.5 0 0 0" solref="-1247\.\d* -749\.25\d*"/,
    );
  });

  it('excludes joined bodies where links may touch, and names pairs whose bodies are partly excepted', () => {
    const ball = [{ geometry: { kind: 'sphere', radius: 0.1 } as const }];
    const links = ['a', 'b', 'c', 'd'].map((name) => ({ name, shapes: ball }));
    const joints = [
      { name: 'ab', parent: 'a', child: 'b' },
      { name: 'bc', parent: 'b', child: 'c' },
      { name: 'cd', type: 'fixed' as const, parent: 'c', child: 'd' },
    ];
    const make = (except: readonly (readonly [string, string])[]) =>
      toMjcf(makeTinyRobot({ links, joints, selfCollision: { kind: 'all', except } }));
    const free = make([]);
    expect(free.match(/<exclude .*/g)).toEqual([
      '<exclude body1="tiny/a" body2="tiny/b"/>',
      '<exclude body1="tiny/b" body2="tiny/c"/>',
    ]);
    expect(free).not.toContain('<pair');
    expect(free).toMatch(/contype="1" conaffinity="3"/);
    const partly = make([['d', 'a']]);
    expect(partly).toContain('<exclude body1="tiny/a" body2="tiny/c"/>');
    expect(partly).toMatch(/<pair name="pair#0" geom1="tiny\/a#0" geom2="tiny\/c#0"/);
    expect(partly.match(/<pair/g)).toHaveLength(1);
  });

  it('refuses a shape that would fall through the cells of a height field, and says which would do', () => {
    const heights = new Float32Array(4);
    const material = { friction: 0.5, restitution: 0 };
    const field = { kind: 'height_field', numX: 2, numY: 2, origin: [0, 0], heights } as const;
    const model = makeTinySolid([
      { name: 'plate', geometry: { kind: 'box', size: [0.4, 0.02, 0.4] } },
      { name: 'foot', geometry: { kind: 'sphere', radius: 1 } },
    ]);
    const make = (cellSize: number) =>
      toMjcf(model, { ground: { ...field, cellSize, material }, objects: [] });
    // 0.4·0.4/0.03² = 178 cells; 0.4·0.4/0.04² = 100.
    expect(() => make(0.03)).toThrow(
      /link 'body', collision 'plate': .*at most 100 cells under it, got 178 cells of 0\.03 m.*cells of 0\.04 m or more/,
    );
    expect(make(0.041)).toContain('<hfield');
  });
});
