import type { Fleet } from '../fleet.ts';
import { FatLines } from './fat-lines.ts';
import { computeModelRadius } from './geometry.ts';
import type { Layer } from './layer.ts';
import { Color, Group } from './three.ts';

/** [m/s²] */
const GRAVITY = 9.81;
/** Robot radii that an arrow is long when the force equals the robot's weight. */
const RADII_PER_WEIGHT = 40;
const MAX_RADII = 16;
/** Weights below which no arrow is drawn. */
const VISIBLE_WEIGHTS = 0.01;
const COLOUR = '#ffd37a';

/** Outside forces on base_link (gusts, pushes), as long as they are strong beside the weight. */
export function makeArrowsLayer(fleet: Fleet): Layer {
  const { robots, models } = fleet.welcome;
  const radii = models.map(computeModelRadius);
  // Shaft and two barbs.
  const lines = new FatLines(3 * robots.length, { widthPx: 3, opacity: 0.9 });
  const colour = new Color(COLOUR);
  for (let i = 0; i < 3 * robots.length; i++) lines.setColour(i, colour);
  const group = new Group();
  group.add(lines.mesh);
  const tip = [0, 0, 0];
  const barb = [0, 0, 0];

  function hide(robot: number): void {
    for (let k = 0; k < 3; k++) lines.setBirth(3 * robot + k, -1);
  }

  function point(robot: number, values: Float32Array, p: number, f: number): void {
    const entry = robots[robot]!;
    const radius = radii[entry.model] ?? 0.1;
    const weight = (models[entry.model]?.mass ?? 1) * GRAVITY;
    const force = Math.hypot(values[f]!, values[f + 1]!, values[f + 2]!);
    if (!(force > VISIBLE_WEIGHTS * weight) || !Number.isFinite(values[p]!)) {
      hide(robot);
      return;
    }
    const length = radius * Math.min(MAX_RADII, (RADII_PER_WEIGHT * force) / weight);
    const direction = [values[f]! / force, values[f + 1]! / force, values[f + 2]! / force];
    for (let k = 0; k < 3; k++) {
      tip[k] = values[p + k]! + length * direction[k]!;
      lines.setBirth(3 * robot + k, 0);
    }
    lines.set(3 * robot, values, p, tip, 0);
    // Barbs lie in the horizontal plane, or in x-z for a vertical force.
    const flat = Math.hypot(direction[0]!, direction[1]!);
    const side = flat > 1e-3 ? [-direction[1]! / flat, direction[0]! / flat, 0] : [1, 0, 0];
    for (const sign of [-1, 1]) {
      for (let k = 0; k < 3; k++) {
        barb[k] = tip[k]! - 0.25 * length * direction[k]! + sign * 0.14 * length * side[k]!;
      }
      lines.set(3 * robot + (sign < 0 ? 1 : 2), tip, 0, barb, 0);
    }
  }

  return {
    object: group,
    update: ({ values, width, height }) => {
      robots.forEach((_, i) => {
        const p = fleet.findOffset(i, 'position');
        const f = fleet.findOffset(i, 'disturbance');
        if (p < 0 || f < 0) hide(i);
        else point(i, values, p, f);
      });
      lines.markChanged(0, 3 * robots.length);
      lines.setView(0, width, height);
    },
    dispose: () => lines.dispose(),
  };
}
