import type RAPIER from '@dimforge/rapier3d-simd-compat';
import type { BareWorlds } from '../engine.ts';
import type { JointWorks } from './joint-works.ts';
import { addServo } from './joints.ts';
import type { DriveTargets } from './laws.ts';
import type { Shard } from './shard.ts';

/** Without what joints do, which is not in them: see rapier/articulation.ts. @param substeps of a step */
export function makeBareWorlds(worlds: readonly RAPIER.World[], substeps: number): BareWorlds {
  return {
    step() {
      for (let k = 0; k < substeps; k++) for (const world of worlds) world.step();
    },
    free() {
      for (const world of worlds) world.free();
    },
  };
}

/**
 * As one uses Rapier by itself: a motor in each joint that has a servo, solved together with contacts.
 * @param worlds copies of those of the shards
 */
export function giveServos(
  worlds: readonly RAPIER.World[],
  shards: readonly Shard[],
  joints: JointWorks,
  targets: DriveTargets,
  sweeps: number,
): void {
  for (const world of worlds) world.numInternalPgsIterations = sweeps;
  const homes = shards.flatMap(({ copies }, s) =>
    copies.map((copy) => ({ world: worlds[s]!, copy })),
  );
  const perRobot = joints.sites.length / homes.length;
  for (const [k, { robot, index, connection }] of joints.sites.entries()) {
    const drive = joints.getDrive(index);
    if (drive.maxEffort === 0) continue;
    const { world, copy } = homes[robot]!;
    // Sites are those of all bodies but the root, in their order.
    const handle = copy.joints[1 + (k % perRobot)]!;
    const target = {
      position: targets.drivePosition[index]!,
      velocity: targets.driveVelocity[index]!,
    };
    addServo(world, handle, connection.joint, drive, target);
  }
}
