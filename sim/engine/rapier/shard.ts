import type { RigidBody } from '../../robot/rigid-bodies.ts';
import { composeTransforms } from '../../robot/transform.ts';
import type { ConvexParts } from '../convex.ts';
import type { EngineConfig } from '../engine.ts';
import type { MassProperties } from '../scaled-body.ts';
import { refuseContent } from '../snapshot-frame.ts';
import RAPIER from './api.ts';
import {
  makeConvexSolid,
  makeSolid,
  type Solid,
  setMaterial,
  toRotation,
  toVector,
} from './colliders.ts';
import type { CollisionRules } from './collision-rules.ts';
import { addMainJoint, forbidContact, getMotor } from './joints.ts';
import { setLimits } from './limits.ts';
import { addFixedScene, addMovingObjects, type BuiltScene, type MovingObject } from './scene.ts';
import { openWorld } from './world.ts';

/** One convex solid of a copy. */
export interface BuiltCollider {
  readonly handle: number;
  /** Index of its shape in the engine's `shapeNames`. */
  readonly shape: number;
  /** [-] of the model's material */
  readonly friction: number;
  readonly restitution: number;
  /** [m] farthest point from the body's origin */
  readonly reach: number;
  /** See CollisionRules. */
  readonly groups: number;
}

/** What of a copy is in its world, by handles that survive snapshots. */
export interface BuiltCopy {
  /** Body by body. */
  readonly bodies: readonly number[];
  /** Joint by body; the root has none. */
  readonly joints: readonly (number | undefined)[];
  readonly colliders: readonly (readonly BuiltCollider[])[];
  readonly moving: readonly MovingObject[];
}

/** What all copies are made of. */
export interface CopyParts {
  readonly config: EngineConfig;
  readonly bodies: readonly RigidBody[];
  readonly rules: CollisionRules;
  readonly convexParts: ConvexParts;
  readonly shapeNames: readonly string[];
}

/**
 * A Rapier world with as many copies as can be in it without a trace of one another (rapier/copies.ts), all in the
 * same place: their odom frame is the world's.
 */
export class Shard {
  readonly copies: readonly BuiltCopy[];
  readonly scene: Pick<BuiltScene, 'ground' | 'fixed'>;
  world: RAPIER.World;

  constructor(parts: CopyParts, numCopies: number) {
    const { gravityW, timestepS, solver, scene } = parts.config;
    this.world = openWorld({
      gravityW,
      timestepS,
      iterations: solver.rapier.iterations,
      internalIterations: solver.rapier.internalIterations,
      frictionInEverySweep: solver.rapier.frictionInEverySweep,
    });
    this.scene = addFixedScene(this.world, scene, parts.rules.fixedScene);
    this.copies = Array.from({ length: numCopies }, () => addCopy(this.world, parts));
  }

  /** With every shape looked at, see rapier/plane-gates.ts. */
  copyWorld(): RAPIER.World {
    const world = RAPIER.World.restoreSnapshot(this.world.takeSnapshot());
    for (const { handle, groups } of this.copies.flatMap(({ colliders }) => colliders.flat())) {
      world.getCollider(handle).setCollisionGroups(groups);
    }
    return world;
  }

  /** @throws UserError for bytes of another version of Rapier */
  restore(bytes: Uint8Array): void {
    const world = RAPIER.World.restoreSnapshot(bytes) as RAPIER.World | undefined;
    if (world === undefined) throw refuseContent('rapier', 'a world that it cannot read');
    this.world.free();
    this.world = world;
  }
}

function addCopy(world: RAPIER.World, parts: CopyParts): BuiltCopy {
  const { config, bodies, rules } = parts;
  const made = bodies.map((_, i) => {
    const isFixed = i === 0 && config.model.base === 'fixed';
    const description = isFixed ? RAPIER.RigidBodyDesc.fixed() : RAPIER.RigidBodyDesc.dynamic();
    description.setCanSleep(false).setLinearDamping(0).setAngularDamping(0);
    return world.createRigidBody(description);
  });
  const colliders = bodies.map((body, i) => addColliders(world, made[i]!, body, parts));
  const joints = bodies.map(({ connection }, i) => {
    if (connection === undefined) return undefined;
    const pair = { parent: made[connection.parent]!, child: made[i]! };
    const handle = addMainJoint(world, pair, connection);
    setLimits(getMotor(world, handle, connection.joint), connection.joint);
    return handle;
  });
  for (const [p, q] of rules.apart) forbidContact(world, { parent: made[p]!, child: made[q]! });
  const moving = addMovingObjects(world, config.scene, rules.movingObject);
  return { bodies: made.map((body) => body.handle), joints, colliders, moving };
}

function addColliders(
  world: RAPIER.World,
  rigidBody: RAPIER.RigidBody,
  body: RigidBody,
  parts: CopyParts,
): readonly BuiltCollider[] {
  const { config, rules, shapeNames } = parts;
  return body.links.flatMap(({ name, bodyFromLink }) => {
    const link = config.model.links.find((candidate) => candidate.name === name)!;
    return link.collisions.flatMap((shape) => {
      const bodyFromShape = composeTransforms(bodyFromLink, shape.linkFromShape);
      const solids: readonly Solid[] =
        shape.geometry.kind === 'mesh'
          ? parts.convexParts
              .get(shape.name)!
              .map((corners) => makeConvexSolid(corners, bodyFromShape))
          : [makeSolid(shape.geometry, bodyFromShape)];
      return solids.map(({ description, reach }) => {
        setMaterial(description, shape.material);
        const groups = rules.link(name);
        description.setCollisionGroups(groups);
        description.setActiveEvents(RAPIER.ActiveEvents.CONTACT_FORCE_EVENTS);
        const { handle } = world.createCollider(description, rigidBody);
        const { friction, restitution } = shape.material;
        const index = shapeNames.indexOf(shape.name);
        return { handle, reach, groups, friction, restitution, shape: index };
      });
    });
  });
}

/**
 * Sets mass, centre of mass and principal inertia.
 * @param added kg and kg·m² on top of them
 */
export function setMass(
  target: RAPIER.RigidBody,
  scaled: MassProperties,
  added: { readonly mass: number; readonly moment: number },
): void {
  const { centreOfMass, bodyFromPrincipal } = scaled;
  const mass = scaled.mass + added.mass;
  const [x, y, z] = scaled.moments;
  const moments = [x + added.moment, y + added.moment, z + added.moment] as const;
  target.setAdditionalMassProperties(
    mass,
    toVector(centreOfMass),
    toVector(moments),
    toRotation(bodyFromPrincipal),
    true,
  );
}
