import type { HeightField, Scene } from '../../sim/terrain/scene.ts';
import type { VisualScene } from '../../web-viewer/protocol.ts';

/** [1] most vertices of a field that are sent; a finer one is thinned out */
const MAX_VERTICES = 500_000;
const MAX_LEVEL = 65_535;

/** The part of a scene that the page draws. */
export function makeVisualScene({ ground, objects }: Scene): VisualScene {
  return {
    ...(ground === undefined
      ? {}
      : { ground: ground.kind === 'plane' ? { kind: 'plane' } : encodeField(ground) }),
    objects: objects.map(({ name, geometry, odomFromObject, colour, motion, moves }) => ({
      ...{ name, geometry, odomFromObject },
      ...(colour === undefined ? {} : { colour }),
      ...(motion === undefined ? {} : { motion }),
      ...(moves && motion === undefined ? { isPlaced: true as const } : {}),
    })),
  };
}

/** Every n-th vertex along x and y, so that the page gets a mesh that it can draw. */
function encodeField(field: HeightField): NonNullable<VisualScene['ground']> {
  const { numX, numY, heights, origin } = field;
  const stride = Math.ceil(Math.sqrt((numX * numY) / MAX_VERTICES));
  // What is left over along the far edges is less than a stride wide.
  const count = (num: number) => Math.floor((num - 1) / stride) + 1;
  const [sentX, sentY] = [count(numX), count(numY)];
  let [lowest, highest] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const height of heights) {
    lowest = Math.min(lowest, height);
    highest = Math.max(highest, height);
  }
  const bytes = Buffer.alloc(2 * sentX * sentY);
  const scale = highest > lowest ? MAX_LEVEL / (highest - lowest) : 0;
  for (let i = 0; i < sentX; i++) {
    for (let j = 0; j < sentY; j++) {
      const height = heights[i * stride * numY + j * stride]!;
      bytes.writeUInt16LE(Math.round((height - lowest) * scale), 2 * (i * sentY + j));
    }
  }
  return {
    kind: 'height_field',
    ...{ numX: sentX, numY: sentY, cellSize: field.cellSize * stride, origin, lowest, highest },
    heights: bytes.toString('base64'),
  };
}
