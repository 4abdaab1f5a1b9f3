import { clamp } from '../math/vec3.ts';

/** Effort of a saturated motor: the command within ±maxEffort, times its strength. [N·m] or [N] */
export function computeEffort(command: number, maxEffort: number, scale: number): number {
  return scale * clamp(command, -maxEffort, maxEffort);
}
