import { UserError } from '../../sim/errors.ts';
import { computeTilt } from '../../sim/math/quat.ts';
import type { Transform } from '../../sim/robot/geometry.ts';
import { composeTransforms } from '../../sim/robot/transform.ts';
import { parseUrdf, type UrdfDescription } from '../../sim/robot/urdf.ts';
import type { SceneObject } from '../../sim/terrain/scene.ts';
import type { Resource, SpawnEntityRequest } from '../ros/messages.ts';
import { RESULT, Refusal, SPAWN_RESULT } from './codes.ts';
import { computeMapFromFrame, toOdom } from './entities.ts';
import type { Plant } from './plant.ts';
import { readFileUri } from './read-file-uri.ts';
import { readPose } from './read-pose.ts';
import type { Spawned } from './simulation.ts';

/** Of the robot that a simulator simulates: it can have more of them, and of no other. */
export function makeRobotUri(plant: Plant): string {
  return `zerogap://robots/${plant.world.model.name}`;
}

/**
 * What a request asks to put into a world.
 * @param taken names that entities have already
 * @throws Refusal with a code of SpawnEntity's
 */
export function readSpawnRequest(
  plant: Plant,
  request: SpawnEntityRequest,
  taken: readonly string[],
): Spawned {
  const uri = makeRobotUri(plant);
  if (request.entity_resource.uri === uri) {
    const name = chooseName(request, plant.world.model.name, taken);
    return { kind: 'robot', name, mapFromBase: readPlace(plant, request) };
  }
  const urdf = readUrdfOf(request.entity_resource, uri);
  const name = chooseName(request, urdf.name, taken);
  // Every robot has the scene around itself; where an object is in the map is where it is to the first.
  const odomFromLink = toOdom(plant, 0, readPlace(plant, request));
  return { kind: 'object', name, object: makeObject(urdf, name, odomFromLink) };
}

/** In the map. */
function readPlace(
  plant: Plant,
  { initial_pose: { header, pose } }: SpawnEntityRequest,
): Transform {
  const mapFromFrame = computeMapFromFrame(plant, header.frame_id, SPAWN_RESULT.invalidPose);
  return composeTransforms(mapFromFrame, readPose(pose, SPAWN_RESULT.invalidPose));
}

const PART_OF_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** The name that is asked for, behind its namespace; where that may be, a number is put behind one that is taken. */
function chooseName(
  { name, allow_renaming: mayRename, entity_namespace: namespace }: SpawnEntityRequest,
  ownName: string,
  taken: readonly string[],
): string {
  const prefix = namespace.replace(/^\/|\/$/g, '');
  if (prefix !== '' && !prefix.split('/').every((part) => PART_OF_NAME.test(part))) {
    throw new Refusal(SPAWN_RESULT.namespaceInvalid, `'${namespace}' is no ROS namespace`);
  }
  const wanted = name === '' ? ownName : name;
  if (!PART_OF_NAME.test(wanted)) {
    throw new Refusal(
      SPAWN_RESULT.nameInvalid,
      `'${wanted}': a name is letters, digits and _, with no digit first`,
    );
  }
  const full = prefix === '' ? wanted : `${prefix}/${wanted}`;
  if (!taken.includes(full)) return full;
  if (!mayRename) {
    throw new Refusal(SPAWN_RESULT.nameNotUnique, `there is an entity '${full}' already`);
  }
  for (let k = 1; ; k++) if (!taken.includes(`${full}_${k}`)) return `${full}_${k}`;
}

function readUrdfOf({ uri, resource_string: text }: Resource, robotUri: string): UrdfDescription {
  if (uri === '' && text === '') {
    throw new Refusal(SPAWN_RESULT.noResource, 'neither uri nor resource_string is given');
  }
  if (uri !== '' && !/^file:\/\/.*\.urdf$/.test(uri)) {
    throw new Refusal(
      SPAWN_RESULT.unsupportedFormat,
      `'${uri}' is neither ${robotUri} nor a file://….urdf; GetSpawnables lists what there is`,
    );
  }
  try {
    return parseUrdf(uri === '' ? text : readFileUri(uri), uri === '' ? 'resource_string' : uri);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    throw new Refusal(SPAWN_RESULT.resourceParseError, error.message);
  }
}

/** [rad] what is upright but for rounding */
const MAX_TILT = 1e-6;

/** A solid that stands where it is put: one link with one collision shape. */
function makeObject(urdf: UrdfDescription, name: string, odomFromLink: Transform): SceneObject {
  const shapes = urdf.links.flatMap(({ collisions }) => collisions);
  const [shape] = shapes;
  if (urdf.links.length !== 1 || shape === undefined || shapes.length !== 1) {
    throw new Refusal(
      RESULT.operationFailed,
      `an object has one link with one collision shape, this has ${urdf.links.length} links with ${shapes.length}; robots are those of GetSpawnables`,
    );
  }
  const { geometry, material } = shape;
  if (geometry.kind === 'mesh') {
    throw new Refusal(
      SPAWN_RESULT.unsupportedAssets,
      'an object is a box, sphere, cylinder or capsule, no mesh',
    );
  }
  const odomFromObject = composeTransforms(odomFromLink, shape.linkFromShape);
  if (computeTilt(odomFromObject.rotation) > MAX_TILT) {
    throw new Refusal(SPAWN_RESULT.invalidPose, 'an object stands upright: turned about z alone');
  }
  return { name, geometry, material, odomFromObject, moves: false };
}
