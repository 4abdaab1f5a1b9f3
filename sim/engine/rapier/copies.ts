import type RAPIER from '@dimforge/rapier3d-simd-compat';
import type { Kinematics } from '../kinematics.ts';
import type { ContactView } from './contacts.ts';
import type { JointSite } from './motors.ts';
import type { RayTargets } from './rays.ts';
import { type BuiltCopy, type CopyParts, Shard } from './shard.ts';

/** Where a copy is. */
export interface CopyPlace {
  readonly shard: Shard;
  readonly copy: BuiltCopy;
}

/** Deals the copies out to as few worlds as keep them from seeing one another. */
export function makeShards(parts: CopyParts, substeps: number): readonly Shard[] {
  const { numRobots } = parts.config;
  const shards: Shard[] = [];
  for (let first = 0; first < numRobots; first += parts.rules.copiesPerWorld) {
    const numCopies = Math.min(parts.rules.copiesPerWorld, numRobots - first);
    shards.push(new Shard(parts, numCopies, substeps));
  }
  return shards;
}

export function listPlaces(shards: readonly Shard[]): readonly CopyPlace[] {
  return shards.flatMap((shard) => shard.copies.map((copy) => ({ shard, copy })));
}

/** Every simulated joint of every copy. */
export function listSites(
  places: readonly CopyPlace[],
  { bodies }: Kinematics,
  numJoints: number,
): readonly JointSite[] {
  return places.flatMap(({ shard, copy }, robot) =>
    bodies.flatMap(({ connection }, i) => {
      if (connection === undefined) return [];
      const bodyOf = (index: number) => shard.world.getRigidBody(copy.bodies[index]!);
      return [
        {
          index: robot * numJoints + connection.jointIndex,
          robot,
          connection,
          world: () => shard.world,
          pair: () => ({ parent: bodyOf(connection.parent), child: bodyOf(i) }),
        },
      ];
    }),
  );
}

/** Every main joint, in the order of sites. */
export function listMainJoints(places: readonly CopyPlace[]): RAPIER.ImpulseJoint[] {
  return places.flatMap(({ shard, copy }) =>
    copy.joints.flatMap((handle) =>
      handle === undefined ? [] : [shard.world.getImpulseJoint(handle)],
    ),
  );
}

export function makeContactView(
  { shard, copy }: CopyPlace,
  robot: number,
  numBodies: number,
  isPlane: boolean,
): ContactView {
  const moving = copy.moving.map(({ collider }) => collider);
  const isAlone = isPlane && shard.scene.fixed.length === 1 && moving.length === 0;
  return {
    world: shard.world,
    colliders: copy.colliders,
    firstRow: robot * numBodies,
    onlyPlane: isAlone ? shard.scene.ground : undefined,
    scene: new Set([...shard.scene.fixed, ...moving]),
  };
}

export function makeRayTargets(
  { shard, copy }: CopyPlace,
  robot: number,
  numBodies: number,
): RayTargets {
  return {
    own: copy.colliders.map((colliders, b) =>
      colliders.map(({ handle, reach }) => ({
        collider: shard.world.getCollider(handle),
        row: robot * numBodies + b,
        reach,
      })),
    ),
    moving: copy.moving.map(({ collider }) => shard.world.getCollider(collider)),
  };
}
