import type { MutableNumbers } from '../math/vec3.ts';
import type { Motion, Scene } from './scene.ts';

/*
 * Where moving obstacles are, as a function of time alone. The page runs this same file.
 */

/**
 * Writes x, y and their derivative at one instant: [m, m/s] [@frame odom]. At a corner of a course the
 * velocity is the one that it is left with.
 * @param out [4] x, y, vx, vy at `o`
 */
export function writeMotion(out: MutableNumbers, o: number, motion: Motion, timeS: number): void {
  switch (motion.kind) {
    case 'back_and_forth':
      writePendulum(out, o, motion, timeS);
      break;
    case 'circle': {
      const { centre, radius, speed, phase } = motion;
      const angle = phase + (speed / radius) * timeS;
      out[o] = centre[0] + radius * Math.cos(angle);
      out[o + 1] = centre[1] + radius * Math.sin(angle);
      out[o + 2] = -speed * Math.sin(angle);
      out[o + 3] = speed * Math.cos(angle);
      break;
    }
    case 'waypoints':
      writeCourse(out, o, motion, timeS);
  }
}

function writePendulum(
  out: MutableNumbers,
  o: number,
  { from, to, speed, phase }: Extract<Motion, { kind: 'back_and_forth' }>,
  timeS: number,
): void {
  const halfX = (to[0] - from[0]) / 2;
  const halfY = (to[1] - from[1]) / 2;
  const rate = speed / Math.hypot(halfX, halfY);
  const angle = phase + rate * timeS;
  const sine = Math.sin(angle);
  const cosine = rate * Math.cos(angle);
  out[o] = from[0] + halfX + halfX * sine;
  out[o + 1] = from[1] + halfY + halfY * sine;
  out[o + 2] = halfX * cosine;
  out[o + 3] = halfY * cosine;
}

function writeCourse(
  out: MutableNumbers,
  o: number,
  { points, speed, phase }: Extract<Motion, { kind: 'waypoints' }>,
  timeS: number,
): void {
  const total = computeCourseLength(points);
  let along = (((phase + speed * timeS) % total) + total) % total;
  for (let k = 0; k < points.length; k++) {
    const from = points[k]!;
    const to = points[(k + 1) % points.length]!;
    const length = Math.hypot(to[0] - from[0], to[1] - from[1]);
    // Rounding may leave a last bit of way behind the last corner.
    if (along >= length && k < points.length - 1) {
      along -= length;
      continue;
    }
    const share = Math.min(1, along / length);
    out[o] = from[0] + (to[0] - from[0]) * share;
    out[o + 1] = from[1] + (to[1] - from[1]) * share;
    out[o + 2] = (speed * (to[0] - from[0])) / length;
    out[o + 3] = (speed * (to[1] - from[1])) / length;
    return;
  }
}

/** Around all corners and back to the first. [m] */
export function computeCourseLength(points: readonly (readonly [number, number])[]): number {
  let sum = 0;
  for (let k = 0; k < points.length; k++) {
    const from = points[k]!;
    const to = points[(k + 1) % points.length]!;
    sum += Math.hypot(to[0] - from[0], to[1] - from[1]);
  }
  return sum;
}

/** An object that moves by itself. */
export interface MovingObject {
  /** Index in `scene.objects`. */
  readonly index: number;
  readonly motion: Motion;
}

export function listMovingObjects(scene: Scene): MovingObject[] {
  return scene.objects.flatMap(({ motion }, index) =>
    motion === undefined ? [] : [{ index, motion }],
  );
}
