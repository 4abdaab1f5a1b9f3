import { TRANSFORM_IDENTITY } from '../../robot/transform.ts';
import type { HeightField, Scene, SceneObject } from '../../terrain/scene.ts';
import RAPIER from './api.ts';
import { makeSolid, setMaterial, toRotation, toVector } from './colliders.ts';

/** Handles of what was added to a world; they survive its snapshots. */
export interface BuiltScene {
  readonly ground: number | undefined;
  /** Of everything that stands still, the ground included. */
  readonly fixed: readonly number[];
  /** Of each object that moves. */
  readonly moving: readonly MovingObject[];
}

export interface MovingObject {
  /** Index in the scene's objects. */
  readonly object: number;
  readonly body: number;
  readonly collider: number;
}

/** Adds ground and objects that stand still. @param groups of Rapier's interactions */
export function addFixedScene(
  world: RAPIER.World,
  scene: Scene,
  groups: number,
): Pick<BuiltScene, 'ground' | 'fixed'> {
  const ground = scene.ground === undefined ? undefined : describeGround(scene.ground);
  const objects = scene.objects
    .filter(({ moves }) => !moves)
    .map((object) => {
      const { description } = makeSolid(object.geometry, object.odomFromObject);
      setMaterial(description, object.material);
      return description;
    });
  const descriptions = ground === undefined ? objects : [ground, ...objects];
  const fixed = descriptions.map(
    (description) => world.createCollider(description.setCollisionGroups(groups)).handle,
  );
  return { ground: ground === undefined ? undefined : fixed[0], fixed };
}

/** Adds the objects that move, each as a body that nothing pushes. */
export function addMovingObjects(
  world: RAPIER.World,
  scene: Scene,
  groups: number,
): readonly MovingObject[] {
  return [...scene.objects.entries()]
    .filter(([, { moves }]) => moves)
    .map(([object, made]) => addMoving(world, object, made, groups));
}

function addMoving(
  world: RAPIER.World,
  object: number,
  { geometry, material, odomFromObject }: SceneObject,
  groups: number,
): MovingObject {
  const body = world.createRigidBody(
    RAPIER.RigidBodyDesc.kinematicVelocityBased().setCanSleep(false),
  );
  body.setTranslation(toVector(odomFromObject.translation), true);
  body.setRotation(toRotation(odomFromObject.rotation), true);
  const { description } = makeSolid(geometry, TRANSFORM_IDENTITY);
  setMaterial(description, material);
  const collider = world.createCollider(description.setCollisionGroups(groups), body);
  return { object, body: body.handle, collider: collider.handle };
}

function describeGround(ground: NonNullable<Scene['ground']>): RAPIER.ColliderDesc {
  const description =
    ground.kind === 'plane'
      ? new RAPIER.ColliderDesc(new RAPIER.HalfSpace({ x: 0, y: 0, z: 1 }))
      : describeHeightField(ground);
  setMaterial(description, ground.material);
  return description;
}

/**
 * Rapier's height fields lie in x and z with their centre at the origin and heights along y; a quarter turn
 * about x takes y to z and z to −y. Their columns follow x, their rows z, so the rows run against our y; that
 * way cells are split along the diagonal that the scene promises.
 */
function describeHeightField(field: HeightField): RAPIER.ColliderDesc {
  const { numX, numY, cellSize, heights, origin } = field;
  const columns = new Float32Array(numX * numY);
  for (let i = 0; i < numX; i++) {
    for (let j = 0; j < numY; j++) columns[i * numY + (numY - 1 - j)] = heights[i * numY + j]!;
  }
  const lengthX = (numX - 1) * cellSize;
  const lengthY = (numY - 1) * cellSize;
  return RAPIER.ColliderDesc.heightfield(
    numY - 1,
    numX - 1,
    columns,
    { x: lengthX, y: 1, z: lengthY },
    // Without it, shapes that slide stumble over the edges inside a plane.
    RAPIER.HeightFieldFlags.FIX_INTERNAL_EDGES,
  )
    .setTranslation(origin[0] + lengthX / 2, origin[1] + lengthY / 2, 0)
    .setRotation({ x: Math.SQRT1_2, y: 0, z: 0, w: Math.SQRT1_2 });
}
