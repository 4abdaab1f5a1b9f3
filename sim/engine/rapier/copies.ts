import type RAPIER from '@dimforge/rapier3d-simd-compat';
import type { Kinematics } from '../kinematics.ts';
import type { ContactView } from './contacts.ts';
import type { RayTargets } from './rays.ts';
import { type BuiltCopy, type CopyParts, Shard } from './shard.ts';
import type { JointSite } from './sites.ts';

/** Where a copy is. */
export interface CopyPlace {
  readonly shard: Shard;
  readonly copy: BuiltCopy;
}

/** Joints of one colour from which on Rapier 0.20 solves that colour before all others, four joints at a time. */
const WIDE_COLOUR = 64;

/** Deals the copies out to as few worlds as keep them from leaving a trace in one another. */
export function makeShards(parts: CopyParts): readonly Shard[] {
  const { numRobots } = parts.config;
  const perWorld = countCopiesPerWorld(parts);
  const shards: Shard[] = [];
  for (let first = 0; first < numRobots; first += perWorld) {
    shards.push(new Shard(parts, Math.min(perWorld, numRobots - first)));
  }
  return shards;
}

/**
 * How many copies may share a world so that each moves as it would alone, to the last bit. Rapier solves colour by
 * colour: what is of one colour has no body in common, so that its order makes no difference. What does:
 * - contacts of a body that begin in one step are given their colours in the order in which pairs came into the
 *   world and left it, anybody's pairs. So a body may have but one partner: one shape, and one thing to touch;
 * - a shape and a height field touch by several triangles at once, and all but the first are solved in an order that
 *   hangs on how many others do the same;
 * - a colour with 64 joints is solved before those with fewer. A copy has at most one joint of a colour for each of
 *   its bodies but the root.
 */
function countCopiesPerWorld(parts: CopyParts): number {
  if (!touchesOneThing(parts)) return 1;
  const numJoints = parts.bodies.length - 1;
  return numJoints === 0
    ? Number.POSITIVE_INFINITY
    : Math.max(1, Math.floor((WIDE_COLOUR - 1) / numJoints));
}

/** Whether each body of a robot has one shape at most, and one thing that it can touch. */
export function touchesOneThing({ config, bodies, convexParts }: CopyParts): boolean {
  const { model, scene } = config;
  const numSolids = bodies.map(({ links }) =>
    links
      .flatMap(({ name }) => model.links.find((link) => link.name === name)!.collisions)
      .reduce(
        (sum, { name, geometry }) =>
          sum + (geometry.kind === 'mesh' ? convexParts.get(name)!.length : 1),
        0,
      ),
  );
  return (
    model.selfCollision.kind === 'none' &&
    scene.ground?.kind !== 'height_field' &&
    scene.objects.length + (scene.ground === undefined ? 0 : 1) <= 1 &&
    scene.objects.every(({ moves }) => !moves) &&
    numSolids.every((count) => count <= 1)
  );
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
    lastTouch: undefined,
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
