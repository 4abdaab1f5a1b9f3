import { describe, expect, it } from 'vitest';
import { makeSimEnv } from '../../../sim/env.ts';
import { DEFAULT_MATERIAL, type Geometry } from '../../../sim/robot/geometry.ts';
import type { HeightField, Scene, SceneObject } from '../../../sim/terrain/scene.ts';
import { FLAT_SCENE } from '../../../sim/terrain/scene.ts';
import { makeBench } from '../../kit/engine-bench.ts';
import { makeTinySolid } from '../../kit/tiny-robot.ts';
import { ENGINES } from './engines.ts';

const GRAVITY = [0, 0, -9.81] as const;
const RADIUS = 0.05;
const BALL: Geometry = { kind: 'sphere', radius: RADIUS };
const STILL = [0, 0, 0] as const;
const UPRIGHT = [0, 0, 0, 1] as const;

/** Five by three vertices, 0.5 m apart, from (−0.5, 1) on. */
function makeField(height: (i: number, j: number) => number): HeightField {
  const [numX, numY] = [5, 3];
  const heights = Float32Array.from({ length: numX * numY }, (_, k) =>
    height(Math.floor(k / numY), k % numY),
  );
  const place = { cellSize: 0.5, origin: [-0.5, 1] as const };
  return { kind: 'height_field', numX, numY, ...place, heights, material: DEFAULT_MATERIAL };
}

function makeObject(given: Partial<SceneObject> & Pick<SceneObject, 'geometry'>): SceneObject {
  return {
    name: 'thing',
    odomFromObject: { translation: [0, 0, 0], rotation: UPRIGHT },
    material: DEFAULT_MATERIAL,
    moves: false,
    ...given,
  };
}

describe.each(ENGINES)('a height field in $engine', ({ engine, softness }) => {
  /** Where the centre of a ball comes to rest that is let down on the field at (x, y) from `above` it. */
  const restOn = async (ground: HeightField, x: number, y: number, above = 0.6) => {
    const bench = await makeBench(makeTinySolid([{ geometry: BALL }]), {
      engine,
      gravityW: GRAVITY,
      scene: { ground, objects: [] },
    });
    bench.place(0, (s) => s.position.set([x, y, above]));
    const { position, linearVelocityW } = bench.state;
    for (let i = 0; i < 400; i++) {
      // Held by the hand, so that slopes and rounding do not roll it away.
      bench.run(0.002, (world) => {
        for (const [k, wanted] of [x, y].entries()) {
          const pull = 1e4 * (wanted - position[k]!) - 200 * linearVelocityW[k]!;
          world.externalForceW[k] = pull;
        }
      });
    }
    return [...position] as unknown as readonly [number, number, number];
  };
  const slope = makeField((i, j) => 0.1 * i + 0.25 * j);

  it('carries a ball at the height of the slope under it, x along rows, y along columns', async () => {
    // z = 0.1·u + 0.25·v in cells, a plane: slopes 0.2 and 0.5. A ball touches it r·√(1 + 0.04 + 0.25) higher.
    const lift = RADIUS * Math.sqrt(1 + 0.2 ** 2 + 0.5 ** 2);
    for (const start of [
      [-0.3, 1.2],
      [1.1, 1.3],
      [0.2, 1.8],
    ] as const) {
      const [x, y, z] = await restOn(slope, start[0], start[1], 1);
      const plane = 0.1 * ((x + 0.5) / 0.5) + 0.25 * ((y - 1) / 0.5);
      expect(Math.abs(z - plane - lift)).toBeLessThan(10 * softness);
    }
  });

  it.each([
    { name: 'a ridge', high: (i: number, j: number) => (i === j ? 0.2 : 0), wanted: 0.2 },
    { name: 'a furrow', high: (i: number, j: number) => (i + j === 1 ? 0.2 : 0), wanted: 0 },
  ])(
    'splits its cells from (x, y) to (x + 1, y + 1): $name along that diagonal',
    async ({ high, wanted }) => {
      // The middle of cell (0, 0) lies on the diagonal between vertices (0, 0) and (1, 1).
      const [x, y] = [-0.25, 1.25];
      const [, , height] = await restOn(makeField(high), x, y);
      // On the ridge a ball sits on the edge; in the furrow between two slopes of 0.2 m over 0.35 m, √(1 + 0.32) higher.
      const lift = wanted === 0 ? RADIUS * Math.sqrt(1 + 0.2 ** 2 / 0.125) : RADIUS;
      expect(Math.abs(height - wanted - lift)).toBeLessThan(10 * softness);
    },
  );

  it('may lie below zero, and far below', async () => {
    const [, , height] = await restOn(
      makeField(() => -7),
      0.3,
      1.4,
      -6.8,
    );
    expect(Math.abs(height + 7 - RADIUS)).toBeLessThan(10 * softness);
  });

  it('ends where its grid ends', async () => {
    const bench = await makeBench(makeTinySolid([{ geometry: BALL }]), {
      engine,
      gravityW: GRAVITY,
      scene: { ground: makeField(() => 0), objects: [] },
    });
    // The grid spans x from −0.5 to 1.5 and y from 1 to 2.
    for (const [x, y, isOn] of [
      [0.5, 1.5, true],
      [1.3, 1.1, true],
      [1.3, 0.7, false],
      [-0.8, 1.5, false],
      [0.5, 2.3, false],
    ] as const) {
      bench.place(0, (s) => s.position.set([x, y, 0.1]));
      bench.run(0.5);
      expect(bench.state.position[2]! > 0).toBe(isOn);
    }
  });
});

describe.each(ENGINES)('objects of a scene in $engine', ({ engine, softness, pushing }) => {
  it.each([
    { geometry: { kind: 'box', size: [1, 2, 0.6] } as const, top: 0.3 },
    { geometry: { kind: 'sphere', radius: 0.4 } as const, top: 0.4 },
    { geometry: { kind: 'cylinder', radius: 0.3, length: 0.8 } as const, top: 0.4 },
    { geometry: { kind: 'capsule', radius: 0.2, length: 0.8 } as const, top: 0.6 },
  ])('stand where they were put: $geometry.kind', async ({ geometry, top }) => {
    const thing = makeObject({
      geometry,
      odomFromObject: { translation: [1, -2, 0.5], rotation: UPRIGHT },
    });
    const bench = await makeBench(makeTinySolid([{ geometry: BALL }]), {
      engine,
      gravityW: GRAVITY,
      scene: { objects: [thing] },
    });
    bench.place(0, (s) => s.position.set([1, -2, 0.5 + top + 0.06]));
    bench.run(0.4);
    expect(bench.engine.isInContact(0)).toBe(true);
    const height = bench.state.position[2]! - (0.5 + top + RADIUS);
    expect(Math.abs(height)).toBeLessThan(10 * softness);
  });

  it('stand turned as they were put', async () => {
    // A plank along x, turned by 90° about z, lies along y.
    const quarter = [0, 0, Math.SQRT1_2, Math.SQRT1_2] as const;
    const plank = makeObject({
      geometry: { kind: 'box', size: [4, 0.4, 0.2] },
      odomFromObject: { translation: [0, 0, 0], rotation: quarter },
    });
    const bench = await makeBench(makeTinySolid([{ geometry: BALL }]), {
      engine,
      numRobots: 2,
      gravityW: GRAVITY,
      scene: { objects: [plank] },
    });
    bench.place(0, (s) => s.position.set([0, 1.5, 0.2]));
    bench.place(1, (s) => s.position.set([1.5, 0, 0.2]));
    bench.run(0.4);
    expect(bench.engine.isInContact(0)).toBe(true);
    expect(bench.state.position[5]).toBeLessThan(-0.3);
  });

  const makeLift = async (scene: Scene) => {
    const bench = await makeBench(makeTinySolid([{ geometry: BALL }]), {
      engine,
      numRobots: 2,
      gravityW: GRAVITY,
      scene,
    });
    return bench;
  };
  const PLATE = makeObject({
    name: 'plate',
    geometry: { kind: 'box', size: [1, 1, 0.2] },
    moves: true,
  });

  it('that move are where one copy’s were placed, and no other’s', async () => {
    const bench = await makeLift({ objects: [PLATE] });
    bench.engine.placeObject(1, 0, [0, 0, 0.5], UPRIGHT, STILL);
    for (const robot of [0, 1]) bench.place(robot, (s) => s.position.set([0, 0, 0.7]));
    bench.run(0.6);
    // Tops at 0.1 m, where it was built, and at 0.6 m.
    expect(Math.abs(bench.state.position[2]! - 0.15)).toBeLessThan(10 * softness);
    expect(Math.abs(bench.state.position[5]! - 0.65)).toBeLessThan(10 * softness);
  });

  it('that move stay where they were placed when the robot is put elsewhere', async () => {
    const bench = await makeLift({ objects: [PLATE] });
    bench.engine.placeObject(0, 0, [0, 0, 0.5], UPRIGHT, STILL);
    bench.place(0, (s) => s.position.set([0, 0, 0.7]));
    bench.run(0.4);
    expect(Math.abs(bench.state.position[2]! - 0.65)).toBeLessThan(10 * softness);
  });

  it('that move lift what lies on them', async () => {
    const bench = await makeLift({ objects: [PLATE] });
    bench.place(0, (s) => s.position.set([0, 0, 0.15]));
    bench.run(0.2);
    let height = 0;
    bench.run(1, (world) => {
      height += 0.5 * 0.002;
      world.placeObject(0, 0, [0, 0, height], UPRIGHT, [0, 0, 0.5]);
    });
    // 0.5 m/s for 1 s.
    expect(Math.abs(bench.state.position[2]! - 0.65)).toBeLessThan(10 * softness);
    expect(Math.abs(bench.state.linearVelocityW[2]! - 0.5)).toBeLessThan(pushing);
  });

  it('that move take along by friction what lies on them', async () => {
    const sled = makeTinySolid([{ geometry: { kind: 'box', size: [0.2, 0.2, 0.1] } }]);
    const belt = { ...PLATE, geometry: { kind: 'box', size: [9, 1, 0.2] } as const };
    const bench = await makeBench(sled, { engine, gravityW: GRAVITY, scene: { objects: [belt] } });
    bench.place(0, (s) => s.position.set([0, 0, 0.15]));
    let x = 0;
    bench.run(0.5, (world) => {
      x += 0.5 * 0.002;
      world.placeObject(0, 0, [x, 0, 0], UPRIGHT, [0.5, 0, 0]);
    });
    // Friction 0.5 brings it to 0.5 m/s in 0.5/4.905 = 0.1 s.
    expect(Math.abs(bench.state.linearVelocityW[0]! - 0.5)).toBeLessThan(pushing);
    // Once it stands, it takes nothing along.
    bench.run(0.5);
    expect(Math.abs(bench.state.linearVelocityW[0]!)).toBeLessThan(pushing);
  });

  it('that do not move, or do not exist, cannot be placed', async () => {
    const bench = await makeLift({ objects: [{ ...PLATE, moves: false }] });
    expect(() => bench.engine.placeObject(0, 0, [0, 0, 0], UPRIGHT, STILL)).toThrow(/plate/);
    expect(() => bench.engine.placeObject(0, 1, [0, 0, 0], UPRIGHT, STILL)).toThrow(RangeError);
  });
});

describe.each(ENGINES)('contacts in $engine', ({ engine, weight, tellsFriction, softness }) => {
  it('press a resting box with its weight, upwards', async () => {
    const box = makeTinySolid([{ geometry: { kind: 'box', size: [0.3, 0.2, 0.1] } }], {
      mass: 2,
    });
    const settings = { engine, numRobots: 2, gravityW: GRAVITY, scene: FLAT_SCENE };
    const bench = await makeBench(box, settings);
    bench.place(0, (s) => s.position.set([0, 0, 0.05]));
    bench.place(1, (s) => s.position.set([0, 0, 3]));
    const forces = new Float64Array(6).fill(Number.NaN);
    bench.engine.writeContactForces(forces);
    expect([...forces]).toEqual([0, 0, 0, 0, 0, 0]);
    bench.run(0.5);
    for (const ask of [() => {}, () => bench.engine.isInContact(0)]) {
      ask();
      bench.engine.writeContactForces(forces);
      for (const [k, wanted] of [0, 0, 2 * 9.81, 0, 0, 0].entries()) {
        expect(Math.abs(forces[k]! - wanted)).toBeLessThan(weight * 2 * 9.81);
      }
    }
  });

  it('press each foot of a table with its share, in the order of shape names', async () => {
    const foot: Geometry = { kind: 'sphere', radius: 0.05 };
    const table = makeTinySolid(
      [
        { name: 'front', geometry: foot, at: [0.6, 0, 0] },
        { name: 'left', geometry: foot, at: [-0.2, 0.5, 0] },
        { name: 'right', geometry: foot, at: [-0.2, -0.5, 0] },
      ],
      { mass: 4 },
    );
    const bench = await makeBench(table, { engine, gravityW: GRAVITY, scene: FLAT_SCENE });
    bench.place(0, (s) => s.position.set([0, 0, 0.05]));
    bench.run(1);
    expect(bench.engine.shapeNames).toEqual(['front', 'left', 'right']);
    const forces = new Float64Array(9);
    bench.engine.writeContactForces(forces);
    // Moments about the origin: 0.6·front = 0.2·(left + right), so the front bears a quarter.
    const total = 4 * 9.81;
    for (const [foot, share] of [1 / 4, 3 / 8, 3 / 8].entries()) {
      expect(Math.abs(forces[3 * foot + 2]! - share * total)).toBeLessThan(weight * total);
      // Three feet could press against one another sideways; nothing makes them.
      expect(Math.abs(forces[3 * foot]!)).toBeLessThan(0.05 * total);
    }
    // Asked again, it says the same.
    const again = new Float64Array(9);
    bench.engine.writeContactForces(again);
    expect([...again]).toEqual([...forces]);
  });

  it('are those of the step that a snapshot was taken after, and not of what came between', async () => {
    const box = makeTinySolid([{ geometry: { kind: 'box', size: [0.3, 0.3, 0.05] } }]);
    const bench = await makeBench(box, { engine, gravityW: GRAVITY, scene: FLAT_SCENE });
    bench.place(0, (s) => s.position.set([0, 0, 0.025]));
    bench.run(0.5);
    const snapshot = bench.engine.snapshot();
    const read = () => {
      const forces = new Float64Array(3);
      bench.engine.writeContactForces(forces);
      return [...forces];
    };
    const before = read();
    bench.engine.step();
    const next = read();
    // Nobody asks after these steps.
    for (let k = 0; k < 3; k++) bench.engine.step();
    bench.engine.restore(snapshot);
    expect(read()).toEqual(before);
    bench.engine.step();
    expect(read()).toEqual(next);
  });

  it('are refused where nobody said that they are wanted', async () => {
    const env = await makeSimEnv({ task: 'cartpole-balance', engine, numEnvs: 1 });
    expect(() => env.world.viewContactForces()).toThrow(/watchContactForces/);
    env.free();
  });

  it('hold back along the floor what is pushed along it, where the engine tells so', async () => {
    const box = makeTinySolid([{ geometry: { kind: 'box', size: [0.3, 0.3, 0.05] } }]);
    const bench = await makeBench(box, { engine, gravityW: GRAVITY, scene: FLAT_SCENE });
    bench.place(0, (s) => s.position.set([0, 0, 0.025]));
    bench.run(0.5, (world) => world.externalForceW.set([2, -1, 0]));
    const forces = new Float64Array(3);
    bench.engine.writeContactForces(forces);
    const [x, y] = tellsFriction ? [-2, 1] : [0, 0];
    for (const [k, wanted] of [x!, y!, 9.81].entries()) {
      expect(Math.abs(forces[k]! - wanted)).toBeLessThan(weight * 9.81);
    }
  });

  it('tell how deep a resting box lies in the ground', async () => {
    const box = makeTinySolid([{ geometry: { kind: 'box', size: [0.2, 0.2, 0.2] } }]);
    const bench = await makeBench(box, { engine, gravityW: GRAVITY, scene: FLAT_SCENE });
    bench.place(0, (s) => s.position.set([0, 0, 0.5]));
    bench.run(0.1);
    expect(bench.engine.computePenetration(0)).toBe(0);
    bench.run(0.9);
    const depth = bench.engine.computePenetration(0);
    const sunk = 0.1 - bench.state.position[2]!;
    expect(Math.abs(depth - Math.max(0, sunk))).toBeLessThan(1e-4);
    expect(depth).toBeLessThan(10 * softness);
    bench.run(0.004, (world) => {
      world.externalForceW[2] = -2000;
    });
    expect(bench.engine.computePenetration(0)).toBeGreaterThan(depth + 1e-4);
  });
});
