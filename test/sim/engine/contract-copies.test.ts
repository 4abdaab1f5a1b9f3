import { describe, expect, it } from 'vitest';
import { FLAT_SCENE } from '../../../sim/terrain/scene.ts';
import { type EngineBench, makeBench } from '../../kit/engine-bench.ts';
import { makeTestRobot } from '../../kit/robots.ts';
import { ENGINES } from './engines.ts';

const GRAVITY = [0, 0, -9.81] as const;

describe.each(ENGINES)('copies in one world of $engine', ({ engine, tile }) => {
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

  it('refuses a snapshot of another world', async () => {
    const bench = await make();
    const other = await makeBench(brick, { engine, numRobots: 2 });
    expect(() => other.engine.restore(bench.engine.snapshot())).toThrow(
      /another world \(expected 2 robots .*got 3/,
    );
    expect(() => other.engine.restore(new Uint8Array(3))).toThrow(/another world/);
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
