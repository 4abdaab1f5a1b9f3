import { computeCourseLength, writeMotion } from './motion.ts';
import type { Motion } from './scene.ts';

/** [m] a way is looked at in steps of at most this */
export const STEP = 0.05;

/** Points along the whole way, no further apart than a step. */
export function sampleWay(motion: Motion): (readonly [number, number])[] {
  const { period, length } = computeLap(motion);
  const out = [0, 0, 0, 0];
  // A pendulum is fastest half-way: π/2 times its mean.
  const count = Math.ceil((length / STEP) * (Math.PI / 2));
  return Array.from({ length: count }, (_, k) => {
    writeMotion(out, 0, motion, (period * k) / count);
    return [out[0]!, out[1]!] as const;
  });
}

/** Time and way until it begins anew. [s, m] */
function computeLap(motion: Motion): { period: number; length: number } {
  switch (motion.kind) {
    case 'back_and_forth': {
      const { from, to, speed } = motion;
      const span = Math.hypot(to[0] - from[0], to[1] - from[1]);
      return { period: (Math.PI * span) / speed, length: 2 * span };
    }
    case 'circle': {
      const length = 2 * Math.PI * motion.radius;
      return { period: length / Math.abs(motion.speed), length };
    }
    case 'waypoints': {
      const length = computeCourseLength(motion.points);
      return { period: length / motion.speed, length };
    }
  }
}
