import { UserError } from '../../errors.ts';
import type { RobotModel } from '../../robot/model.ts';
import type { RigidBody } from '../../robot/rigid-bodies.ts';

/**
 * Rapier lets two shapes collide where each is in a group that the other one looks for: 16 bits of membership,
 * 16 bits of what to look for. How the groups are dealt out decides how many copies of a robot fit into one
 * world without seeing one another.
 */
export interface CollisionRules {
  /** [1] */
  readonly copiesPerWorld: number;
  readonly fixedScene: number;
  /** @param slot of the copy in its world */
  movingObject(slot: number): number;
  /** @param slot of the copy in its world */
  link(slot: number, link: string): number;
  /** Pairs of bodies, as indices, that never collide although no joint joins them. */
  readonly apart: readonly (readonly [number, number])[];
}

const ALL = 0xffff;
const SCENE = 1 << 15;
/** Links that may overlap some links of a body, but not all: each has a group of its own. */
const MAX_PARTICULAR_LINKS = 13;

/** @throws UserError where more links have exceptions than there are groups */
export function makeCollisionRules(
  model: RobotModel,
  bodies: readonly RigidBody[],
  hasMoving: boolean,
): CollisionRules {
  const fixedScene = join(SCENE, ALL & ~SCENE);
  if (model.selfCollision.kind === 'none') {
    // All copies are in one group, or, where obstacles move, each copy and its obstacles in two of their own.
    const numCopies = hasMoving ? 7 : Number.POSITIVE_INFINITY;
    const own = (slot: number) => (hasMoving ? 1 << (2 * slot) : 1);
    const moving = (slot: number) => 1 << (2 * slot + 1);
    return {
      copiesPerWorld: numCopies,
      fixedScene,
      movingObject: (slot) => join(moving(slot), own(slot)),
      link: (slot) => join(own(slot), SCENE | (hasMoving ? moving(slot) : 0)),
      apart: [],
    };
  }
  const { apart, particular } = splitExceptions(model, bodies, model.selfCollision.except);
  if (particular.size === 0) {
    // Each copy is in a group of its own, its obstacles too: those do not look for one another.
    return {
      copiesPerWorld: 15,
      fixedScene,
      movingObject: (slot) => join(1 << slot, 1 << slot),
      link: (slot) => join(1 << slot, (1 << slot) | SCENE),
      apart,
    };
  }
  return makeParticularRules(model, particular, apart, fixedScene);
}

/** One copy to a world, so that its links can have groups of their own. */
function makeParticularRules(
  model: RobotModel,
  particular: ReadonlyMap<string, ReadonlySet<string>>,
  apart: CollisionRules['apart'],
  fixedScene: number,
): CollisionRules {
  if (particular.size > MAX_PARTICULAR_LINKS) {
    throw new UserError({
      where: `robot '${model.name}', selfCollision.except`,
      problem: 'too many links may overlap parts of a rigid body, but not all of it',
      expected: `at most ${MAX_PARTICULAR_LINKS} such links in the rapier engine`,
      got: [...particular.keys()].join(', '),
      remedy: 'Except all links of the bodies that they are fixed to, or use the mujoco engine.',
    });
  }
  const OTHERS = 1;
  const MOVING = 1 << 14;
  const bits = new Map([...particular.keys()].map((link, k) => [link, 1 << (k + 1)]));
  const bitOf = (link: string) => bits.get(link) ?? OTHERS;
  return {
    copiesPerWorld: 1,
    fixedScene,
    movingObject: () => join(MOVING, ALL & ~MOVING & ~SCENE),
    link: (_, link) => {
      const partners = [...(particular.get(link) ?? [])];
      return join(
        bitOf(link),
        partners.reduce((seen, partner) => seen & ~bitOf(partner), ALL),
      );
    },
    apart,
  };
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

/** Membership in the upper half, what to look for in the lower one. */
function join(membership: number, filter: number): number {
  return ((membership << 16) | filter) >>> 0;
}
