import type { ElementReader, Located } from './element-reader.ts';
import type { Joint, JointMimic } from './model.ts';

/**
 * Joints whose `mimic` names a joint that moves on its own: where one follower follows another, the two rules
 * are put into one. Reports followers of unknown or fixed joints, and rings of followers.
 */
export function resolveMimics(
  reader: ElementReader,
  elements: readonly Located[],
  joints: readonly Joint[],
): readonly Joint[] {
  const byName = new Map(joints.map((joint) => [joint.name, joint]));
  return joints.map((joint, i) => {
    if (joint.mimic === undefined) return joint;
    const mimic = resolve(joint.mimic, joint.name, byName);
    if (typeof mimic !== 'string') {
      warnOfReach(reader, elements[i]!, { ...joint, mimic }, byName.get(mimic.joint)!);
      return { ...joint, mimic };
    }
    const movable = joints.filter((other) => other.type !== 'fixed' && other.mimic === undefined);
    reader.report(
      elements[i]!,
      `<mimic> names a joint that cannot be followed: ${mimic}`,
      `one of ${movable.map((other) => other.name).join(', ') || '(no joint moves on its own)'}`,
      `'${joint.mimic.joint}'`,
      'Name a joint that moves on its own.',
    );
    return joint;
  });
}

/** Share of a follower's range by which rounded limits may differ from its rule. */
const SLACK = 0.01;

/** Whether the rule asks a follower to leave its own limits, where rule and limit would fight in the engine. */
function warnOfReach(
  reader: ElementReader,
  at: Located,
  { lower, upper, mimic }: Joint & { readonly mimic: JointMimic },
  leader: Joint,
): void {
  const ends = [leader.lower, leader.upper].map((end) => mimic.multiplier * end + mimic.offset);
  const [low, high] = [Math.min(...ends), Math.max(...ends)];
  const slack = SLACK * (upper - lower);
  // Also false for what is not a number: a factor of 0 on a joint without limits.
  if (!(low < lower - slack || high > upper + slack)) return;
  reader.warn(
    at,
    `follows '${leader.name}' over ${low.toPrecision(4)} … ${high.toPrecision(4)}, beyond its own limits ${lower} … ${upper}`,
  );
}

/** The rule that leads to a joint that moves on its own, or why there is none. */
function resolve(
  first: JointMimic,
  follower: string,
  byName: ReadonlyMap<string, Joint>,
): JointMimic | string {
  let rule = first;
  const seen = new Set([follower]);
  for (;;) {
    const source = byName.get(rule.joint);
    if (source === undefined) return 'there is no such joint';
    if (source.type === 'fixed') return 'it is fixed';
    if (seen.has(source.name)) return 'the joints follow one another in a ring';
    if (source.mimic === undefined) return rule;
    seen.add(source.name);
    const { joint, multiplier, offset } = source.mimic;
    // a = m1 b + o1 and b = m2 c + o2 make a = m1 m2 c + (m1 o2 + o1).
    rule = {
      joint,
      multiplier: rule.multiplier * multiplier,
      offset: rule.multiplier * offset + rule.offset,
    };
    // Of a hundred huge factors in a chain nothing is left that could be computed with.
    if (!Number.isFinite(rule.multiplier) || !Number.isFinite(rule.offset)) {
      return 'its factors are too large together';
    }
  }
}
