import { describe, expect, it } from 'vitest';
import type { SelfCollision } from '../../../sim/robot/model.ts';
import { FLAT_SCENE } from '../../../sim/terrain/scene.ts';
import { makeBench } from '../../kit/engine-bench.ts';
import { makeTinyRobot, makeTinySolid, type TinyShape } from '../../kit/tiny-robot.ts';
import { ENGINES } from './engines.ts';

const GRAVITY = [0, 0, -9.81] as const;
const TILTED = [0.1, -0.2, 0.3, Math.sqrt(1 - 0.14)] as const;

/** Boxes from corner to corner, as one mesh. */
function makeBlocks(...blocks: readonly (readonly [low: number[], high: number[]])[]) {
  const vertices = blocks.flatMap(([low, high]) =>
    Array.from({ length: 8 }, (_, k) =>
      [0, 1, 2].map((axis) => (((k >> axis) & 1) === 1 ? high : low)[axis]!),
    ),
  );
  const faces = [
    [0, 4, 6, 2],
    [1, 3, 7, 5],
    [0, 1, 5, 4],
    [2, 6, 7, 3],
    [0, 2, 3, 1],
    [4, 5, 7, 6],
  ] as const;
  const triangles = blocks.flatMap((_, block) =>
    faces.flatMap(([a, b, c, d]) => [a, b, c, a, c, d].map((corner) => 8 * block + corner)),
  );
  return { vertices: Float32Array.from(vertices.flat()), triangles: Uint32Array.from(triangles) };
}

describe.each(ENGINES)('a collision mesh in $engine', ({ engine, mesh: tolerance }) => {
  it('is where a box of its corners would be: both tumble alike', async () => {
    // Twice as large in the file, and off its origin, so that frames matter.
    const block = makeBlocks([
      [0.2, -0.4, 0.1],
      [0.6, 0.2, 0.3],
    ]);
    const pose = { at: [0.1, 0, -0.05] as const, turned: TILTED };
    const mesh: TinyShape = {
      geometry: { kind: 'mesh', uri: 'block', scale: [0.5, 0.5, 0.5] },
      ...pose,
    };
    const link = { name: 'body', mass: 1, moment: 0.02 };
    const twin = makeTinyRobot({
      links: [
        link,
        {
          name: 'shape',
          mass: 0,
          shapes: [
            // Its middle (0.2, −0.05, 0.1) in the mesh's frame.
            { geometry: { kind: 'box', size: [0.2, 0.3, 0.1] }, at: [0.2, -0.05, 0.1] },
          ],
        },
      ],
      joints: [
        {
          ...{ name: 'weld', type: 'fixed', parent: 'body', child: 'shape' },
          parentFromJoint: { translation: pose.at, rotation: pose.turned },
        },
      ],
    });
    const drop = async (model: typeof twin) => {
      const settings = { engine, gravityW: GRAVITY, scene: FLAT_SCENE };
      const bench = await makeBench(model, settings);
      bench.place(0, (s) => s.position.set([0, 0, 0.5]));
      return structuredClone(bench.run(0.45));
    };
    const wanted = await drop(twin);
    const got = await drop(makeTinySolid([mesh], { ...link, meshes: { block } }));
    // It has struck the ground with a corner and turns.
    expect(Math.hypot(...wanted.angularVelocityB)).toBeGreaterThan(1);
    for (let k = 0; k < 3; k++) {
      expect(Math.abs(got.position[k]! - wanted.position[k]!)).toBeLessThan(tolerance);
      const turn = got.angularVelocityB[k]! - wanted.angularVelocityB[k]!;
      expect(Math.abs(turn)).toBeLessThan(20 * tolerance);
    }
  });

  it.each([
    { solid: 'hull', height: 0.3 },
    { solid: 'decomposition', height: 0.1 },
  ] as const)('of an L is as a $solid $height m high over its foot', async ({ solid, height }) => {
    // 0.4 long and 0.4 high, 0.1 thick. The hull's slope from (0.1, 0.4) to (0.4, 0.1) is 0.3 high at 0.2.
    const ell = makeBlocks(
      [
        [0, -0.2, 0],
        [0.4, 0.2, 0.1],
      ],
      [
        [0, -0.2, 0.1],
        [0.1, 0.2, 0.4],
      ],
    );
    const robot = makeTinyRobot({
      meshes: { ell },
      links: [
        { name: 'probe' },
        {
          name: 'ell',
          shapes: [{ geometry: { kind: 'mesh', uri: 'ell', scale: [1, 1, 1] }, solid }],
        },
      ],
      joints: [{ name: 'hinge', parent: 'probe', child: 'ell' }],
    });
    const bench = await makeBench(robot, { engine });
    const distance = new Float64Array(3);
    bench.engine.castRays({
      numRays: 3,
      robot: new Int32Array(3),
      origin: Float64Array.from([0.2, 0, 1, 0.05, 0, 1, 0.2, 0, 0.05]),
      direction: Float64Array.from([0, 0, -1, 0, 0, -1, 0, 0, -1]),
      maxRange: 10,
      hits: { robotExceptLink: 'probe' },
      distance,
    });
    // Over the foot, over the leg, and from inside.
    for (const [k, wanted] of [1 - height, 0.6, 0].entries()) {
      expect(Math.abs(distance[k]! - wanted)).toBeLessThan(5e-3);
    }
  });
});

describe.each(ENGINES)('self-collision in $engine', ({ engine, softness }) => {
  const cube = (size: number) =>
    ({ geometry: { kind: 'box', size: [size, size, size] } as const }) satisfies TinyShape;
  /**
   * Two carts on one rail, 1 m apart, cubes of 0.2 m; the left one carries a mast that is fixed to it and reaches
   * ahead above the other one's cube.
   */
  const makeRail = (selfCollision: SelfCollision) =>
    makeTinyRobot({
      base: 'fixed',
      selfCollision,
      links: [
        { name: 'rail', mass: 0, shapes: [{ ...cube(0.2), at: [0.5, 0, 0] }] },
        { name: 'left', shapes: [cube(0.2)] },
        { name: 'right', shapes: [cube(0.2)] },
        { name: 'mast', mass: 0, shapes: [{ ...cube(0.1), at: [0.4, 0, 0] }] },
      ],
      joints: [
        {
          ...{ name: 'left_slide', type: 'prismatic', parent: 'rail', child: 'left' },
          axis: [1, 0, 0],
        },
        {
          ...{ name: 'right_slide', type: 'prismatic', parent: 'rail', child: 'right' },
          ...{ axis: [1, 0, 0], at: [1, 0, 0] },
        },
        { name: 'weld', type: 'fixed', parent: 'left', child: 'mast' },
      ],
    });
  /** Pushes the left cart to the right for a while. @returns where both come to be, the right one held */
  const collide = async (selfCollision: SelfCollision) => {
    const bench = await makeBench(makeRail(selfCollision), { engine });
    bench.engine.setDrive(0, 1, { stiffness: 1e4, damping: 200, maxEffort: 1e4 });
    bench.run(1.5, (world) => {
      world.jointEffort[0] = 2;
    });
    return bench;
  };

  it('is off where it is off: links pass through one another', async () => {
    const bench = await collide({ kind: 'none' });
    // 2 N on 1 kg for 1.5 s: 2.25 m.
    expect(bench.state.jointPosition[0]).toBeGreaterThan(2);
  });

  it('stops links that meet, except those that are joined, and tells the force', async () => {
    const bench = await collide({ kind: 'all', except: [] });
    // The mast's face is 0.45 ahead of the left cart, the right cart's 0.1 before 1. The rail's own cube is passed.
    expect(Math.abs(bench.state.jointPosition[0]! - 0.45)).toBeLessThan(20 * softness);
    const forces = new Float64Array(12);
    bench.engine.writeContactForces(forces);
    const along = (shape: string) => forces[3 * bench.engine.shapeNames.indexOf(shape)]!;
    expect(Math.abs(along('right') - 2)).toBeLessThan(0.1);
    expect(Math.abs(along('mast') + 2)).toBeLessThan(0.1);
    expect(along('left')).toBe(0);
    // What touches is no scene.
    expect(bench.engine.isInContact(0)).toBe(false);
    expect(bench.engine.computePenetration(0)).toBeLessThan(20 * softness);
  });

  it('lets pairs overlap that are excepted, and no others of the same bodies', async () => {
    const bench = await collide({ kind: 'all', except: [['right', 'mast']] });
    // Cube to cube: 0.1 + 0.1 before 1.
    expect(Math.abs(bench.state.jointPosition[0]! - 0.8)).toBeLessThan(20 * softness);
    const all = await collide({
      kind: 'all',
      except: [
        ['mast', 'right'],
        ['right', 'left'],
      ],
    });
    expect(all.state.jointPosition[0]).toBeGreaterThan(2);
  });
});
