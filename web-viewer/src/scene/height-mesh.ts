import type { HeightField } from '../../../sim/terrain/scene.ts';
import { BufferGeometry, Color, Float32BufferAttribute, Uint32BufferAttribute } from './three.ts';

const LOW = new Color('#131c25');
const HIGH = new Color('#51657a');

/** The triangles of a height field, lighter the higher they lie. [@frame odom] */
export function makeHeightMesh(field: HeightField): BufferGeometry {
  const { numX, numY, cellSize, origin, heights } = field;
  const positions = new Float32Array(3 * numX * numY);
  const colours = new Float32Array(3 * numX * numY);
  const [lowest, highest] = findRange(heights);
  const colour = new Color();
  for (let k = 0; k < numX * numY; k++) {
    const z = heights[k]!;
    positions[3 * k] = origin[0] + Math.floor(k / numY) * cellSize;
    positions[3 * k + 1] = origin[1] + (k % numY) * cellSize;
    positions[3 * k + 2] = z;
    const share = highest > lowest ? (z - lowest) / (highest - lowest) : 0.5;
    colour.lerpColors(LOW, HIGH, share).toArray(colours, 3 * k);
  }
  const geometry = new BufferGeometry();
  geometry.setAttribute('position', new Float32BufferAttribute(positions, 3));
  geometry.setAttribute('color', new Float32BufferAttribute(colours, 3));
  geometry.setIndex(new Uint32BufferAttribute(makeTriangles(numX, numY), 1));
  return geometry;
}

/** Two per cell, split from its lower left to its upper right corner, counterclockwise from above. */
function makeTriangles(numX: number, numY: number): Uint32Array {
  const triangles = new Uint32Array(6 * (numX - 1) * (numY - 1));
  let o = 0;
  for (let i = 0; i < numX - 1; i++) {
    for (let j = 0; j < numY - 1; j++) {
      const corner = i * numY + j;
      const far = corner + numY + 1;
      triangles.set([corner, corner + numY, far, corner, far, corner + 1], o);
      o += 6;
    }
  }
  return triangles;
}

function findRange(heights: Float32Array): readonly [lowest: number, highest: number] {
  let [lowest, highest] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const height of heights) {
    lowest = Math.min(lowest, height);
    highest = Math.max(highest, height);
  }
  return [lowest, highest];
}
