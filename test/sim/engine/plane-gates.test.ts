import { afterEach, describe, expect, it, vi } from 'vitest';
import { PlaneGates } from '../../../sim/engine/rapier/plane-gates.ts';
import { loadRobot } from '../../../sim/robot/load.ts';
import type { RobotModel } from '../../../sim/robot/model.ts';
import { FLAT_SCENE, type Scene } from '../../../sim/terrain/scene.ts';
import { makeBench } from '../../kit/engine-bench.ts';
import { makeTestRobot } from '../../kit/robots.ts';
import { buildScene } from '../../kit/scenes.ts';

const GRAVITY = [0, 0, -9.81] as const;
afterEach(() => void vi.restoreAllMocks());

/** Three copies are thrown, one after the other on the ground; the last never comes down. */
async function throwDown(model: RobotModel, scene: Scene = FLAT_SCENE, how?: 'looks at all') {
  const update = vi.spyOn(PlaneGates.prototype, 'update');
  if (how === 'looks at all') update.mockImplementation(() => {});
  const bench = await makeBench(model, { numRobots: 3, tileSpacing: 0, gravityW: GRAVITY, scene });
  for (let robot = 0; robot < 3; robot++) {
    bench.place(robot, (s) => {
      s.position[2] = 0.4 + 0.3 * robot;
      s.linearVelocityW.set([0.3, -0.2, robot === 2 ? 12 : -2]);
      s.angularVelocityB.set([4, 3 - robot, 1]);
    });
  }
  const seen: number[] = [];
  const touched = new Set<number>();
  for (let k = 0; k < 60; k++) {
    bench.run(0.02);
    const { position, orientation, linearVelocityW, angularVelocityB, jointPosition } = bench.state;
    seen.push(
      ...position,
      ...orientation,
      ...linearVelocityW,
      ...angularVelocityB,
      ...jointPosition,
    );
    for (let robot = 0; robot < 3; robot++) if (bench.engine.isInContact(robot)) touched.add(robot);
  }
  const [gates] = update.mock.contexts as PlaneGates[];
  bench.engine.free();
  return { seen, touched: [...touched].sort(), isOpen: [...gates!.isOpen] };
}

describe('shapes that are too high above a plane to touch it', () => {
  it.each([
    ['a brick', makeTestRobot('brick')],
    ['a crazyflie', loadRobot('crazyflie')],
  ])('are not looked at, which changes no bit of how %s is thrown down', async (_, model) => {
    const gated = await throwDown(model);
    vi.restoreAllMocks();
    const all = await throwDown(model, FLAT_SCENE, 'looks at all');
    expect(gated.seen).toEqual(all.seen);
    expect(gated.touched).toEqual([0, 1]);
    // The one that flies away is not looked at; the one that lies there is.
    expect(gated.isOpen).toEqual([1, 1, 0]);
    expect(all.isOpen).toEqual([1, 1, 1]);
  });

  it('are looked at where a body has several shapes', async () => {
    expect((await throwDown(loadRobot('go2'))).isOpen).toEqual([]);
  });

  it('are looked at where there is more than a plane', async () => {
    const scene = buildScene({
      objects: [
        { name: 'box', geometry: { kind: 'box', size: [0.2, 0.2, 0.2] }, position: [5, 0] },
      ],
    });
    expect((await throwDown(makeTestRobot('brick'), scene)).isOpen).toEqual([]);
  });

  it('are looked at again in a world that was put back to where they lay on it', async () => {
    const settings = { gravityW: GRAVITY, scene: FLAT_SCENE, numRobots: 2 };
    const bench = await makeBench(makeTestRobot('brick'), settings);
    const lift = (robot: number, height: number) =>
      bench.place(robot, (s) => s.position.set([0, 0, height]));
    lift(0, 0.06);
    lift(1, 0.56);
    bench.run(0.2);
    const bytes = bench.engine.snapshot();
    const went = [...bench.run(0.4).position];
    lift(0, 3);
    bench.run(0.02);
    bench.engine.restore(bytes);
    expect([...bench.run(0.4).position]).toEqual(went);
    bench.engine.free();
  });
});
