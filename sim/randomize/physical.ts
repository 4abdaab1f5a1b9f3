import type { Engine, RobotScales } from '../engine/engine.ts';
import type { Factor } from '../math/factor.ts';
import type { Vec3 } from '../math/vec3.ts';
import type { Context, RandomizationPlan } from './draw.ts';
import type { ContextName, PropertyKey } from './properties.ts';

/** Tells the engine how one robot differs: masses, joints, surfaces, gravity. @param plan that drew the context */
export function applyPhysical(
  engine: Pick<Engine, 'config' | 'setScales'>,
  robot: number,
  context: Context,
  plan: Pick<RandomizationPlan, 'ownKeys'>,
): void {
  const { model, gravityW } = engine.config;
  const perJoint = (key: SharedKey) => readFactor(context, key, plan, model.jointNames);
  const scales: RobotScales = {
    mass: context.massScale,
    inertia: [context['inertiaScale.x'], context['inertiaScale.y'], context['inertiaScale.z']],
    centreOfMassOffset: readVector(context, 'centreOfMassOffset'),
    payload: { mass: context['payload.mass'], position: readVector(context, 'payload') },
    contactFriction: context.contactFrictionScale,
    restitutionOffset: context.restitutionOffset,
    jointDamping: perJoint('jointDampingScale'),
    jointFriction: perJoint('jointFrictionScale'),
    armature: perJoint('armatureScale'),
    gravityOffsetW: computeGravityOffset(gravityW, context),
  };
  engine.setScales(robot, scales);
}

/** Properties whose number is in every context under their own name. */
type SharedKey = Extract<PropertyKey, ContextName>;

/** One factor for all parts, or one each where any of them has a number of its own, on top of the common one. */
export function readFactor(
  context: Context,
  key: SharedKey,
  { ownKeys }: Pick<RandomizationPlan, 'ownKeys'>,
  parts: readonly string[],
): Factor {
  const common = context[key];
  if (!ownKeys.has(key)) return common;
  return parts.map((part) => common * (context[`${key}.${part}`] ?? 1));
}

function readVector(context: Context, key: 'payload' | 'centreOfMassOffset'): Vec3 {
  return [context[`${key}.x`], context[`${key}.y`], context[`${key}.z`]];
}

/** What gravity, scaled, turned about x and then about y, has over the described one. [m/s²] */
function computeGravityOffset(gravityW: Vec3, context: Context): Vec3 {
  const { gravityScale, 'gravityTilt.x': aboutX, 'gravityTilt.y': aboutY } = context;
  const [x, y, z] = gravityW;
  const turnedY = y * Math.cos(aboutX) - z * Math.sin(aboutX);
  const turnedZ = y * Math.sin(aboutX) + z * Math.cos(aboutX);
  const own = [
    x * Math.cos(aboutY) + turnedZ * Math.sin(aboutY),
    turnedY,
    turnedZ * Math.cos(aboutY) - x * Math.sin(aboutY),
  ] as const;
  // + 0 makes the zero of a difference positive.
  const offset = (axis: 0 | 1 | 2) => gravityScale * own[axis] - gravityW[axis] + 0;
  return [offset(0), offset(1), offset(2)];
}
