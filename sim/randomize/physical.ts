import type { Engine } from '../engine/engine.ts';
import type { Context } from './draw.ts';

/** Scales what the engine knows of one robot: mass, principal moments of inertia one by one, joints, friction. */
export function applyPhysical(engine: Engine, robot: number, context: Context): void {
  engine.setScales(robot, {
    mass: context.massScale,
    inertia: [context['inertiaScale.x'], context['inertiaScale.y'], context['inertiaScale.z']],
    contactFriction: context.contactFrictionScale,
    jointDamping: context.jointDampingScale,
    jointFriction: context.jointFrictionScale,
    armature: context.armatureScale,
  });
}
