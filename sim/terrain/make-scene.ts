import { throwIfAny } from '../errors.ts';
import type { Rng } from '../math/rng.ts';
import { DEFAULT_MATERIAL, type Material } from '../robot/geometry.ts';
import { makeBoxes } from './boxes.ts';
import { checkTerrain } from './check-terrain.ts';
import type { TerrainConfig } from './config.ts';
import { makeTerrainGrid } from './grid.ts';
import type { GroundConfig } from './ground-config.ts';
import { makeHeightField } from './height-field.ts';
import { makeMovingObjects } from './moving.ts';
import { placeObject } from './placed.ts';
import type { ObstacleSpace } from './placing.ts';
import { makeRoomWalls } from './rooms.ts';
import type { Scene, SceneObject } from './scene.ts';
import { makeWall } from './walls.ts';

/**
 * Builds what a configuration describes. Every part draws from a stream of its own, so adding one changes no
 * other; only things that must not overlap give way to those that came before: rooms, walls, objects, moving
 * obstacles, boxes.
 * @throws UserErrors for parts that cannot go together, or have no room
 */
export function makeScene(config: TerrainConfig, rng: Rng, where = 'terrain'): Scene {
  throwIfAny(checkTerrain(config, where));
  const material = resolveMaterial(config.material, DEFAULT_MATERIAL);
  const ground = makeGround(config.ground, material, rng.fork('ground'));
  const objects: SceneObject[] = [];
  const scene: Scene = { ground, objects };
  const makeSpace = (key: string): ObstacleSpace => ({
    where: `${where}: ${key}`,
    scene: { ground, objects: [...objects] },
    clearRadius: config.clearRadius,
    material,
  });
  const rooms = config.rooms === undefined ? [] : makeRoomWalls(config.rooms, rng.fork('rooms'));
  for (const line of [...rooms, ...config.walls]) {
    objects.push(makeWall(`wall_${objects.length}`, line, scene, material));
  }
  for (const placed of config.objects) {
    objects.push(placeObject(placed, scene, resolveMaterial(placed.material, material)));
  }
  config.moving.forEach((field, k) => {
    objects.push(...makeMovingObjects(field, makeSpace(`moving[${k}]`), rng.fork('moving', k)));
  });
  config.boxes.forEach((field, k) => {
    objects.push(...makeBoxes(field, makeSpace(`boxes[${k}]`), rng.fork('boxes', k)));
  });
  return scene;
}

function resolveMaterial(own: TerrainConfig['objects'][0]['material'], rest: Material): Material {
  return {
    friction: own?.friction ?? rest.friction,
    restitution: own?.restitution ?? rest.restitution,
  };
}

function makeGround(config: GroundConfig, material: Material, rng: Rng): Scene['ground'] {
  switch (config.kind) {
    case 'none':
      return undefined;
    case 'plane':
      return { kind: 'plane', material };
    case 'grid':
      return makeTerrainGrid(config, material, rng).field;
    default:
      return makeHeightField(config, material, rng);
  }
}
