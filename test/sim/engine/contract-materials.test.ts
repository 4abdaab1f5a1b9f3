import { describe, expect, it } from 'vitest';
import type { Geometry } from '../../../sim/robot/geometry.ts';
import type { SceneObject } from '../../../sim/terrain/scene.ts';
import { type BenchSettings, makeBench } from '../../kit/engine-bench.ts';
import { makeTinySolid } from '../../kit/tiny-robot.ts';
import { ENGINES } from './engines.ts';

const G = 9.81;
/** Flat, so that it slides without tipping. */
const SLED: Geometry = { kind: 'box', size: [0.4, 0.4, 0.04] };
const BALL: Geometry = { kind: 'sphere', radius: 0.1 };

const makeFloor = (friction: number, restitution = 0) =>
  ({ ground: { kind: 'plane', material: { friction, restitution } }, objects: [] }) as const;

/** A floor that is a box, as every object of a scene may be one. */
const makeSlab = (friction: number, restitution = 0) => ({
  objects: [
    {
      name: 'slab',
      geometry: { kind: 'box', size: [20, 20, 1] },
      odomFromObject: { translation: [0, 0, -0.5], rotation: [0, 0, 0, 1] },
      material: { friction, restitution },
      moves: false,
    } as const satisfies SceneObject,
  ],
});

describe.each(ENGINES)('friction in $engine', ({ engine, creep, slide }) => {
  /** Speed of a sled of friction `own` after 1 s on a slope, which is a floor under slanted gravity. */
  const slideDown = async (
    own: number,
    settings: BenchSettings & Pick<Required<BenchSettings>, 'scene'>,
    angle: number,
    scale = 1,
  ) => {
    const bench = await makeBench(makeTinySolid([{ geometry: SLED, friction: own }]), {
      engine,
      gravityW: [G * Math.sin(angle), 0, -G * Math.cos(angle)],
      ...settings,
    });
    bench.engine.setScales(0, { contactFriction: scale });
    bench.place(0, (s) => s.position.set([0, 0, 0.02]));
    bench.run(1);
    return bench.state.linearVelocityW[0]!;
  };
  const computeSpeed = (friction: number, angle: number) =>
    Math.max(0, G * (Math.sin(angle) - friction * Math.cos(angle)));

  it('holds just below the angle of friction', async () => {
    const speed = await slideDown(0.5, { scene: makeFloor(0.5) }, Math.atan(0.5) - 0.02);
    expect(Math.abs(speed)).toBeLessThan(creep);
  });

  it('gives way just above the angle of friction, as fast as Coulomb says', async () => {
    const angle = Math.atan(0.5) + 0.02;
    const speed = await slideDown(0.5, { scene: makeFloor(0.5) }, angle);
    // 9.81·(sin − 0.5·cos) of 0.4836 rad: 0.219 m/s².
    expect(Math.abs(speed - computeSpeed(0.5, angle))).toBeLessThan(slide);
  });

  it('is the same in every direction along the floor', async () => {
    const bench = await makeBench(makeTinySolid([{ geometry: SLED }]), {
      engine,
      gravityW: [0, 0, -G],
      scene: makeFloor(0.5),
    });
    for (const heading of [0, 0.4, Math.PI / 4, 2]) {
      bench.place(0, (s) => {
        s.position.set([0, 0, 0.02]);
        s.linearVelocityW.set([2 * Math.cos(heading), 2 * Math.sin(heading), 0]);
      });
      bench.run(0.3);
      const [x, y] = bench.state.linearVelocityW as unknown as [number, number];
      // 2 − 0.5·9.81·0.3 = 0.5285 m/s, straight on.
      expect(Math.abs(x - 0.5285 * Math.cos(heading))).toBeLessThan(slide);
      expect(Math.abs(y - 0.5285 * Math.sin(heading))).toBeLessThan(slide);
    }
  });

  it.each([
    { own: 1, floor: 0.2, holds: 0.2 },
    { own: 0.2, floor: 1, holds: 0.2 },
    { own: 0, floor: 1, holds: 0 },
    { own: 1, floor: 0, holds: 0 },
    { own: 0.3, floor: 0.3, holds: 0.3 },
  ])(
    'of $own on $floor is the smaller one, on planes and on boxes',
    async ({ own, floor, holds }) => {
      const angle = 0.5;
      const wanted = computeSpeed(holds, angle);
      for (const scene of [makeFloor(floor), makeSlab(floor)]) {
        expect(Math.abs((await slideDown(own, { scene }, angle)) - wanted)).toBeLessThan(slide);
      }
    },
  );

  it.each([
    { own: 0.2, floor: 1, scale: 2, holds: 0.4 },
    { own: 0.4, floor: 0.3, scale: 0.5, holds: 0.2 },
    { own: 0.2, floor: 0.3, scale: 2, holds: 0.3 },
    { own: 0.2, floor: 0.1, scale: 4, holds: 0.1 },
  ])(
    'scaled by $scale from $own is held against the $floor of the floor',
    async ({ own, floor, scale, holds }) => {
      const speed = await slideDown(own, { scene: makeFloor(floor) }, 0.5, scale);
      expect(Math.abs(speed - computeSpeed(holds, 0.5))).toBeLessThan(slide);
    },
  );

  it('lets a frictionless caster slide while the foot beside it rubs', async () => {
    const foot: Geometry = { kind: 'sphere', radius: 0.05 };
    const cart = makeTinySolid(
      [
        { geometry: foot, at: [0.5, 0.3, 0], friction: 0 },
        { geometry: foot, at: [0.5, -0.3, 0], friction: 0 },
        { geometry: foot, at: [-0.5, 0, 0], friction: 1 },
      ],
      // So low that braking hardly shifts the load.
      { centre: [0, 0, -0.049], moment: 0.3 },
    );
    const bench = await makeBench(cart, { engine, gravityW: [0, 0, -G], scene: makeFloor(0.8) });
    bench.place(0, (s) => {
      s.position.set([0, 0, 0.05]);
      s.linearVelocityW.set([3, 0, 0]);
    });
    bench.run(0.5);
    // Half the weight rests on the rubbing foot: 0.8·9.81/2 = 3.924 m/s² for 0.5 s.
    expect(Math.abs(bench.state.linearVelocityW[0]! - (3 - 1.962))).toBeLessThan(5 * slide);
  });
});

describe.each(ENGINES)('restitution in $engine', ({ engine, bounce }) => {
  /** Height over the floor of the first bounce of a ball dropped from `height`. */
  const drop = async (own: number, settings: BenchSettings, height = 1, timestepS = 0.002) => {
    const bench = await makeBench(makeTinySolid([{ geometry: BALL, restitution: own }]), {
      engine,
      gravityW: [0, 0, -G],
      timestepS,
      ...settings,
    });
    bench.place(0, (s) => s.position.set([0, 0, 0.1 + height]));
    let top = Number.NEGATIVE_INFINITY;
    let hasBounced = false;
    for (let i = 0; i < 3 / timestepS; i++) {
      bench.run(timestepS);
      const rises = bench.state.linearVelocityW[2]! > 0;
      if (hasBounced && !rises) break;
      hasBounced ||= rises;
      if (hasBounced) top = Math.max(top, bench.state.position[2]! - 0.1);
    }
    return Math.max(0, top);
  };

  it.each([{ restitution: 0.2 }, { restitution: 0.5 }, { restitution: 0.9 }, { restitution: 1 }])(
    'of $restitution throws a ball back to its square of the height',
    async ({ restitution }) => {
      for (const height of [0.2, 1]) {
        const top = await drop(restitution, { scene: makeFloor(0.5) }, height);
        expect(Math.abs(top / height - restitution ** 2)).toBeLessThan(bounce);
      }
    },
  );

  it.each([0.001, 0.005])('does so at steps of %f s', async (timestepS) => {
    const top = await drop(0.5, { scene: makeFloor(0.5) }, 1, timestepS);
    expect(Math.abs(top - 0.25)).toBeLessThan(bounce);
  });

  it.each([
    { own: 0, floor: 0.6 },
    { own: 0.6, floor: 0.1 },
    { own: 0.6, floor: 0.6 },
  ])('of $own on $floor is the larger one, on planes and on boxes', async ({ own, floor }) => {
    for (const scene of [makeFloor(0.5, floor), makeSlab(0.5, floor)]) {
      expect(Math.abs((await drop(own, { scene })) - 0.36)).toBeLessThan(bounce);
    }
  });

  it('of nothing leaves the ball where it fell', async () => {
    expect(await drop(0, { scene: makeFloor(0.5) })).toBeLessThan(0.005);
  });

  it('goes with a friction of its own: a spinning ball that bounces off ice keeps its spin', async () => {
    const bench = await makeBench(
      makeTinySolid([{ geometry: BALL, restitution: 0.8, friction: 1 }]),
      { engine, gravityW: [0, 0, -G], scene: makeFloor(0) },
    );
    bench.place(0, (s) => {
      s.position.set([0, 0, 0.4]);
      s.angularVelocityB.set([0, 20, 0]);
    });
    bench.run(0.35);
    // Back up at 0.8·√(2·9.81·0.3) = 1.94 m/s after 0.247 s, 0.93 m/s now.
    expect(bench.state.linearVelocityW[2]).toBeGreaterThan(0.8);
    expect(Math.abs(bench.state.angularVelocityB[1]! - 20)).toBeLessThan(0.05);
    expect(Math.abs(bench.state.linearVelocityW[0]!)).toBeLessThan(0.01);
  });

  it('dies away: a bouncing ball comes to rest on the floor', async () => {
    const bench = await makeBench(makeTinySolid([{ geometry: BALL, restitution: 0.5 }]), {
      engine,
      gravityW: [0, 0, -G],
      scene: makeFloor(0.5),
    });
    bench.place(0, (s) => s.position.set([0, 0, 0.4]));
    bench.run(3);
    expect(Math.abs(bench.state.position[2]! - 0.1)).toBeLessThan(2e-3);
    expect(Math.abs(bench.state.linearVelocityW[2]!)).toBeLessThan(0.02);
  });
});
