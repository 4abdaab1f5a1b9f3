import { describe, expect, it } from 'vitest';
import { UserError } from '../../../sim/errors.ts';
import { Rng } from '../../../sim/math/rng.ts';
import { loadRobot } from '../../../sim/robot/load.ts';
import type { RobotModel } from '../../../sim/robot/model.ts';
import { FLAT_SCENE, type Scene } from '../../../sim/terrain/scene.ts';
import { type EngineBench, makeBench } from '../../kit/engine-bench.ts';
import { makeTestRobot } from '../../kit/robots.ts';
import { buildScene } from '../../kit/scenes.ts';
import { makeTinyRobot } from '../../kit/tiny-robot.ts';
import { ENGINES } from './engines.ts';

const GRAVITY = [0, 0, -9.81] as const;

describe.each(ENGINES)('copies in $engine', ({ engine, tile }) => {
  const brick = makeTestRobot('brick');
  const tumble = async (numRobots: number, robot: number, tileSpacing: number) => {
    const bench = await makeBench(brick, {
      engine,
      numRobots,
      tileSpacing,
      gravityW: GRAVITY,
      scene: FLAT_SCENE,
    });
    bench.place(robot, (s) => {
      s.linearVelocityW.set([1, 0.5, 2]);
      s.angularVelocityB.set([5, 3, 1]);
    });
    bench.run(0.4, (world) => {
      world.baseForceB[3 * robot + 2] = 0.1;
    });
    return [
      ...bench.state.position.slice(3 * robot, 3 * robot + 3),
      ...bench.state.angularVelocityB.slice(3 * robot, 3 * robot + 3),
    ];
  };

  it('move alike whatever their tile', async () => {
    const alone = await tumble(1, 0, 4);
    const seventh = await tumble(8, 7, 4);
    for (const [k, value] of alone.entries()) {
      expect(Math.abs(seventh[k]! - value)).toBeLessThanOrEqual(tile);
    }
  });

  it('move alike to the last bit where all tiles coincide, whoever is in the world with them', async () => {
    expect(await tumble(8, 7, 0)).toEqual(await tumble(1, 0, 0));
  });

  it('bounce off the ground alike to the last bit where all tiles coincide', async () => {
    const drop = async (numRobots: number, robot: number) => {
      const bench = await makeBench(brick, {
        engine,
        numRobots,
        tileSpacing: 0,
        gravityW: GRAVITY,
        scene: FLAT_SCENE,
      });
      for (let i = 0; i < numRobots; i++) {
        bench.place(i, (s) => {
          s.position.set([0, 0, i === robot ? 0.1 : 0.06]);
          s.angularVelocityB.set(i === robot ? [5, 3, 1] : [-1, 2, 3]);
        });
      }
      bench.run(0.4);
      return [...bench.state.position.slice(3 * robot, 3 * robot + 3)];
    };
    expect(await drop(6, 4)).toEqual(await drop(1, 0));
  });

  it('do not feel one another even in the same place', async () => {
    const bench = await makeBench(brick, {
      engine,
      numRobots: 2,
      tileSpacing: 0,
      scene: FLAT_SCENE,
    });
    bench.run(0.1);
    expect(bench.state.linearVelocityW.every((v) => v === 0)).toBe(true);
  });
});

/** A trunk of two boxes on four legs with feet, which may strike one another. */
const CRAWLER = makeTinyRobot({
  links: [
    {
      ...{ name: 'trunk', mass: 2, moment: 0.02 },
      shapes: [
        { geometry: { kind: 'box', size: [0.4, 0.2, 0.1] } },
        { geometry: { kind: 'box', size: [0.1, 0.1, 0.1] }, at: [0.25, 0, 0] },
      ],
    },
    ...['a', 'b', 'c', 'd'].map((name) => ({
      ...{ name, mass: 0.3, moment: 0.002, centre: [0, 0, -0.1] as const },
      shapes: [
        { geometry: { kind: 'capsule', radius: 0.03, length: 0.1 }, at: [0, 0, -0.1] },
        { geometry: { kind: 'sphere', radius: 0.04 }, at: [0, 0, -0.2] },
      ] as const,
    })),
  ],
  joints: [
    [0.15, 0.15],
    [0.15, -0.15],
    [-0.15, 0.15],
    [-0.15, -0.15],
  ].map(([x, y], i) => ({
    ...{ name: `hip_${i}`, parent: 'trunk', child: 'abcd'[i]!, at: [x!, y!, 0] as const },
    ...{ friction: 0.02, damping: 0.01 },
  })),
  selfCollision: { kind: 'all', except: [] },
});

const ROUGH = buildScene({
  ground: { kind: 'rough', size: [8, 8], amplitude: 0.05, platform: 0 },
});
const BOXES = buildScene({
  boxes: [{ count: 25, height: [0.03, 0.1], area: [3, 3], overlap: 'allowed' }],
  clearRadius: 0,
});

describe.each(ENGINES)('a copy among others that do as they like, in $engine', ({ engine }) => {
  /** State of copy `mine` after each 20th step, while the others start and fall at other times and in other ways. */
  const run = async (
    [model, scene, numRobots, mine]: readonly [RobotModel, Scene, number, number],
    durationS: number,
  ) => {
    const bench = await makeBench(model, { engine, numRobots, gravityW: GRAVITY, scene });
    const throwIn = (robot: number, seed: number, height: number) =>
      bench.place(robot, (s) => {
        const rng = new Rng(seed);
        if (model.base === 'floating') {
          s.position.set([rng.uniform(-0.5, 0.5), rng.uniform(-0.5, 0.5), height]);
          s.angularVelocityB.forEach((_, k) => {
            s.angularVelocityB[k] = rng.uniform(-5, 5);
          });
        }
        s.jointVelocity.forEach((_, j) => {
          s.jointVelocity[j] = rng.uniform(-3, 3);
        });
      });
    for (let robot = 0; robot < numRobots; robot++) {
      throwIn(robot, robot === mine ? 1 : 100 + robot, robot === mine ? 0.35 : 0.3);
    }
    const states: number[][] = [];
    for (let k = 0; k < durationS / 0.04; k++) {
      const { position, orientation, jointPosition } = bench.run(0.04);
      states.push(
        [position, orientation, jointPosition].flatMap((rows) => {
          const width = rows.length / numRobots;
          return [...rows.slice(mine * width, (mine + 1) * width)];
        }),
      );
      const other = (mine + 1 + k) % numRobots;
      if (numRobots > 1 && other !== mine) throwIn(other, 1000 + k, 0.3);
    }
    bench.engine.free();
    return states;
  };
  const alone = (model: RobotModel, scene: Scene, durationS: number) =>
    run([model, scene, 1, 0], durationS);

  it.each([
    ['a plane', FLAT_SCENE],
    ['a height field', ROUGH],
    ['a plane with boxes', BOXES],
  ] as const)('crawls over %s alike to the last bit', async (_, scene) => {
    const wanted = await alone(CRAWLER, scene, 0.8);
    // It has come down: the trunk's middle is no higher than the legs are long, and 8 cm of ground or box.
    expect(wanted.at(-1)![2]).toBeLessThan(0.32);
    expect(await run([CRAWLER, scene, 12, 7], 0.8)).toEqual(wanted);
  });

  it('falls over alike to the last bit as a go2 among 15', async () => {
    const go2 = loadRobot('go2');
    expect(await run([go2, FLAT_SCENE, 15, 4], 0.3)).toEqual(await alone(go2, FLAT_SCENE, 0.3));
  });

  it('tumbles over a height field alike to the last bit', async () => {
    const brick = makeTestRobot('brick');
    expect(await run([brick, ROUGH, 40, 33], 0.6)).toEqual(await alone(brick, ROUGH, 0.6));
  });

  it.each([
    ['crane', 70],
    ['pendulum', 130],
  ] as const)('swings alike to the last bit as a %s among %i', async (name, numRobots) => {
    const model = makeTestRobot(name);
    const wanted = await alone(model, FLAT_SCENE, 0.2);
    expect(await run([model, FLAT_SCENE, numRobots, numRobots - 3], 0.2)).toEqual(wanted);
  });
});

describe.each(ENGINES)('repetition in $engine', ({ engine, warmStart }) => {
  const brick = makeTestRobot('brick');
  const push = (world: { baseTorqueB: Float64Array; baseForceB: Float64Array }) => {
    world.baseTorqueB[0] = 1e-6;
    world.baseForceB[5] = 0.3;
  };
  const placeAll = (bench: EngineBench, lowest = 0.05) => {
    for (const [robot, height] of [lowest, 0.1, 0.15].entries()) {
      bench.place(robot, (s) => {
        s.position.set([0, 0, height]);
        s.angularVelocityB.set([4, robot, 1]);
      });
    }
  };
  const make = async () => {
    const settings = { engine, numRobots: 3, gravityW: GRAVITY, scene: FLAT_SCENE };
    const bench = await makeBench(brick, settings);
    placeAll(bench);
    return bench;
  };
  const copy = (bench: EngineBench) => structuredClone(bench.state);

  it('gives the same bits', async () => {
    const first = await make();
    first.run(0.5, push);
    const second = await make();
    second.run(0.5, push);
    expect(copy(second)).toEqual(copy(first));
  });

  it('continues from a snapshot to the same bits, contacts and scales included', async () => {
    const bench = await make();
    bench.engine.setScales(2, { mass: 1.3, inertia: [0.9, 1.1, 1] });
    bench.run(0.2, push);
    const snapshot = bench.engine.snapshot();
    bench.run(0.3, push);
    const wanted = copy(bench);
    expect(bench.engine.isInContact(0)).toBe(true);
    bench.run(0.1);
    bench.engine.setScales(2, { mass: 1, inertia: [1, 1, 1] });
    bench.engine.restore(snapshot);
    bench.run(0.3, push);
    expect(copy(bench)).toEqual(wanted);
    // In another engine of the same configuration, too.
    const other = await make();
    other.engine.restore(snapshot);
    other.run(0.3, push);
    expect(copy(other)).toEqual(wanted);
  });

  describe('a snapshot that does not fit', () => {
    const refuse = async (snapshot: Uint8Array, words: RegExp) => {
      const bench = await make();
      bench.run(0.1, push);
      const before = copy(bench);
      expect(() => bench.engine.restore(snapshot)).toThrow(UserError);
      expect(() => bench.engine.restore(snapshot)).toThrow(words);
      bench.engine.readState(bench.state);
      expect(copy(bench)).toEqual(before);
    };
    const settings = { engine, numRobots: 3, gravityW: GRAVITY, scene: FLAT_SCENE };

    it('is refused where it is cut short, too long, damaged or none at all', async () => {
      const whole = (await make()).engine.snapshot();
      const size = whole.byteLength;
      await refuse(whole.slice(0, -1), new RegExp(`cut short .*${size} bytes, got ${size - 1}`));
      await refuse(whole.slice(0, 20), /cut short .*got 20/);
      await refuse(Uint8Array.of(...whole.slice(-8), ...whole), /no snapshot/);
      await refuse(new Uint8Array(size + 1).fill(0), /no snapshot/);
      await refuse(new Uint8Array(0), /no snapshot .*got 0 bytes/);
      const damaged = whole.slice();
      damaged[size - 100]! ^= 1;
      await refuse(damaged, /damaged/);
      const longer = new Uint8Array(size + 8);
      longer.set(whole);
      await refuse(longer, /too long/);
    });

    it('is refused where it is of another robot, or of as many others', async () => {
      const other = await makeBench(makeTestRobot('dumbbell'), settings);
      await refuse(other.engine.snapshot(), /another world .*'brick'.* got robot 'dumbbell'/);
      const heavier = { ...brick, links: brick.links.map((link) => ({ ...link })) };
      heavier.links[0] = {
        ...heavier.links[0]!,
        inertial: { ...heavier.links[0]!.inertial!, mass: 1 },
      };
      const heavy = await makeBench(heavier, settings);
      await refuse(heavy.engine.snapshot(), /another world .*description/);
      const two = await makeBench(brick, { ...settings, numRobots: 2 });
      await refuse(two.engine.snapshot(), /expected 3 robots, got 2 robots/);
    });

    it('is refused where it is of another world', async () => {
      const slow = await makeBench(brick, { ...settings, timestepS: 0.004 });
      await refuse(slow.engine.snapshot(), /steps of 0.002 s, got steps of 0.004 s/);
      const rough = await makeBench(brick, { ...settings, scene: ROUGH });
      await refuse(rough.engine.snapshot(), /gravity, solver and scene/);
      const others = ENGINES.find((entry) => entry.engine !== engine)!.engine;
      const another = await makeBench(brick, { ...settings, engine: others });
      await refuse(another.engine.snapshot(), new RegExp(`engine ${engine}.*got engine ${others}`));
    });
  });

  it('starts afresh after a write: a used copy moves like a new one, to the last bit', async () => {
    const fresh = await make();
    fresh.run(0.3, push);
    const used = await make();
    used.run(0.4, push);
    placeAll(used);
    used.run(0.3, push);
    expect(copy(used)).toEqual(copy(fresh));
  });

  it('forgets by a write how hard a copy lay on the ground, even where it is put on the ground', async () => {
    const fresh = await make();
    const used = await make();
    used.run(0.4, push);
    expect(used.engine.isInContact(0)).toBe(true);
    // The box is 0.04 m high: half a millimetre deep.
    for (const bench of [fresh, used]) {
      placeAll(bench, 0.0195);
      bench.run(0.002, push);
    }
    for (const [k, rate] of copy(fresh).angularVelocityB.entries()) {
      expect(Math.abs(used.state.angularVelocityB[k]! - rate)).toBeLessThanOrEqual(warmStart);
    }
  });
});
