import type { Material } from '../robot/geometry.ts';
import type { Scene, SceneObject } from './scene.ts';
import { computeFooting, makeStandingBox } from './standing.ts';

/** A wall's centre line and its measures. [m] [@frame odom] */
export interface WallLine {
  readonly from: readonly [x: number, y: number];
  readonly to: readonly [x: number, y: number];
  readonly height: number;
  readonly thickness: number;
}

/** From the lowest ground under it to `height` above the highest: nothing passes below. */
export function makeWall(
  name: string,
  { from, to, height, thickness }: WallLine,
  scene: Scene,
  material: Material,
): SceneObject {
  const [alongX, alongY] = [to[0] - from[0], to[1] - from[1]];
  const footprint = {
    x: (from[0] + to[0]) / 2,
    y: (from[1] + to[1]) / 2,
    length: Math.hypot(alongX, alongY),
    width: thickness,
    yaw: Math.atan2(alongY, alongX),
  };
  const ground = { ...scene, objects: [] };
  const { lowest, highest } = computeFooting(ground, footprint);
  const vertical = { bottom: lowest, height: highest - lowest + height };
  return makeStandingBox(name, footprint, vertical, material);
}
