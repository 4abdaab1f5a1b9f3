import { writeRotated } from '../../sim/math/quat.ts';
import type { Transform } from '../../sim/robot/geometry.ts';
import { composeTransforms, TRANSFORM_IDENTITY } from '../../sim/robot/transform.ts';
import { toTime } from '../convert/stamp.ts';
import type { EntityInfo, EntityState } from '../ros/messages.ts';
import { getFrameId, MAP_FRAME } from '../topics.ts';
import { type Body, invert, makeObjectBody, makeRobotBody } from './bodies.ts';
import { CATEGORY, RESULT, Refusal } from './codes.ts';
import type { Plant } from './plant.ts';
import type { Simulation } from './simulation.ts';

/** A robot, or an object of the scene. */
export type Entity =
  | { readonly kind: 'robot'; readonly name: string /** Row in the world. */; readonly row: number }
  | {
      readonly kind: 'object';
      readonly name: string;
      /** In the scene's objects. */
      readonly index: number;
      readonly moves: boolean;
    };

/**
 * Robots first, then the objects that are there. Every robot has the scene around itself; an object is told as it
 * stands around the first robot.
 */
export function listEntities({ robots, world }: Plant): Entity[] {
  const objects = world.scene.objects.flatMap(({ name, moves }, index): Entity[] =>
    world.copyObjectState(0, index).isThere ? [{ kind: 'object', name, index, moves }] : [],
  );
  return [...robots.map((name, row): Entity => ({ kind: 'robot', name, row })), ...objects];
}

/** @throws Refusal for a name that nothing has */
export function getEntity(plant: Plant, name: string): Entity {
  const entity = listEntities(plant).find((one) => one.name === name);
  if (entity !== undefined) return entity;
  throw new Refusal(RESULT.notFound, `no entity is called '${name}'; GetEntities lists them`);
}

/** Where an entity is in the map. */
export function computeMapPose({ world }: Plant, entity: Entity): Transform {
  const row = entity.kind === 'robot' ? entity.row : 0;
  return composeTransforms(getMapFromOdom({ world }, row), readOdomPose({ world }, entity));
}

function getMapFromOdom({ world }: Pick<Plant, 'world'>, row: number): Transform {
  const [x, y, z] = world.mapFromOdom.subarray(3 * row);
  return { translation: [x!, y!, z!], rotation: [0, 0, 0, 1] };
}

function readOdomPose({ world }: Pick<Plant, 'world'>, entity: Entity): Transform {
  if (entity.kind === 'object') return world.copyObjectState(0, entity.index).odomFromObject;
  const { position, orientation } = world.truth;
  const [x, y, z] = position.subarray(3 * entity.row);
  const [qx, qy, qz, qw] = orientation.subarray(4 * entity.row);
  return { translation: [x!, y!, z!], rotation: [qx!, qy!, qz!, qw!] };
}

/** Ground truth in the map, as of the last step. An acceleration that nobody knows yet is NaN. */
export function makeEntityState(plant: Plant, entity: Entity): EntityState {
  const { translation, rotation } = computeMapPose(plant, entity);
  const { linear, angular, acceleration } = readMotion(plant, entity);
  const stampNs = BigInt(Math.round(plant.world.timeS * 1e9));
  return {
    header: { stamp: toTime(stampNs), frame_id: MAP_FRAME },
    pose: {
      position: toVector(translation),
      orientation: { ...toVector(rotation), w: rotation[3] },
    },
    twist: { linear: toVector(linear), angular: toVector(angular) },
    acceleration: {
      linear: toVector(acceleration),
      angular: toVector(acceleration.slice(3)),
    },
  };
}

function readMotion(plant: Plant, entity: Entity) {
  const { world } = plant;
  if (entity.kind === 'object') {
    const { linearVelocityW } = world.copyObjectState(0, entity.index);
    // What goes a way of its own is told how fast, not how its speed changes.
    const acceleration = new Array<number>(6).fill(entity.moves ? Number.NaN : 0);
    return { linear: linearVelocityW, angular: [0, 0, 0], acceleration };
  }
  const { linearVelocityW, angularVelocityB, orientation } = world.truth;
  const angular = [0, 0, 0];
  writeRotated(angular, 0, orientation, 4 * entity.row, angularVelocityB, 3 * entity.row);
  return {
    linear: Array.from(linearVelocityW.subarray(3 * entity.row, 3 * entity.row + 3)),
    angular,
    acceleration: Array.from(plant.computeAcceleration(entity.row)),
  };
}

/** What an entity is. */
export function makeEntityInfo({ plant, content }: Simulation, entity: Entity): EntityInfo {
  const isSpawned = content.spawned.some(({ name }) => name === entity.name);
  const tags = [entity.kind, ...(isSpawned ? ['spawned'] : [])];
  if (entity.kind === 'robot') {
    const model = plant?.world.model.name ?? '';
    return {
      category: { category: CATEGORY.robot },
      description: `A ${model}; its topics are in /${entity.name}`,
      tags: [...tags, model],
    };
  }
  const geometry = plant?.world.scene.objects[entity.index]?.geometry.kind ?? '';
  const robots = plant?.robots ?? [];
  const copies =
    robots.length > 1
      ? `, as it stands around ${robots[0]}; each of the ${robots.length} robots has one of its own`
      : '';
  return {
    category: { category: entity.moves ? CATEGORY.dynamicObject : CATEGORY.staticObject },
    description: `A ${geometry} of the scene${copies}`,
    tags: [...tags, geometry],
  };
}

export function makeBody({ world }: Plant, entity: Entity): Body {
  if (entity.kind === 'robot') return makeRobotBody(world.model, world.truth, entity.row);
  return makeObjectBody(world.scene.objects[entity.index]!);
}

/**
 * The map from a frame that somebody named: itself, or any robot's odom or base_link.
 * @throws Refusal with that code for a frame that this simulator does not know
 */
export function computeMapFromFrame(plant: Plant, frameId: string, code: number): Transform {
  if (['', 'world', MAP_FRAME].includes(frameId)) return TRANSFORM_IDENTITY;
  const { robots } = plant;
  const row = robots.findIndex((robot) =>
    [getFrameId(robot, 'odom'), getFrameId(robot, 'base_link')].includes(frameId),
  );
  const name = robots[row];
  if (name === undefined) {
    const known = `${MAP_FRAME}, world, <robot>/odom, <robot>/base_link`;
    throw new Refusal(code, `frame '${frameId}' is not known here; there are: ${known}`);
  }
  if (frameId === getFrameId(name, 'odom')) return getMapFromOdom(plant, row);
  return computeMapPose(plant, { kind: 'robot', name, row });
}

/** Where something in the map is in one robot's odom frame. */
export function toOdom(plant: Pick<Plant, 'world'>, row: number, mapPose: Transform): Transform {
  return composeTransforms(invert(getMapFromOdom(plant, row)), mapPose);
}

function toVector([x, y, z]: readonly number[]) {
  return { x: x!, y: y!, z: z! };
}
