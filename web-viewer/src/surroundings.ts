import { DEFAULT_MATERIAL } from '../../sim/robot/geometry.ts';
import type { HeightField, Scene, SceneObject } from '../../sim/terrain/scene.ts';
import type { VisualScene } from '../protocol.ts';

const MAX_LEVEL = 65_535;

/** The scene as the simulation knows it, so that the page computes heights and ways with the same code. */
export function readScene({ ground, objects }: VisualScene): Scene {
  return {
    ground:
      ground?.kind === 'height_field'
        ? decodeField(ground)
        : ground && { kind: 'plane', material: DEFAULT_MATERIAL },
    objects: objects.flatMap(({ geometry, motion, isPlaced = false, ...rest }): SceneObject[] => {
      const moves = isPlaced || motion !== undefined;
      return geometry.kind === 'mesh'
        ? []
        : [{ ...rest, geometry, motion, material: DEFAULT_MATERIAL, moves }];
    }),
  };
}

type VisualField = Extract<VisualScene['ground'], { readonly kind: 'height_field' }>;

/** Heights that did not come are as low as the lowest. */
function decodeField(field: VisualField): HeightField {
  const { numX, numY, cellSize, origin, lowest, highest } = field;
  const bytes = atob(field.heights);
  const scale = (highest - lowest) / MAX_LEVEL;
  const heights = Float32Array.from({ length: numX * numY }, (_, k) => {
    const level = (bytes.charCodeAt(2 * k) || 0) + 256 * (bytes.charCodeAt(2 * k + 1) || 0);
    return lowest + level * scale;
  });
  const material = DEFAULT_MATERIAL;
  return { kind: 'height_field', numX, numY, cellSize, origin, heights, material };
}
