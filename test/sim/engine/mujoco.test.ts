import type { MjData } from '@mujoco/mujoco';
import { describe, expect, it } from 'vitest';
import { checkContactMemory } from '../../../sim/engine/mujoco/contacts.ts';
import { loadMujoco } from '../../../sim/engine/mujoco/load.ts';
import { UserError } from '../../../sim/errors.ts';
import type { RobotModel } from '../../../sim/robot/model.ts';
import { SolverConfig } from '../../../sim/robot/physics-config.ts';
import { FLAT_SCENE, type Scene } from '../../../sim/terrain/scene.ts';
import { type BenchSettings, makeBench } from '../../kit/engine-bench.ts';
import { getTestRobotSource, makeTestRobot, parseTestRobot } from '../../kit/robots.ts';
import { makeTinyRobot } from '../../kit/tiny-robot.ts';

const makeMujocoBench = (model: RobotModel, settings: BenchSettings = {}) =>
  makeBench(model, { engine: 'mujoco', ...settings });

/** A test robot with one text of its URDF replaced by another. */
function spoil(name: Parameters<typeof getTestRobotSource>[0], text: string, by: string) {
  const source = getTestRobotSource(name);
  expect(source.urdf).toContain(text);
  return parseTestRobot({ ...source, urdf: source.urdf.replaceAll(text, by) });
}

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

  it('has room for a chain folded onto itself on a height field, all links touching', async () => {
    const count = 12;
    const links = Array.from({ length: count }, (_, i) => ({
      name: `link${i}`,
      shapes: [{ geometry: { kind: 'box', size: [0.3, 0.2, 0.1] } as const }],
    }));
    const joints = links.slice(1).map(({ name }, i) => ({
      ...{ name: `joint${i}`, parent: `link${i}`, child: name, friction: 0.1 },
      at: [0.15, 0, 0] as const,
    }));
    const chain = makeTinyRobot({ links, joints, selfCollision: { kind: 'all', except: [] } });
    const scene: Scene = {
      ground: {
        ...{ kind: 'height_field', numX: 60, numY: 60, cellSize: 0.05, origin: [-1.5, -1.5] },
        heights: Float32Array.from({ length: 3600 }, (_, k) => 0.01 * Math.sin(k)),
        material: { friction: 0.5, restitution: 0 },
      },
      objects: [],
    };
    // So many copies that each has no more than it must.
    const bench = await makeMujocoBench(chain, { numRobots: 64, gravityW: [0, 0, -9.81], scene });
    bench.place(0, (s) => {
      s.position.set([0, 0, 0.05]);
      for (let i = 0; i < count - 1; i++) s.jointPosition[i] = i % 2 === 0 ? 3 : -3;
    });
    bench.run(0.02);
    expect(bench.engine.computePenetration(0)).toBeGreaterThan(0.01);
    expect(bench.state.position.every(Number.isFinite)).toBe(true);
  });

  it('gives way less at limits and on the ground the harder they are', async () => {
    const wheel = makeTinyRobot({
      base: 'fixed',
      links: [
        { name: 'base', mass: 0 },
        { name: 'wheel', moment: 0.02 },
      ],
      joints: [
        { name: 'axle', type: 'revolute', parent: 'base', child: 'wheel', lower: -1, upper: 0.5 },
      ],
    });
    const push = async (contactImpedance: number) => {
      const solver = SolverConfig.parse({ mujoco: { contactImpedance } });
      const bench = await makeMujocoBench(wheel, { solver });
      bench.run(1, ({ jointEffort }) => {
        jointEffort[0] = 20;
      });
      return bench.state.jointPosition[0]! - 0.5;
    };
    // A limit yields in proportion to (1 − d)/d: by 20 mrad to 1000 rad/s² at d = 0.95, by a tenth of it at 0.995.
    expect(await push(0.9)).toBeCloseTo(0.02, 3);
    expect(await push(0.99)).toBeCloseTo(0.002, 3);
  });

  it('sees rays end at once below a height field, triangle by triangle', async () => {
    const scene: Scene = {
      ground: {
        ...{ kind: 'height_field', numX: 2, numY: 2, cellSize: 1, origin: [0, 0] },
        // Raised at (1, 0): the triangle towards it slopes, the other one is level.
        heights: Float32Array.from([0, 0, 1, 0]),
        material: { friction: 0.5, restitution: 0 },
      },
      objects: [],
    };
    const bench = await makeMujocoBench(makeTestRobot('brick'), { scene });
    const look = (x: number, y: number, z: number) => {
      const ray = { numRays: 1, robot: new Int32Array(1), maxRange: 10, hits: 'scene' } as const;
      const origin = Float64Array.from([x, y, z]);
      const direction = Float64Array.from([0, 0, 1]);
      const distance = new Float64Array(1);
      bench.engine.castRays({ ...ray, origin, direction, distance });
      return distance[0];
    };
    // Height x − y where x > y, else 0.
    for (const [x, y, height] of [
      [0.8, 0.2, 0.6],
      [0.5, 0.3, 0.2],
      [0.2, 0.8, 0],
    ] as const) {
      expect(look(x, y, height - 0.01)).toBe(0);
      expect(look(x, y, height + 0.01)).toBe(Number.POSITIVE_INFINITY);
    }
    expect(look(1.2, 0.5, -0.01)).toBe(Number.POSITIVE_INFINITY);
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

  it('is refused in a version that keeps contacts elsewhere than they are read', async () => {
    const mujoco = await loadMujoco();
    expect(() => checkContactMemory(mujoco)).not.toThrow();
    const shifted = (data: MjData) => data.arena.subarray(8);
    expect(() => checkContactMemory(mujoco, shifted)).toThrow(
      /engine 'mujoco': .*keeps contacts otherwise.*got version 3\..*Install the version in package\.json/,
    );
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
