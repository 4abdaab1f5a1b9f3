import type { Material } from '../robot/geometry.ts';
import type { Footprint } from './footprint.ts';
import { computeReach } from './footprint.ts';
import { computeGroundRange } from './ground-height.ts';
import type { Scene, SceneObject } from './scene.ts';

/** Where there is no ground, things stand at z = 0. [m] */
export function computeFooting(ground: Scene, footprint: Footprint) {
  const { x, y } = footprint;
  const { lowest, highest } = computeGroundRange(ground, [x, y], computeReach(footprint));
  return Number.isFinite(lowest) ? { lowest, highest } : { lowest: 0, highest: 0 };
}

/** An upright box that stands on the lowest ground under it, so nothing passes below. */
export function makeStandingBox(
  name: string,
  { x, y, length, width, yaw }: Footprint,
  vertical: { readonly bottom: number; readonly height: number },
  material: Material,
): SceneObject {
  const { bottom, height } = vertical;
  return {
    name,
    geometry: { kind: 'box', size: [length, width, height] },
    odomFromObject: {
      translation: [x, y, bottom + height / 2],
      rotation: [0, 0, Math.sin(yaw / 2), Math.cos(yaw / 2)],
    },
    material,
    moves: false,
  };
}
