import { afterEach, describe, expect, it, vi } from 'vitest';
import RAPIER from '../../../sim/engine/rapier/api.ts';
import { loadRobot } from '../../../sim/robot/load.ts';
import { FLAT_SCENE } from '../../../sim/terrain/scene.ts';
import { makeBench } from '../../kit/engine-bench.ts';

afterEach(() => void vi.restoreAllMocks());

const STIFFNESS = 60;

/** A standing go2 whose worlds are copied and left to Rapier's own servos for 4 s. @returns [rad] how far each calf gave way */
async function stand(sweeps: number): Promise<number[]> {
  const model = loadRobot('go2');
  const bench = await makeBench(model, {
    timestepS: 0.005,
    gravityW: [0, 0, -9.81],
    scene: FLAT_SCENE,
  });
  const { engine } = bench;
  for (const [j, position] of model.home.jointPosition.entries()) {
    engine.setDrive(0, j, { stiffness: STIFFNESS, damping: 5, maxEffort: 45 });
    engine.drivePosition[j] = position;
  }
  bench.run(1);
  const restore = vi.spyOn(RAPIER.World, 'restoreSnapshot');
  const copies = engine.copyWorlds!({ sweeps });
  const world = restore.mock.results[0]!.value as RAPIER.World;
  vi.restoreAllMocks();
  for (let k = 0; k < 800; k++) copies.step();
  const orientations: RAPIER.Rotation[] = [];
  world.forEachRigidBody((body) => void orientations.push(body.rotation()));
  copies.free();
  engine.free();
  // Bodies in the order of the tree: the trunk, then hip, thigh, calf of each leg; thighs and calves turn about y.
  return [3, 6, 9, 12].map((calf) => {
    const [thigh, shin] = [orientations[calf - 1]!, orientations[calf]!];
    const angle =
      2 * Math.asin(thigh.w * shin.y - thigh.y * shin.w + thigh.z * shin.x - thigh.x * shin.z);
    return model.home.jointPosition[model.jointNames.indexOf('FL_calf_joint')]! - angle;
  });
}

describe("Rapier's own servos in the joints of a standing go2", () => {
  it('bear what more sweeps would have them bear, to 1 % at 16 sweeps and not at 4', async () => {
    const [converged, enough, few] = [await stand(256), await stand(16), await stand(4)];
    for (let leg = 0; leg < 4; leg++) {
      // A knee bears some 6 N·m.
      expect(STIFFNESS * converged[leg]!).toBeGreaterThan(4);
      expect(STIFFNESS * converged[leg]!).toBeLessThan(8);
      expect(Math.abs(enough[leg]! / converged[leg]! - 1)).toBeLessThan(0.01);
    }
    expect(Math.max(...few.map((x, leg) => Math.abs(x / converged[leg]! - 1)))).toBeGreaterThan(
      0.01,
    );
  });
});
