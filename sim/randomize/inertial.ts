import type { Engine } from '../engine/engine.ts';
import type { Context } from './draw.ts';

/** Scales the mass and, on their own, the principal moments of inertia of one robot. */
export function applyInertial(engine: Engine, robot: number, context: Context): void {
  engine.setScales(robot, {
    mass: context.massScale,
    inertia: [context['inertiaScale.x'], context['inertiaScale.y'], context['inertiaScale.z']],
  });
}
