import type { SceneObject } from './scene.ts';

/** A rectangle on the ground plane, turned by `yaw`. [m, rad] [@frame odom] */
export interface Footprint {
  readonly x: number;
  readonly y: number;
  /** [m] full extents along its own axes */
  readonly length: number;
  readonly width: number;
  readonly yaw: number;
}

/** Whether two rectangles come closer than `gap`, by the separating axis theorem; corners count as square. */
export function doOverlap(one: Footprint, other: Footprint, gap: number): boolean {
  return [one.yaw, one.yaw + Math.PI / 2, other.yaw, other.yaw + Math.PI / 2].every((angle) => {
    const distance = Math.abs(
      (other.x - one.x) * Math.cos(angle) + (other.y - one.y) * Math.sin(angle),
    );
    return distance < computeHalfExtent(one, angle) + computeHalfExtent(other, angle) + gap;
  });
}

/** Half of a rectangle's shadow on an axis. [m] */
function computeHalfExtent({ length, width, yaw }: Footprint, angle: number): number {
  return (length * Math.abs(Math.cos(angle - yaw)) + width * Math.abs(Math.sin(angle - yaw))) / 2;
}

/** From a point to the nearest point of a rectangle; 0 inside. [m] */
export function computeDistanceTo({ x, y, length, width, yaw }: Footprint, px: number, py: number) {
  const alongX = (px - x) * Math.cos(yaw) + (py - y) * Math.sin(yaw);
  const alongY = (py - y) * Math.cos(yaw) - (px - x) * Math.sin(yaw);
  return Math.hypot(
    Math.max(0, Math.abs(alongX) - length / 2),
    Math.max(0, Math.abs(alongY) - width / 2),
  );
}

/** [m] radius of the circle around its middle that holds it */
export function computeReach({ length, width }: Footprint): number {
  return Math.hypot(length, width) / 2;
}

/** Whether a rectangle lies within an area around the origin. [m] */
export function isWithin(footprint: Footprint, area: readonly [number, number]): boolean {
  const { x, y } = footprint;
  return (
    Math.abs(x) + computeHalfExtent(footprint, 0) <= area[0] / 2 &&
    Math.abs(y) + computeHalfExtent(footprint, Math.PI / 2) <= area[1] / 2
  );
}

/** What an upright object covers; round ones as the square around them. */
export function computeFootprint({ geometry, odomFromObject }: SceneObject): Footprint {
  const [x, y] = odomFromObject.translation;
  const [, , qz, qw] = odomFromObject.rotation;
  const yaw = 2 * Math.atan2(qz, qw);
  if (geometry.kind === 'box') {
    return { x, y, length: geometry.size[0], width: geometry.size[1], yaw };
  }
  return { x, y, length: 2 * geometry.radius, width: 2 * geometry.radius, yaw };
}
