import { describe, expect, it } from 'vitest';
import { makeMjcf } from '../../../sim/engine/mjcf.ts';
import { loadMujoco } from '../../../sim/engine/mujoco/load.ts';
import { UserError } from '../../../sim/errors.ts';
import type { RobotModel } from '../../../sim/robot/model.ts';
import { FLAT_SCENE } from '../../../sim/terrain/scene.ts';
import { type BenchSettings, makeBench } from '../../kit/engine-bench.ts';
import { getTestRobotSource, makeTestRobot, parseTestRobot } from '../../kit/robots.ts';

const makeMujocoBench = (model: RobotModel, settings: BenchSettings = {}) =>
  makeBench(model, { engine: 'mujoco', ...settings });

const toMjcf = (model: RobotModel) => {
  const settings = { timestepS: 0.002, gravityW: [0, 0, -9.81], scene: FLAT_SCENE } as const;
  return makeMjcf({ model, solver: model.physics.solver, ...settings }, new Map()).text;
};

/** A test robot with one text of its URDF replaced by another. */
function spoil(name: Parameters<typeof getTestRobotSource>[0], text: string, by: string) {
  const source = getTestRobotSource(name);
  expect(source.urdf).toContain(text);
  return parseTestRobot({ ...source, urdf: source.urdf.replaceAll(text, by) });
}

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

  it('halves the sizes of shapes and keeps robots from one another', () => {
    const mjcf = toMjcf(makeTestRobot('brick'));
    expect(mjcf).toMatch(
      /<geom name="brick\/base\/collision0#0" type="box" size="0\.05 0\.03 0\.02" .*contype="1" conaffinity="2"/,
    );
    expect(mjcf).toMatch(/<geom name="ground" .*contype="2" conaffinity="1"/);
  });
});

describe('MuJoCo', () => {
  it('takes a robot whose links have the names of MuJoCo’s own and signs of XML', async () => {
    const bench = await makeMujocoBench(spoil('pendulum', '"base"', '"world"'));
    expect(bench.engine.name).toBe('mujoco');
    const odd = await makeMujocoBench(spoil('pendulum', '"bob"', '"&lt;bob&gt; &amp; co"'));
    expect(odd.state.jointPosition[0]).toBe(0);
  });

  it('finds joints and masses by name where its own order of bodies is another', async () => {
    const ball = (name: string, moment: number) =>
      `<link name="${name}"><inertial><mass value="1"/><inertia ixx="1" iyy="1" izz="${moment}"/></inertial></link>`;
    const joint = (name: string, parent: string, child: string) =>
      `<joint name="${name}" type="continuous"><parent link="${parent}"/><child link="${child}"/><axis xyz="0 0 1"/></joint>`;
    // MuJoCo goes depth first, base a c b; joints are declared in the order a b c.
    const urdf = `<robot name="fork"><link name="base"/>${ball('a', 0.5)}${ball('b', 0.4)}${ball('c', 0.1)}
      ${joint('to_a', 'base', 'a')}${joint('to_b', 'base', 'b')}${joint('to_c', 'a', 'c')}</robot>`;
    const yaml = getTestRobotSource('crane')
      .yaml.replace('robot: crane', 'robot: fork')
      .replace('slew, slide', 'to_a, to_b, to_c');
    const bench = await makeMujocoBench(parseTestRobot({ urdf, yaml }));
    bench.run(0.002, ({ jointEffort }) => jointEffort.set([0, 2, 1]));
    // b: 2/0.4 = 5 rad/s². c on a: 1/0.1 = 10 forwards, a itself 1/0.5 = 2 backwards, so 12 between them.
    const rates = bench.state.jointVelocity.map((rate) => rate / 0.002);
    for (const [k, wanted] of [-2, 5, 12].entries()) expect(rates[k]).toBeCloseTo(wanted, 9);
  });

  it('holds limits beyond half a turn and reports such angles whole', async () => {
    const bench = await makeMujocoBench(spoil('crane', 'upper="2"', 'upper="4"'));
    bench.place(0, (s) => s.jointPosition.set([3.8, 0]));
    expect(bench.state.jointPosition[0]).toBe(3.8);
    bench.run(1, ({ jointEffort }) => {
      jointEffort[0] = 5;
    });
    expect(Math.abs(bench.state.jointPosition[0]! - 4)).toBeLessThan(0.01);
  });

  it('uses moments as published even where rounding breaks the triangle inequality', async () => {
    // 1e-5 + 2e-5 < 3.002e-5 by 0.07 %, within what is let through as rounding.
    const bench = await makeMujocoBench(spoil('brick', 'izz="2.9e-5"', 'izz="3.002e-5"'));
    bench.run(0.5, ({ baseTorqueB }) => {
      baseTorqueB[2] = 3.002e-5;
    });
    expect(bench.state.angularVelocityB[2]).toBeCloseTo(0.5, 9);
  });

  it('tells of a contact in the very step that makes it', async () => {
    const bench = await makeMujocoBench(makeTestRobot('brick'), {
      scene: FLAT_SCENE,
      gravityW: [0, 0, -9.81],
    });
    bench.place(0, (s) => s.position.set([0, 0, 0.021]));
    let touches = 0;
    for (let step = 0; step < 20; step++) {
      const { position } = bench.run(0.002);
      // The box is 0.04 m high and stays level.
      expect(bench.engine.isInContact(0)).toBe(position[2]! < 0.02);
      if (bench.engine.isInContact(0)) touches++;
    }
    // It falls 1 mm in √(2·0.001/9.81) = 14 ms, 7 steps.
    expect(touches).toBeGreaterThan(10);
  });

  it('lets numbers explode rather than put the robot back to its start', async () => {
    const bench = await makeMujocoBench(makeTestRobot('pendulum'));
    bench.run(0.02, ({ jointEffort }) => {
      jointEffort[0] = 1e200;
    });
    // MuJoCo calls 1e10 bad and would reset; 1e200 N·m on 1 kg·m² for 20 ms is 2e198 rad/s.
    expect(Math.abs(bench.state.jointVelocity[0]!)).not.toBeLessThan(1e198);
  });

  it('has room for every shape on the ground at once', async () => {
    const feet = Array.from(
      { length: 20 },
      (_, i) =>
        `<collision name="foot${i}"><origin xyz="${i} 0 0"/><geometry><box size="0.1 0.06 0.04"/></geometry></collision>`,
    ).join('');
    const box = '<collision><geometry><box size="0.1 0.06 0.04"/></geometry></collision>';
    const bench = await makeMujocoBench(spoil('brick', box, feet), {
      scene: FLAT_SCENE,
      gravityW: [0, 0, -9.81],
    });
    bench.place(0, (s) => s.position.set([0, 0, 0.02]));
    bench.run(0.2);
    // Feet that were left out would let it tip over.
    expect(Math.abs(bench.state.position[2]! - 0.02)).toBeLessThan(1e-3);
    expect(Math.abs(bench.state.orientation[1]!)).toBeLessThan(1e-3);
  });

  it('goes on undisturbed when another engine makes the WebAssembly heap move', async () => {
    const brick = makeTestRobot('brick');
    const spin = async (between: () => Promise<void>) => {
      const bench = await makeMujocoBench(brick);
      bench.place(0, (s) => s.angularVelocityB.set([3, 20, 1]));
      bench.run(0.1);
      await between();
      bench.run(0.1, ({ baseForceB }) => {
        baseForceB[0] = 0.1;
      });
      return structuredClone(bench.state);
    };
    const undisturbed = await spin(async () => {});
    const disturbed = await spin(async () => {
      const { engine } = await makeMujocoBench(brick, { numRobots: 512 });
      engine.free();
    });
    expect(disturbed).toEqual(undisturbed);
  });

  it('says what to do where the optional package is absent', async () => {
    const load = loadMujoco(async () => {
      throw new Error("Cannot find package '@mujoco/mujoco'");
    });
    await expect(load).rejects.toThrow(UserError);
    await expect(load).rejects.toThrow(
      /engine 'mujoco': .*optional.*Cannot find package.*`npm install @mujoco\/mujoco`, or choose engine 'rapier'/,
    );
  });
});
