import type { Fleet } from '../fleet.ts';
import { type ScreenPoint, writeScreenPoint } from './projection.ts';
import type { PerspectiveCamera } from './three.ts';

/** [px] a small robot can be hit from this far: a finger is wide */
const REACH = 28;

/** The robot nearest to a point of the canvas, or −1: robots can be a few pixels small. */
export function findNearestRobot(
  fleet: Fleet,
  values: Float32Array,
  camera: PerspectiveCamera,
  at: { readonly x: number; readonly y: number; readonly width: number; readonly height: number },
): number {
  const screen: ScreenPoint = { x: 0, y: 0, scale: 0, isInFront: false };
  let best = -1;
  let bestDistance = REACH;
  for (let robot = 0; robot < fleet.welcome.robots.length; robot++) {
    const p = fleet.findOffset(robot, 'position');
    if (p < 0) continue;
    writeScreenPoint(screen, values, p, camera, at);
    const distance = Math.hypot(screen.x - at.x, screen.y - at.y);
    if (screen.isInFront && distance < bestDistance) {
      best = robot;
      bestDistance = distance;
    }
  }
  return best;
}
