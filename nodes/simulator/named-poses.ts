import type { NamedPose } from '../ros/messages.ts';
import type { Plant } from './plant.ts';

/** Where robots begin, and where on a terrain of tiles they may be put, in the map. */
export function listNamedPoses({ world, robots }: Plant): NamedPose[] {
  const { home } = world.model;
  const starts = robots.map((robot, row): NamedPose => {
    const [x, y, z] = world.mapFromOdom.subarray(3 * row);
    return {
      name: `${robot}/home`,
      description: `Home of ${robot}: its odom frame with its pose of rest above it`,
      tags: ['home', world.model.name],
      pose: {
        position: {
          x: x! + home.position[0],
          y: y! + home.position[1],
          z: z! + home.position[2],
        },
        orientation: {
          x: home.orientation[0],
          y: home.orientation[1],
          z: home.orientation[2],
          w: home.orientation[3],
        },
      },
    };
  });
  return [...starts, ...listTiles({ world, robots })];
}

/** Tiles as they lie around the first robot. */
function listTiles({ world }: Pick<Plant, 'world' | 'robots'>): NamedPose[] {
  const { ground } = world.scene;
  if (ground?.kind !== 'height_field' || ground.tiles === undefined) return [];
  const { numLevels, numColumns, origins } = ground.tiles;
  const [mapX, mapY, mapZ] = world.mapFromOdom;
  return Array.from({ length: numLevels * numColumns }, (_, tile): NamedPose => {
    const [level, column] = [Math.floor(tile / numColumns), tile % numColumns];
    const [x, y, z] = origins.subarray(3 * tile);
    return {
      name: `tile_${level}_${column}`,
      description: `Middle of the tile of level ${level} (0 is easiest), column ${column}, on its ground`,
      tags: ['tile', `level_${level}`],
      pose: {
        position: { x: mapX! + x!, y: mapY! + y!, z: mapZ! + z! },
        orientation: { x: 0, y: 0, z: 0, w: 1 },
      },
    };
  });
}
