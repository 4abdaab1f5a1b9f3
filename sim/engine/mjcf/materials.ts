import type { Material } from '../../robot/geometry.ts';
import type { SelfCollision } from '../../robot/model.ts';
import type { RigidBody } from '../../robot/rigid-bodies.ts';
import type { Geom, RobotGeom } from './geoms.ts';
import { escapeXml } from './text.ts';

/**
 * Of two geoms MuJoCo takes the contact parameters of the one with the higher `priority`. Ranked by falling
 * friction, the more slippery one decides, which is our rule. [1] 0 for the roughest
 */
export function computePriorities(frictions: readonly number[]): number[] {
  const distinct = [...new Set(frictions)].sort((p, q) => q - p);
  return frictions.map((friction) => distinct.indexOf(friction));
}

/** Two geoms whose contact MuJoCo's priorities cannot express. */
export interface ExplicitPair {
  readonly name: string;
  readonly first: Geom;
  readonly second: Geom;
  readonly restitution: number;
}

/** Bodies whose geoms never touch but in explicit pairs. */
export interface Exclusion {
  readonly first: number;
  readonly second: number;
}

/**
 * Where restitution varies from copy to copy, all pairs are explicit. Otherwise explicit are pairs that bounce, which need a spring and damper of their own, and pairs of links whose bodies
 * have other links that may overlap.
 */
export function planContacts(
  robot: readonly RobotGeom[],
  scene: readonly Geom[],
  bodies: readonly RigidBody[],
  rules: SelfCollision,
  how: 'as described' | 'restitution varies' = 'as described',
): { readonly pairs: readonly ExplicitPair[]; readonly exclusions: readonly Exclusion[] } {
  const touching: (readonly [Geom, Geom])[] = robot.flatMap((geom) =>
    scene.map((other) => [geom, other] as const),
  );
  const exclusions = rules.kind === 'none' ? [] : listExclusions(bodies, rules.except);
  const isExcluded = (p: RobotGeom, q: RobotGeom) =>
    exclusions.some(
      ({ first, second }) =>
        Math.min(p.owner.body, q.owner.body) === first &&
        Math.max(p.owner.body, q.owner.body) === second,
    );
  const rescued = new Set<readonly [Geom, Geom]>();
  if (rules.kind === 'all') {
    for (const [i, p] of robot.entries()) {
      for (const q of robot.slice(i + 1)) {
        if (!mayTouch(p, q, bodies, rules.except)) continue;
        const pair = [p, q] as const;
        touching.push(pair);
        if (isExcluded(p, q)) rescued.add(pair);
      }
    }
  }
  const pairs = touching.flatMap((pair) => {
    const [first, second] = pair;
    const restitution = Math.max(first.material.restitution, second.material.restitution);
    const isExplicit = how === 'restitution varies' || restitution > 0 || rescued.has(pair);
    return isExplicit ? [{ first, second, restitution }] : [];
  });
  return { pairs: pairs.map((pair, i) => ({ name: `pair#${i}`, ...pair })), exclusions };
}

/** Joined bodies, and bodies that have a link in an exception each. */
function listExclusions(
  bodies: readonly RigidBody[],
  except: readonly (readonly [string, string])[],
): Exclusion[] {
  const joined = bodies.flatMap(({ connection }, i) =>
    connection === undefined ? [] : [[connection.parent, i] as const],
  );
  const findBody = (link: string) =>
    bodies.findIndex(({ links }) => links.some(({ name }) => name === link));
  const excepted = except.map(([a, b]) => [findBody(a), findBody(b)] as const);
  const sorted = [...joined, ...excepted].map(
    ([a, b]) => [Math.min(a, b), Math.max(a, b)] as const,
  );
  const distinct = new Map(sorted.map((pair) => [pair.join(' '), pair]));
  return [...distinct.values()].flatMap(([first, second]) =>
    first === second ? [] : [{ first, second }],
  );
}

function mayTouch(
  p: RobotGeom,
  q: RobotGeom,
  bodies: readonly RigidBody[],
  except: readonly (readonly [string, string])[],
): boolean {
  const [a, b] = [p.owner, q.owner];
  if (a.body === b.body) return false;
  if (bodies[a.body]!.connection?.parent === b.body) return false;
  if (bodies[b.body]!.connection?.parent === a.body) return false;
  return !except.some(
    ([first, second]) =>
      (first === a.link && second === b.link) || (first === b.link && second === a.link),
  );
}

/**
 * [-] how hard a bouncing contact is, MuJoCo's impedance: the part of the speed wanted after an impact that is
 * reached. MuJoCo's default of 0.9 to 0.95 would cost a tenth of it.
 */
const BOUNCE_IMPEDANCE = 0.999;
/** [-] of the depth that is pushed out per step while a bouncing thing rests */
const BOUNCE_PUSH = 0.005;

/**
 * A contact that bounces, as attributes. MuJoCo's contacts obey a reference acceleration −b·v − k·depth; with
 * b = (1 + e)/h a single step turns an approach at v into a departure at e·v whatever the masses, Newton's law
 * of impact. What the depth and gravity do to it is put right in each step (mujoco/contacts.ts). Friction aims at
 * rest within a step. Without bounce: MuJoCo's defaults.
 */
export function formatBounce(restitution: number, timestepS: number): string {
  if (restitution === 0) return '';
  return Object.entries(computeBounce(restitution, timestepS))
    .map(([name, numbers]) => `${name}="${numbers.join(' ')}"`)
    .join(' ');
}

/** The same as numbers. @param restitution [-] @range > 0 */
export function computeBounce(restitution: number, timestepS: number) {
  const impedance = BOUNCE_IMPEDANCE;
  // MuJoCo divides both by the impedance, stiffness by its square.
  const stiffness = (BOUNCE_PUSH * impedance ** 2) / timestepS ** 2;
  const damping = (impedance * (1 + restitution)) / timestepS;
  const dryDamping = impedance / timestepS;
  return {
    solref: [-stiffness, -damping],
    solreffriction: [-1, -dryDamping],
    solimp: [impedance, impedance, 0.001, 0.5, 2],
  };
}

export function formatPair(pair: ExplicitPair, timestepS: number): string {
  const { name, first, second, restitution } = pair;
  const friction = computePairFriction(first.material, second.material);
  const bounce = formatBounce(restitution, timestepS);
  return `    <pair name="${name}" geom1="${escapeXml(first.name)}" geom2="${escapeXml(second.name)}" condim="3" friction="${friction} ${friction} 0 0 0" ${bounce}/>`;
}

/** [-] the smaller one */
export function computePairFriction(p: Material, q: Material): number {
  return Math.min(p.friction, q.friction);
}
