import type { Material } from '../robot/geometry.ts';
import type { TerrainConfig } from './config.ts';
import { computeFootprint } from './footprint.ts';
import type { Scene, SceneObject } from './scene.ts';
import { computeFooting } from './standing.ts';

/** A solid at a place that the user chose. */
export function placeObject(
  { name, geometry, position, above, yaw, moves, variantOf }: TerrainConfig['objects'][number],
  scene: Scene,
  material: Material,
): SceneObject {
  const at = (z: number): SceneObject => ({
    ...{ name, geometry, material, moves },
    ...(variantOf === undefined ? {} : { variantOf }),
    odomFromObject: {
      translation: [...position, z],
      rotation: [0, 0, Math.sin(yaw / 2), Math.cos(yaw / 2)],
    },
  });
  const { lowest } = computeFooting({ ...scene, objects: [] }, computeFootprint(at(0)));
  return at(lowest + above + computeHalfHeight(geometry));
}

function computeHalfHeight(geometry: TerrainConfig['objects'][number]['geometry']): number {
  switch (geometry.kind) {
    case 'box':
      return geometry.size[2] / 2;
    case 'cylinder':
      return geometry.length / 2;
    case 'sphere':
      return geometry.radius;
  }
}
