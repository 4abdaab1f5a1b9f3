import { UserError } from '../../errors.ts';
import type { RobotModel } from '../../robot/model.ts';
import type { RigidBody } from '../../robot/rigid-bodies.ts';

/**
 * Rapier lets two shapes collide where each is in a group that the other one looks for: 16 bits of membership,
 * 16 bits of what to look for. Copies that share a world touch nothing but what stands still (rapier/copies.ts), so
 * the groups need not tell copies apart.
 */
export interface CollisionRules {
  readonly fixedScene: number;
  readonly movingObject: number;
  link(link: string): number;
  /** Pairs of bodies, as indices, that never collide although no joint joins them. */
  readonly apart: readonly (readonly [number, number])[];
}

const ALL = 0xffff;
const SCENE = 1 << 15;
const MOVING = 1 << 14;
/** Links without exceptions of their own. */
const OTHERS = 1;
/** Links that may overlap some links of a body, but not all: each has a group of its own. */
const MAX_PARTICULAR_LINKS = 13;

/** @throws UserError where more links have exceptions than there are groups */
export function makeCollisionRules(
  model: RobotModel,
  bodies: readonly RigidBody[],
): CollisionRules {
  const scene = {
    fixedScene: join(SCENE, ALL & ~SCENE & ~MOVING),
    movingObject: join(MOVING, ALL & ~SCENE & ~MOVING),
  };
  if (model.selfCollision.kind === 'none') {
    return { ...scene, link: () => join(OTHERS, SCENE | MOVING), apart: [] };
  }
  const { apart, particular } = splitExceptions(model, bodies, model.selfCollision.except);
  if (particular.size > MAX_PARTICULAR_LINKS) {
    throw new UserError({
      where: `robot '${model.name}', selfCollision.except`,
      problem: 'too many links may overlap parts of a rigid body, but not all of it',
      expected: `at most ${MAX_PARTICULAR_LINKS} such links in the rapier engine`,
      got: [...particular.keys()].join(', '),
      remedy: 'Except all links of the bodies that they are fixed to, or use the mujoco engine.',
    });
  }
  const bits = new Map([...particular.keys()].map((link, k) => [link, 1 << (k + 1)]));
  const bitOf = (link: string) => bits.get(link) ?? OTHERS;
  const link = (name: string) => {
    const partners = [...(particular.get(name) ?? [])];
    return join(
      bitOf(name),
      partners.reduce((seen, partner) => seen & ~bitOf(partner), ALL),
    );
  };
  return { ...scene, link, apart };
}

/** Exceptions that hold for whole bodies, and the rest link by link. */
function splitExceptions(
  model: RobotModel,
  bodies: readonly RigidBody[],
  except: readonly (readonly [string, string])[],
) {
  const solid = new Set(model.links.filter((l) => l.collisions.length > 0).map((l) => l.name));
  const linksOf = bodies.map(({ links }) => links.map((l) => l.name).filter((l) => solid.has(l)));
  const isExcept = (a: string, b: string) =>
    except.some(([p, q]) => (p === a && q === b) || (p === b && q === a));
  const apart: (readonly [number, number])[] = [];
  const particular = new Map<string, Set<string>>();
  const note = (link: string, partner: string) =>
    particular.set(link, (particular.get(link) ?? new Set()).add(partner));
  for (let p = 0; p < bodies.length; p++) {
    for (let q = p + 1; q < bodies.length; q++) {
      if (bodies[q]!.connection?.parent === p) continue;
      const pairs = linksOf[p]!.flatMap((a) => linksOf[q]!.map((b) => [a, b] as const));
      const excepted = pairs.filter(([a, b]) => isExcept(a, b));
      if (excepted.length === 0) continue;
      if (excepted.length === pairs.length) apart.push([p, q]);
      else {
        for (const [a, b] of excepted) {
          note(a, b);
          note(b, a);
        }
      }
    }
  }
  return { apart, particular };
}

/** Groups of a link that looks for nothing that stands still. */
export function ignoreScene(groups: number): number {
  return (groups & ~SCENE) >>> 0;
}

/** Membership in the upper half, what to look for in the lower one. */
function join(membership: number, filter: number): number {
  return ((membership << 16) | filter) >>> 0;
}
